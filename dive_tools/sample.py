"""dive-sample: draw setups, each a seed, a toolset and a few exemplars.

Every draw depends on (seed number, index) alone, so that shards need nothing of one another and the same command
gives the same lines anywhere.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dive_tools.errors import DiveError, UsageFault
from dive_tools.pool import Pool
from dive_tools.records import Record, canonical, setup_id
from dive_tools.tiers import TIERS, Exam, allows
from dive_tools.tools.base import Tool

_Seeds = dict[str, list[dict[str, Any]]]  # by type

TOOLS = (15, 50)  # the paper's range
EXEMPLARS = (3, 5)
GROWN = 0.7  # the share of a grown toolset that the seed's values can reach; the rest are distractors
SEEN = 0.85  # the share of the pool that one toolset grows from, so that a seed's longest chain is not always the same
FEW = 3  # a seed that reaches fewer tools than this in the part that it sees is shown them all
EVERYDAY = ("general", "geography")  # the domains that setups of every other may draw tools from
FAMILIES = ("module", "source", "domain")


@dataclass(frozen=True)
class Plan:
    """What to draw from, and how."""

    pool: Pool
    seeds: Mapping[str, Sequence[dict[str, Any]]]  # by domain
    exemplars: Sequence[dict[str, Any]]
    seed_number: int = 0
    toolset: str = "grown"
    mix: str = "general"
    sizes: tuple[int, int] = TOOLS
    split: str = "all"
    test_share: float = 0.1
    hold_out: tuple[str, ...] = ()
    tier: str = ""  # the tier of an exam that the setups are of, with what it draws from (dive_tools.tiers)
    tools_of: str = ""  # the split whose tools are drawn. [default: that of the seeds]
    families: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()  # the toolset of every setup
    cost: Mapping[str, int] = field(default_factory=dict)  # schema tokens of each tool
    budget: int | None = None


def of_tier(plan: Plan, tier: str, exam: Exam) -> Plan:
    """The plan that draws the setups of a tier, as the plan of an exam has it."""
    draw = TIERS[tier].draw(exam)
    return replace(plan, tier=tier, hold_out=exam.hold_out, test_share=exam.test_share, **vars(draw))


def sample(plan: Plan, count: int, shard: tuple[int, int] = (1, 1)) -> Iterator[Record]:
    """The setups number I, I + N, I + 2N, … of `count`, for shard I/N."""
    check_hold_out(plan)
    _check_fixed(plan)
    seeds = {domain: _by_type(_fitting(found, plan, domain)) for domain, found in sorted(plan.seeds.items())}
    domains = [domain for domain, found in seeds.items() if found]
    if not domains:
        split = [_of_split(found, plan, domain, _offers(plan, domain)) for domain, found in plan.seeds.items()]
        if types := {seed["type"] for found in split for seed in found}:
            some = ", ".join(sorted(types)[:3])
            raise DiveError(
                f"no tool to draw takes a seed (of {some})", hint="other --seeds, --pool, --domain or --mix"
            )
        another = "another --split or --hold-out" if plan.hold_out else "another --split"
        raise DiveError("no seeds to draw from", hint=f"give --seeds FILE, or {another}")
    part, parts = shard
    for index in range(part - 1, count, parts):
        rng = random.Random(f"{plan.seed_number}:{index}:sample")
        yield _draw(plan, domains[index % len(domains)], seeds, index, rng)


def _by_type(seeds: Sequence[dict[str, Any]]) -> _Seeds:
    found: _Seeds = {}
    for seed in seeds:
        found.setdefault(seed["type"], []).append(seed)
    return found


def _seed(seeds: _Seeds, rng: random.Random) -> dict[str, Any]:
    """A seed: first its type, each as likely as the square root of how many seeds it has, then one of them.

    So a type of a hundred seeds (chemical elements) is not lost among types of thousands, nor drawn till it repeats.
    """
    found = rng.choices(list(seeds), [math.sqrt(len(values)) for values in seeds.values()])[0]
    return rng.choice(seeds[found])


def _draw(plan: Plan, domain: str, seeds: Mapping[str, _Seeds], index: int, rng: random.Random) -> Record:
    seed = _seed(seeds[domain], rng)
    tools = draw_toolset(plan, domain, seed, rng)
    fitting = [exemplar for exemplar in plan.exemplars if allows(plan.families, exemplar["pattern"])]
    number = min(rng.randint(*EXEMPLARS), len(fitting))
    exemplars = [{k: e[k] for k in ("id", "question", "pattern")} for e in rng.sample(fitting, number)]
    setup = {
        "domain": domain,
        "seed": {"value": seed["value"], "type": seed["type"]},
        "tools": {tool.name: tool.version for tool in sorted(tools, key=lambda t: t.name)},
        "exemplars": exemplars,
        "split": plan.split,
        "seed_number": plan.seed_number,
        "draw": index,
        **({"tier": plan.tier} if plan.tier else {}),
        **({"families": plan.families} if plan.families else {}),
    }
    return {"id": setup_id(setup), "setup": setup}


# --- toolsets --------------------------------------------------------------------------------------------------------


def draw_toolset(plan: Plan, domain: str, seed: dict[str, Any], rng: random.Random) -> list[Tool]:
    """The tools of one setup: drawn at random as in the paper, or grown from what the seed's values can reach."""
    if plan.fixed:
        return [plan.pool.tools[name] for name in plan.fixed]
    offered = _offers(plan, domain)
    if not offered:
        gone = {tool.extra for tool in plan.pool.absent.values() if tool.domain == domain}
        missing = f"pip install 'dive-tools[{','.join(sorted(gone))}]'" if gone else None
        if any(tool.effects == "unknown" for tool in plan.pool.tools.values()):
            missing = "review the effects of the imported tools, then dive-tools check writes a pool to draw from"
        raise DiveError(f"no tools for domain {domain}", hint=missing or "give another --domain, --mix or --hold-out")
    size = min(rng.randint(*plan.sizes), len(offered))
    if plan.toolset == "random":
        return _affordable(rng.sample(offered, len(offered)), size, plan)
    seen = [tool for tool in offered if rng.random() < SEEN]
    wanted = round(size * GROWN)
    grown = grow(seen, seed, wanted, domain, rng)
    if len(grown) < FEW:
        grown = grow(offered, seed, wanted, domain, rng)
    rest = [tool for tool in offered if tool not in grown]
    return _affordable([*grown, *rng.sample(rest, len(rest))], size, plan)


def grow(offered: Sequence[Tool], seed: dict[str, Any], size: int, domain: str, rng: random.Random) -> list[Tool]:
    """Tools reached one after another from the seed, with at least one processing tool where any is reached."""
    known = {seed["type"]}
    parts = set(seed["value"]) if isinstance(seed["value"], dict) else set()
    grown: list[Tool] = []
    reached: list[Tool] = []
    pending = list(offered)
    learnt = True
    while len(grown) < size:
        if learnt:  # what is reachable stays so; only the others are looked at again
            found = [tool for tool in pending if reachable(tool, known, parts)]
            reached += found
            pending = [tool for tool in pending if tool not in found]
        if not reached:
            break
        choice = reached
        if len(grown) == size - 1 and not any(tool.role == "processing" for tool in grown):
            choice = [tool for tool in reached if tool.role == "processing"] or reached
        tool = rng.choices(choice, [3.0 if tool.domain == domain else 1.0 for tool in choice])[0]
        grown.append(tool)
        reached.remove(tool)
        gives = tool.gives
        learnt = not gives <= known
        known |= gives
    return grown


def reachable(tool: Tool, known: set[str], parts: set[str]) -> bool:
    """Whether every required parameter can be had, and at least one from what is known."""
    flowed = False
    for slot in (s for s in tool.slots.values() if s.required):
        found = bool(
            (slot.type and slot.type in known)
            or (slot.kind and f"{slot.kind}/{slot.unit}" in known)
            or (slot.vignette and slot.vignette in known and slot.part in parts)
        )
        if not (found or slot.choices):
            return False
        flowed |= found
    return flowed


def _affordable(tools: Sequence[Tool], size: int, plan: Plan) -> list[Tool]:
    """The first `size` tools whose schemas fit in the token budget together."""
    if plan.budget is None:
        return list(tools[:size])
    chosen: list[Tool] = []
    left = plan.budget
    first = [t for t in tools if t.role == "processing" and plan.cost[t.name] <= left][:1]  # something to compute with
    for tool in [*first, *(t for t in tools if t not in first)]:
        if len(chosen) < size and plan.cost[tool.name] <= left:
            chosen.append(tool)
            left -= plan.cost[tool.name]
    if not chosen:
        raise UsageFault(f"not one tool fits in {plan.budget} tokens", hint="raise --tool-tokens")
    return chosen


def _offers(plan: Plan, domain: str) -> list[Tool]:
    return [tool for tool in plan.pool.tools.values() if _offered(tool, plan, domain)]


def _offered(tool: Tool, plan: Plan, domain: str) -> bool:
    if tool.effects in ("write", "unknown"):  # nobody may call it for evidence
        return False
    near = plan.mix == "all" or tool.domain == domain or (plan.mix == "general" and tool.domain in EVERYDAY)
    if not near or not plan.hold_out or plan.split == "all":
        return near
    return held_out(tool, plan.hold_out) == ((plan.tools_of or plan.split) == "test")


def held_out(tool: Tool, rules: Sequence[str]) -> bool:
    """Whether a tool belongs to a family that is held out; a share is decided by the hash of the family's name."""
    return any(_family_out(family, str(getattr(tool, family)), rules) for family in FAMILIES)


def _family_out(family: str, name: str, rules: Sequence[str]) -> bool:
    found = [rule.removeprefix(f"{family}:") for rule in rules if rule.startswith(f"{family}:")]
    return any(name == w or (_is_share(w) and _fraction(f"{family}:{name}") < float(w)) for w in found)


def check_hold_out(plan: Plan) -> None:
    """Raise UsageFault for a rule that would hold nothing out: a slip must not train on what was to be held out."""
    if plan.hold_out and plan.split == "all":
        raise UsageFault("--hold-out needs --split train or --split test", hint="without a split nothing is held out")
    for rule in plan.hold_out:
        said = f"{'hold_out of the exam:' if plan.tier else '--hold-out'} {rule}"
        family, _, which = rule.partition(":")
        if family not in FAMILIES or not which:
            raise UsageFault(f"{said}: say FAMILY:NAME or FAMILY:SHARE", hint="as in module:0.2")
        if _is_share(which) and float(which) > 1:
            raise UsageFault(f"{said}: a share lies between 0 and 1", hint="as in module:0.2")
        if not _is_share(which) and not any(str(getattr(t, family)) == which for t in plan.pool.tools.values()):
            raise UsageFault(f"{said}: no tool has this {family}", hint=f"dive-tools list --json | jq .{family}")


def _check_fixed(plan: Plan) -> None:
    """Raise UsageFault for a fixed toolset with a tool that is not in the pool, may not be called, or is held out."""
    for name in plan.fixed:
        tool = plan.pool.tools.get(name)
        if tool is None:
            gone = plan.pool.absent.get(name)
            hint = f"pip install 'dive-tools[{gone.extra}]'" if gone else "see dive-tools list"
            raise UsageFault(f"no tool {name} in the pool, but the toolset names it", hint=hint)
        if tool.effects in ("write", "unknown"):
            raise UsageFault(f"the toolset names {name}, whose effects are {tool.effects}", hint="name another tool")
        if held_out(tool, plan.hold_out):
            raise UsageFault(f"the toolset names {name}, which is held out", hint="name a tool that is not")


def _is_share(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


# --- splits ----------------------------------------------------------------------------------------------------------


def _of_split(
    seeds: Sequence[dict[str, Any]], plan: Plan, domain: str, offered: Sequence[Tool]
) -> list[dict[str, Any]]:
    """The seeds of a domain that the split may use; where tools are held out, those that suit what is left."""
    if plan.split == "all":
        return list(seeds)
    wanted = plan.split == "test"
    found = [seed for seed in seeds if in_test(seed, plan.test_share) == wanted]
    if not plan.hold_out:
        return found
    if (plan.tools_of or plan.split) == "test":
        return _startable(found, offered)
    if not offered or _family_out("domain", domain, plan.hold_out):
        return []
    return _startable(found, [plan.pool.tools[name] for name in plan.fixed]) if plan.fixed else found


def _fitting(seeds: Sequence[dict[str, Any]], plan: Plan, domain: str) -> list[dict[str, Any]]:
    """The seeds of a domain that may be drawn: those of the split that some tool which is offered takes."""
    offered = _offers(plan, domain)
    found = _of_split(seeds, plan, domain, offered)
    return _startable(found, offered) if offered and not plan.fixed else found


def _startable(seeds: Sequence[dict[str, Any]], offered: Sequence[Tool]) -> list[dict[str, Any]]:
    """The seeds that some tool can start from."""
    known: dict[tuple[str, frozenset[str]], bool] = {}
    for seed in seeds:
        key = _start(seed)
        if key not in known:
            known[key] = any(reachable(tool, {key[0]}, set(key[1])) for tool in offered)
    return [seed for seed in seeds if known[_start(seed)]]


def _start(seed: dict[str, Any]) -> tuple[str, frozenset[str]]:
    return seed["type"], frozenset(seed["value"] if isinstance(seed["value"], dict) else ())


def in_test(seed: dict[str, Any], share: float) -> bool:
    """Whether a seed is held out, by the hash of its type and value."""
    return _fraction(canonical([seed["type"], seed["value"]]).decode()) < share


def _fraction(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def schema_tokens(tools: Mapping[str, Tool], tokenizer: str) -> dict[str, int]:
    """How many tokens each tool's schema costs, by a Hugging Face tokenizer (a folder or its tokenizer.json)."""
    from pathlib import Path

    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError:
        raise UsageFault("--tokenizer needs the library tokenizers", hint="pip install 'dive-tools[tokens]'") from None
    path = Path(tokenizer)
    path = path / "tokenizer.json" if path.is_dir() else path
    if not path.is_file():
        raise UsageFault(f"no tokenizer at {path}", hint="give a folder with a tokenizer.json")
    made = Tokenizer.from_file(str(path))
    return {name: len(made.encode(canonical(tool.schema()).decode()).ids) for name, tool in tools.items()}
