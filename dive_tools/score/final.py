"""The final answer in a reply."""

from __future__ import annotations

import json
import re
from itertools import takewhile
from typing import Any

from dive_tools.score.text import MARKER

_STATED = re.compile(
    r"^[ \t>#*_•-]*(?:the[ \t]+)?(?:final[ \t]+)?answer[ \t]*[*_]*[ \t]*(?:[:：=][ \t]*(?P<said>.*)|[*_]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_KEY = re.compile(r'"(?:final_)?answer"\s*:')
_FENCE = re.compile(r"```\w*\n(.*?)\n?[ \t]*```", re.DOTALL)
_LONGEST = 2000  # characters of a reply of one line that is an answer by itself


def final(reply: str) -> str | None:
    """The final answer in a reply; None where it has none.

    In this order: the last line `Answer: …`, or what stands under such a heading (of several in a row that differ, all
    of them, joined); the last JSON object with the key "answer"; what stands in the last \\boxed{}; a reply of one
    line. Thinking in <think> is passed over.
    """
    reply = _spoken(reply)
    if not reply:
        return None
    for way in (_stated, _keyed, _boxed):
        found = way(reply)
        if found is not None:
            return found.strip() or None
    bare = reply.splitlines()
    return bare[0].strip() if len(bare) == 1 and len(reply) <= _LONGEST else None


def _spoken(reply: str) -> str:
    reply = reply.rpartition("</think>")[2]
    return reply.partition("<think>")[0].strip()


def _stated(reply: str) -> str | None:
    lines = list(_STATED.finditer(reply))
    if not lines:
        return None
    run = [lines[-1]]
    while len(run) < len(lines):
        before = lines[-len(run) - 1]
        if reply[before.end() : run[0].start()].strip():
            break
        run.insert(0, before)
    said = [text for text in dict.fromkeys(_whole(reply, line) for line in run) if text]
    return "; ".join(said)


def _whole(reply: str, line: re.Match[str]) -> str:
    """What is said after the colon: the line, or the JSON value, list or block that begins there."""
    said = (line["said"] or "").strip()
    if said.count("**") % 2:
        said = said.removeprefix("**").removesuffix("**").strip()
    after = reply[line.end() :]
    if said[:1] == '"' and "\\" in said and (text := _decoded(said, 0)):
        return str(json.loads(text))
    if said[:1] in ("{", "["):
        begins = line.start("said") + line["said"].index(said[0])
        return _decoded(reply, begins) or said
    if not said or said.startswith("```"):
        block = (said + after).lstrip()
        fenced = _FENCE.match(block)
        if fenced is not None:
            return fenced[1].strip()
        if not said and block[:1] in ("{", "["):
            return _decoded(block, 0) or block.partition("\n\n")[0]
        said, after = said or block.partition("\n\n")[0].strip(), "" if not said else after
    lines = [*said.splitlines(), *after.lstrip("\n").splitlines()]
    if MARKER.match(said):
        return "\n".join(line.strip() for line in takewhile(MARKER.match, lines))
    return said


def _decoded(text: str, begins: int) -> str:
    try:
        _, ends = json.JSONDecoder().raw_decode(text, begins)
    except (ValueError, RecursionError):
        return ""
    return text[begins:ends]


def _keyed(reply: str) -> str | None:
    keys = list(_KEY.finditer(reply))
    if not keys:
        return None
    for begins in [n for n, c in enumerate(reply[: keys[-1].start()]) if c == "{"][: -50 - 1 : -1]:
        found = _decoded(reply, begins)
        if found:
            value = json.loads(found)
            key = next((key for key in ("answer", "final_answer") if key in value), None)
            if key is not None:
                return _as_text(value[key])
    return None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _boxed(reply: str) -> str | None:
    boxes = [found.end() for found in re.finditer(r"\\boxed\s*\{", reply)]
    if not boxes:
        return None
    contents = [_braced(reply, begins) for begins in boxes]
    last = len(reply[: boxes[-1]].splitlines())
    together = [text for at, text in zip(boxes, contents, strict=True) if len(reply[:at].splitlines()) == last]
    return "; ".join(text for text in dict.fromkeys(together) if text) or None


def _braced(text: str, begins: int) -> str:
    depth = 1
    for at in range(begins, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[begins:at].strip()
    return ""
