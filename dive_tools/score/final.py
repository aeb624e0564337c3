"""The final answer in a reply."""

from __future__ import annotations

import json
import re
from itertools import takewhile
from typing import Any

from dive_tools.score.text import MARKER, clean, plain

_STATED = re.compile(
    r"^[ \t>#*_•-]*(?:the[ \t]+)?(?:final[ \t]+)?answer[ \t]*[*_]*[ \t]*(?:[:：=][ \t]*(?P<said>.*)|[*_]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_CONCLUDED = re.compile(
    r"(?:^|(?<=[.!?:)]\s))[ \t>#*_]*"
    r"(?:(?:so|thus|therefore|hence|consequently|then|in conclusion|overall|however|but|actually|in fact"
    r"|(?:strictly|properly|more precisely) speaking|(?:based on|given|according to|from|using|after)\b[^.,;]{1,80},"
    r")(?<=[\w,]),?\s+){0,3}"
    r"(?:the|my)\s+(?:final\s+|correct\s+)?answer\s+(?:to the question\s+)?is\b\s*:?\s*(?P<said>\S.*)$",
    re.IGNORECASE,
)
_REMARK = re.compile(  # of an answer that was given: "the answer is rounded to two places"
    r"(?:correct|right|true|based|derived|rounded|given|obtained|computed|calculated|found|taken|consistent|confirmed"
    r"|in|from|as|also|the|well|exact|approximate|expressed|therefore|thus|simply|just|above)(?!\w)|(?:\S+\s+){8}",
    re.IGNORECASE,
)
_TAKEN_BACK = (
    r"(?:(?:but|oh|hmm|ah|and|sorry|no)\b[,.]?\s+)?(?:wait|hold on|actually|correction|on second thoughts?|scratch that"
    r"|oops|sorry|(?:my )?apologies|on reflection|edit\s*:|my mistake|(?:i am|i'm) (?:not (?:sure|certain)|unsure)"
    r"|i made an? (?:mistake|error)|i (?:was|am|may be|might be|could be) (?:wrong|mistaken)"
    r"|(?:that|this|the)(?: answer)?(?: above)?(?:'s| is| was| may be| might be| could be) (?:wrong|incorrect|mistaken"
    r"|not (?:quite )?(?:right|correct))|the (?:correct|right|true) answer should|it should (?:be|have been)"
    r"|(?:but|or|well),? yes(?=\s*[,:.!;—–])"
    r"|(?:i|let me) (?:take (?:that|it) back|correct (?:that|myself))|re-?(?:comput|calculat|count|check)ing gives"
    r"|(?:that|this|it)(?: answer)? (?:can(?:not|'t| not)|could(?: not|n't)) be (?:right|correct|true)"
    r"|(?:that|this|it)(?: answer)? (?:does not|doesn't) (?:seem|look) (?:right|correct)"
    r"|(?:(?:an?|my|the) )?(?:alternat(?:iv)?e|other|another|second|backup)(?: possible| likely)? answer)(?!\w)"
)
_RETRACTED = re.compile(rf"(?<=[.!?…;:,)\]*\n—–-])\s*[*_(]{{0,4}}{_TAKEN_BACK}", re.IGNORECASE)
_RETRACTED_BEHIND = re.compile(
    rf"(?:^|(?<=[.!?…;:)\]*\n—–]))\s*[*_(>-]{{0,4}}\s*(?:{_TAKEN_BACK}|(?:(?:but|or|well),?\s+)?no\s*[,:.!;—–])",
    re.IGNORECASE,
)
_KEY = re.compile(r'"(?:final_)?answer"\s*:')
_ASIDES = frozenset(("reason", "reasons", "reasoning", "explanation", "confidence", "thought", "thoughts"))
_JOINED = re.compile(r"[ \t*_`]*(?:[,;/|&\[{]|(?:or|and|but|unless|if)(?!\w))", re.IGNORECASE)
_TAG = re.compile(r"<answer>(?P<said>(?:(?!<answer>).)*?)</answer>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```\w*\n(.*?)\n?[ \t]*```", re.DOTALL)
_THOUGHT = re.compile(r"<think>(?:(?!<think>).)*?</think>", re.DOTALL)
_BOXES = 20  # the last ones of a reply that are looked into
_LONGEST = 2000  # characters of a reply of one line that is an answer by itself
Found = tuple[str, int]  # what was said, and where it ends


def final(reply: str, *, whole: bool = False) -> str | None:
    """The final answer in a reply; None where it has none, or takes it back.

    In this order: the last line `Answer: …`, or what stands under such a heading (of several in a row that differ, all
    of them, joined); the last JSON object with the key "answer"; the last <answer>; what stands in the last
    \\boxed{}; a last line that ends "the answer is …"; a reply of one line. Thinking in <think> is passed over. With
    `whole`, all that the reply says from the answer on, for answers that are a text: who judges it sees what follows,
    and what is taken back.
    """
    reply = _spoken(reply)
    if not reply:
        return None
    if whole:
        return _from_there(reply)
    for way in (_stated, _keyed, _tagged, _boxed, _concluded):
        found = way(reply)
        if found is not None:
            return _standing(reply, *found)
    bare = reply.splitlines()
    return bare[0].strip() if len(bare) == 1 and len(reply) <= _LONGEST else None


def _spoken(reply: str) -> str:
    if "</think>" in reply:
        reply = _THOUGHT.sub("", reply).rpartition("</think>")[2]
    return reply.partition("<think>")[0].strip()


def _from_there(reply: str) -> str | None:
    lines = _run(reply)
    if lines:
        return reply[lines[0].end() if lines[0]["said"] is None else lines[0].start("said") :].strip(" \n*_") or None
    return reply


def _standing(reply: str, said: str, ends: int) -> str | None:
    """What was said, unless the reply takes it back; with another answer that it comes to in its last line."""
    said = said.strip()
    first = re.match(r"\W*(\w*)", said)
    behind = reply[ends:].replace("’", "'")
    taken = _RETRACTED_BEHIND.search(behind)
    if taken is not None and first is not None and first[1].lower() in ("no", "false"):
        taken = re.search(_TAKEN_BACK, taken[0], re.IGNORECASE)
    if not said or taken is not None or _RETRACTED.search(said.replace("’", "'")):
        return None
    last = _concluded(behind)
    if last is None or _REMARK.match(last[0]) or plain(last[0]) in plain(said) or plain(said) in plain(last[0]):
        return said
    return f"{said}; {last[0]}"


def _run(reply: str) -> list[re.Match[str]]:
    """The last line that states an answer, and those before it with nothing between them."""
    lines = list(_STATED.finditer(reply))
    run = lines[-1:]
    while len(run) < len(lines):
        before = lines[-len(run) - 1]
        if reply[before.end() : run[0].start()].strip():
            break
        run.insert(0, before)
    return run


def _stated(reply: str) -> Found | None:
    run = _run(reply)
    if not run:
        return None
    found = [_whole(reply, line) for line in run]
    said = [text for text in dict.fromkeys(text for text, _ in found) if text]
    return "; ".join(said), max(ends for _, ends in found)


def _whole(reply: str, line: re.Match[str]) -> Found:
    """What is said after the colon: the line, or the JSON value, list or block that begins there."""
    said, ends = (line["said"] or "").strip(), line.end()
    if said.count("**") % 2:
        said = said.removeprefix("**").removesuffix("**").strip()
    after = reply[ends:]
    if said[:1] == '"' and "\\" in said and (text := _decoded(said, 0)):
        return str(json.loads(text)), ends
    if said[:1] in ("{", "["):
        begins = line.start("said") + line["said"].index(said[0])
        found = _decoded(reply, begins)
        if found and _JOINED.match(reply, begins + len(found)):
            return f"{found} {reply[begins + len(found) :].splitlines()[0]}", begins + len(found)
        return (_unwrapped(found), max(begins + len(found), ends)) if found else (said, ends)
    if not said or said.startswith("```"):
        block = (said + after).lstrip()
        skipped = len(reply) - len(block)
        fenced = _FENCE.match(block)
        if fenced is not None:
            return _unwrapped(fenced[1].strip()), skipped + fenced.end()
        if not said and block[:1] in ("{", "["):
            found = _decoded(block, 0)
            text = found or block.partition("\n\n")[0]
            return _unwrapped(text), skipped + len(text)
        if not said:
            said = block.partition("\n\n")[0]
            ends, said = skipped + len(said), said.strip()
        after = reply[ends:] if said.startswith("```") else ""
    lines = [*said.splitlines(), *after.lstrip("\n").splitlines()]
    if MARKER.match(said):
        taken = list(takewhile(MARKER.match, lines))
        more = "\n".join(taken[len(said.splitlines()) :])
        ends += len(after) - len(after.lstrip("\n")) + len(more) if more else 0
        return "\n".join(line.strip() for line in taken), ends
    return said, ends


def _unwrapped(text: str) -> str:
    """The answer in a JSON object that holds it under that name, and nothing else that could be one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    key = next((key for key in ("answer", "final_answer") if isinstance(value, dict) and key in value), None)
    return text if key is None or not value.keys() - {key} <= _ASIDES else _as_text(value[key])


def _concluded(reply: str) -> Found | None:
    """What the last line ends with, where that is a sentence that says so."""
    last = reply.rstrip().rpartition("\n")[2]
    if len(last) > _LONGEST or (found := _CONCLUDED.search(last)) is None:
        return None
    said = clean(found["said"]).strip(" *_").removesuffix(".").strip(" *_")
    return said, len(reply)


def _decoded(text: str, begins: int) -> str:
    try:
        _, ends = json.JSONDecoder().raw_decode(text, begins)
    except (ValueError, RecursionError):
        return ""
    return text[begins:ends]


def _keyed(reply: str) -> Found | None:
    keys = list(_KEY.finditer(reply))
    if not keys:
        return None
    for begins in [n for n, c in enumerate(reply[: keys[-1].start()]) if c == "{"][: -50 - 1 : -1]:
        found = _decoded(reply, begins)
        if found:
            value = json.loads(found)
            key = next((key for key in ("answer", "final_answer") if key in value), None)
            if key is not None:
                return _as_text(value[key]), begins + len(found)
    return None


def _tagged(reply: str) -> Found | None:
    """What stands in the last <answer>, in a block of code or not."""
    tags = list(_TAG.finditer(reply))
    if not tags:
        return None
    said = tags[-1]["said"].strip()
    fenced = _FENCE.fullmatch(said)
    return _unwrapped(fenced[1].strip() if fenced is not None else said), tags[-1].end()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _boxed(reply: str) -> Found | None:
    boxes = [found.end() for found in re.finditer(r"\\boxed\s*\{", reply)][-_BOXES:]
    if not boxes:
        return None
    contents = [_braced(reply, begins) for begins in boxes]
    last = len(reply[: boxes[-1]].splitlines())
    together = [text for at, text in zip(boxes, contents, strict=True) if len(reply[:at].splitlines()) == last]
    said = "; ".join(text for text in dict.fromkeys(together) if text)
    return (said, boxes[-1] + len(contents[-1]) + 1) if said else None


def _braced(text: str, begins: int) -> str:
    depth = 1
    for at in range(begins, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[begins:at].strip()
    return ""
