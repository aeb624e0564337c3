"""Setups: drawn by (seed number, index) alone, from what may be drawn from, within their limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shell import bash
from village import real

from dive_tools import samples
from dive_tools.errors import DiveError, UsageFault
from dive_tools.records import Record, canonical, setup_id
from dive_tools.sample import EVERYDAY, FEW, GROWN, Plan, grow, held_out, in_test, reachable, sample, schema_tokens
from dive_tools.tools.base import Tool
from dive_tools.values import TYPES


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[dict[str, Any]]]:
    return samples.seeds()


@pytest.fixture
def plan(seeds: dict[str, list[dict[str, Any]]]) -> Any:
    """Makes a plan over the built-in pool and the committed samples."""
    given = {"pool": real()[0], "seeds": seeds, "exemplars": samples.exemplars()}
    return lambda **options: Plan(**{**given, **options})


def lines(records: Any) -> list[bytes]:
    return [canonical(record) for record in records]


def tools_of(record: Record) -> list[Tool]:
    return [real()[0].tools[name] for name in record["setup"]["tools"]]


def test_the_same_seed_gives_the_same_setups(plan: Any) -> None:
    assert lines(sample(plan(), 40)) == lines(sample(plan(), 40))
    assert not set(lines(sample(plan(), 40))) & set(lines(sample(plan(seed_number=1), 40)))


def test_a_longer_draw_begins_with_the_shorter(plan: Any) -> None:
    assert lines(sample(plan(), 40))[:15] == lines(sample(plan(), 15))


@pytest.mark.parametrize("parts", [2, 3, 7, 50])
def test_the_shards_together_are_the_whole(parts: int, plan: Any) -> None:
    whole = lines(sample(plan(), 40))
    shards = [lines(sample(plan(), 40, (part, parts))) for part in range(1, parts + 1)]
    assert sorted(line for shard in shards for line in shard) == sorted(whole)
    assert all(shard == whole[part::parts] for part, shard in enumerate(shards))


def test_ids_are_unique_and_digests_of_the_setup(plan: Any) -> None:
    records = [record for number in range(3) for record in sample(plan(seed_number=number), 200)]
    assert len({record["id"] for record in records}) == 600
    assert all(record["id"] == setup_id(record["setup"]) for record in records)


def test_domains_take_turns(plan: Any, seeds: Any) -> None:
    drawn = [record["setup"]["domain"] for record in sample(plan(), 3 * len(seeds))]
    assert drawn == sorted(seeds) * 3


def test_tools_stand_with_their_versions(plan: Any) -> None:
    for record in sample(plan(), 20):
        real()[0].named(record["setup"]["tools"])
        assert list(record["setup"]["tools"]) == sorted(record["setup"]["tools"])


@pytest.mark.parametrize("toolset", ["grown", "random"])
@pytest.mark.parametrize("sizes", [(15, 50), (4, 9), (20, 20)])
def test_sizes(sizes: tuple[int, int], toolset: str, plan: Any) -> None:
    drawn = [len(record["setup"]["tools"]) for record in sample(plan(sizes=sizes, toolset=toolset), 60)]
    assert min(drawn) >= sizes[0] and max(drawn) <= sizes[1] and len(set(drawn)) >= min(5, sizes[1] - sizes[0] + 1)


def test_exemplars_are_three_to_five_and_not_twice(plan: Any) -> None:
    drawn = [[e["id"] for e in record["setup"]["exemplars"]] for record in sample(plan(), 60)]
    assert {len(ids) for ids in drawn} == {3, 4, 5} and all(len(set(ids)) == len(ids) for ids in drawn)


@pytest.mark.parametrize(("mix", "allowed"), [("domain", 1), ("general", 3), ("all", 9)])
def test_the_mix_says_whose_tools(mix: str, allowed: int, plan: Any) -> None:
    for record in sample(plan(mix=mix), 30):
        home = record["setup"]["domain"]
        domains = {tool.domain for tool in tools_of(record)}
        assert len(domains) <= allowed
        assert mix == "all" or domains <= {home, *(EVERYDAY if mix == "general" else ())}


def closure(tools: list[Tool], seed: dict[str, Any]) -> list[Tool]:
    """The tools that the seed's values, and what the reached tools give, can reach."""
    known, parts = {seed["type"]}, set(seed["value"]) if isinstance(seed["value"], dict) else set()
    found: list[Tool] = []
    while more := [tool for tool in tools if tool not in found and reachable(tool, known, parts)]:
        found += more
        known |= {f.type or f"{f.kind}/{f.unit}" for tool in more for f in tool.fields.values() if f.type or f.kind}
    return found


@pytest.mark.parametrize("sizes", [(15, 50), (5, 8)])
def test_a_grown_toolset_is_reachable_and_computes(sizes: tuple[int, int], plan: Any) -> None:
    """Several tools that its seed reaches, or all that it reaches in the pool; and a processing tool."""
    every = list(real()[0].tools.values())
    for record in sample(plan(sizes=sizes, mix="all"), 100):
        tools, seed = tools_of(record), record["setup"]["seed"]
        reached, most = closure(tools, seed), closure(every, seed)
        assert len(reached) >= min(FEW, round(len(tools) * GROWN), len(most)), seed
        assert sizes[0] < 15 or any(tool.role == "processing" for tool in tools), seed


def test_every_committed_seed_grows(seeds: Any) -> None:
    """Every seed reaches a tool, and another one from there or other things to compare it with."""
    import random

    offered = list(real()[0].tools.values())
    for domain, found in seeds.items():
        for seed in found[::10]:
            grown = grow(offered, seed, 5, domain, random.Random(1))
            kind = TYPES.get(seed["type"])
            assert len(grown) >= 2 or (grown and kind is not None and kind.akin is not None), seed


def test_random_is_random_and_grown_is_not(plan: Any) -> None:
    def share(toolset: str) -> float:
        records = list(sample(plan(toolset=toolset, mix="all"), 40))
        reached = [len(closure(tools_of(r), r["setup"]["seed"])) / len(r["setup"]["tools"]) for r in records]
        return sum(reached) / len(reached)

    assert share("random") < share("grown") - 0.2


# --- splits ----------------------------------------------------------------------------------------------------------


def seed_key(record: Record) -> bytes:
    return canonical(record["setup"]["seed"])


def test_seeds_of_the_splits_are_disjoint(plan: Any, seeds: Any) -> None:
    train, test = ({seed_key(r) for r in sample(plan(split=split), 400)} for split in ("train", "test"))
    assert train and test and not train & test


def test_the_split_of_a_seed_hangs_on_its_hash_alone(seeds: Any) -> None:
    every = [seed for found in seeds.values() for seed in found]
    tested = [seed for seed in every if in_test(seed, 0.1)]
    assert 0.06 < len(tested) / len(every) < 0.14
    assert all(in_test(seed, 0.3) for seed in tested)  # a larger share holds the smaller
    assert [in_test(dict(reversed(seed.items())), 0.1) for seed in every] == [in_test(seed, 0.1) for seed in every]
    assert not any(in_test(seed, 0.0) for seed in every) and all(in_test(seed, 1.0) for seed in every)


@pytest.mark.parametrize("rule", ["module:0.3", "module:geography.airports", "source:0.3", "domain:general"])
def test_no_twin_of_a_held_out_tool_is_trained_on(rule: str, plan: Any) -> None:
    family = rule.partition(":")[0]
    options = {"hold_out": (rule,), "mix": "all"}
    trained = {tool for r in sample(plan(split="train", **options), 120) for tool in map(held, tools_of(r))}
    tested = {tool for r in sample(plan(split="test", **options), 120) for tool in map(held, tools_of(r))}
    position = ("module", "source", "domain").index(family)
    assert trained and tested
    assert not {t[position] for t in trained} & {t[position] for t in tested}


def held(tool: Tool) -> tuple[str, str, str]:
    return tool.module, tool.source, tool.domain


def test_holding_out_is_decided_by_the_hash_of_the_family() -> None:
    tools = list(real()[0].tools.values())
    modules = {tool.module for tool in tools}
    out = {tool.module for tool in tools if held_out(tool, ("module:0.3",))}
    assert 0.1 * len(modules) < len(out) < 0.5 * len(modules)
    assert out <= {tool.module for tool in tools if held_out(tool, ("module:0.6",))}
    assert not {tool.module for tool in tools if not held_out(tool, ("module:0.3",))} & out
    assert not any(held_out(tool, ("module:0",)) for tool in tools)
    assert all(held_out(tool, ("module:1",)) for tool in tools)


def test_a_setup_without_a_split_holds_nothing_out(plan: Any) -> None:
    """So to ask for it is a slip."""
    with pytest.raises(UsageFault, match="--hold-out needs --split"):
        next(sample(plan(hold_out=("module:0.3",), mix="all"), 1))


@pytest.mark.parametrize("rule", ["domain:medicine", "domain:0.3"])
@pytest.mark.parametrize("mix", ["domain", "general", "all"])
def test_no_seed_of_a_held_out_domain_is_trained_on(rule: str, mix: str, plan: Any, seeds: Any) -> None:
    out = {tool.domain for tool in real()[0].tools.values() if held_out(tool, (rule,))}
    drawn = {r["setup"]["domain"] for r in sample(plan(split="train", mix=mix, hold_out=(rule,)), 60)}
    assert out and drawn == set(seeds) - out


@pytest.mark.parametrize("rule", ["domain:medicine", "module:geography.airports", "source:0.3"])
@pytest.mark.parametrize("mix", ["domain", "general", "all"])
def test_every_seed_of_a_test_starts_a_held_out_tool(rule: str, mix: str, plan: Any) -> None:
    for record in sample(plan(split="test", mix=mix, hold_out=(rule,), test_share=0.5), 60):
        seed, home = record["setup"]["seed"], record["setup"]["domain"]
        parts = set(seed["value"]) if isinstance(seed["value"], dict) else set()
        near = {home, *EVERYDAY} if mix == "general" else {home}
        offered = [t for t in real()[0].tools.values() if held_out(t, (rule,)) and (mix == "all" or t.domain in near)]
        assert any(reachable(tool, {seed["type"]}, parts) for tool in offered), seed


def test_a_domain_without_a_tool_to_offer_is_passed_over(plan: Any) -> None:
    options = {"split": "test", "mix": "domain", "hold_out": ("domain:medicine",)}
    assert {r["setup"]["domain"] for r in sample(plan(**options), 20)} == {"medicine"}


def test_when_no_domain_is_left_it_is_said_once(plan: Any, seeds: Any) -> None:
    options = {"split": "test", "mix": "domain", "hold_out": ("domain:medicine",)}
    with pytest.raises(DiveError, match="no seeds to draw from") as caught:
        list(sample(plan(seeds={"finance": seeds["finance"]}, **options), 5))
    assert "--hold-out" in (caught.value.hint or "")


@pytest.mark.parametrize("share", ["1.5", "20", "-0.2"])
def test_a_share_that_is_none_is_a_usage_fault(share: str, plan: Any) -> None:
    with pytest.raises(UsageFault, match=f"--hold-out module:{share}"):
        next(sample(plan(split="train", hold_out=(f"module:{share}",)), 1))


@pytest.mark.parametrize("rule", ["colour:0.2", "module", "module:"])
def test_a_rule_that_says_nothing_is_a_usage_fault(rule: str, plan: Any) -> None:
    with pytest.raises(UsageFault, match="--hold-out"):
        next(sample(plan(split="train", hold_out=(rule,)), 1))


def test_a_name_that_no_tool_has_is_a_usage_fault(plan: Any) -> None:
    """A typing error must not quietly train on what was to be held out."""
    with pytest.raises(DiveError):
        next(sample(plan(split="train", hold_out=("module:genral.airports",)), 1))


# --- token budgets ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """A folder with a real tokenizer.json, of the words of the tools' schemas."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize("toolset", ["grown", "random"])
@pytest.mark.parametrize("budget", [1500, 4000])
def test_schemas_fit_in_the_budget(toolset: str, budget: int, tokenizer: Path, plan: Any) -> None:
    cost = schema_tokens(real()[0].tools, str(tokenizer))
    assert cost == schema_tokens(real()[0].tools, str(tokenizer / "tokenizer.json"))
    spent = [
        sum(cost[tool.name] for tool in tools_of(record))
        for record in sample(plan(cost=cost, budget=budget, toolset=toolset), 40)
    ]
    assert budget * 0.5 < max(spent) <= budget


def test_tokens_are_those_of_the_schema_that_a_model_is_shown(tokenizer: Path) -> None:
    import re

    (name, tool), *_ = real()[0].tools.items()
    words = re.findall(r"\w+|[^\w\s]+", canonical(tool.schema()).decode())
    assert schema_tokens({name: tool}, str(tokenizer)) == {name: len(words)}


def test_a_budget_for_not_one_tool_is_a_usage_fault(plan: Any) -> None:
    with pytest.raises(UsageFault, match="not one tool fits in 5 tokens"):
        next(sample(plan(cost=dict.fromkeys(real()[0].tools, 6), budget=5), 1))


def test_a_budget_keeps_a_tool_that_computes(plan: Any) -> None:
    """The smallest of toolsets still has something to compute with."""
    cost = dict.fromkeys(real()[0].tools, 100)
    for record in sample(plan(cost=cost, budget=400), 60):
        assert any(tool.role == "processing" for tool in tools_of(record))


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_draws_the_same_set_in_parts(tmp_path: Path) -> None:
    whole = bash("dive-sample -q -n 20 --seed 4", tmp_path).stdout.splitlines()
    parts = bash(
        "dive-sample -q -n 20 --seed 4 --shard 1/2; dive-sample -q -n 20 --seed 4 --shard 2/2", tmp_path
    ).stdout
    assert len(whole) == 20 and parts.splitlines() == whole[::2] + whole[1::2]


def test_seeds_and_exemplars_of_a_users_own(tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").write_text('{"value": "Kenya", "type": "country", "domain": "general"}\n')
    exemplar = {"id": "mine", "question": "How large is Kenya?", "pattern": "lookup"}
    (tmp_path / "exemplars.jsonl").write_text(json.dumps(exemplar) + "\n")
    done = bash("dive-sample -q -n 3 --seeds seeds.jsonl --exemplars exemplars.jsonl", tmp_path)
    setups = [json.loads(line)["setup"] for line in done.stdout.splitlines()]
    assert [s["seed"] for s in setups] == [{"value": "Kenya", "type": "country"}] * 3
    assert [s["exemplars"] for s in setups] == [[exemplar]] * 3


def test_seeds_that_no_tool_takes_are_passed_over(tmp_path: Path) -> None:
    kept = """dive-tools list --json | jq -c 'select(.name | endswith("y_population"))' > pool.jsonl"""
    seeds = [{"value": "978-83-01-00000-4", "type": "isbn", "domain": "geography"}]
    (tmp_path / "none.jsonl").write_text(json.dumps(seeds[0]) + "\n")
    seeds.append({"value": "Kenya", "type": "country", "domain": "geography"})
    (tmp_path / "some.jsonl").write_text("".join(json.dumps(seed) + "\n" for seed in seeds))
    done = bash(f"{kept}; dive-sample -q -n 4 --pool pool.jsonl --seeds some.jsonl --tools 1:2", tmp_path)
    assert [json.loads(line)["setup"]["seed"]["value"] for line in done.stdout.splitlines()] == ["Kenya"] * 4
    done = bash("dive-sample -q -n 4 --pool pool.jsonl --seeds none.jsonl --tools 1:2", tmp_path)
    assert done.returncode == 1 and b"no tool to draw takes a seed (of isbn)" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--shard 3/2", 2, "--shard 3/2: the part must lie between 1 and 2"),
        ("--shard 4/3", 2, "the part must lie between 1 and 3"),
        ("--shard 0/3", 2, "the part must lie between 1 and 3"),
        ("--shard 1/0", 2, "--shard 1/0"),
        ("--tools 0:0", 2, "--tools 0:0"),
        ("--tools 0:5", 2, "--tools 0:5"),
        ("--tools 9:5", 2, "--tools 9:5"),
        ("--hold-out module:0.2", 2, "--hold-out needs --split"),
        ("--tools 9", 2, "--tools 9"),
        ("--domain cooking", 2, "no seeds for cooking"),
        ("--tool-tokens 100", 2, "--tool-tokens and --tokenizer go together"),
    ],
)
def test_wrong_usage(options: str, code: int, said: str, tmp_path: Path) -> None:
    done = bash(f"dive-sample -n 2 {options}", tmp_path)
    assert done.returncode == code and said in done.stderr.decode() and b"Traceback" not in done.stderr
    assert done.stdout == b""
