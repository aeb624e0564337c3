"""What people read of a summary of runs: a table for a terminal, and one line at the end of a run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_TITLES = {
    "domain": "domain",
    "pattern": "pattern",
    "support_calls": "calls that the proof takes",
    "tools": "tools in the set",
    "tier": "tier",
    "answer_type": "answer",
}
_LEAST = 70  # width, which the columns of a comparison take
_COLUMNS, _PAIRED = 43, 58  # of the figures beside a name
_NAME = 12  # of what is left for a name, at least
_FIRST = 12  # of the word before a wrapped list


def lines(summary: Mapping[str, Any], width: int = 80) -> list[str]:
    """A summary, one of several models, or a comparison, as a table no wider than `width` (from 70 on)."""
    if "models" in summary:
        blocks = [lines(each, width) for each in summary["models"].values()]
        return [line for number, block in enumerate(blocks) for line in ([""] if number else []) + block]
    said = _comparison if "difference" in summary else _summary
    return [line.rstrip() for line in said(summary, max(width, _LEAST))]


def short(summary: Mapping[str, Any]) -> str:
    """A summary in one line, or a line for each model where there are several."""
    if "models" in summary:
        return "\n".join(f"{name}: {short(each)}" for name, each in summary["models"].items())
    parts = [*_scores(summary), *_unanswerable(summary), *_spent(summary)]
    return "; ".join(parts) if parts else "no runs"


def _scores(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary["attempts"]:
        first = summary["pass@1"]
        tasks = _of(first["tasks"], summary["tasks"], "task")
        yield f"pass@1 {_percent(first)}{_brackets(first)} over {tasks}, {_attempts(summary)}"
    if last := [(k, found) for k, found in summary["pass@k"].items() if k != "1" and found["tasks"]]:
        k, found = last[-1]
        tasks = f" ({_of(found['tasks'], summary['tasks'], 'task')})" if found["tasks"] < summary["tasks"] else ""
        yield f"pass@{k} {_percent(found)}{tasks}"
    if summary["unscored"]:
        yield f"unscored {summary['unscored']:,}"


def _unanswerable(summary: Mapping[str, Any]) -> Iterator[str]:
    if found := summary["missing"]:
        rate = found["rate"]
        tasks = _of(rate["tasks"], found["tasks"], "unanswerable task")
        yield f"what is missing was said {_percent(rate)}{_brackets(rate)} over {tasks}"


def _spent(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary["run"]:
        calls = summary["calls"]
        yield f"{calls['made']:.1f} calls, {calls['errors']:.1f} errors an attempt"
    if ends := [f"{name} {count:,}" for name, count in summary["endings"].items() if name != "answered"]:
        yield ", ".join(ends)


def _summary(summary: Mapping[str, Any], width: int) -> Iterator[str]:
    yield from _heads(summary, width)
    if summary["attempts"]:
        yield ""
        yield from _figures(summary, width)
        yield from _passes(summary, width)
        yield ""
        yield from _conduct(summary, width)
    if missing := summary["missing"]:
        yield from ["", "unanswerable tasks, whose right answer says what is missing"]
        yield from _table([("  in all", missing | {"pass@1": missing["rate"]})], width, "right")
        yield from _conduct(missing, width)


def _heads(summary: Mapping[str, Any], width: int) -> Iterator[str]:
    yield from textwrap.wrap(_who(summary), width)
    if not summary["attempts"] and not summary["missing"]:
        return
    if len(summary["revisions"]) > 1:
        yield from _wrapped("mixed", ["revisions " + ", ".join(summary["revisions"])], width)
    if len(summary["samplings"]) > 1:
        yield from _wrapped("mixed", [f"samplings {' | '.join(map(_settings, summary['samplings']))}"], width)
    counts = [f"{summary['tasks']:,} tasks", f"{summary['attempts']:,} attempts"]
    counts += [f"{summary['scored']:,} scored", f"{summary['unscored']:,} unscored"]
    yield from _wrapped("", [*counts, *([f"{summary['twice']:,} there twice"] if summary["twice"] else [])], width)
    if summary["until"]:
        said = "runs stopped after a success: a task counts by its first scored attempts, so that pass@k is not biased"
        yield from textwrap.wrap(said, width)


def _figures(summary: Mapping[str, Any], width: int) -> list[str]:
    rows: list[tuple[str, Mapping[str, Any] | None]] = [("all", summary)]
    if summary["lucky"]:
        rows.append(("  without luck", {**summary, "pass@1": summary["without_luck"]}))
    by = summary["scored_by"]
    rows += [(f"scored by a {name}", found) for name, found in by.items() if by["judge"]["tasks"] and found["tasks"]]
    for kind, groups in summary["groups"].items():
        rows.append((_TITLES[kind], None))
        rows += [(f"  {name}", found) for name, found in groups.items()]
    return _table(rows, width, "pass@1")


def _table(rows: list[tuple[str, Mapping[str, Any] | None]], width: int, rate: str) -> list[str]:
    room = max(_NAME, min(width - _COLUMNS, max(len(name) for name, _ in rows)))
    table = [f"{'':{room}}{'tasks':>9}{'attempts':>10}{rate:>9}{'95 % interval':>15}"]
    for name, found in rows:
        name = name if len(name) <= room or found is None else name[: room - 1] + "…"
        if found is None:
            table.append(name)
        else:
            first = found["pass@1"]
            tasks = f"{found['tasks']:,}"
            if first["tasks"] != found["tasks"]:  # the rate rests on those with a score
                tasks = f"{first['tasks']:,}/{tasks}"
            counts = f"{tasks:>9}{found['attempts']:>10,}"
            table.append(f"{name:{room}}{counts}{_percent(first):>9}{_interval(first):>15}")
    return table


def _passes(summary: Mapping[str, Any], width: int) -> Iterator[str]:
    most = summary["pass@1"]["tasks"]
    said = []
    for k, found in summary["pass@k"].items():
        few = f" over {found['tasks']:,} tasks" if found["tasks"] != most else ""
        said.append(f"@{k} {_percent(found)}{_brackets(found)}{few}")
    yield from _wrapped("pass", said, width)


def _conduct(summary: Mapping[str, Any], width: int) -> Iterator[str]:
    for word in ("outcomes", "endings", "errors"):
        yield from _wrapped(word, [f"{name} {count:,}" for name, count in summary[word].items()], width)
    yield from _wrapped("answers", _answers(summary), width, "; ")
    if summary["run"]:
        yield from _wrapped("calls", _calls(summary["calls"]), width, "; ")
        usage = summary["usage"]
        mean = ", ".join(f"{usage[name]['mean']:,.0f} {word}" for name, word in _TOKENS)
        total = ", ".join(f"{usage[name]['total']:,} {word}" for name, word in _TOKENS)
        requests = f"{usage['requests']['total']:,} requests"
        yield from _wrapped("tokens", [f"{mean} an attempt; in all {total}, {requests}"], width)
        seconds = usage["seconds"]
        spent = f"mean {seconds['mean']:.1f}, median {seconds['median']:.1f} an attempt"
        yield from _wrapped("seconds", [spent], width)


_TOKENS = (("tokens_in", "in"), ("tokens_out", "out"), ("cached", "cached"))


def _answers(summary: Mapping[str, Any]) -> Iterator[str]:
    if (parts := summary.get("parts")) and parts["tasks"]:
        yield f"{_percent(parts)}{_brackets(parts)} of the parts right, over {_tasks(parts['tasks'])}"
    if summary["lucky"]:
        yield f"{summary['lucky']:,} right by luck"
    if (wrongly := summary.get("wrongly_missing")) and wrongly["attempts"]:
        yield f"{wrongly['attempts']:,} wrongly said that something is missing ({100 * wrongly['share']:.1f} %)"


def _calls(calls: Mapping[str, Any]) -> Iterator[str]:
    yield f"{calls['made']:.2f} made, {calls['errors']:.2f} errors, {calls['repeated']:.2f} repeated an attempt"
    if calls["with_errors"]:
        yield f"{100 * calls['recovered']:.1f} % of {calls['with_errors']:,} attempts with errors recovered"


def _comparison(found: Mapping[str, Any], width: int) -> Iterator[str]:
    yield from _wrapped("one", [_who(found["one"])], width)
    yield from _wrapped("other", [_who(found["other"])], width)
    counts = [f"{found['common']:,} tasks in both"]
    counts += [f"{found[key]:,} {said}" for key, said in _APART if found[key]]
    yield from _wrapped("", counts, width)
    if found["one"]["until"] or found["other"]["until"]:
        yield "runs that stopped after a success count by the first scored attempt at each task"
    yield ""
    rows = [("all", found)] if found["tasks"] else []
    rows += [(f"  {name}", each) for name, each in found["domain"].items()]
    rows += [("unanswerable", found["missing"])] if found["missing"] and found["missing"]["tasks"] else []
    room = max(_NAME, min(width - _PAIRED, max((len(name) for name, _ in rows), default=0)))
    if rows:
        rates = f"{'one':>7}{'other':>7}{'+/-':>8}"
        yield f"{'':{room}}{'tasks':>6}{rates}{'95 % interval':>16}{'better':>7}{'worse':>7}"
    for name, each in rows:
        yield _difference(name if len(name) <= room else name[: room - 1] + "…", room, each)


_APART = (
    ("unscored", "of them unscored in one"),
    ("only_in_one", "only in one"),
    ("only_in_other", "only in the other"),
)


def _difference(name: str, room: int, each: Mapping[str, Any]) -> str:
    difference = each["difference"]
    low, high = difference["low"], difference["high"]
    interval = "–" if low is None else f"{100 * low:+.1f} to {100 * high:+.1f}"
    rates = f"{100 * each['one_rate']:>7.1f}{100 * each['other_rate']:>7.1f}{100 * difference['value']:>+8.1f}"
    return f"{name:{room}}{each['tasks']:>6,}{rates}{interval:>16}{each['better']:>7,}{each['worse']:>7,}"


def _who(summary: Mapping[str, Any]) -> str:
    revision = f" at {summary['revisions'][0]}" if len(summary["revisions"]) == 1 else ""
    clothes = f", perturbed: {', '.join(summary['perturbed'])}" if summary["perturbed"] else ""
    sampling = f", {_settings(summary['samplings'][0])}" if len(summary["samplings"]) == 1 else ""
    return f"{summary['model'] or 'no runs'}{revision}{clothes}{sampling}".rstrip(", ")


def _settings(sampling: Mapping[str, Any]) -> str:
    return " ".join(f"{name} {value}" for name, value in sampling.items())


def _wrapped(word: str, said: Iterable[str], width: int, between: str = ", ") -> list[str]:
    """`word` and what is said of it, over as many lines as it takes; nothing where nothing is said."""
    text = between.join(said)
    begin = f"{word:<{_FIRST}}" if word else " " * _FIRST
    return textwrap.wrap(text, width, initial_indent=begin, subsequent_indent=" " * _FIRST) if text else []


def _percent(figure: Mapping[str, Any]) -> str:
    return "–" if figure["value"] is None else f"{100 * figure['value']:.1f} %"


def _interval(figure: Mapping[str, Any]) -> str:
    return "–" if figure["low"] is None else f"{100 * figure['low']:.1f}–{100 * figure['high']:.1f}"


def _brackets(figure: Mapping[str, Any]) -> str:
    return "" if figure["low"] is None else f" ({_interval(figure)})"


def _tasks(count: int, word: str = "task") -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _of(count: int, all_of_them: int, word: str) -> str:
    """`200 tasks`, or `190 of 200 tasks`."""
    return _tasks(count, word) if count == all_of_them else f"{count:,} of {_tasks(all_of_them, word)}"


def _attempts(summary: Mapping[str, Any]) -> str:
    """`8 attempts`, of each task; or how many there are in all where tasks have unlike many."""
    each, rest = divmod(summary["attempts"], summary["tasks"])
    return f"{summary['attempts']:,} attempts in all" if rest or summary["until"] else _tasks(each, "attempt")
