"""TRL's GRPOTrainer plays the same tasks to the same rewards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from wines import Turn, attempted, pool_in, says, tape_in, tasks, turn_of

from dive_tools.env import Environment
from dive_tools.errors import DiveError
from dive_tools.pool import Pool, builtin
from dive_tools.tools.door import Door
from dive_tools.train.exports import Context, export

STOP = 7  # a token that ends a reply


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return pool_in(tmp_path_factory.mktemp("pool"))


@pytest.fixture
def folder(pool: Pool, tmp_path: Path) -> Path:
    """An exported environment with a task for each of the attempts."""
    export("env", tasks(pool), tmp_path / "env", Context(pool=pool, cassettes=(tape_in(tmp_path, pool),)))
    return tmp_path / "env"


def spoken(turn: Turn) -> str:
    """A turn as a model of Qwen3's form writes it."""
    asked = [call["function"] for call in turn.get("tool_calls", ())]
    blocks = [f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in asked]
    return "\n".join([*([turn["content"]] if turn["content"] else []), *blocks]) + "<|im_end|>"


def grpo(folder: Path, model: Path, out: Path) -> tuple[Any, dict[str, list[float | None]]]:
    """A GRPOTrainer over an environment, whose model says what the attempts say; and the rewards that it is given."""
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    from dive_tools.train.adapters.trl import readable, rows, scored, toolsets

    env = Environment.load(folder)
    tokenizer = readable(AutoTokenizer.from_pretrained(model))
    worth = scored(tokenizer.eos_token_id)
    given: dict[str, list[float | None]] = {}

    class Told(GRPOTrainer):
        def _generate_single_turn(self, prompt_ids: Any, *_: Any, **__: Any) -> Any:
            texts = self._tokenizer.batch_decode(prompt_ids)
            said = [
                spoken(turn_of(text.rpartition("<|im_start|>system")[2], text.count("<tool_response>")))
                for text in texts
            ]
            return self._tokenizer(said, add_special_tokens=False)["input_ids"], None

    def rewards(task_id: list[str], **more: Any) -> list[float | None]:
        found = worth(**more)
        for name, reward in zip(task_id, found, strict=True):
            given.setdefault(name, []).append(reward)
        return found

    settings = GRPOConfig(
        output_dir=str(out),
        num_generations=2,
        per_device_train_batch_size=6,
        max_steps=3,
        shuffle_dataset=False,
        max_completion_length=2000,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        logging_steps=1,
    )
    trainer = Told(
        str(model),
        rewards,
        settings,
        train_dataset=Dataset.from_list(rows(env)),
        processing_class=tokenizer,
        environment_factory=toolsets(env),
    )
    trainer.train()
    return trainer, given


def test_grpo_trainer_gives_our_rewards(folder: Path, small_model: Path, tmp_path: Path) -> None:
    trainer, given = grpo(folder, small_model, tmp_path / "out")
    ours = [None if reward.masked else reward.total for reward in attempted(Environment.load(folder))]
    assert {name: set(found) for name, found in given.items()} == {f"t{n}": {found} for n, found in enumerate(ours)}
    logged = {
        key: [row[key] for row in trainer.state.log_history if key in row] for key in ("masked", "tools/call_frequency")
    }
    assert sum(logged["masked"]) == pytest.approx(1 / 3) and max(logged["tools/call_frequency"]) >= 1


def test_trl_is_told_of_the_tools(folder: Path, small_model: Path) -> None:
    from transformers import AutoTokenizer

    from dive_tools.train.adapters.trl import toolsets

    (made,) = toolsets(Environment.load(folder)).values()
    tokenizer = AutoTokenizer.from_pretrained(small_model)
    attempt = made()
    methods = [attempt.wine_record, attempt.shout]  # type: ignore[attr-defined]
    text = tokenizer.apply_chat_template([{"role": "user", "content": "?"}], tools=methods, tokenize=False)
    lines = [json.loads(line) for line in text.splitlines() if line.startswith('{"type"')]
    assert [line["function"]["name"] for line in lines] == ["wine_record", "shout"]
    assert lines[0]["function"]["parameters"]["properties"]["wine"]["type"] == "string"
    assert lines[0]["function"]["description"].startswith("Look up where a wine comes from")


def test_every_tool_of_the_pool_can_be_a_method() -> None:
    from transformers.utils import get_json_schema

    from dive_tools.train.adapters.trl import Attempt, _class

    found = builtin(["general", "geography"])
    made = _class("all", Environment([], found, Door(found.tools)), found.tools)()
    assert isinstance(made, Attempt)
    for name, tool in found.tools.items():
        told = get_json_schema(getattr(made, name))["function"]
        assert (told["name"], told["description"]) == (name, tool.description)
        assert list(told["parameters"]["properties"]) == list(tool.parameters["properties"])
        assert told["parameters"].get("required", []) == tool.parameters["required"]
        enums = {key: part["enum"] for key, part in tool.parameters["properties"].items() if "enum" in part}
        assert {key: told["parameters"]["properties"][key]["enum"] for key in enums} == enums


def test_what_stops_all_is_not_told_to_the_model(folder: Path) -> None:
    from dive_tools.train.adapters.trl import scored, toolsets

    env = Environment.load(folder)
    env.door.on_miss = "error"
    (made,) = toolsets(env).values()
    attempt = made()
    attempt.reset(task_id="t0")
    with pytest.raises(DiveError, match="no recorded call"):
        attempt.wine_record(wine="Madeira")  # type: ignore[attr-defined]
    with pytest.raises(DiveError, match="no recorded call"):
        scored(STOP)([[says("Answer: ITALY")]], [[STOP]], [attempt])


def test_a_reply_that_is_cut_off_is_no_answer(folder: Path) -> None:
    """What is left of it may look like one: `Answer: 1` of `Answer: 12`."""
    from dive_tools.train.adapters.trl import scored, toolsets

    (made,) = toolsets(Environment.load(folder)).values()
    attempts = [made() for _ in range(4)]
    for attempt in attempts:
        attempt.reset(task_id="t0")
        attempt.wine_record(wine="Barolo")  # type: ignore[attr-defined]
    found = [[says("Answer: ITALY")]] * 4
    assert scored({STOP, 8})(found, [[3, STOP], [3, 8], [STOP, 3], []], attempts) == [1.1, 1.1, 0.0, 0.0]
