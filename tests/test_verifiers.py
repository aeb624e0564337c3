"""The package for verifiers, and what verifiers makes of it where it is installed: the same rewards."""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from model_server import serve
from wines import Turn, attempted, pool_in, tape_in, tasks, turn_of

from dive_tools.env import Environment
from dive_tools.errors import UsageFault
from dive_tools.pool import Pool
from dive_tools.train.exports import Context, Options, export


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return pool_in(tmp_path_factory.mktemp("pool"))


def made(pool: Pool, tmp_path: Path, **options: Any) -> Path:
    context = Context(pool=pool, cassettes=(tape_in(tmp_path, pool),), options=Options(**options))
    export("verifiers", tasks(pool), tmp_path / "package", context)
    return tmp_path / "package"


def test_the_package_holds_an_environment(pool: Pool, tmp_path: Path) -> None:
    package = made(pool, tmp_path, name="wine-tasks", alpha=0.5)
    assert sorted(path.name for path in package.iterdir()) == ["README.md", "pyproject.toml", "wine_tasks"]
    project = tomllib.loads((package / "pyproject.toml").read_text())
    assert project["project"]["name"] == "wine-tasks"
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["wine_tasks"]
    compile((package / "wine_tasks" / "__init__.py").read_text(), "wine_tasks", "exec")
    found = attempted(Environment.load(package / "wine_tasks" / "environment"))
    assert [reward.total for reward in found] == [1.5, 1.5, 0.0, 1.0, 0.5, 1.0, 1.5, 1.0, 1.5]


def test_a_name_that_no_package_has_is_refused(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="is no name of a package"):
        made(pool, tmp_path, name="../x")


def policy(body: dict[str, Any]) -> Turn:
    """The next turn of the attempt at the task that is asked about."""
    asked = next(message["content"] for message in body["messages"] if message["role"] == "user")
    turn = turn_of(asked, sum(message["role"] == "tool" for message in body["messages"]))
    called = [call["function"] for call in turn.get("tool_calls", ())]
    return {"content": turn["content"], **({"tool_calls": called} if called else {})}


def traces_of(vf: Any, base: str) -> dict[str, Any]:
    """The trace of each task, as verifiers plays them against a server."""

    async def played() -> dict[str, Any]:
        config = {"taskset": {"id": "dive-environment"}, "agent": {"runtime": {"type": "subprocess"}}}
        env = vf.load_environment(vf.resolve_env_config(config))
        async with env.serving():
            ctx = vf.ModelContext(model="test", client=vf.EvalClientConfig(base_url=base))
            episodes = await asyncio.gather(*(env.run_episode(each, ctx) for each in env.taskset))
        return {episode.task.key: episode.traces[0] for episode in episodes}

    return asyncio.run(played())


def test_verifiers_gives_our_rewards(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vf = pytest.importorskip("verifiers.v1", reason="verifiers 0.4 is not installed")
    package = made(pool, tmp_path)
    monkeypatch.syspath_prepend(package)
    monkeypatch.setenv("PRIME_API_KEY", "none")  # its client wants one
    with serve(policy) as server:
        traces = traces_of(vf, server.base)
    sys.modules.pop("dive_environment")
    wanted = attempted(Environment.load(package / "dive_environment" / "environment"))
    assert list(traces) == [f"t{n}" for n in range(len(wanted))]
    for trace, ours in zip(traces.values(), wanted, strict=True):
        if ours.masked:
            assert not trace.ok and ours.masked in trace.errors[0].message
        else:
            assert trace.ok and trace.reward == trace.rewards["total"].score == ours.total, trace.errors
            assert (trace.metrics["format"], trace.metrics["correct"]) == (ours.format, ours.correct)
            tools = [tool.name for tool in trace.branches[0].tools]
            assert tools == ["wine_record", "shout"]
    assert json.loads(server.last[1])["model"] == "test"
