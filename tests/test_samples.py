"""The committed samples are what the commands write: enough of them, of every kind, none like another."""

from collections import Counter
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
    assert len(found) >= 300 and len({e["id"] for e in found}) == len(found)
    patterns = Counter(e["pattern"] for e in found)
    assert set(patterns) == set(NAMES)
    assert {name: n for name, n in patterns.items() if n < 12} == {}


def test_there_are_enough_exemplars_of_every_domain():
    found = samples.exemplars()
    domains = Counter(e["domain"] for e in found)
    assert set(domains) == set(DOMAINS)
    assert {name: n for name, n in domains.items() if n < 30} == {}
    assert [e["id"] for e in found if not e["id"].startswith(e["domain"] + "-")] == []


def test_every_exemplar_is_a_sentence_or_two():
    for exemplar in samples.exemplars():
        question = exemplar["question"]
        assert question == " ".join(question.split()), exemplar["id"]
        assert question.endswith(("?", ".")) and 40 <= len(question) <= 400, exemplar["id"]


def test_few_exemplars_open_alike():
    openings = Counter(" ".join(e["question"].casefold().split()[:4]) for e in samples.exemplars())
    assert {opening: n for opening, n in openings.items() if n > 5} == {}


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
