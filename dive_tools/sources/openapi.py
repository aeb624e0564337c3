"""OpenAPI 3.0 and 3.1 documents: each operation becomes a tool of kind `http`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.sources.common import Skipped, manifest, tool_name
from dive_tools.sources.openapi_auth import Auth, NoAuth, no_literal_secret
from dive_tools.sources.openapi_choice import Operation, chosen, operations
from dive_tools.sources.openapi_operation import Unmapped, inputs, result
from dive_tools.sources.openapi_schema import BadSchema, Schemas
from dive_tools.sources.reading import BadReference, Documents, is_address, shown_address
from dive_tools.tools.base import Tool

SAFE = frozenset({"get", "head", "options", "trace"})  # RFC 9110, 9.2.1: safe by definition, if the server keeps to it
SAFETY = re.compile(r"read-?only|destructive|idempotent|consequential|danger|side-?effect|\bsafe", re.IGNORECASE)
FILLER = re.compile(
    "an?|and|apis?|documentation|for|of|official|open|openapi|public|reference|rest(ful)?|s|schema|server|services?"
    r"|spec(ification)?|swagger|the|with|v\d+"
)
TOLD = 1000  # letters of a description


def function(tool: Tool) -> Callable[..., Any]:
    """The callable behind a tool: these are HTTP tools."""
    from dive_tools.sources.http import function as http

    return http(tool)


def tools(
    where: str | Path,
    *,
    prefix: str | None = None,
    base: str | None = None,
    variables: Mapping[str, str] | None = None,
    auth: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    methods: Sequence[str] = (),
    domain: str = "user",
    licence: str = "",
    sensitivity: str = "public",
    rate: float = 0.0,
    limit: float = 30.0,
    allow_private: bool = False,
) -> Iterator[dict[str, Any] | Skipped]:
    """The operations of a document, at a path or an http(s) address, as manifests.

    `prefix` goes before tool names (default: from the title); `base` replaces the server, `variables` fill it.
    `auth` names the environment variable of a security scheme (default: PREFIX_SCHEME), `headers` are constants in
    which `${NAME}` is one. `tags`, `include` and `exclude` (patterns of operationId, or of "GET /path") and `methods`
    choose operations. `rate` is requests a second of the host, 0 for no limit; `limit` is seconds for one call;
    `allow_private` lets the document and its tools stand on private addresses.
    """
    documents = Documents(str(where), allow_private=allow_private)
    root = documents.root
    version = _version(root, shown_address(str(where)))
    title = str((root.get("info") or {}).get("title") or Path(str(where)).stem)
    prefix = _prefix(title) if prefix is None else prefix
    no_literal_secret(headers or {}, "headers")
    if headers and any(not isinstance(v, str) for v in headers.values()):
        raise DiveError("headers are text", hint='say {"X-Name": "value"}')
    schemes = (root.get("components") or {}).get("securitySchemes") or {}
    resolved = {name: documents.resolved(node, documents.where)[0] for name, node in schemes.items()}
    keys = Auth(resolved, auth or {}, prefix or tool_name(title))
    schemas = Schemas(documents, old=version.startswith("3.0"))
    more = {
        "source": f"{title} {(root.get('info') or {}).get('version', '')}".strip(),
        "licence": licence,
        "sensitivity": sensitivity,
        "limit": limit,
        "needs": ["aiohttp"],
        "extra": "http",
    }
    fixed = {"headers": dict(headers or {}), "rate": rate, "allow_private": allow_private}
    taken: set[str] = set()
    wanted = list(chosen(operations(documents), tags, include, exclude, methods))
    _some_server(documents, wanted, base, variables or {})
    for found in wanted:
        if isinstance(found, Skipped):
            yield found
            continue
        try:
            server = _server(documents, found, base, variables or {})
            yield _tool(documents, schemas, keys, found, _name(prefix, found, taken), server, fixed, domain, more)
        except (Unmapped, NoAuth, BadReference, BadSchema, RecursionError) as error:
            yield Skipped(found.id, _reason(error), str(error) or type(error).__name__)


def _prefix(title: str) -> str:
    """The first two telling words of a title: "Swagger Petstore - OpenAPI 3.0" -> "petstore"."""
    telling = [word for word in re.findall(r"[a-z][a-z0-9]*", title.lower()) if not FILLER.fullmatch(word)]
    return tool_name(*telling[:2])[:24].strip("_") if telling else ""


def _version(root: Any, where: str) -> str:
    version = str(root.get("openapi", "")) if isinstance(root, dict) else ""
    if isinstance(root, dict) and "swagger" in root:
        raise DiveError(f"{where} is Swagger {root['swagger']}", hint="convert it to OpenAPI 3 (npx swagger2openapi)")
    if not re.match(r"3\.\d", version):
        raise DiveError(f"{where} is no OpenAPI 3 document: it lacks `openapi: 3.…`", hint="give the document itself")
    if not isinstance(root.get("paths", {}), dict):
        raise DiveError(f"{where}: `paths` is no object", hint="mend the document")
    return version


def _some_server(
    documents: Documents, wanted: Sequence[Operation | Skipped], base: str | None, variables: Mapping[str, str]
) -> None:
    """Raise DiveError where no operation at all has a server that can be asked."""
    reason = None
    for found in wanted:
        try:
            if isinstance(found, Operation):
                _server(documents, found, base, variables)
                return
        except Unmapped as error:
            reason = reason or error
    if reason:
        raise DiveError(f"{shown_address(documents.where)}: {reason}", hint="say --base https://…, or --variable")


def _server(documents: Documents, found: Operation, base: str | None, variables: Mapping[str, str]) -> str:
    if base is None:
        servers = found.servers if isinstance(found.servers, list) else []
        first = servers[0] if servers and isinstance(servers[0], dict) else {}
        known = first.get("variables") or {}
        url = str(first.get("url") or "/")
        for name in re.findall(r"\{([^{}]+)\}", url):
            default = (known.get(name) or {}).get("default")
            if name not in variables and default is None:
                raise Unmapped("no_server", f"its server wants the variable {name}; give it, or another base")
            url = url.replace(f"{{{name}}}", str(variables.get(name, default)))
        base = urljoin(documents.where, url) if is_address(documents.where) else re.sub("^//", "https://", url)
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Unmapped("no_server", f"its server is {base!r}, which is no http(s) address; give a base")
    if parts.username or parts.password:
        raise DiveError("the base address holds a user name", hint="leave it out, and name a variable for it with auth")
    return base.rstrip("/")


def _name(prefix: str, found: Operation, taken: set[str]) -> str:
    said = found.node.get("operationId")
    words = said if isinstance(said, str) and said.strip() else f"{found.method} {found.path}"
    name = tool_name(prefix, words)
    if name in taken:
        name = f"{name[:57].rstrip('_')}_{digest([found.method, found.path])[:6]}"
    taken.add(name)
    return name


def _tool(
    documents: Documents,
    schemas: Schemas,
    keys: Auth,
    found: Operation,
    name: str,
    server: str,
    fixed: Mapping[str, Any],
    domain: str,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    own = [(node, found.base) for node in [*found.shared, *(found.node.get("parameters") or ())]]
    body = found.node.get("requestBody")
    if found.method == "trace":
        raise Unmapped("method", "TRACE is not called")
    if found.method in ("get", "head", "delete") and isinstance(body, dict) and not body.get("required"):
        body = None  # RFC 9110: a body there has no meaning
    made, how = inputs(documents, schemas, found.path, own, body, found.base)
    answer, reply, accept = result(documents, schemas, found.node.get("responses"), found.base)
    secured = keys.via(found.node.get("security", documents.root.get("security")))
    headers = {**({"Accept": accept} if accept else {}), **secured.get("headers", {}), **fixed["headers"]}
    via = {
        "kind": "http",
        "method": found.method.upper(),
        "base": server,
        "path": found.path,
        "parameters": _unsecured(made, secured),
        **how,
        **secured,
        "headers": headers,
        "reply": reply,
        **({"rate": fixed["rate"]} if fixed["rate"] else {}),
        **({"allow_private": True} if fixed["allow_private"] else {}),
    }
    hints = _hints(found)
    return manifest(name, _told(found), made.schema(), via, result=answer, domain=domain, hints=hints, **more)


def _unsecured(made: Any, secured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places of parameters, without those that a security scheme fills."""
    where = {"header": "headers", "query": "query", "cookie": "cookies"}
    kept = []
    for place in made.places:
        filled = {key.lower() for key in secured.get(where.get(place["in"], ""), {})}
        if place["name"].lower() in filled:
            name = place.get("as", place["name"])
            made.properties.pop(name)
            made.required = [one for one in made.required if one != name]
        else:
            kept.append(place)
    return kept


def _told(found: Operation) -> str:
    """What the tool is said to do: summary and description, cut at a sentence."""
    summary = str(found.node.get("summary") or "").strip()
    description = str(found.node.get("description") or "").strip()
    same = description.lower().startswith(summary.rstrip(".").lower())
    text = description if same and description else "\n".join(part for part in (summary, description) if part)
    text = text or f"{found.method.upper()} {found.path}"
    if len(text) <= TOLD:
        return text
    cut = text[:TOLD]
    end = max(cut.rfind(". "), cut.rfind(".\n"), cut.rfind("\n\n"))
    return cut[: end + 1].rstrip() if end > TOLD // 3 else cut.rstrip() + "…"


def _hints(found: Operation) -> dict[str, Any]:
    """What a reviewer of effects should see; none of it is believed."""
    hints: dict[str, Any] = {"method": found.method.upper(), "safeMethod": found.method in SAFE}
    hints["operation"] = f"{found.method.upper()} {found.path}"
    if found.node.get("deprecated") is True:
        hints["deprecated"] = True
    if found.tags:
        hints["tags"] = found.tags
    said = {key: value for key, value in found.node.items() if key.startswith("x-") and SAFETY.search(key)}
    return hints | said


def _reason(error: BaseException) -> str:
    if isinstance(error, Unmapped):
        return error.reason
    words = {NoAuth: "auth", BadReference: "bad_reference", BadSchema: "bad_schema", RecursionError: "too_deep"}
    return words[type(error)]  # type: ignore[index]
