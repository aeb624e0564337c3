"""Exports are read back by the libraries that they are for, and hold what the lines held."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from export_lines import attempt, exported, lines, made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dive_tools.grade import grade
from dive_tools.train import exports
from dive_tools.train.exports import chat, openai, rows, verl_score

NASTY: list[dict[str, Any]] = [
    {},
    {"place": 'Zürich 😀 \u2028 "q" \\n', "n": 1},
    {"n": "1"},
    {"n": [1, "two", None, {"k": {}}, []]},
    {"n": {"a": {"b": [True, False]}}},
    {"n": 9007199254740993, "m": -(2**63), "u": 2**64 - 1},
    {"z": 1.5, "a": 3.0, "n": None},
    {"b": "2026-01-01", "a": "12", "": "empty"},
]
FINE = [
    {"rate": 0.03623188406},
    {"n": 1.23456789e-12},
    {"x": -0.0},
    {"q": 4.56123456789},
]


@pytest.fixture(scope="module")
def tasks() -> list[Any]:
    return made()[0]


@pytest.fixture(scope="module")
def attempts() -> list[Any]:
    return made()[1]


def changed(record: dict[str, Any], **run: Any) -> dict[str, Any]:
    """The attempt with another run."""
    return {**record, "run": {**record["run"], **run}}


def load(path: Path) -> Any:
    """The data set, as a user loads it."""
    from datasets import load_dataset

    return load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(path.parent / "cache"))


def arguments(messages: Iterable[dict[str, Any]]) -> list[Any]:
    made = [each.get("tool_calls") for each in messages]
    return [call["function"]["arguments"] for calls in made if calls is not None for call in calls]


def exact(one: Any, other: Any) -> bool:
    """Equal in type, in spelling and in the order of keys."""
    return json.dumps(one) == json.dumps(other)


def nulls(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(nulls, parts))


# --- openai -----------------------------------------------------------------------------------------------------------

TEXT = {"type": "string"}
CALL = {
    "type": "object",
    "required": ["id", "type", "function"],
    "additionalProperties": False,
    "properties": {
        "id": TEXT,
        "type": {"const": "function"},
        "function": {
            "type": "object",
            "required": ["name", "arguments"],
            "additionalProperties": False,
            "properties": {"name": TEXT, "arguments": TEXT},
        },
    },
}


def said(role: str, required: list[str], **properties: Any) -> dict[str, Any]:
    there = {"role": {"const": role}, **properties}
    return {"type": "object", "required": ["role", *required], "additionalProperties": False, "properties": there}


# the line of a training file, as OpenAI's API reference has it
LINE: dict[str, Any] = {
    "type": "object",
    "required": ["messages"],
    "additionalProperties": False,
    "properties": {
        "messages": {
            "type": "array",
            "items": {
                "oneOf": [
                    said("system", ["content"], content=TEXT),
                    said("user", ["content"], content=TEXT),
                    said("tool", ["content", "tool_call_id"], content=TEXT, tool_call_id=TEXT),
                    said("assistant", ["content"], content={"type": "string", "minLength": 1}),
                    said("assistant", ["tool_calls"], content=TEXT, tool_calls={"type": "array", "items": CALL}),
                ]
            },
        },
        "tools": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "function"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "function"},
                    "function": {
                        "type": "object",
                        "required": ["name"],
                        "additionalProperties": False,
                        "properties": {"name": TEXT, "description": TEXT, "parameters": {"type": "object"}},
                    },
                },
            },
        },
    },
}


def test_openai_lines_are_of_its_form_and_lose_nothing(attempts: list[Any], tmp_path: Path) -> None:
    import jsonschema_rs

    records = [*attempts, *(attempt(place, [each]) for place, each in enumerate(NASTY))]
    counts = exported("openai", records, tmp_path / "o.jsonl")
    made = lines(tmp_path / "o.jsonl")
    assert counts["kept"] == len(made) == len(records)
    check = jsonschema_rs.validator_for(LINE)
    for line, record in zip(made, records, strict=True):
        assert [fault.message for fault in check.iter_errors(line)] == []
        assert exact([json.loads(each) for each in arguments(line["messages"])], arguments(record["run"]["messages"]))
        assert exact(line["tools"], record["tools"])
        for one, other in zip(line["messages"], record["run"]["messages"], strict=True):
            assert one["role"] == other["role"] and one.get("content", "") == other["content"]


def test_thinking_is_left_out_of_openai_lines_unless_it_is_asked_for() -> None:
    record = attempt(0, [{}], reasoning="Let me see.")
    assert "Let me see." not in json.dumps(openai.line(record))
    assert [each.get("reasoning_content") for each in openai.line(record, reasoning=True)["messages"]][
        2
    ] == "Let me see."


# --- TRL --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["object", "text"])
def test_trl_sft_rows_come_back_as_they_were(form: str, attempts: list[Any], tmp_path: Path) -> None:
    records = [*attempts, *(attempt(place, [each, NASTY[0]]) for place, each in enumerate(NASTY))]
    counts = exported("trl-sft", records, tmp_path / "t.parquet", arguments=form)
    found = {row["id"]: row for row in load(tmp_path / "t.parquet").map(lambda row: {"seen": len(row["messages"])})}
    assert len(found) == counts["kept"] == len(records) - counts.get("number_changed", 0)
    for record in (each for each in records if each["id"] in found):
        row = found[record["id"]]
        wanted = chat.messages(record["run"], arguments=form)
        assert exact(row["messages"], wanted), "nothing added, lost, made null or put in another order"
        assert exact(json.loads(row["tools"]), record["tools"])
        read = [json.loads(each) if form == "text" else each for each in arguments(row["messages"])]
        assert exact(read, arguments(record["run"]["messages"]))


def test_a_number_that_datasets_would_change_is_left_out_with_a_reason_and_kept_as_text(tmp_path: Path) -> None:
    records = [attempt(place, [each]) for place, each in enumerate([{"n": 0.5}, *FINE])]
    rejected: list[Any] = []
    counts = exported("trl-sft", records, tmp_path / "o.parquet", reject=rejected.append)
    assert counts["number_changed"] == len(FINE) == len(rejected) and counts["kept"] == 1
    assert rejected[0]["drop"]["reason"] == "number_changed" and rejected[0]["run"] == records[1]["run"]
    assert exported("trl-sft", records, tmp_path / "t.parquet", arguments="text")["kept"] == len(records)
    read = [json.loads(arguments(row["messages"])[0]) for row in load(tmp_path / "t.parquet")]
    assert exact(read, [{"n": 0.5}, *FINE])


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
GIVEN = st.lists(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=6), VALUE, max_size=4), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GIVEN)
def test_whatever_the_arguments_are_rows_hold_them(
    tmp_path_factory: pytest.TempPathFactory, given: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    records = {f"hand-{place}.plan.0": attempt(place, [each]) for place, each in enumerate(given)}
    fit = {name for name, record in records.items() if rows.survives(record["run"]["messages"])}
    for form, wanted in (("text", set(records)), ("object", fit)):
        if not wanted:
            continue
        exported("trl-sft", records.values(), path := folder / f"{form}.parquet", arguments=form)
        read = {row["id"]: arguments(row["messages"])[0] for row in load(path)}
        assert set(read) == wanted
        for name, value in read.items():
            (given_one,) = arguments(records[name]["run"]["messages"])
            assert exact(json.loads(value) if form == "text" else value, given_one)


@pytest.mark.parametrize("form", ["object", "text"])
def test_the_trainer_of_trl_learns_the_very_text_of_the_attempts(
    form: str, attempts: list[Any], small_model: Path, tmp_path: Path
) -> None:
    """SFTTrainer's own preparation, row by row, against the template over the lines themselves."""
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    records = [*attempts[:4], *(attempt(place, [each, {}]) for place, each in enumerate(NASTY))]
    exported("trl-sft", records, tmp_path / "t.parquet", arguments=form)
    config = SFTConfig(str(tmp_path / "out"), max_length=None, report_to=[], use_cpu=True, bf16=False)
    trainer = SFTTrainer(str(small_model), args=config, train_dataset=load(tmp_path / "t.parquet"))
    tokenizer = AutoTokenizer.from_pretrained(small_model)
    assert len(trainer.train_dataset) == len(records)
    for row, record in zip(trainer.train_dataset, records, strict=True):
        wanted = tokenizer.apply_chat_template(
            chat.messages(record["run"]), tools=record["tools"], tokenize=False, chat_template=trainer.chat_template
        )
        assert tokenizer.decode(row["input_ids"]) == wanted


def test_the_prompts_of_trl_grpo_lead_to_their_tasks(tasks: list[Any], small_model: Path, tmp_path: Path) -> None:
    """A step of GRPOTrainer: its rollout function gets prompts alone, its reward function the columns."""
    from trl import GRPOConfig, GRPOTrainer

    exported("trl-grpo", tasks, tmp_path / "g.parquet")
    data = load(tmp_path / "g.parquet")
    for row, task in zip(data, tasks, strict=True):
        assert row["task_id"] == task["id"] and not nulls(row)
        assert [tool["function"]["name"] for tool in json.loads(row["tools"])] == list(task["setup"]["tools"])
        reference = json.loads(row["reference"])
        assert exact(reference["answer"], task["task"]["answer"]) and reference["question"] == row["question"]
        assert row["prompt"][1]["content"] == task["task"]["question"]
    met: list[tuple[str, str]] = []

    def roll(prompts: list[Any], trainer: Any) -> dict[str, Any]:
        met.extend((prompt[0]["task_id"], prompt[1]["content"]) for prompt in prompts)
        return {
            "prompt_ids": [[1, 2]] * len(prompts),
            "completion_ids": [[3, 4]] * len(prompts),
            "logprobs": [[-1.0, -1.0]] * len(prompts),
        }

    def worth(completions: list[Any], task_id: list[str], reference: list[str], **_: Any) -> list[float]:
        assert all(json.loads(text)["answer"] for text in reference)
        return [float(place % 2) for place, _ in enumerate(task_id)]

    small: dict[str, Any] = {"per_device_train_batch_size": 4, "num_generations": 2, "max_steps": 1}
    config = GRPOConfig(str(tmp_path / "out"), report_to=[], use_cpu=True, bf16=False, save_strategy="no", **small)
    GRPOTrainer(str(small_model), worth, args=config, train_dataset=data, rollout_func=roll).train()
    questions = {task["id"]: task["task"]["question"] for task in tasks}
    assert len(met) == 4 and all(questions[name] == question for name, question in met)


# --- verl -------------------------------------------------------------------------------------------------------------


def test_verl_rows_of_tasks_are_what_its_reader_wants(tasks: list[Any], tmp_path: Path) -> None:
    exported("verl", tasks, tmp_path / "v.parquet")
    for place, (row, task) in enumerate(zip(load(tmp_path / "v.parquet"), tasks, strict=True)):
        assert set(row) == {"data_source", "prompt", "ability", "reward_model", "extra_info"} and not nulls(row)
        assert [each["role"] for each in row["prompt"]] == ["system", "user"]
        assert row["extra_info"]["index"] == place and row["extra_info"]["task_id"] == task["id"]
        assert row["extra_info"]["tool_selection"] == list(task["setup"]["tools"])
        assert row["reward_model"]["style"] == "rule"


def test_verl_scores_a_rollout_as_dive_eval_scores_its_attempt(
    attempts: list[Any], tasks: list[Any], tmp_path: Path
) -> None:
    exported("verl", tasks, tmp_path / "v.parquet")
    truths = {row["extra_info"]["task_id"]: row["reward_model"]["ground_truth"] for row in load(tmp_path / "v.parquet")}
    for record in attempts:
        truth, reply = truths[record["id"].split(".")[0]], record["run"]["messages"][-1]["content"]
        head = (
            '<tool_call>\n{"name": "f"}\n</tool_call>\nuser\n<tool_response>\nAnswer: no\n</tool_response>\nassistant\n'
        )
        for said, right in (
            (reply, 1.0),
            (head + "<think>\nAnswer: x\n</think>\n\n" + reply, 1.0),
            (head[:-10], 0.0),
            ("Answer: zzz", 0.0),
        ):
            assert verl_score.compute_score("dive-tools", said, truth)["score"] == right
        assert verl_score.compute_score("", reply, truth)["outcome"] == grade(record["task"], reply).outcome


def test_verl_rows_of_attempts_hold_arguments_and_tools_as_text(attempts: list[Any], tmp_path: Path) -> None:
    """As pandas reads them, which is how verl does: what Arrow filled with null is left out by our reader."""
    import pandas

    records = [*attempts, *(attempt(place, [each]) for place, each in enumerate([*NASTY, *FINE]))]
    exported("verl", records, tmp_path / "v.parquet")
    frame = pandas.read_parquet(tmp_path / "v.parquet", dtype_backend="pyarrow")
    for (_, row), record in zip(frame.iterrows(), records, strict=True):
        read = [json.loads(each) for each in arguments(row["messages"])]
        assert exact(read, arguments(record["run"]["messages"]))
        assert exact(json.loads(row["tools"]), record["tools"])


def test_verl_itself_reads_them(small_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("verl", reason="verl wants transformers below 5.11: an environment of its own")
    from omegaconf import OmegaConf
    from transformers import AutoTokenizer
    from verl.utils.dataset.rl_dataset import RLHFDataset

    from dive_tools.train.exports.verl_sft import Attempts

    tokenizer = AutoTokenizer.from_pretrained(small_model)
    records = [attempt(place, [each, {}], reasoning="Hm." * (place % 2)) for place, each in enumerate([*NASTY, *FINE])]
    exported("verl", records, tmp_path / "s.parquet")
    plain = OmegaConf.create({"max_length": 10**6, "pad_mode": "no_padding"})
    read = Attempts(str(tmp_path / "s.parquet"), tokenizer, plain)
    for place, record in enumerate(records):
        row = read[place]  # verl holds what it rendered turn by turn against the whole conversation
        wanted = tokenizer.apply_chat_template(chat.messages(record["run"]), tools=record["tools"], tokenize=False)
        assert tokenizer.decode(row["input_ids"]) == wanted
        learnt = tokenizer.decode(row["input_ids"][row["loss_mask"].bool()])
        assert learnt.count("<tool_call>") == 2 and "<tool_response>" not in learnt and "12.5" in learnt
    bare = [{key: each[key] for key in ("id", "setup", "task")} for each in records]
    exported("verl", bare, tmp_path / "r.parquet")
    short = OmegaConf.create({"max_prompt_length": 10**5, "cache_dir": str(tmp_path)})
    prompts = RLHFDataset(str(tmp_path / "r.parquet"), tokenizer, short)
    assert [prompts[place]["index"] for place in range(len(prompts))] == list(range(len(bare)))
    assert prompts[0]["raw_prompt"][1]["content"] == bare[0]["task"]["question"]


# --- what every format shares -----------------------------------------------------------------------------------------


def test_attempts_are_left_out_with_reasons(attempts: list[Any], tmp_path: Path) -> None:
    wrong = changed(attempts[0], score=0.0, outcome="wrong")
    broken = changed(attempts[1], score=None, outcome="unscored", error="crashed")
    cut = changed(attempts[2], score=0.0, messages=attempts[2]["run"]["messages"][:3])
    torn = attempt(7, ["{not JSON"])
    records = [*attempts[3:5], wrong, broken, cut, torn]
    assert exported("openai", records, tmp_path / "a") == {
        "in": 6,
        "kept": 2,
        "dropped": 4,
        "no_good_run": 3,
        "malformed": 1,
    }
    counts = exported("openai", records, tmp_path / "b", any_score=True)
    assert counts == {"in": 6, "kept": 4, "dropped": 2, "unfinished": 1, "malformed": 1}


def test_the_table_of_formats_is_what_there_is() -> None:
    from dive_tools.cli.train_export import FORMATS

    assert tuple(exports.FORMATS) == FORMATS
