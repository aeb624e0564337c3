"""An exam in tiers: what is drawn and derived for each, and that nothing of it was in training."""

from __future__ import annotations

import copy
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT, bash
from test_prompted_derive import GOOD, derived, kenya, written
from village import grown, real

from dive_tools import samples
from dive_tools.cli.sample import main as command
from dive_tools.derive import Deriver
from dive_tools.errors import DiveError, UsageFault
from dive_tools.leaks import Training
from dive_tools.records import SCORERS, Drop, Record, canonical, setup_id
from dive_tools.sample import Plan, in_test, of_tier, sample
from dive_tools.symbolic.patterns import NAMES
from dive_tools.tiers import APART, TIERS, Exam, allows, apart, read

EXAM = read()
HELD = set(EXAM.families)


def plan(**more: Any) -> Plan:
    return Plan(pool=real()[0], seeds=samples.seeds(), exemplars=samples.exemplars(), **more)


def setups(tier: str, count: int = 200, exam: Exam = EXAM, **more: Any) -> list[Record]:
    return list(sample(of_tier(plan(**more), tier, exam), count))


def modules() -> dict[str, str]:
    return {name: tool.module for name, tool in real()[0].tools.items()}


def tools_of(records: Iterable[Record]) -> set[str]:
    return {name for record in records for name in record["setup"]["tools"]}


def seeds_of(records: Iterable[Record]) -> set[bytes]:
    return {canonical(record["setup"]["seed"]) for record in records}


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_the_tiers_are_those_of_the_command() -> None:
    option = next(each for each in command.params if each.name == "tier")
    assert list(option.type.choices) == list(TIERS)  # type: ignore[attr-defined]
    assert {tier.scorer for tier in TIERS.values()} <= set(SCORERS)
    assert all(set(APART) <= set(tier.apart) for tier in TIERS.values())


@pytest.mark.parametrize("tier", TIERS)
def test_a_setup_says_its_tier_and_families(tier: str) -> None:
    rule = {"L2": {"only": list(EXAM.families)}, "L3-pool": None}.get(tier, {"not": list(EXAM.families)})
    for record in setups(tier, 60):
        setup = record["setup"]
        assert setup["tier"] == tier and setup.get("families") == rule and record["id"] == setup_id(setup)
        assert all(allows(rule, exemplar["pattern"]) for exemplar in setup["exemplars"])
        assert 3 <= len(setup["exemplars"]) <= 5


def test_a_setup_of_no_tier_is_as_it_was() -> None:
    keys = ["domain", "seed", "tools", "exemplars", "split", "seed_number", "draw"]
    assert all(list(record["setup"]) == keys for record in sample(plan(), 20))


@pytest.mark.parametrize("tier", TIERS)
def test_draws_are_the_same_again_and_in_shards(tier: str) -> None:
    drawn = setups(tier, 30)
    assert setups(tier, 30) == drawn and setups(tier, 30, seed_number=1) != drawn
    assert [*sample(of_tier(plan(), tier, EXAM), 30, (2, 3))] == drawn[1::3]


def test_seeds_are_of_the_split_and_no_seed_is_of_both() -> None:
    for tier in TIERS:
        assert all(in_test(r["setup"]["seed"], EXAM.test_share) == (tier != "train") for r in setups(tier))
    exam = [record for tier in TIERS if tier != "train" for record in setups(tier, 400)]
    assert not seeds_of(setups("train", 800)) & seeds_of(exam)


def test_tools_are_those_that_the_tier_may_have() -> None:
    tools = real()[0].tools
    out = {rule.removeprefix("domain:") for rule in EXAM.hold_out}
    train = tools_of(setups("train"))
    assert not out & {tools[name].domain for name in train} and len({tools[name].domain for name in train}) >= 6
    assert tools_of(setups("L1")) <= tools_of(setups("train", 800))
    special = tools_of(setups("L3-pool"))
    assert {tools[name].domain for name in special} == out
    assert not special & train and not {tools[n].module for n in special} & {tools[n].module for n in train}


def test_one_small_toolset_with_both_roles_serves_all_of_l2() -> None:
    drawn = setups("L2")
    assert {tuple(record["setup"]["tools"]) for record in drawn} == {tuple(sorted(EXAM.toolset))}
    tools = [real()[0].tools[name] for name in EXAM.toolset]
    assert 8 <= len(tools) <= 15 and {tool.role for tool in tools} == {"retrieval", "processing"}
    assert len({record["setup"]["seed"]["type"] for record in drawn}) >= 5


def test_families_held_out_are_few_and_training_keeps_the_others() -> None:
    assert 3 <= len(HELD) <= 5 and set(NAMES) > HELD
    assert allows({"not": list(HELD)}, "chain") and allows(None, "ranking") and allows({}, "free")
    assert not allows({"not": list(HELD)}, "difference", ["percent_change"])
    assert not allows({"only": list(HELD)}, "chain") and allows({"only": list(HELD)}, "ranking", ["difference"])


# --- plans that hold nothing out -------------------------------------------------------------------------------------


def written_plan(path: Path, **more: Any) -> Path:
    found = {**json.loads((ROOT / "samples" / "exam.json").read_text()), **more}
    path.write_text(json.dumps({key: value for key, value in found.items() if value is not None}))
    return path


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"families": ["rankings"]}, "no question family rankings"),
        ({"families": []}, "/families"),
        ({"toolset": ["country_profile", "no_such_tool"]}, "no tool no_such_tool in the pool"),
        ({"toolset": ["body_mass_index"]}, "body_mass_index, which is held out"),
        ({"hold_out": ["domain:alchemy"]}, "domain:alchemy: no tool has this domain"),
        ({"hold_out": ["medicine"]}, "medicine: say FAMILY:NAME"),
        ({"hold_out": None}, '"hold_out" is a required property'),
        ({"test_share": 1}, "/test_share"),
        ({"tool_set": ["country_profile"]}, "tool_set"),
    ],
)
def test_a_wrong_plan_is_named(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    written_plan(tmp_path / "exam.json", **wrong)
    done = bash("dive-sample -n 3 --tier L2 --exam exam.json", tmp_path)
    assert done.returncode == 2 and said in done.stderr.decode(), done.stderr.decode()
    assert done.stdout == b"" and b"Traceback" not in done.stderr


def test_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "exam.json").write_text("{")
    with pytest.raises(UsageFault, match="is not JSON"):
        read(tmp_path / "exam.json")
    with pytest.raises(DiveError, match="cannot read"):
        read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--tier L1 --split test", "--tier L1 and --split"),
        ("--tier train --hold-out domain:finance", "--tier train and --hold-out"),
        ("--tier L3-pool --test-share 0.2", "--tier L3-pool and --test-share"),
        ("--tier L2 --tools 3:9", "--tier L2 and --tools"),
        ("--tier L2 --mix all", "--tier L2 and --mix"),
        ("--exam exam.json", "--exam goes with --tier"),
        ("--tier L4", "'L4' is not one of"),
    ],
)
def test_a_tier_says_itself_what_is_drawn(options: str, said: str, tmp_path: Path) -> None:
    written_plan(tmp_path / "exam.json")
    done = bash(f"dive-sample -n 3 {options}", tmp_path)
    assert done.returncode == 2 and said in done.stderr.decode() and done.stdout == b""


# --- what is derived -------------------------------------------------------------------------------------------------


def again(record: Record, **families: list[str]) -> Record | Drop:
    """A first round over all the evidence of a record, kept to these families."""
    setup = {**record["setup"], **({"families": families} if families else {})}
    return Deriver(real()[0])({**{key: record[key] for key in ("id", "evidence")}, "setup": setup})


def patterns(results: Iterable[Record | Drop]) -> Counter[str]:
    return Counter(r.reason if isinstance(r, Drop) else r["task"]["pattern"] for r in results)


def test_no_model_keeps_to_the_families_of_the_setup() -> None:
    records = grown(60)
    free = patterns(again(record) for record in records)
    common = [name for name, _ in free.most_common(3)]
    without = patterns(again(record, **{"not": common}) for record in records)
    assert free.keys() >= set(common) and not set(common) & set(without) and len(set(without) & set(NAMES)) >= 3
    only = patterns(again(record, only=common[:1]) for record in records)
    assert only[common[0]] >= free[common[0]] and set(only) <= {common[0], "nothing_to_ask", "unreadable"}


@pytest.mark.parametrize(
    ("shape", "families", "kept"),
    [
        ("ranking", {"not": ["ranking"]}, False),
        ("ranking", {"not": ["filter"]}, True),
        ("ranking", {"only": ["ranking", "filter"]}, True),
        ("chain", {"only": ["ranking", "filter"]}, False),
        ("percent_change", {"not": ["percent_change"]}, False),
        ("free quote", {"only": ["ranking"]}, False),
    ],
)
def test_a_model_keeps_to_the_families_of_the_setup(
    shape: str, families: dict[str, list[str]], kept: bool, tmp_path: Path
) -> None:
    record = kenya()
    record["setup"]["families"] = families
    found = derived(written(tmp_path, GOOD[shape]), record)
    assert (not isinstance(found, Drop)) == kept
    if isinstance(found, Drop):
        assert found.reason == "held_out" and all(name in found.detail for name in families.get("only", ()))


def test_a_step_of_a_model_s_proof_counts_too(tmp_path: Path) -> None:
    record = kenya()
    longest = {"op": "count", "of": GOOD["filter"]["support"]}
    many = {**GOOD["filter"], "answer": {"value": 2, "type": "integer"}, "support": longest}
    many["question"] = many["question"].replace("Which neighbours of Kenya have", "How many neighbours of Kenya have")
    assert not isinstance(derived(written(tmp_path, many), record), Drop)
    record["setup"]["families"] = {"not": ["filter"]}
    found = derived(written(tmp_path, many), record)
    assert isinstance(found, Drop) and found.reason == "held_out" and "filter" in found.detail


def test_a_model_may_mend_what_was_of_another_family(tmp_path: Path) -> None:
    record = kenya()
    record["setup"]["families"] = {"not": ["ranking"]}
    found = derived(written(tmp_path, GOOD["ranking"], GOOD["extremum"]), record)
    assert not isinstance(found, Drop) and found["task"]["pattern"] == "extremum"


# --- planted leaks ---------------------------------------------------------------------------------------------------


def parted(tier: str) -> tuple[list[Record], list[Record]]:
    """Real tasks: those of training, and those of an exam that are apart from them in everything."""
    records = [copy.deepcopy(record) for record in grown(60)]
    domains = sorted({record["setup"]["domain"] for record in records})
    train = [record for record in records if record["setup"]["domain"] in domains[:4]]
    shapes, seen = {record["task"]["pattern"] for record in train}, tools_of(train)
    near = {modules()[name] for name in seen}
    exam = [record for record in records if record["setup"]["domain"] in domains[4:]]
    for record in exam:
        record["setup"]["tier"] = tier
        record["setup"]["tools"] = {n: v for n, v in record["setup"]["tools"].items() if modules()[n] not in near}
        record["task"]["pattern"] = "ranking" if record["task"]["pattern"] in shapes else record["task"]["pattern"]
    for record in train:
        record["task"]["pattern"] = "chain" if record["task"]["pattern"] == "ranking" else record["task"]["pattern"]
    known = Training(modules())
    for record in train:
        known.add(record)
    return train, [record for record in exam if record["setup"]["tools"] and not list(known.leaks(record))]


def planted(kind: str, train: Record, exam: Record) -> None:
    """Put something of a task of training into a task of the exam."""
    match kind:
        case "seed":
            exam["setup"]["seed"] = train["setup"]["seed"]
        case "question":
            exam["task"]["question"] = train["task"]["question"].upper().replace(",", " ,")
        case "nearly":
            exam["task"]["question"] = train["task"]["question"].replace("What is", "Please say what is")
            exam["task"]["answer"] = train["task"]["answer"]
        case "run":
            exam["task"]["question"] = f"{train['task']['question']} {'Be so good as to look it all up first. ' * 6}"
            exam["task"]["answer"] = train["task"]["answer"]
        case "calls":
            exam["evidence"] = train["evidence"]
            exam["task"] |= {"support": train["task"]["support"], "question": "What then?"}
        case "family":
            exam["task"]["pattern"] = train["task"]["pattern"]
        case "toolset":
            exam["setup"]["tools"] = train["setup"]["tools"]
        case "tool":
            exam["setup"]["tools"] |= dict(list(train["setup"]["tools"].items())[:1])
        case "module":
            trained = tools_of(parted("L1")[0])
            seen = {modules()[name] for name in train["setup"]["tools"]}
            twin = next(name for name, module in modules().items() if module in seen and name not in trained)
            exam["setup"]["tools"] |= {twin: "1"}


def jsonl(path: Path, records: Iterable[Record]) -> Path:
    path.write_bytes(b"".join(canonical(record) + b"\n" for record in records))
    return path


def leaks(folder: Path, train: list[Record], exam: list[Record], options: str = "") -> tuple[int, list[Any], str]:
    """(exit code, lines, closing line) of the command."""
    jsonl(folder / "train.jsonl", train)
    jsonl(folder / "exam.jsonl", exam)
    done = bash(f"dive-tools leaks train.jsonl exam.jsonl {options}", folder)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


@pytest.mark.parametrize("tier", [*TIERS, "GAIA"])
def test_tasks_that_are_apart_do_not_leak(tier: str, tmp_path: Path) -> None:
    train, exam = parted(tier)
    assert len(train) >= 10 and len(exam) >= 5
    code, lines, said = leaks(tmp_path, train, exam)
    assert (code, lines) == (0, []) and f"train={len(train)} exam={len(exam)} leaked=0" in said


@pytest.mark.parametrize(
    ("kind", "tier", "word"),
    [
        ("seed", "L1", "seed"),
        ("question", "L1", "question"),
        ("nearly", "L2", "question"),
        ("run", "L3-pool", "question"),
        ("calls", "GAIA", "calls"),
        ("family", "L2", "family"),
        ("toolset", "L2", "toolset"),
        ("tool", "L3-pool", "tool"),
        ("module", "L3-pool", "module"),
    ],
)
def test_a_planted_leak_is_found(kind: str, tier: str, word: str, tmp_path: Path) -> None:
    train, exam = parted(tier)
    source = next(record for record in train if "What is" in record["task"]["question"])
    planted(kind, source, exam[2])
    code, lines, said = leaks(tmp_path, train, exam)
    assert code == 1 and f"leaked=1 {word}=1" in said
    assert [(line["kind"], line["tier"], line["exam"]) for line in lines] == [(word, tier, exam[2]["id"])]
    assert lines[0]["train"] == source["id"] or word in ("family", "tool", "module")
    assert lines[0]["train"] in {record["id"] for record in train} and lines[0]["what"]


@pytest.mark.parametrize("kind", ["family", "toolset", "tool", "module"])
def test_what_a_tier_need_not_be_apart_in_is_no_leak(kind: str, tmp_path: Path) -> None:
    train, exam = parted("L1")
    planted(kind, train[0], exam[2])
    assert leaks(tmp_path, train, exam)[:2] == (0, [])


def test_the_same_question_about_another_seed_is_no_leak() -> None:
    words = "For each of the countries that border {}, find the area of that country. Which of them is the largest?"
    one, other = copy.deepcopy(grown(60)[0]), copy.deepcopy(grown(60)[1])
    one["task"] |= {"question": words.format("Kenya"), "answer": {"value": "Ethiopia", "type": "string"}}
    other["task"] |= {"question": words.format("Uganda"), "answer": {"value": "Ethiopia", "type": "string"}}
    known = Training({})
    known.add(one)
    assert list(known.leaks(other)) == []
    other["task"]["question"] = words.format("Kenya").replace("Which", "Then which")
    assert [leak.kind for leak in known.leaks(other)] == ["question"]


def test_dropping_leaves_what_is_apart_and_says_why_the_others_went(tmp_path: Path) -> None:
    train, exam = parted("L1")
    planted("seed", train[0], exam[1])
    planted("question", train[3], exam[3])
    code, lines, said = leaks(tmp_path, train, exam, "--drop -r rejects.jsonl")
    assert code == 0 and "leaked=2" in said
    assert [r["id"] for r in lines] == [r["id"] for n, r in enumerate(exam) if n not in (1, 3)]
    rejects = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [(r["id"], r["drop"]["reason"], r["drop"]["twin"]) for r in rejects] == [
        (exam[1]["id"], "leaked", train[0]["id"]),
        (exam[3]["id"], "leaked", train[3]["id"]),
    ]
    assert leaks(tmp_path, train, lines, "-q") == (0, [], "")


def attempts(record: Record) -> list[Record]:
    """Two attempts at a task, as dive-eval leaves them: without the evidence."""
    steps = {step["call"]: step for step in record["evidence"]}
    node = record["task"]["support"].get("of", record["task"]["support"])
    cited = [{key: steps[node["call"]][key] for key in ("tool", "arguments")}] if "call" in node else []
    run = {"rests": {"calls": len(steps), "cited": cited}}
    plain = {key: value for key, value in record.items() if key != "evidence"}
    return [{**plain, "id": f"{record['id']}.model.{n}", "run": {**run, "attempt": n}} for n in range(2)]


def test_runs_are_held_against_runs_by_their_tasks(tmp_path: Path) -> None:
    train, exam = parted("L1")
    planted("seed", train[0], exam[1])
    code, lines, said = leaks(tmp_path, [a for r in train for a in attempts(r)], [a for r in exam for a in attempts(r)])
    assert code == 1 and f"train={len(train)} exam={len(exam)} leaked=1" in said
    assert [(line["train"], line["exam"]) for line in lines] == [(train[0]["id"], exam[1]["id"])]


def test_the_calls_of_a_run_are_known_by_what_its_answer_cites(tmp_path: Path) -> None:
    from dive_tools.rollout import rests

    train, exam = parted("L1")
    planted("calls", train[0], exam[1])
    run = {**attempts(train[0])[0], "run": {"attempt": 0, "rests": rests(train[0])}}
    _, lines, _ = leaks(tmp_path, [run], exam)
    assert [(line["kind"], line["train"], line["exam"]) for line in lines] == [("calls", train[0]["id"], exam[1]["id"])]


def test_nothing_is_held_against_nothing(tmp_path: Path) -> None:
    train, exam = parted("L1")
    for one, other, name in (([], exam, "train"), (train, [], "exam")):
        code, lines, said = leaks(tmp_path, one, other)
        assert code == 1 and lines == [] and f"{name}.jsonl holds no task" in said


def test_what_leaks_does_not_take(tmp_path: Path) -> None:
    train, exam = parted("L1")
    del exam[1]["task"]
    code, _, said = leaks(tmp_path, train, exam)
    assert code == 3 and "exam.jsonl:2: lacks task" in said
    exam[1]["task"] = {"question": 7}
    code, _, said = leaks(tmp_path, train, exam)
    assert code == 3 and exam[1]["id"] in said and "Traceback" not in said
    assert leaks(tmp_path, train, exam[:1], "-r rejects.jsonl")[0] == 2


def test_a_tier_that_is_not_ours_is_apart_in_seeds_and_questions() -> None:
    assert apart("GAIA") == apart(None) == APART and "tools" in apart("L3-pool")


# --- a whole exam ----------------------------------------------------------------------------------------------------

SMALL = "N=40 EXAM_N=40 K=1 JOBS=1 SEEDS=1000 DOMAINS='general geography chemistry'"


def test_an_exam_that_is_made_is_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "ready").touch()  # instead of the environment that make would set up
    written_plan(tmp_path / "exam.json", hold_out=["domain:chemistry"], test_share=0.3)
    places = f"OOD={tmp_path}/ood EXAM={tmp_path}/exam.json READY={tmp_path}/ready VENV={sys.prefix}"
    line = f"make -C {ROOT} ood {SMALL} {places}"
    done = bash(line, tmp_path, timeout=400)
    said = done.stderr.decode()
    assert done.returncode == 0 and "leaked=0" in said.splitlines()[-1], said
    made = {t: [json.loads(row) for row in (tmp_path / "ood" / f"{t}.jsonl").open()] for t in TIERS}
    assert all(len(records) >= 8 for records in made.values()), {t: len(records) for t, records in made.items()}
    for tier, records in made.items():
        assert {record["setup"]["tier"] for record in records} == {tier}
        assert all("passed" in record["verdict"]["checks"].values() for record in records)
    exam = [record for tier, records in made.items() if tier != "train" for record in records]
    assert not seeds_of(made["train"]) & seeds_of(exam)
    shapes = {tier: {record["task"]["pattern"] for record in records} for tier, records in made.items()}
    assert not HELD & (shapes["train"] | shapes["L1"]) and shapes["L2"] <= HELD and len(shapes["L2"]) >= 2
    tools = real()[0].tools
    assert {tools[name].domain for name in tools_of(made["L3-pool"])} == {"chemistry"}
    assert "chemistry" not in {tools[name].domain for name in tools_of(made["train"] + made["L1"])}
    assert tools_of(made["L2"]) == set(EXAM.toolset)

    (tmp_path / "ood" / "L2" / "round1.jsonl").unlink()  # as if killed there: what follows from it is made again
    before = (tmp_path / "ood" / "L2.jsonl").read_bytes()
    (tmp_path / "ood" / "L2.jsonl").unlink()
    assert bash(line, tmp_path, timeout=400).returncode == 0
    assert (tmp_path / "ood" / "L2.jsonl").read_bytes() == before
    with (tmp_path / "ood" / "L1.jsonl").open("a") as file:
        file.write((tmp_path / "ood" / "train.jsonl").open().readline())
    done = bash(line, tmp_path, timeout=400)
    assert done.returncode == 2 and b"leaked=1" in done.stderr and b'"kind":"seed"' in done.stdout
