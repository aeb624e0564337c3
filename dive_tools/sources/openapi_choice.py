"""Which operations an OpenAPI document has, and which of them were asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.sources.common import Skipped
from dive_tools.sources.reading import BadReference, Documents

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands in its document, with the parameters and servers of its path."""

    method: str
    path: str
    node: Mapping[str, Any]
    shared: Sequence[Any]
    servers: Any
    base: str  # the document in which it stands

    @property
    def id(self) -> str:
        """Its operationId, or "METHOD /path"."""
        said = self.node.get("operationId")
        return said if isinstance(said, str) and said.strip() else f"{self.method.upper()} {self.path}"

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        tags = self.node.get("tags")
        return [str(tag) for tag in tags] if isinstance(tags, list) else []


def operations(documents: Documents) -> Iterator[Operation | Skipped]:
    """Every operation, in the order of the document; a path that cannot be read is Skipped."""
    for path, node in (documents.root.get("paths") or {}).items():
        try:
            item, base = documents.resolved(node, documents.where)
        except BadReference as error:
            yield Skipped(str(path), "bad_reference", str(error))
            continue
        if str(path).startswith("x-") or not isinstance(item, dict):
            continue
        servers = item.get("servers") or documents.root.get("servers")
        for method in METHODS:
            if isinstance(item.get(method), dict):
                shared = item.get("parameters") or ()
                own = item[method]
                yield Operation(method, str(path), own, shared, own.get("servers") or servers, base)


def chosen(
    found: Iterator[Operation | Skipped],
    tags: Sequence[str],
    include: Sequence[str],
    exclude: Sequence[str],
    methods: Sequence[str],
) -> Iterator[Operation | Skipped]:
    """The operations that these choices leave; DiveError for a choice that nothing meets."""
    wanted = {method.lower() for method in methods}
    for method in wanted - set(METHODS):
        raise DiveError(f"there is no method {method.upper()}", hint=f"there are {', '.join(METHODS).upper()}")
    every = list(found)
    plain = [one for one in every if isinstance(one, Operation)]
    _known(tags, {tag for one in plain for tag in one.tags}, "tag", lambda said, there: said == there)
    _known([*include, *exclude], {one.id for one in plain}, "operation", lambda said, there: fnmatchcase(there, said))

    def kept(one: Operation) -> bool:
        ids = (one.id, f"{one.method.upper()} {one.path}")
        return (
            (not tags or any(tag in one.tags for tag in tags))
            and (not wanted or one.method in wanted)
            and (not include or any(fnmatchcase(i, pattern) for i in ids for pattern in include))
            and not any(fnmatchcase(i, pattern) for i in ids for pattern in exclude)
        )

    return iter([one for one in every if isinstance(one, Skipped) or kept(one)])


def _known(said: Sequence[str], there: set[str], what: str, meets: Callable[[str, str], bool]) -> None:
    for word in said:
        if not any(meets(word, name) for name in there) and not re.match(r"[A-Z*]+ ", word):
            near = get_close_matches(word, there, 3) or sorted(there)[:8]
            raise DiveError(f"no {what} of the document meets {word!r}", hint=f"there is {', '.join(near) or 'none'}")
