"""Tools behind an HTTP API: from a manifest's `via` to a call, and from the answer to a result.

    via = {"kind": "http", "method": "GET", "base": "https://api.example.org/v1", "path": "/stations/{id}",
           "parameters": [{"name": "id", "in": "path", "as"?: "station", "style"?, "explode"?}, …],
           "query"?, "headers"?, "cookies"?: constants, in which "${NAME}" is an environment variable,
           "basic"?: "${NAME}" (that variable holds user:password),
           "body"?: "json" | "form" | "multipart" | "text", "body_required"?: true,
           "reply"?: "json" (default) | "text" | "auto" (by its media type),
           "select"?: JMESPath of the result, "refuse"?: JMESPath of a refusal's words, null or false for none,
           "rate"?: requests a second of the host, "size"?: bytes, "allow_private"?: true, "repeatable"?: true}

A 4xx is the tool's own refusal, but for 401, 402, 407 (the key), 408, 425, 429 and a 403 that says "too many".
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from dive_tools.sources import wire
from dive_tools.sources.client import SIZE, Answer, Ask, fetch
from dive_tools.sources.common import SECRET, secret
from dive_tools.tools.base import Refusal, Tool, Unreachable

SHOWN = 300  # letters of a server's own words in a message
KEYS = frozenset({401, 402, 407})  # the key, and not the question, is refused
LEAST = 4  # letters: what is shorter is no secret, and would be found everywhere


def function(tool: Tool) -> Callable[..., Any]:
    """The callable behind an HTTP tool; see the module for `via`."""
    via = tool.via
    seconds = max(tool.limit - 0.3, tool.limit * 0.8)  # so that its own words come before the door's

    def call(**arguments: Any) -> Any:
        secrets = Secrets(via)
        ask = request(via, arguments, seconds)
        try:
            return secrets.out_of(result(via, fetch(ask)))
        except (Refusal, Unreachable) as error:
            raise type(error)(_short(secrets.hide(str(error)))) from None  # hidden first: half a secret is one too

    return call


def request(via: Mapping[str, Any], arguments: Mapping[str, Any], seconds: float) -> Ask:
    """The request that these arguments make; a Refusal where they cannot be sent."""
    places = via.get("parameters", ())
    constants = {where: {k: secret(wire.plain(v)) for k, v in via.get(where, {}).items()} for where in WHERE}
    headers = {"Accept": "application/json, */*;q=0.5", **wire.headers(places, arguments, constants["headers"])}
    cookies = wire.cookies(places, arguments, constants["cookies"])
    if cookies:
        headers["Cookie"] = cookies
    if "basic" in via:
        headers["Authorization"] = "Basic " + base64.b64encode(secret(via["basic"]).encode()).decode()
    body = wire.body(via.get("body", "json"), places, arguments, bool(via.get("body_required")))
    if body:
        headers["Content-Type"] = body[1]
    query = wire.query(places, arguments, constants["query"])
    url = _base(via["base"]).rstrip("/") + wire.path(_quoted(via.get("path", "")), places, arguments)
    return Ask(
        method=via.get("method", "GET"),
        url=url + (("&" if "?" in url else "?") + query if query else ""),
        headers=headers,
        body=body[0] if body else None,
        private_headers=frozenset(k.lower() for k, v in via.get("headers", {}).items() if SECRET.search(str(v))),
        seconds=seconds,
        size=int(via.get("size", SIZE)),
        rate=float(via.get("rate", 0)),
        allow_private=bool(via.get("allow_private")),
        repeatable=bool(via.get("repeatable")),
    )


WHERE = ("headers", "cookies", "query")


def _base(text: str) -> str:
    """A base address with its secrets; one of them may be the whole address, but in its path each is one segment."""
    parts = text.split("/", 3)
    return secret("/".join(parts[:3])) + "".join(f"/{_quoted(part)}" for part in parts[3:])


def _quoted(text: str) -> str:
    """A path with its secrets, none of which can lead to another path or into the query."""
    return SECRET.sub(lambda name: quote(secret(name[0]), safe=""), text)


def result(via: Mapping[str, Any], answer: Answer) -> Any:
    """The result that an answer holds; Refusal or Unreachable where it holds none."""
    if answer.status in KEYS:
        raise Unreachable(f"{_status(answer)}: the key was not accepted{_words(answer)}")
    if 400 <= answer.status < 500:
        raise Refusal(_status(answer) + _words(answer))
    if not 200 <= answer.status < 300:
        raise Unreachable(f"unexpected answer {_status(answer)}")
    value = _value(via.get("reply", "json"), answer)
    said = _search(via["refuse"], value) if "refuse" in via else None
    if said:
        raise Refusal(wire.plain(said))
    return _search(via["select"], value) if "select" in via else value


def _value(kind: str, answer: Answer) -> Any:
    import orjson

    if not answer.body.strip():
        return "" if kind == "text" else None
    if kind == "auto":
        kind = "json" if answer.media_type.endswith("json") else "text"
    if kind == "text":
        return _text(answer)
    try:
        return orjson.loads(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        what = answer.media_type or "no media type"
        raise Unreachable(f"no JSON but {what}: {_text(answer)}") from None


def _search(expression: str, value: Any) -> Any:
    import jmespath

    try:
        return jmespath.search(expression, value)
    except jmespath.exceptions.JMESPathError as error:
        raise Unreachable(f"the answer has not the form that {expression!r} reads: {error}") from None


def _text(answer: Answer) -> str:
    try:
        return answer.body.decode(answer.charset, errors="replace")
    except LookupError:  # a charset that nobody knows
        return answer.body.decode(errors="replace")


def _status(answer: Answer) -> str:
    return f"{answer.status} {answer.reason}".rstrip()


def _words(answer: Answer) -> str:
    """The server's own words about its refusal, after a colon."""
    import orjson

    try:
        said = next(_messages(orjson.loads(answer.body)), "")
    except orjson.JSONDecodeError:
        said = _text(answer) if answer.media_type in ("", "text/plain") else ""
    return f": {said}" if said.strip() else ""


def _messages(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _messages(item)
    elif isinstance(value, dict):
        for key in ("message", "detail", "error_description", "reason", "description", "title", "error", "errors"):
            yield from _messages(value.get(key))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Secrets:
    """The values of the environment variables that a manifest names, to be kept out of all that is said."""

    def __init__(self, via: Mapping[str, Any]) -> None:
        self._values: dict[str, str] = {}
        for name in sorted({n for text in _texts(via) for n in SECRET.findall(text)}):
            value = secret(f"${{{name}}}")
            forms = {value, quote(value), quote(value, safe=""), quote_plus(value), wire.quoted(value)[1:-1]}
            forms.add(base64.b64encode(value.encode()).decode())
            if via.get("basic") == f"${{{name}}}":
                forms.add(value.partition(":")[2])
            self._values.update({form: f"${{{name}}}" for form in forms if len(form) >= LEAST})
        self._order = sorted(self._values, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text with names in place of values."""
        for value in self._order:
            text = text.replace(value, self._values[value])
        return text

    def out_of(self, value: Any) -> Any:
        """A JSON value whose strings and keys say no secret."""
        if not self._order:
            return value
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, list):
            return [self.out_of(item) for item in value]
        if isinstance(value, dict):
            return {self.hide(key): self.out_of(item) for key, item in value.items()}
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)
