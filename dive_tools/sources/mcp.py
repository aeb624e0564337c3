"""Tools of MCP servers, over stdio and streamable HTTP, as the common `mcpServers` JSON names them.

    {"mcpServers": {
      "git": {"command": "uvx", "args": ["mcp-server-git"], "env": {"GIT_PAGER": "cat"}, "session": "attempt"},
      "web": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}, "timeout": 20}}}

Keys of ours, all optional: session (shared by the process; one for each attempt; one for each call), instances,
timeout and start (seconds), max_bytes (of one answer), allow and deny (patterns of tool names), prefix.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.sources.common import LOOP, SECRET, Skipped, manifest, redacted, tool_name
from dive_tools.sources.mcp_config import INHERITED, Server, read
from dive_tools.sources.mcp_pools import attempt, begin, call, end
from dive_tools.sources.mcp_sessions import Session
from dive_tools.tools.base import Refusal, Tool, Unreachable, compiled

__all__ = ["attempt", "begin", "end", "function", "tools"]

AT_ONCE = 4  # servers started at the same time by an import
SHORTEST = 8  # letters of a secret that is struck out of results; shorter ones would hit ordinary words


def tools(
    path: str | Path,
    *,
    only: Iterable[str] = (),
    allow: Iterable[str] = (),
    deny: Iterable[str] = (),
    domain: str = "user",
    role: str = "retrieval",
    licence: str = "",
    sensitivity: str = "public",
) -> Iterator[dict[str, Any] | Skipped]:
    """The tools of the servers that a `mcpServers` file names, as manifests, in the order of the file.

    `only` names the servers to ask (default: all); `allow` and `deny` are patterns of tool names (`*`, `?`) for all
    servers, besides those of each. A server that cannot be used or does not answer within its `start` seconds is
    Skipped, with what it last said, and the others still import. DiveError when the file itself cannot be read.
    """
    _need()
    entries = read(Path(path))
    wanted, names = set(only), [_of(entry) for entry in entries]
    if strange := sorted(wanted - set(names)):
        raise DiveError(f"{path}: no server named {strange[0]}", hint=f"there are {', '.join(dict.fromkeys(names))}")
    chosen = [entry for entry, name in zip(entries, names, strict=True) if not wanted or name in wanted]
    servers = [entry for entry in chosen if isinstance(entry, Server)]
    longest = max((server.start for server in servers), default=0) + 5
    listings = LOOP.run(_list_all(servers), longest * (1 + len(servers) // AT_ONCE)) if servers else {}
    more = {"domain": domain, "role": role, "licence": licence, "sensitivity": sensitivity}
    taken: set[str] = set()
    for entry in chosen:
        if isinstance(entry, Skipped):
            yield entry
        elif isinstance(listed := listings[entry.name], Skipped):
            yield listed
        else:
            yield from _manifests(entry, listed, [*entry.allow, *allow], [*entry.deny, *deny], taken, more)


def _of(entry: Server | Skipped) -> str:
    """The name of the server that an entry of the file is about."""
    unknown = isinstance(entry, Skipped) and entry.reason == "unknown_key"
    return entry.name.rpartition(".")[0] if unknown else entry.name


def _need() -> None:
    if importlib.util.find_spec("mcp") is None:
        raise DiveError("MCP servers need the library mcp", hint="pip install 'dive-tools[mcp]'")


Listing = tuple[str, list[Any]]  # what the server calls itself, and its tools


async def _list_all(servers: list[Server]) -> dict[str, Listing | Skipped]:
    import logging

    logging.getLogger("mcp").addHandler(logging.NullHandler())  # what it logs, we report
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(server: Server) -> Listing | Skipped:
        async with turns:
            return await _list(server)

    found = await asyncio.gather(*(one(server) for server in servers))
    return {server.name: listing for server, listing in zip(servers, found, strict=True)}


async def _list(server: Server) -> Listing | Skipped:
    session = Session(server)
    try:
        await session.ready()
        listed = await session.request(session.tools(), server.start)
        info = session.client.server_info
        return (f"{info.name} {info.version}" if info else server.name), listed
    except (Unreachable, Refusal, DiveError) as error:
        return Skipped(server.name, "no_server", str(error))
    finally:
        await session.close()


def _manifests(
    server: Server, listing: Listing, allow: list[str], deny: list[str], taken: set[str], more: dict[str, Any]
) -> Iterator[dict[str, Any] | Skipped]:
    origin, listed = listing
    names = [found.name for found in listed]
    for pattern in [*server.allow, *server.deny]:
        if not any(fnmatchcase(name, pattern) for name in names):
            yield Skipped(
                f"{server.name}: {pattern}", "pattern", f"matches none of its tools: {', '.join(names)}"[:500]
            )
    for found in listed:
        denied = any(fnmatchcase(found.name, pattern) for pattern in deny)
        if denied or (allow and not any(fnmatchcase(found.name, pattern) for pattern in allow)):
            continue
        if why := _bad_schema(found.input_schema):
            yield Skipped(f"{server.name}: {found.name}", "bad_schema", f"its parameters: {why}")
            continue
        result = found.output_schema
        if result is not None and (why := _bad_schema(result)):
            yield Skipped(f"{server.name}: {found.name}", "bad_result_schema", f"imported without it: {why}")
            result = None
        hints = found.annotations.model_dump(by_alias=True, exclude_none=True) if found.annotations else {}
        yield manifest(
            _name(server, found.name, taken),
            found.description or found.title or hints.get("title") or found.name,
            found.input_schema,
            {"kind": "mcp", "server": server.via(), "tool": found.name},
            result=result,
            hints=hints | ({"title": found.title} if found.title else {}),
            source=f"MCP server {origin}",
            limit=server.start + server.timeout + 1,
            needs=["mcp"],
            **more,
        )


def _name(server: Server, tool: str, taken: set[str]) -> str:
    """A name of the pool, free of those taken; what was cut off or collides is told apart by a digest."""
    prefix = server.name if server.prefix is None else server.prefix
    told = tool_name(tool).startswith(f"{tool_name(prefix)}_")  # git_status of git is not git_git_status
    name = tool_name("" if told else prefix, tool)
    if name in taken or len(f"{prefix}_{tool}") > 64:
        name = f"{name[:57].rstrip('_')}_{digest([server.name, tool])[:6]}"
    taken.add(name)
    return name


def _bad_schema(schema: dict[str, Any]) -> str:
    """Why a schema cannot be held against values here, or ""."""
    if strange := next((text for text in _references(schema) if not text.startswith("#")), None):
        return f"$ref to another document, {strange}"
    try:
        compiled(schema)
    except ValueError as error:
        return str(error).splitlines()[0][:200]
    return ""


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


# --- calls -----------------------------------------------------------------------------------------------------------


def function(tool: Tool) -> Callable[..., Any]:
    """The callable that asks the tool's server: opened when first called, within the tool's limit in seconds."""
    try:
        server, name = Server(**tool.via["server"]), tool.via["tool"]
    except (KeyError, TypeError) as error:
        raise DiveError(f"tool {tool.name}: its via is not of this version: {error}", hint="import it again") from None
    _need()
    key = digest(tool.via["server"])
    hinted = tool.hints.get("readOnlyHint") or tool.hints.get("idempotentHint")
    again = tool.effects in ("none", "read") or (tool.effects != "write" and bool(hinted))
    seconds = max(tool.limit - 0.5, tool.limit * 0.9)  # before the door's own alarm, which says less

    def ask(**arguments: Any) -> Any:
        answer = call(server, key, name, arguments, seconds=seconds, again=again)
        try:
            return _clean(value(answer), _secrets(server))
        except Refusal as refusal:
            raise Refusal(redacted(str(refusal), *_secrets(server))) from None

    return ask


def value(answer: Any) -> Any:
    """A tool's answer as one JSON value; Refusal when it says that it failed, or wants to ask somebody.

    Structured content as it is; else text that is JSON parsed, other text as {"text": …}; a list of several items;
    of pictures, sounds and files a descriptor without their bytes.
    """
    if not hasattr(answer, "content"):
        raise Refusal("the tool asks for input in the middle of a call, which nobody here can give")
    if answer.is_error:
        said = "\n".join(item.text for item in answer.content if item.type == "text").strip()
        raise Refusal(said[:2000] or "the tool failed and does not say why")
    if answer.structured_content is not None:
        return answer.structured_content
    items = [_item(item) for item in answer.content]
    return items[0] if len(items) == 1 else items or None


def _item(item: Any) -> Any:
    if item.type == "text":
        return _text(item.text)
    if item.type in ("image", "audio"):
        return {"type": item.type, "mimeType": item.mime_type, "bytes": _size(item.data)}
    inner = item.resource if item.type == "resource" else item
    found = {
        "type": item.type,
        "uri": str(inner.uri),
        "mimeType": inner.mime_type,
        "name": getattr(inner, "name", None),
    }
    if (text := getattr(inner, "text", None)) is not None:
        found["text"] = text
    elif (blob := getattr(inner, "blob", None)) is not None:
        found["bytes"] = _size(blob)
    elif getattr(inner, "size", None) is not None:
        found["bytes"] = inner.size
    return {key: part for key, part in found.items() if part is not None}


def _size(base64: str) -> int:
    """The number of bytes that base64 stands for."""
    return len(base64.rstrip("=")) * 3 // 4


def _text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {"text": text}


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _secrets(server: Server) -> list[str]:
    """The variables that a server is given and that may be secrets, as `${NAME}`."""
    import os

    names = {name for text in server.texts() for name in SECRET.findall(text)} - set(INHERITED)
    return [f"${{{name}}}" for name in sorted(names) if len(os.environ.get(name, "")) >= SHORTEST]


def _clean(found: Any, secrets: list[str]) -> Any:
    """A result without the secrets that we gave its server."""
    if not secrets:
        return found
    if isinstance(found, str):
        return redacted(found, *secrets)
    if isinstance(found, list):
        return [_clean(item, secrets) for item in found]
    if isinstance(found, dict):
        return {key: _clean(item, secrets) for key, item in found.items()}
    return found
