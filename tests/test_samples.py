"""The committed samples are what the commands write: enough of them, of every kind, none like another."""

from pathlib import Path

import orjson
import pytest

from dive_tools import pool, samples
from dive_tools.dedup import Benchmarks
from dive_tools.seeds import seed_types, seeds
from dive_tools.symbolic.patterns import NAMES

DOMAINS = ("academia", "biology", "chemistry", "finance", "general", "geography", "medicine", "software")


@pytest.fixture(scope="module", autouse=True)
def tools():
    return pool.load().tools


@pytest.mark.parametrize("domain", DOMAINS)
def test_committed_seeds_are_what_the_command_writes(domain):
    committed = (samples.home() / "seeds" / f"{domain}.jsonl").read_bytes()
    assert committed == b"".join(orjson.dumps(seed) + b"\n" for seed in seeds(domain, 200))
    assert committed.count(b"\n") == 200


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_seed_type_is_drawn(domain):
    assert {seed["type"] for seed in seeds(domain, 200)} == set(seed_types(domain))


def test_there_are_enough_exemplars_of_known_patterns():
    found = samples.exemplars()
    assert len(found) >= 80 and len({e["id"] for e in found}) == len(found)
    assert {e["pattern"] for e in found} <= set(NAMES)
    assert len({e["pattern"] for e in found}) >= 12


def test_no_exemplar_overlaps_another():
    found = samples.exemplars()
    for index, one in enumerate(found):
        others = Benchmarks({"others": [e["question"] for e in found[:index] + found[index + 1 :]]})
        assert others.overlap(one["question"]) is None, one["id"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_tools_of_both_roles(domain, tools):
    mine = [tool for tool in tools.values() if tool.domain == domain]
    processing = sum(tool.role == "processing" for tool in mine) / len(mine)
    assert len(mine) >= 15 and processing >= 0.40 and 1 - processing >= 0.25


def test_the_samples_travel_with_the_package():
    assert "samples" in (Path(__file__).parents[1] / "pyproject.toml").read_text()
