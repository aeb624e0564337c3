"""YAML and JSON documents, from a file or an address, and the `$ref`s between them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from dive_tools.errors import DiveError
from dive_tools.sources.common import library
from dive_tools.tools.base import Unreachable

LARGEST = 100_000_000  # bytes of a document
CHAIN = 50  # references that lead to references


class BadReference(Exception):
    """A `$ref` that leads nowhere, in a circle, or out of the document's folder."""


def parse(text: bytes, where: str) -> Any:
    """The value of a JSON or YAML document (YAML 1.2: `no` and `2024-01-01` are text); DiveError where it is none."""
    import orjson

    if text.lstrip()[:1] in (b"{", b"["):
        try:
            return orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            if where.endswith(".json"):
                raise DiveError(f"{where} is not JSON: {error}", hint="mend it, or fetch it again") from None
    yaml = library("yaml", "http")
    try:
        return yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise DiveError(f"{where} is neither JSON nor YAML: {said}", hint="mend it, or fetch it again") from None


@cache
def _loader() -> Any:
    import re

    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    dropped = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "bool", "int", "float", "value")}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag not in dropped]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    number = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    for tag, rule, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
        ("float", number, "-+.0123456789"),
    ):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{rule})$"), list(first))
    Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))
    return Loader


def read(where: str, *, allow_private: bool = False) -> Any:
    """The document at a path or http(s) address; DiveError where it cannot be read."""
    if not is_address(where):
        try:
            return parse(Path(where).read_bytes(), where)
        except OSError as error:
            raise DiveError(f"cannot read {where}: {error.strerror}", hint="give a path or an https address") from None
    from dive_tools.sources.client import Ask, fetch

    shown = shown_address(where)
    headers = {"Accept": "application/json, application/yaml, */*;q=0.5"}
    ask = Ask("GET", where, headers, seconds=60.0, size=LARGEST, allow_private=allow_private)
    try:
        answer = fetch(ask)
    except Unreachable as fault:
        raise DiveError(f"cannot read {shown}: {fault}", hint="fetch it yourself, and give the file") from None
    if answer.status != 200:
        raise DiveError(f"cannot read {shown}: status {answer.status}", hint="fetch it yourself, and give the file")
    return parse(answer.body, shown)


def is_address(where: str) -> bool:
    """Whether it is an http(s) address, and not a path."""
    return where.startswith(("http://", "https://"))


def shown_address(where: str) -> str:
    """An address without its query and user, which may hold a key; a path as it is."""
    if not is_address(where):
        return where
    parts = urlsplit(where)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class Documents:
    """A document and those that it refers to: files of its folder, or addresses of its server."""

    def __init__(self, where: str, *, allow_private: bool = False) -> None:
        self.where = where if is_address(where) else str(Path(where).resolve())
        self._allow_private = allow_private
        self._read: dict[str, Any] = {self.where: read(where, allow_private=allow_private)}

    @property
    def root(self) -> Any:
        """The first document."""
        return self._read[self.where]

    def resolved(self, node: Any, base: str) -> tuple[Any, str]:
        """What a node refers to, however many references away, and the document in which it stands."""
        for _ in range(CHAIN):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node, base
            node, base = self.at(*self.place(node["$ref"], base))
        raise BadReference("a reference leads in a circle")

    def place(self, ref: str, base: str) -> tuple[str, str]:
        """The document and the pointer that a reference names."""
        document, pointer = urldefrag(ref)
        if not document:
            return base, pointer
        if is_address(self.where):
            target = urljoin(base, document)
            if urlsplit(target)[:2] != urlsplit(self.where)[:2]:
                raise BadReference(f"{ref} leads to another server; bundle the document into one file")
            return target, pointer
        if is_address(document):
            raise BadReference(f"{ref} leads to the network; bundle the document into one file")
        path = (Path(base).parent / unquote(document)).resolve()
        if not path.is_relative_to(Path(self.where).parent):
            raise BadReference(f"{ref} leads out of the document's folder; bundle the document into one file")
        return str(path), pointer

    def at(self, document: str, pointer: str) -> tuple[Any, str]:
        """The value at a JSON Pointer of a document."""
        if document not in self._read:
            try:
                self._read[document] = read(document, allow_private=self._allow_private)
            except DiveError as error:
                raise BadReference(error.message) from None
        found = self._read[document]
        if pointer and not pointer.startswith("/"):
            raise BadReference(f"#{pointer} is an anchor; only JSON Pointers are read")
        for part in pointer.split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(key)] if isinstance(found, list) else found[key]
            except (KeyError, IndexError, TypeError, ValueError):
                raise BadReference(f"#{pointer} is not in {Path(document).name}") from None
        return found, document
