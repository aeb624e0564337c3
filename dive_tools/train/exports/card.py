"""The card of an exported data set (README.md of a Hugging Face repository), made from facts alone."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dive_tools.train.exports import Context
from dive_tools.train.exports.diversity import Diversity

TAGS = ("tool-use", "function-calling", "agents", "synthetic", "dive-tools")
SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
LARGEST = "n>10M"
SAYS = {
    "sft": "attempts to imitate: `messages` (OpenAI chat format), `tools` (JSON text), and what is known of each",
    "tasks": "question, typed `answer` (JSON text), `toolset`; `record` is the whole line of dive-tools (JSON text)",
    "evidence": "the calls that each task was derived from; `arguments`, `arguments_from`, `outcome` are JSON text",
}
INTRODUCTION = """\
Tool-use tasks made by [DIVE](https://arxiv.org/abs/2603.11076): real tools were called first, and each question was
derived from what they returned. Every answer carries an expression over recorded calls that a program evaluates.
"""
MEASURES = """\
Measured as in the paper; an R/P topology class is roles, shape, depth and width of the calls, in the buckets of
`dive_tools/topology.py`.
"""

Counts = Mapping[str, Mapping[str, int]]  # configuration -> split -> rows


def card(counts: Counts, diversity: Diversity, context: Context) -> str:
    """The whole card: YAML front matter, then what is in it, how diverse it is, whose data it is, how it was made."""
    name = context.options.name or "Tasks for tool use"
    used = diversity.heard or diversity.given
    parts = [
        *_front(counts, name, context),
        f"# {name}\n",
        INTRODUCTION,
        "## What is in it\n",
        *_table(("configuration", "split", "rows", "content"), _contents(counts)),
        *_loading(counts),
        "## Diversity\n",
        *_table(("measure", "value"), diversity.table().items()),
        MEASURES,
        "## Sources and licences\n",
        f"Results of these tools stand in the data. The tools are {_said(_sensitivities(used.values()))}.\n",
        *_table(("source", "licence", "tools"), _sources(used.values())),
        "## How it was made\n",
        *_provenance(context),
    ]
    return "\n".join(parts)


def _front(counts: Counts, name: str, context: Context) -> Iterator[str]:
    licence = context.options.licence.lower()
    rows = max(sum(splits.values()) for splits in counts.values())
    yield "---"
    yield f"pretty_name: {_quoted(name)}"
    yield "language:\n- en"
    if licence:
        yield f"license: {_quoted(licence)}"
    else:
        yield "license: other\nlicense_name: of-the-sources\nlicense_link: README.md"
    yield "task_categories:\n- question-answering\n- text-generation"
    yield "tags:\n" + "\n".join(f"- {tag}" for tag in TAGS)
    yield f"size_categories:\n- {size(rows)}"
    yield "configs:"
    for place, (config, splits) in enumerate(counts.items()):
        yield f"- config_name: {config}"
        if not place:
            yield "  default: true"
        yield "  data_files:"
        for split in splits:
            yield f"  - split: {split}\n    path: data/{config}-{split}.parquet"
    yield "---\n"


def size(rows: int) -> str:
    """The category of size, as the Hub names it."""
    return next((name for end, name in SIZES if rows < end), LARGEST)


def _contents(counts: Counts) -> Iterator[tuple[Any, ...]]:
    for config, splits in counts.items():
        for split, rows in splits.items():
            yield f"`{config}`", split, f"{rows:,}", SAYS[config]


def _loading(counts: Counts) -> Iterator[str]:
    config, splits = next(iter(counts.items()))
    yield "```python\nfrom datasets import load_dataset  # 4.7 or newer\n"
    yield f'rows = load_dataset("PATH", "{config}", split="{next(iter(splits))}")\n```\n'


def _sensitivities(tools: Iterable[Any]) -> Sequence[str]:
    return sorted({tool.sensitivity for tool in tools})


def _said(words: Sequence[str]) -> str:
    return " and ".join(words) or "public"


def _sources(tools: Iterable[Any]) -> list[tuple[str, str, str]]:
    """(source, licence, the tools): one row for each source, in the words of the tools' manifests."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for tool in tools:
        found[tool.source or "not stated", tool.licence or "not stated"].append(tool.name)
    return [
        (source, licence, ", ".join(f"`{n}`" for n in sorted(names)))
        for (source, licence), names in sorted(found.items())
    ]


def _provenance(context: Context) -> Iterator[str]:
    yield from _made(context.made)
    yield f"Pool: {len(context.pool.tools)} tools, digest `{context.pool.facts()['digest']}`.\n"
    if not context.sidecars:
        yield "The input came with no facts about it (they are beside files that are written with `-o`).\n"
    for facts in context.sidecars:
        yield "The input was made so:\n"
        yield from _made(facts)
        rest = {key: facts[key] for key in ("seed", "counts", "model", "judge") if key in facts}
        if digest := facts.get("pool", {}).get("digest"):
            rest["pool"] = digest
        yield from _table(("fact", "value"), ((key, f"`{json.dumps(value)}`") for key, value in rest.items()))


def _made(facts: Mapping[str, Any]) -> Iterator[str]:
    if command := facts.get("command"):
        yield f"```sh\n{shlex.join(command)}\n```\n"
    if versions := facts.get("versions"):
        yield ", ".join(f"{name} {version}" for name, version in versions.items()) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: Any) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def _quoted(text: str) -> str:
    """A text as YAML takes it."""
    return json.dumps(text, ensure_ascii=False)
