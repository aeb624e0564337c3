"""dive-sample: draw setups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dive_tools.cli.filter import Stream
from dive_tools.cli.options import pool_option, source_command
from dive_tools.errors import UsageFault

_FILE = click.Path(path_type=Path, exists=True)


@source_command("dive-sample")
@click.option("--domain", "domains", multiple=True, help="Draw from this domain only (may be given again).")
@click.option(
    "--seeds",
    type=_FILE,
    help="JSON lines of seeds, or a folder of DOMAIN.jsonl; those that no tool takes are passed over. "
    "[default: the samples]",
)
@click.option("--exemplars", type=_FILE, help="JSON lines of exemplars. [default: the samples]")
@click.option("--toolset", type=click.Choice(["grown", "random"]), default="grown", show_default=True)
@click.option("--tools", "sizes", default="15:50", show_default=True, help="How many tools a setup has, LOW:HIGH.")
@click.option(
    "--mix",
    type=click.Choice(["domain", "general", "all"]),
    default="general",
    show_default=True,
    help="Tools of the seed's domain, and of general or all others.",
)
@click.option("--split", type=click.Choice(["all", "train", "test"]), default="all", show_default=True)
@click.option("--test-share", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Seeds held out.")
@click.option(
    "--hold-out",
    multiple=True,
    help="Tools that --split train leaves to test: module|source|domain, then :NAME or :SHARE.",
)
@click.option(
    "--tier",
    type=click.Choice(["train", "L1", "L2", "L3-pool"]),
    help="Draw for this part of an exam in tiers: its seeds, tools and question families.",
)
@click.option("--exam", type=_FILE, help="What the exam holds out of training (JSON). [default: samples/exam.json]")
@click.option("--tool-tokens", type=click.IntRange(1), help="The most tokens that the schemas of a toolset may take.")
@click.option("--tokenizer", help="The tokenizer that counts them: a folder or a tokenizer.json.")
@click.option("--shard", default="1/1", show_default=True, help="Draw part I of N.")
@pool_option("The tools to draw from:")
def main(stream: Stream, sizes: str, shard: str, **options: Any) -> None:
    """Draw setups: a seed, a toolset and exemplars each.

    -n says how many in all (default 1000); with --shard 2/8 the second of eight parts of them is drawn.

    With --tier the plan of an exam (--exam) says what is drawn: train, what a model may learn from; L1, held-out
    seeds; L2, also question families and one toolset that training has not; L3-pool, tools that training has not.

    \b
      dive-sample -n 100 --seed 7 | dive-collect | dive-derive | dive-verify > tasks.jsonl
      dive-sample -n 100 --domain medicine --toolset random -o setups.jsonl
      dive-sample -n 100 --tier L2 -o L2.jsonl
    """
    count = 1000 if stream.limit is None else stream.limit
    part = _pair(shard, "/", "--shard")
    if not 1 <= part[0] <= part[1]:
        raise UsageFault(f"--shard {shard}: the part must lie between 1 and {part[1]}")
    low, high = _pair(sizes, ":", "--tools")
    if not 1 <= low <= high:
        raise UsageFault(f"--tools {sizes}: say LOW:HIGH, both at least 1", hint="as in 15:50")
    _check_tier(options["tier"], options["exam"])
    stream.produce(lambda: _Source(count, part, (low, high), stream.seed, options))


class _Source:
    """The setups, with what the sidecar says of them."""

    def __init__(
        self, count: int, shard: tuple[int, int], sizes: tuple[int, int], seed: int, options: dict[str, Any]
    ) -> None:
        from dive_tools import pool as pools
        from dive_tools import sample
        from dive_tools.samples import exemplars, seeds
        from dive_tools.tiers import read

        if bool(options["tool_tokens"]) != bool(options["tokenizer"]):
            raise UsageFault("--tool-tokens and --tokenizer go together")
        self.pool = pools.load(options["pool"])
        costs = sample.schema_tokens(self.pool.tools, options["tokenizer"]) if options["tokenizer"] else {}
        plan = sample.Plan(
            pool=self.pool,
            seeds=seeds(options["seeds"], options["domains"]),
            exemplars=exemplars(options["exemplars"]),
            seed_number=seed,
            toolset=options["toolset"],
            mix=options["mix"],
            sizes=sizes,
            split=options["split"],
            test_share=options["test_share"],
            hold_out=options["hold_out"],
            cost=costs,
            budget=options["tool_tokens"],
        )
        if options["tier"]:
            plan = sample.of_tier(plan, options["tier"], read(options["exam"]))
        self.records = sample.sample(plan, count, shard)

    def __iter__(self) -> Any:
        return self.records

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts()}


def _check_tier(tier: str | None, exam: Path | None) -> None:
    """A tier says itself what is held out, and L2 what the toolset is."""
    if exam and not tier:
        raise UsageFault("--exam goes with --tier")
    given = click.get_current_context().get_parameter_source
    taken = ["split", "hold_out", "test_share", *(["toolset", "sizes", "mix", "tool_tokens"] if tier == "L2" else [])]
    by_hand = [name for name in taken if tier and given(name) != ParameterSource.DEFAULT]
    if by_hand:
        option = {"sizes": "--tools"}.get(by_hand[0], f"--{by_hand[0].replace('_', '-')}")
        raise UsageFault(f"--tier {tier} and {option} exclude each other", hint="the exam's plan (--exam) says it")


def _pair(text: str, between: str, option: str) -> tuple[int, int]:
    low, found, high = text.partition(between)
    if not (found and low.isdecimal() and high.isdecimal() and int(high) > 0):
        raise UsageFault(f"{option} {text}: say two numbers, as in 1{between}8")
    return int(low), int(high)


if __name__ == "__main__":
    main(prog_name="dive-sample")
