"""What a user says of MCP servers: the common `mcpServers` JSON, and our own keys beside the common ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.sources.common import SECRET, Skipped

SESSIONS = ("shared", "attempt", "call")
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "TZ", "TMPDIR")
ELSEWHERE = ("type", "transport", "disabled", "description")  # keys of other programs' files that we understand

_FLAG = re.compile(
    r"(?i)token(?!i[sz]|s)|secret|passw|credential|bearer|authorization|cookie|api[-_]?key|access[-_]?key|[-_](pat|key)$"
)
_PLAIN = re.compile(r"(?i)true|false|yes|no|on|off|none|\d{1,6}|")
_QUERY = re.compile(r"(?i)[?&][^=&]*(key|token|secret)[^=&]*=[^&]")
_SHAPE = re.compile(
    r"\b(sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w+|\bxox[abprs]-|\bAKIA[A-Z0-9]{16}"
    r"|\beyJ[\w-]{8,}\.[\w-]+|://[^/\s:@]*:[^/\s@]+@|-----BEGIN"
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the file; texts hold `${NAME}` where a secret goes. Times are seconds."""

    name: str
    command: str = ""
    args: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    session: str = "shared"
    instances: int = 1  # shared: sessions at most; attempt and call: sessions kept started ahead
    timeout: float = 30.0  # of one call
    start: float = 30.0  # to be ready
    max_bytes: int = 10_000_000  # of one answer
    allow: list[str] = field(default_factory=list)
    deny: list[str] = field(default_factory=list)
    prefix: str | None = None

    def via(self) -> dict[str, Any]:
        """What a manifest keeps: what differs from the defaults, without what only importing needs."""
        plain = type(self)(self.name)
        kept = {key: value for key, value in asdict(self).items() if value != getattr(plain, key) or key == "name"}
        return {key: value for key, value in kept.items() if key not in ("allow", "deny", "prefix")}

    def texts(self) -> list[str]:
        """Every text that may name a secret."""
        return [self.command, self.cwd, self.url, *self.args, *self.env.values(), *self.headers.values()]


_KINDS: dict[str, type] = {
    "args": list,
    "allow": list,
    "deny": list,
    "env": dict,
    "headers": dict,
    "instances": int,
    "max_bytes": int,
}
_NUMBERS = ("timeout", "start")
KEYS = tuple(f.name for f in fields(Server) if f.name != "name")


def read(path: Path) -> list[Server | Skipped]:
    """The servers of a file, and what of it cannot be used; DiveError when it is malformed."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DiveError(f"{path}: {error.strerror}", hint='give a file of the form {"mcpServers": {…}}') from None
    except ValueError as error:
        raise DiveError(f"{path}: not JSON: {error}") from None
    return list(parse(document, str(path)))


def parse(document: Any, where: str) -> Iterator[Server | Skipped]:
    """The servers of a document; `where` names it in errors."""
    listed = document.get("mcpServers", document.get("servers")) if isinstance(document, Mapping) else None
    if not isinstance(listed, Mapping) or not all(isinstance(entry, Mapping) for entry in listed.values()):
        raise DiveError(
            f"{where}: no object of servers under mcpServers",
            hint='write {"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}',
        )
    for name, entry in listed.items():
        yield from _entry(name, entry, f"{where}: server {name}")


def _entry(name: str, entry: Mapping[str, Any], where: str) -> Iterator[Server | Skipped]:
    for key in entry:
        if key not in KEYS and key not in ELSEWHERE:
            near = get_close_matches(key, KEYS, 1)
            meant = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(KEYS)}"
            yield Skipped(f"{name}.{key}", "unknown_key", f"{where}: the key {key} is not known and was ignored{meant}")
    if entry.get("disabled") is True:
        yield Skipped(name, "disabled", f"{where} is disabled in its file")
        return
    if "sse" in (entry.get("type"), entry.get("transport")):
        yield Skipped(name, "transport", f"{where}: SSE is not spoken here; give its streamable HTTP address as url")
        return
    server = _server(name, {key: entry[key] for key in entry if key in KEYS}, where)
    if why := _unfit(server):
        yield Skipped(name, "secret", f"{where}: {why}")
        return
    yield server


def _server(name: str, given: dict[str, Any], where: str) -> Server:
    for key, value in given.items():
        wanted: type = _KINDS.get(key, str)
        if key in _NUMBERS:
            good = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
            text = "a number of seconds above 0"
        elif wanted is int:
            good = isinstance(value, int) and not isinstance(value, bool) and value >= (0 if key == "instances" else 1)
            text = "a whole number"
        else:
            good = isinstance(value, wanted) and _strings(value)
            text = {"list": "a list of texts", "dict": "an object of texts"}.get(wanted.__name__, "a text")
        if not good:
            raise DiveError(f"{where}: {key} must be {text}, not {json.dumps(value)[:60]}")
    server = Server(name, **given)
    if bool(server.command) == bool(server.url):
        raise DiveError(f"{where} needs either command (stdio) or url (streamable HTTP)")
    if server.url and not re.match(r"https?://|\$\{", server.url):
        raise DiveError(f"{where}: url must begin with http:// or https://")
    if server.session not in SESSIONS:
        raise DiveError(f"{where}: session must be one of {', '.join(SESSIONS)}, not {server.session!r}")
    if server.session == "shared" and server.instances == 0:
        raise DiveError(f"{where}: a shared server needs at least one of instances")
    return server


def _strings(value: Any) -> bool:
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return all(isinstance(item, str) for item in values)


def _unfit(server: Server) -> str:
    """Why its texts cannot stand in a manifest, or "": a secret written out, or a form of variable not known."""
    named = [*server.env.items(), *server.headers.items(), ("url", server.url), *_flags(server.args)]
    named += [("cwd", server.cwd), ("command", server.command)]
    for key, text in named:
        bare = SECRET.sub("", text)
        if "${" in bare:
            return f"{key}: only ${{NAME}} of an environment variable is known, not {text[:60]!r}"
        word = re.sub(r"(?i)^(bearer|basic|token)\b", "", bare.strip()).strip()
        told = _FLAG.search(key) and not _PLAIN.fullmatch(word) and not SECRET.search(text)
        if told or _SHAPE.search(bare) or (key == "url" and _QUERY.search(bare)):
            variable = re.sub(r"\W+", "_", key).strip("_").upper()
            return f"{key} seems to hold a secret; write ${{{variable}}} in its place and export {variable}=…"
    return ""


def _flags(args: list[str]) -> Iterator[tuple[str, str]]:
    """The arguments, each with the flag it belongs to: --api-key X, --api-key=X."""
    before = ""
    for text in args:
        flag, equals, value = text.partition("=")
        if flag.startswith("-") and equals:
            yield flag, value
        elif text.startswith("-"):
            yield "args", text
        else:
            yield before or "args", text
        before = text if text.startswith("-") and not equals else ""
