"""The language of support: how an answer, or an argument, follows from givens and recorded results.

An expression is a JSON object. Leaves are givens, `{"given": value}` (with `"seed": pointer` when it is the seed or a
part of it), and citations, `{"call": "c2", "pointer": "/area"}`, or of words in a text,
`{"call", "pointer", "quote", "parse"}`. Every other node is `{"op": name, ...}`:

    of a list `of`     argmax, argmin, only, nth, top, filter, each (by, where and take are pointers into an item)
    each in turn       item {of, index}: one of a list all of whose items are looked up
    tables             table {rows: [{name, value}], over?}: values looked up one by one, over all of a list
    numbers            difference, ratio, percent_change, share, sum, mean, median, count, round
    truth and choice   compare, if
    lists and sets     sort, intersection
    several parts      map

The same language serves answers (`task.support`) and arguments (`evidence[].arguments_from`), so a replay can start
from the givens, call every tool again and evaluate over fresh results.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from dive_tools.values import at, rounded

Node = dict[str, Any]
Look = Callable[[str], Any]
Swap = Callable[[Node], "tuple[Any] | None"]

SELECTORS = ("argmax", "argmin", "only", "nth")


class SupportError(Exception):
    """The expression cannot be evaluated: it names what is not there, or has no single value."""


class Dead(SupportError):
    """A call of the replay gave no result."""

    def __init__(self, call: str, kind: str, message: str) -> None:
        super().__init__(f"{call}: {kind}: {message}")
        self.kind = kind


# --- evaluate --------------------------------------------------------------------------------------------------------


def evaluate(node: Node, look: Look, swap: Swap | None = None) -> Any:
    """The value of an expression over the results that `look` finds by call id.

    `swap(node)` may stand in another value for a node, as `(value,)`; it asks "what if another had been chosen?".
    """
    if swap is not None and (other := swap(node)) is not None:
        return other[0]
    if not isinstance(node, dict):
        raise SupportError(f"not an expression: {str(node)[:80]}")
    if "given" in node:
        return node["given"]
    if "call" in node:
        return _cited(node, look(str(node["call"])))
    rule = OPS.get(str(node.get("op")))
    if rule is None:
        raise SupportError(f"unknown expression {str(node)[:80]}")
    try:
        return _finite(rounded(rule(node, lambda child: evaluate(child, look, swap))))
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise SupportError(f"{node['op']}: {type(error).__name__}: {error}") from None


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _list(node: Node, ev: Callable[[Node], Any], part: str = "of") -> list[Any]:
    items = ev(node[part])
    if not isinstance(items, list):
        raise SupportError("not a list")
    return items


def _cited(node: Node, result: Any) -> Any:
    try:
        value = at(result, node.get("pointer", ""))
    except (AttributeError, LookupError, TypeError, ValueError):
        raise SupportError(f"{node['call']} has nothing at {node.get('pointer', '')!r}") from None
    return value if "quote" not in node else _quoted(node, value)


def _quoted(node: Node, text: Any) -> Any:
    quote = node["quote"]
    if not isinstance(text, str) or not isinstance(quote, str) or not _says(text, quote.strip()):
        raise SupportError(f"{node['call']}{node.get('pointer', '')} does not say {quote!r}")
    parse = PARSERS.get(str(node.get("parse", "string")))
    if parse is None:
        raise SupportError(f"no way to read a {node['parse']!r}")
    try:
        return _finite(parse(quote))
    except ValueError:
        raise SupportError(f"{quote!r} does not read as a {node['parse']}") from None


def _says(text: str, quote: str) -> bool:
    """Whether the quote stands in the text as whole words and whole numbers."""
    before = r"(?<![\w.,])(?<![-+−])" if quote[:1].isdigit() else r"(?<!\w)"
    after = r"(?!\w|[.,]\d)" if quote[-1:].isalnum() else ""
    return bool(quote) and re.search(before + re.escape(quote) + after, text) is not None


def _number(text: str) -> float | int:
    found = re.findall(r"(?<!\w)[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\d])", text)
    if len(found) != 1 or re.search(r"\d,\d{1,2}(?!\d)|(?<!\d)\.\d", text):
        raise ValueError(text)
    plain = found[0].replace(",", "").replace("−", "-")
    return int(plain) if re.fullmatch(r"[-+]?\d+", plain) else float(plain)


def _date(text: str) -> str:
    import datetime

    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y"):
        try:
            return datetime.datetime.strptime(text.strip(), form).date().isoformat()
        except ValueError:
            continue
    raise ValueError(text)


PARSERS: dict[str, Callable[[str], Any]] = {"string": str.strip, "number": _number, "date": _date}

Rule = Callable[[Node, Callable[[Node], Any]], Any]
OPS: dict[str, Rule] = {}


def _op(name: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        OPS[name] = rule
        return rule

    return register


def _ranked(node: Node, ev: Callable[[Node], Any], n: int | None = None, descending: bool | None = None) -> list[Any]:
    """The first n items of `of` by `by`, taken; a tie among them, or with the next, has no order."""
    down = node.get("order") != "ascending" if descending is None else descending
    items = sorted(_list(node, ev), key=lambda item: at(item, node["by"]), reverse=down)
    n = len(items) if n is None else n
    if not 0 < n <= len(items):
        raise SupportError("too few items to choose from")
    keys = [at(item, node["by"]) for item in items]
    if any(keys[i] == keys[i + 1] for i in range(min(n, len(keys) - 1))):
        raise SupportError("a tie: no single winner")
    return [at(item, node.get("take", "")) for item in items[:n]]


@_op("argmax")
def _argmax(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _ranked(node, ev, 1, True)[0]


@_op("argmin")
def _argmin(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _ranked(node, ev, 1, False)[0]


@_op("nth")
def _nth(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _ranked(node, ev, node["n"])[-1]


@_op("top")
def _top(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _ranked(node, ev, node["n"])


@_op("sort")
def _sort(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _ranked(node, ev)


@_op("item")
def _item(node: Node, ev: Callable[[Node], Any]) -> Any:
    return _list(node, ev)[node["index"]]


@_op("only")
def _only(node: Node, ev: Callable[[Node], Any]) -> Any:
    items = [item for item in _list(node, ev) if "where" not in node or _holds(node["where"], item, ev)]
    if len(items) != 1:
        raise SupportError(f"only: {len(items)} items fit")
    return at(items[0], node.get("take", ""))


@_op("filter")
def _filter(node: Node, ev: Callable[[Node], Any]) -> Any:
    return [at(item, node.get("take", "")) for item in _list(node, ev) if _holds(node["where"], item, ev)]


@_op("each")
def _each(node: Node, ev: Callable[[Node], Any]) -> Any:
    return [at(item, node.get("take", "")) for item in _list(node, ev)]


RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}


def _holds(where: Node, item: Any, ev: Callable[[Node], Any]) -> bool:
    return RELATIONS[where["is"]](at(item, where["at"]), ev(where["value"]))


@_op("table")
def _table(node: Node, ev: Callable[[Node], Any]) -> Any:
    rows = [{"name": ev(row["name"]), "value": ev(row["value"])} for row in node["rows"]]
    if "over" in node and [row["name"] for row in rows] != ev(node["over"]):
        raise SupportError("the rows are not the items of the list")
    return rows


def _numbers(node: Node, ev: Callable[[Node], Any]) -> list[float]:
    values = [at(item, node.get("take", "")) for item in _list(node, ev)]
    if not values:
        raise SupportError("no values")
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        raise SupportError("not a list of numbers")
    return values


@_op("sum")
def _sum(node: Node, ev: Callable[[Node], Any]) -> Any:
    values = _numbers(node, ev)
    return sum(values) if all(isinstance(v, int) for v in values) else math.fsum(values)


@_op("mean")
def _mean(node: Node, ev: Callable[[Node], Any]) -> Any:
    values = _numbers(node, ev)
    return math.fsum(values) / len(values)


@_op("median")
def _median(node: Node, ev: Callable[[Node], Any]) -> Any:
    return statistics.median(_numbers(node, ev))


@_op("count")
def _count(node: Node, ev: Callable[[Node], Any]) -> Any:
    return len(_list(node, ev))


def _two(node: Node, ev: Callable[[Node], Any]) -> tuple[float, float]:
    a, b = (ev(arg) for arg in node["args"])
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in (a, b)):
        raise SupportError("not two numbers")
    return a, b


@_op("difference")
def _difference(node: Node, ev: Callable[[Node], Any]) -> Any:
    a, b = _two(node, ev)
    return a - b


@_op("ratio")
def _ratio(node: Node, ev: Callable[[Node], Any]) -> Any:
    a, b = _two(node, ev)
    return a / b


@_op("percent_change")
def _percent_change(node: Node, ev: Callable[[Node], Any]) -> Any:
    a, b = _two(node, ev)
    return (a - b) / b * 100


@_op("share")
def _share(node: Node, ev: Callable[[Node], Any]) -> Any:
    a, b = _two(node, ev)
    return a / b * 100


@_op("round")
def _round(node: Node, ev: Callable[[Node], Any]) -> Any:
    value = ev(node["of"])
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SupportError("not a number")
    if "significant" in node:
        return float(f"{value:.{node['significant'] - 1}e}")
    return round(value, node["places"]) if node["places"] else round(value)


@_op("compare")
def _compare(node: Node, ev: Callable[[Node], Any]) -> Any:
    a, b = (ev(arg) for arg in node["args"])
    return RELATIONS[node["is"]](a, b)


@_op("if")
def _if(node: Node, ev: Callable[[Node], Any]) -> Any:
    when = ev(node["when"])
    if not isinstance(when, bool):
        raise SupportError("neither true nor false")
    return ev(node["then"] if when else node["else"])


@_op("intersection")
def _intersection(node: Node, ev: Callable[[Node], Any]) -> Any:
    first, second = (ev(arg) for arg in node["args"])
    if not (isinstance(first, list) and isinstance(second, list)):
        raise SupportError("not two lists")
    return [item for item in first if item in second]


@_op("map")
def _map(node: Node, ev: Callable[[Node], Any]) -> Any:
    return {name: ev(part) for name, part in node["parts"].items()}


# --- read ------------------------------------------------------------------------------------------------------------


def children(node: Node) -> Iterator[Node]:
    """The expressions directly inside a node."""
    for key, value in node.items():
        if key in ("of", "over", "when", "then", "else"):
            yield value
        elif key == "args":
            yield from value
        elif key == "rows":
            for row in value:
                yield row["name"]
                yield row["value"]
        elif key == "parts":
            yield from value.values()
        elif key == "where":
            yield value["value"]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it."""
    yield node
    for child in children(node):
        yield from walk(child)


def through(node: Node, evidence: list[Node]) -> Iterator[Node]:
    """The node, everything inside it, and everything inside the arguments of the calls that it rests on (once each)."""
    steps = {step["call"]: step for step in evidence}
    seen: set[str] = set()
    queue = [node]
    while queue:
        for inner in walk(queue.pop(0)):
            yield inner
            call = inner.get("call")
            if call is not None and call not in seen and call in steps:
                seen.add(call)
                queue.extend(steps[call]["arguments_from"].values())


def calls(node: Node, evidence: list[Node]) -> list[str]:
    """The ids of all calls that a node rests on, through their arguments, in the order of the evidence."""
    reached = {inner["call"] for inner in through(node, evidence) if "call" in inner}
    return [step["call"] for step in evidence if step["call"] in reached]


def graph(node: Node, evidence: list[Node]) -> Any:
    """The shape of a support: its operations, tools and flows, without the values. Equal shapes are equal JSON."""
    steps = {step["call"]: step for step in evidence}

    def shape(inner: Any) -> Any:
        if isinstance(inner, list):
            return [shape(item) for item in inner]
        if not isinstance(inner, dict):
            return inner
        if "given" in inner:
            return {"given": inner.get("type") or inner.get("vignette") or "value"}
        if "call" in inner:
            step = steps[inner["call"]]
            return {"tool": step["tool"], "pointer": inner["pointer"], "from": shape(step["arguments_from"])}
        return {key: shape(value) for key, value in inner.items()}

    return shape(node)


def over(evidence: list[Node]) -> Look:
    """A `look` over recorded results."""
    steps = {step["call"]: step for step in evidence}

    def look(call: str) -> Any:
        if "result" not in steps.get(call, {}):
            raise SupportError(f"{call} is not a call of the evidence with a result")
        return steps[call]["result"]

    return look


# --- replay ----------------------------------------------------------------------------------------------------------


def replay(
    node: Node, evidence: list[Node], call: Callable[[str, dict[str, Any]], Any], swap: Swap | None = None
) -> Any:
    """The value of a node over fresh results: from the givens, every argument computed and every call made again.

    `call(tool, arguments)` gives an outcome; Dead is raised when it holds no result.
    """
    steps = {step["call"]: step for step in evidence}
    fresh: dict[str, Any] = {}
    begun: set[str] = set()

    def look(name: str) -> Any:
        if name not in fresh:
            if name not in steps:
                raise SupportError(f"{name} is not a call of the evidence")
            if name in begun:
                raise SupportError(f"{name} rests on itself")
            begun.add(name)
            step = steps[name]
            arguments = {p: evaluate(source, look, swap) for p, source in step["arguments_from"].items()}
            outcome = call(step["tool"], arguments)
            if "error" in outcome:
                raise Dead(name, outcome["error"]["kind"], outcome["error"]["message"])
            fresh[name] = outcome["result"]
        return fresh[name]

    return evaluate(node, look, swap)
