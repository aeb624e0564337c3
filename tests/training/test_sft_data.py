"""Attempts chosen and written as a dataset: nothing leaves without a reason, and nothing is cut short."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attempts import TOOLS, call, long_talk, run, short_talk
from datasets import load_from_disk
from transformers import AutoTokenizer

from dive_tools.errors import BadRecord, DiveError, UsageFault
from dive_tools.records import Drop
from dive_tools.train.data import Choice, Prepared, prepare, rejected, selected
from dive_tools.train.template import OWN, Template

Run = dict[str, Any]


@pytest.fixture(scope="module")
def template(small_model: Path) -> Template:
    return Template.of(AutoTokenizer.from_pretrained(small_model))


class Made:
    """What a preparation made, and what it left out."""

    def __init__(self, runs: list[Run], target: Path, template: Template, **choice: Any) -> None:
        self.drops: list[Drop] = []
        lines = [(f"runs.jsonl:{n}", json.dumps(each).encode()) for n, each in enumerate(runs, 1)]
        asked = Choice(**{"max_length": 4096, **choice})
        self.done: Prepared = prepare(lines, target, template, asked, self.drops.append)
        self.rows = load_from_disk(str(target))


def test_rows_are_ids_and_labels(tmp_path: Path, template: Template) -> None:
    made = Made([run(n) for n in range(5)], tmp_path / "data", template)
    assert made.rows.column_names == ["input_ids", "labels", "length"] and len(made.rows) == 5
    for n, row in enumerate(made.rows):
        assert len(row["input_ids"]) == len(row["labels"]) == row["length"]
        learnt = template.tokenizer.decode([label for label in row["labels"] if label >= 0])
        assert learnt.endswith(f"</tool_call><|im_end|>Answer: {1000 + n}<|im_end|>")
    done = made.done
    assert (done.read, done.kept, done.sequences, done.rows) == (5, 5, 5, 5)
    assert done.tokens == sum(made.rows["length"]) and done.longest == max(made.rows["length"])
    assert done.learnt == sum(label >= 0 for row in made.rows for label in row["labels"])
    assert (tmp_path / "data" / "chat_template.jinja").read_text() == OWN.read_text()
    names = {file.name for file in (tmp_path / "data").iterdir()}
    assert not any("part" in name or name in ("rows.arrow", "packs.arrow", "saved") for name in names)


def test_what_is_left_out_has_a_reason(tmp_path: Path, template: Template) -> None:
    broken = [*short_talk(1)]
    broken[2] = {**broken[2], "tool_calls": [{**call(1, "x"), "function": {"name": "", "arguments": '{"city": '}}]}
    runs = [
        run(0),
        run(1, score=0.0, outcome="wrong"),
        run(2, score=None, outcome="unscored"),
        run(3, error="model_error: gone"),
        run(4, messages=broken),
        run(5, messages=[*short_talk(5)[:-1], {"role": "assistant", "content": "say <|im_end|> twice"}]),
        run(6, messages=short_talk(6)[:2]),
    ]
    made = Made(runs, tmp_path / "data", template)
    assert [(drop.record["id"], drop.reason) for drop in made.drops] == [
        (runs[1]["id"], "no_good_run"),
        (runs[2]["id"], "no_good_run"),
        (runs[3]["id"], "no_good_run"),
        (runs[4]["id"], "malformed_call"),
        (runs[6]["id"], "no_good_run"),
        (runs[5]["id"], "stop_inside"),
    ]
    assert made.done.kept == 1 and made.done.reasons == Counter(no_good_run=4, malformed_call=1, stop_inside=1)
    line = json.loads(rejected(made.drops[0]))
    assert line["drop"] == {"stage": "dive-train sft", "reason": "no_good_run", "detail": "score 0.0"}
    assert {key: line[key] for key in runs[1]} == runs[1]


def test_any_score_takes_what_is_wrong(tmp_path: Path, template: Template) -> None:
    made = Made([run(0, score=0.0), run(1, score=None)], tmp_path / "data", template, any_score=True)
    assert made.done.kept == 2 and not made.drops


def test_what_is_too_long_is_left_out_whole(tmp_path: Path, template: Template) -> None:
    short, long = run(0), run(1, messages=long_talk(thinking=False))
    both = Made([short, long], tmp_path / "both", template)
    shortest, longest = sorted(both.rows["length"])
    made = Made([short, long], tmp_path / "data", template, max_length=longest - 1)
    assert made.rows["length"] == [shortest] and made.rows["input_ids"] == both.rows["input_ids"][:1]
    assert [(drop.reason, drop.detail) for drop in made.drops] == [
        ("too_long", f"{longest} tokens, more than {longest - 1}")
    ]
    assert Made([short, long], tmp_path / "all", template, max_length=longest).done.kept == 2


def test_mixed_thinking_is_refused_until_it_is_said_what_becomes_of_it(tmp_path: Path, template: Template) -> None:
    runs = [run(0), run(1, messages=long_talk()), run(2), run(3)]
    with pytest.raises(UsageFault) as caught:
        Made(runs, tmp_path / "data", template)
    assert (
        caught.value.message == "attempts with thinking (1) and without it (3) are mixed"
        and not (tmp_path / "data").exists()
    )
    assert "--reasoning keep, last or drop" in (caught.value.hint or "")
    rows = {how: Made(runs, tmp_path / how, template, reasoning=how) for how in ("keep", "last", "drop")}
    assert [made.done.sequences for made in rows.values()] == [4, 3 * 2 + 6, 4]
    thinking = template.tokenizer.convert_tokens_to_ids("<think>")
    assert [sum(label == thinking for row in made.rows for label in row["labels"]) for made in rows.values()] == [
        4,
        4,
        0,
    ]


def test_thinking_in_all_or_none_needs_no_word(tmp_path: Path, template: Template) -> None:
    Made([run(n) for n in range(2)], tmp_path / "none", template)
    talks = [run(n, messages=long_talk()) for n in range(2)]
    assert Made(talks, tmp_path / "all", template).done.reasoning == "keep"


def test_a_wrong_attempt_with_thinking_does_not_make_it_mixed(tmp_path: Path, template: Template) -> None:
    assert Made([run(0), run(1, messages=long_talk(), score=0.0)], tmp_path / "data", template).done.kept == 1


def test_qwen3s_own_template_is_replaced_in_what_is_saved(tmp_path: Path, small_model: Path) -> None:
    import trl

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    tokenizer.chat_template = (Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja").read_text()
    made = Made([run(0)], tmp_path / "data", Template.of(tokenizer))
    assert made.done.template.note and (tmp_path / "data" / "chat_template.jinja").read_text() == OWN.read_text()


def test_a_template_is_held_to_what_it_is_trained_on(tmp_path: Path, small_model: Path) -> None:
    """One that forgets thoughts once turns follow: that matters to attempts that have some, and to no others."""
    import trl

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    source = (Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja").read_text()
    file = tmp_path / "bare.jinja"
    file.write_text(
        source.replace("loop.last or (not loop.last and reasoning_content)", "reasoning_content and loop.last")
    )
    loaded = Template.load(tokenizer, file)
    assert Made([run(0)], tmp_path / "data", loaded).done.template.source == file.read_text()
    with pytest.raises(DiveError, match="otherwise once turns follow it"):
        Made([run(1, messages=long_talk())], tmp_path / "thinking", loaded)


def test_thinking_that_a_template_leaves_out_is_an_error(tmp_path: Path, small_model: Path) -> None:
    import trl

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    file = Path(trl.__file__).parent / "chat_templates" / "qwen2_5.jinja"
    plain = Template.of(tokenizer, file)
    with pytest.raises(DiveError, match="leaves out thinking"):
        Made([run(0), run(1, messages=long_talk())], tmp_path / "data", plain, reasoning="keep")
    many = [run(n) for n in range(70)]
    with pytest.raises(DiveError, match="leaves out thinking"):
        Made([*many, run(70, messages=long_talk())], tmp_path / "data", plain, reasoning="last")
    assert Made([run(1, messages=long_talk())], tmp_path / "drop", plain, reasoning="drop").done.kept == 1
    tokenizer.chat_template = file.read_text()  # as the model's own, and so to be replaced
    made = Made([run(1, messages=long_talk())], tmp_path / "own", Template.of(tokenizer))
    assert made.done.template.note and made.done.template.source == OWN.read_text()


def test_nothing_left_is_an_error_that_counts(tmp_path: Path, template: Template) -> None:
    with pytest.raises(DiveError) as caught:
        Made([run(0, score=0), run(1, score=0), run(2)], tmp_path / "data", template, max_length=20)
    assert caught.value.message == "none of 3 attempts is left to learn from: 2 no_good_run, 1 too_long"
    with pytest.raises(DiveError, match="none of 0 attempts is left"):
        Made([], tmp_path / "data", template)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({**run(1), "tools": None}, 'runs.jsonl:2: lacks "tools"'),
        ({"id": "x"}, 'runs.jsonl:2: lacks "run"'),
        ({**run(1), "run": {"score": 1.0}}, 'runs.jsonl:2: "run" has no messages'),
        ({**run(1), "run": {"score": 1.0, "messages": [{"content": "x"}]}}, 'runs.jsonl:2: "run" has no messages'),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, template: Template, record: Run, said: str) -> None:
    with pytest.raises(BadRecord) as caught:
        Made([run(0), record], tmp_path / "data", template)
    assert caught.value.message.startswith(said)
    if "tools" in said:
        assert caught.value.hint == "dive-eval --schemas adds them"


def test_tools_of_another_pool_are_refused() -> None:
    from dive_tools.pool import builtin

    pool = builtin(["geography"])
    name, there = next(iter(pool.tools.items()))
    good = {**run(0), "setup": {"tools": {name: there.version}}}
    assert selected(good, pool=pool) is None
    with pytest.raises(BadRecord, match=rf"tool {name} is version 99\.0 in the setup"):
        selected({**good, "setup": {"tools": {name: "99.0"}}}, pool=pool)
    with pytest.raises(BadRecord, match=r"tool city_\w+ of the setup is not in the pool"):
        selected(run(0), pool=pool)


def test_packs_are_full_and_hold_every_attempt_once(tmp_path: Path, template: Template) -> None:
    runs = [run(n, messages=long_talk(thinking=False) if n % 3 == 0 else None) for n in range(20)]
    plain = Made(runs, tmp_path / "plain", template)
    size = 2 * max(plain.rows["length"])
    packed = Made(runs, tmp_path / "packed", template, packing=True, max_length=size)
    assert packed.rows.column_names == ["input_ids", "labels", "seq_lengths"]
    assert packed.done.rows == len(packed.rows) < len(plain.rows) == packed.done.sequences
    split = []
    for row in packed.rows:
        assert len(row["input_ids"]) == sum(row["seq_lengths"]) <= size
        at = 0
        for length in row["seq_lengths"]:
            split.append((tuple(row["input_ids"][at : at + length]), tuple(row["labels"][at : at + length])))
            at += length
    assert Counter(split) == Counter((tuple(row["input_ids"]), tuple(row["labels"])) for row in plain.rows)
    fewest = -(-sum(plain.rows["length"]) // size)
    assert len(packed.rows) <= fewest + 1


def test_the_digest_is_of_the_lines(tmp_path: Path, template: Template) -> None:
    runs = [run(n) for n in range(3)]
    one, same, other = (
        Made(each, tmp_path / str(n), template).done.digest for n, each in enumerate([runs, runs, runs[::-1]])
    )
    assert one == same != other


def test_what_stood_there_is_replaced_whole(tmp_path: Path, template: Template) -> None:
    Made([run(0), run(1)], tmp_path / "data", template)
    assert len(Made([run(2)], tmp_path / "data", template).rows) == 1
    assert all(each["function"]["name"] for each in TOOLS)
