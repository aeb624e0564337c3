"""A world of a few stones whose weights are told by a tool that must be recorded, and a tiny policy that half knows it.

The policy calls `weigh` as it should, and then says the right weight or a wrong one, each about half the time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypedDict

import orjson
from tiny import as_tool, pool_of

from dive_tools.agent import Budget
from dive_tools.cassette import Cassette
from dive_tools.env import Environment
from dive_tools.evaluate import opening
from dive_tools.pool import Pool
from dive_tools.records import Record
from dive_tools.tools.base import Tool
from dive_tools.tools.door import Door
from dive_tools.train.folder import Folder
from dive_tools.train.rl import fit
from dive_tools.train.tasks import prepare
from dive_tools.train.template import OWN, Template, told

STONES = {"flint": 7, "slate": 4, "chalk": 6}  # in grams
WRONG = 9


class Weight(TypedDict):
    grams: int


def weigh(stone: str) -> Weight:
    """Weigh a stone."""
    return {"grams": STONES[stone]}


def weighing() -> Tool:
    """The tool, which is not pure: its calls are recorded."""
    return as_tool(weigh, "retrieval", effects="read")


def task(stone: str) -> Record:
    """Which weight a stone has; the task's id is the stone."""
    answer = {"type": "integer", "value": STONES[stone]}
    question = f"What does the {stone} weigh, in grams?"
    asked = {"round": 1, "question": question, "answer": answer, "support": {}, "by": "hand"}
    setup = {"domain": "stones", "seed": {"value": stone, "type": "stone"}, "exemplars": [], "tools": {"weigh": "1"}}
    return {"id": stone, "setup": setup, "task": asked}


def world(tasks: Iterable[Record], tape: Path, *, recorded: Iterable[str] = STONES, **more: Any) -> Environment:
    """Tasks over a cassette that holds the calls for some stones; nothing is called live."""
    pool: Pool = pool_of(weighing())
    version = pool.tools["weigh"].version
    tape.parent.mkdir(parents=True, exist_ok=True)
    with Cassette(tape) as cassette:
        for stone in recorded:
            cassette.put("weigh", version, {"stone": stone}, {"result": {"grams": STONES[stone]}})
    door = Door(pool.tools, cassette=Cassette(None, [tape]), on_miss="drop")
    return Environment(tasks, pool, door, **{"budget": Budget(calls=2, turns=3), **more})


def talk(record: Record, said: int) -> list[dict[str, Any]]:
    """An attempt that weighs the stone and says a weight."""
    stone = record["id"]
    call = {"id": "c", "type": "function", "function": {"name": "weigh", "arguments": {"stone": stone}}}
    weight = orjson.dumps({"result": {"grams": STONES[stone]}}).decode()
    return [
        *opening(record["task"]),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": weight},
        {"role": "assistant", "content": f"Answer: {said}"},
    ]


def texts(attempts: Iterable[list[dict[str, Any]]]) -> list[str]:
    """What a tokenizer is learnt from that has few tokens for these attempts."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    plain = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    shown = {"tools": [weighing().schema()], "tokenize": False, "chat_template": OWN.read_text()}
    return [plain.apply_chat_template([told(message) for message in talk], **shown) for talk in attempts]


def taught(folder: Path, stones: Iterable[str] = ("flint", "slate")) -> Path:
    """A policy that is right about these stones half the time, in a new folder."""
    from dive_tools.train.tiny import make, shaped

    attempts = [talk(task(stone), said) for stone in stones for said in (STONES[stone], WRONG)]
    make(folder, shaped("tiny", layers=2, width=64, vocabulary=2048), texts(attempts))
    return teach(folder, attempts, 120)


def teach(folder: Path, attempts: Iterable[list[dict[str, Any]]], steps: int, lr: float = 1e-2) -> Path:
    """Teach the model in `folder` these attempts by heart, as often as they are there; returns the folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    template, tools = Template.of(tokenizer), [weighing().schema()]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    rows, labels = [], []
    for messages in attempts:
        pieces = [*template.segments(messages, tools)]
        ids = [token for text, _ in pieces for token in template.ids([text])[0]]
        learnt = [own for text, own in pieces for _ in template.ids([text])[0]]
        rows.append(ids)
        labels.append([token if own else -100 for token, own in zip(ids, learnt, strict=True)])
    width = max(map(len, rows))
    batch = torch.tensor([row + [template.stop] * (width - len(row)) for row in rows])
    wanted = torch.tensor([row + [-100] * (width - len(row)) for row in labels])
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1.0, (step + 1) / 5) * (1 - step / steps)
        loss = model(input_ids=batch, labels=wanted).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


SETTINGS: dict[str, Any] = {
    "steps": 3, "lr": 1e-3, "warmup": 0.0, "schedule": "constant", "batch": 8, "micro_batch": 8, "lora": None,
    "dtype": "float32", "gradient_checkpointing": False, "save_every": 1, "log_every": 1, "extra": {}, "seed": 0,
    "template": None, "alpha": 0.1, "luck": "count", "group": 4, "beta": 0.0, "temperature": 1.0, "top_p": 1.0,
    "max_tokens": 40, "max_length": 1000, "calls": 2, "turns": 3, "miss_limit": 1.0, "generate": "transformers",
    "vllm_server": None,
}  # fmt: skip


def begin(path: Path, model: Path, env: Environment, *, resume: bool = False, **settings: Any) -> Folder:
    """The folder of a training on the tasks of an environment, prepared."""
    from transformers import AutoTokenizer

    run = {"quiet": True, **({"rollouts": settings.pop("rollouts")} if "rollouts" in settings else {})}
    folder = Folder.begin(path, "rl", {**SETTINGS, **settings}, str(model), resume)
    if folder.fresh:
        template = Template.of(AutoTokenizer.from_pretrained(model))
        lines = [(f"tasks:{n}", orjson.dumps(record)) for n, record in enumerate(env.records.values())]
        folder.prepared(prepare(lines, folder.data, template, env, folder.settings["max_length"]).about(), run)
    return folder


def trained(folder: Folder, env: Environment) -> list[dict[str, Any]]:
    """The metrics of a training, run to its end."""
    out = os.open(os.devnull, os.O_WRONLY)
    try:
        fit(folder, env, out)
    finally:
        os.close(out)
    return [orjson.loads(line) for line in folder.metrics.read_bytes().splitlines()]


Begin = Callable[..., Folder]
