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
    several parts      map, list {items}

The same language serves answers (`task.support`) and arguments (`evidence[].arguments_from`), so a replay can start
from the givens, call every tool again and evaluate over fresh results. `check` holds an expression that somebody else
wrote to the language before anything reads it.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from dive_tools.records import canonical
from dive_tools.values import at, rounded

Node = dict[str, Any]
Look = Callable[[str], Any]
Swap = Callable[[Node], "tuple[Any] | None"]

SELECTORS = ("argmax", "argmin", "only", "nth")
DEEP = 40  # expressions inside expressions
MANY = 5_000  # expressions in all
PAIRS = 4_000_000  # comparisons of one intersection
DIGITS = 15  # places, and significant figures, that a rounding may keep
LEAST, MOST = -(2**63), 2**64 - 1  # whole numbers that our JSON can hold


class SupportError(Exception):
    """The expression cannot be evaluated: it names what is not there, or has no single value."""


class Dead(SupportError):
    """A call of the replay gave no result."""

    def __init__(self, call: str, kind: str, message: str) -> None:
        super().__init__(f"{call}: {kind}: {message}")
        self.kind = kind


# --- evaluate --------------------------------------------------------------------------------------------------------


def evaluate(node: Node, look: Look, swap: Swap | None = None) -> Any:
    """The value of an expression over the results that `look` finds by call id; SupportError where it has none.

    `swap(node)` may stand in another value for a node, as `(value,)`; it asks "what if another had been chosen?".
    """
    try:
        return _Evaluation(look, swap).of(node)
    except RecursionError:
        raise SupportError("nested too deep") from None


class _Evaluation:
    """One evaluation, which ends however an expression is made."""

    def __init__(self, look: Look, swap: Swap | None) -> None:
        self.look = look
        self.swap = swap
        self.depth = 0
        self.count = 0

    def of(self, node: Node) -> Any:
        self.depth += 1
        self.count += 1
        if self.depth > DEEP or self.count > MANY:
            raise SupportError("nested too deep" if self.depth > DEEP else "too many expressions")
        value = self._value(node)
        self.depth -= 1
        return value

    def _value(self, node: Node) -> Any:
        if self.swap is not None and (other := self.swap(node)) is not None:
            return other[0]
        if not isinstance(node, dict):
            raise SupportError(f"not an expression: {_short(node)}")
        if "given" in node:
            return node["given"]
        if "call" in node:
            return _cited(node, self.look(str(node["call"])))
        rule = OPS.get(str(node.get("op")))
        if rule is None:
            raise SupportError(f"unknown expression {_short(node)}")
        try:
            return _held(rounded(rule(node, self.of)))
        except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise SupportError(f"{node['op']}: {type(error).__name__}: {error}"[:300]) from None


def _held(value: Any) -> Any:
    """The value, which is no number that JSON cannot hold."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a finite number")
    if isinstance(value, int) and not LEAST <= value <= MOST:
        raise ValueError("a whole number of more than 64 bits")
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
        raise SupportError(f"{node['call']}{node.get('pointer', '')} does not say {str(quote)[:200]!r}")
    parse = PARSERS.get(str(node.get("parse", "string")))
    if parse is None:
        raise SupportError(f"no way to read a {node['parse']!r}")
    try:
        return _held(parse(quote))
    except (ValueError, OverflowError):
        raise SupportError(f"{quote[:200]!r} does not read as a {node['parse']}") from None


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
    if node["index"] < 0:
        raise SupportError("an item is counted from the beginning, from 0")
    return _list(node, ev)[node["index"]]


@_op("only")
def _only(node: Node, ev: Callable[[Node], Any]) -> Any:
    items = _fitting(node, ev) if "where" in node else _list(node, ev)
    if len(items) != 1:
        raise SupportError(f"only: {len(items)} items fit")
    return at(items[0], node.get("take", ""))


@_op("filter")
def _filter(node: Node, ev: Callable[[Node], Any]) -> Any:
    return [at(item, node.get("take", "")) for item in _fitting(node, ev)]


@_op("each")
def _each(node: Node, ev: Callable[[Node], Any]) -> Any:
    return [at(item, node.get("take", "")) for item in _list(node, ev)]


RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}


def _fitting(node: Node, ev: Callable[[Node], Any]) -> list[Any]:
    """The items of `of` for which `where` holds; what they are held against is worked out once."""
    where, items = node["where"], _list(node, ev)
    relation, value = RELATIONS[where["is"]], ev(where["value"])
    return [item for item in items if relation(at(item, where["at"]), value)]


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
        if not 0 < node["significant"] <= DIGITS:
            raise SupportError(f"a number is rounded to between 1 and {DIGITS} significant figures")
        return float(f"{value:.{node['significant'] - 1}e}")
    if not -DIGITS <= node["places"] <= DIGITS:
        raise SupportError(f"a number is rounded to at most {DIGITS} places")
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
    if len(first) * len(second) > PAIRS:
        raise SupportError("lists too long to set side by side")
    return [item for item in first if item in second]


@_op("map")
def _map(node: Node, ev: Callable[[Node], Any]) -> Any:
    return {name: ev(part) for name, part in node["parts"].items()}


@_op("list")
def _parts(node: Node, ev: Callable[[Node], Any]) -> Any:
    return [ev(item) for item in node["items"]]


# --- check -----------------------------------------------------------------------------------------------------------

_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "node": ("an expression", lambda v: isinstance(v, dict)),
    "nodes": ("a list of expressions", lambda v: isinstance(v, list) and bool(v)),
    "two": ("a list of two expressions", lambda v: isinstance(v, list) and len(v) == 2),
    "rows": ("a list of {name, value}", lambda v: isinstance(v, list) and bool(v) and all(map(_is_row, v))),
    "parts": ("an object of expressions", lambda v: isinstance(v, dict) and bool(v)),
    "where": ("{at, is: gt | lt | eq | ne, value}", lambda v: isinstance(v, dict) and _is_where(v)),
    "pointer": ('a JSON Pointer, "" or "/…"', lambda v: isinstance(v, str) and (not v or v.startswith("/"))),
    "number": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "text": ("a text", lambda v: isinstance(v, str)),
    "value": ("a value that JSON can hold", lambda v: _is_json(v)),
    "true": ("true", lambda v: v is True),
    "order": ('"ascending" or "descending"', lambda v: v in ("ascending", "descending")),
    "relation": ("one of gt, lt, eq, ne", lambda v: isinstance(v, str) and v in RELATIONS),
    "parser": ("one of string, number, date", lambda v: isinstance(v, str) and v in PARSERS),
}
_GIVEN = {"given": "value", "type?": "text", "seed?": "pointer", "vignette?": "text", "choice?": "true"}
_CITED = {"call": "text", "pointer?": "pointer", "quote?": "text", "parse?": "parser"}
_OF, _BY, _TWO = {"of": "node"}, {"of": "node", "by": "pointer", "take?": "pointer"}, {"args": "two"}
_FORMS: dict[str, dict[str, str]] = {
    "argmax": _BY,
    "argmin": _BY,
    "nth": {**_BY, "n": "number", "order?": "order"},
    "top": {**_BY, "n": "number", "order?": "order"},
    "sort": {**_BY, "order?": "order"},
    "only": {**_OF, "where?": "where", "take?": "pointer"},
    "filter": {**_OF, "where": "where", "take?": "pointer"},
    "each": {**_OF, "take?": "pointer"},
    "item": {**_OF, "index": "number", "type?": "text"},
    "table": {"rows": "rows", "over?": "node"},
    "sum": {**_OF, "take?": "pointer"},
    "mean": {**_OF, "take?": "pointer"},
    "median": {**_OF, "take?": "pointer"},
    "count": _OF,
    "round": {**_OF, "places?": "number", "significant?": "number"},
    "difference": _TWO,
    "ratio": _TWO,
    "percent_change": _TWO,
    "share": _TWO,
    "intersection": _TWO,
    "compare": {**_TWO, "is": "relation"},
    "if": {"when": "node", "then": "node", "else": "node"},
    "map": {"parts": "parts"},
    "list": {"items": "nodes"},
}


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and row.keys() == {"name", "value"}


def _is_where(where: Any) -> bool:
    if where.keys() != {"at", "is", "value"}:
        return False
    return _KINDS["pointer"][1](where["at"]) and _KINDS["relation"][1](where["is"])


def _is_json(value: Any) -> bool:
    try:
        return bool(canonical(value))
    except TypeError:
        return False


def check(node: Any) -> None:
    """SupportError says where an expression that somebody wrote leaves the language, in form or in size."""
    queue = [(node, 1)]
    count = 0
    while queue:
        inner, depth = queue.pop()
        count += 1
        if depth > DEEP or count > MANY:
            raise SupportError("nested too deep" if depth > DEEP else "too many expressions")
        _check_form(inner)
        queue += [(child, depth + 1) for child in children(inner)]


def _check_form(node: Any) -> None:
    if not isinstance(node, dict):
        raise SupportError(f"not an expression: {_short(node)}")
    if "given" in node:
        name, form = "given", _GIVEN
    elif "call" in node:
        name, form = "a citation", _CITED
    else:
        name = node.get("op", "")
        if not isinstance(name, str) or name not in _FORMS:
            raise SupportError(f"unknown expression {_short(node)}: give a call, a given, or an op of the language")
        form = {"op": "text", **_FORMS[name]}
    for key, kind in form.items():
        key, optional = key.rstrip("?"), key.endswith("?")
        if key not in node and not optional:
            raise SupportError(f'{name} lacks "{key}"')
        if key in node and not _KINDS[kind][1](node[key]):
            raise SupportError(f'{name}: "{key}" must be {_KINDS[kind][0]}, not {_short(node[key])}')
    strange = sorted(set(node) - {key.rstrip("?") for key in form})
    if strange:
        raise SupportError(f'{name} has no "{strange[0]}"')
    if name == "round" and ("places" in node) == ("significant" in node):
        raise SupportError('round takes either "places" or "significant"')


def _short(value: Any) -> str:
    """A value as it is shown in a message, however large or deep it is."""
    try:
        return repr(value)[:80]
    except RecursionError:
        return "something nested too deep"


# --- read ------------------------------------------------------------------------------------------------------------


def children(node: Node) -> Iterator[Node]:
    """The expressions directly inside a node."""
    for key, value in node.items():
        if key in ("of", "over", "when", "then", "else"):
            yield value
        elif key in ("args", "items"):
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


def tolerance(support: Node, value: Any) -> dict[str, float]:
    """How far an answer may lie from a rounded value: one unit of its last place. One that is not rounded is exact."""
    if "significant" in support:
        return {"tolerance": float(f"{abs(value) * 10 ** (1 - support['significant']):.1e}")}
    if "places" in support:
        return {"tolerance": float(f"{10 ** -support['places']:.0e}")}
    return {}


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

    try:
        return evaluate(node, look, swap)
    except RecursionError:
        raise SupportError("a chain of calls that is too long") from None
