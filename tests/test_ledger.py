"""The ledger: what a run has spent, over all its processes, and that it is never more than the budget."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shell import environment

from dive_tools.errors import DiveError, StopAll, UsageFault
from dive_tools.models.base import BudgetSpent, Usage
from dive_tools.models.ledger import Ledger, parse_budget
from dive_tools.models.prices import price_of, read_prices

SPENDER = """
import sys
from pathlib import Path
from dive_tools.models.base import BudgetSpent, Usage
from dive_tools.models.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), {"requests": int(sys.argv[2])}, None, stage=sys.argv[3])
count = 0
try:
    while True:
        ledger.enter()
        ledger.paid(Usage(10, 2, 3))
        count += 1
        sys.stdout.write(f"{count}\\n"); sys.stdout.flush()
except BudgetSpent:
    pass
"""


def spender(path: Path, limit: int, stage: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", SPENDER, str(path), str(limit), stage]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)


@pytest.mark.parametrize("kept", [False, True])
def test_counts_in_all_and_by_stage(kept: bool, tmp_path: Path) -> None:
    path = tmp_path / "run" / "ledger.json" if kept else None
    ledger = Ledger(path, {}, lambda usage: usage.tokens_out * 0.1, stage="collect")
    for _ in range(3):
        ledger.enter()
        ledger.paid(Usage(100, 1, 50))
    sums = {"requests": 3, "tokens_in": 300, "tokens_out": 3, "cached": 150, "money": 0.3}
    assert ledger.totals() == {**sums, "by": {"collect": sums}}
    if path is not None:
        assert json.loads(path.read_text()) == ledger.totals()
        other = Ledger(path, {}, stage="derive")
        other.enter()
        assert other.totals()["requests"] == 4 and other.totals()["by"]["derive"]["requests"] == 1
    ledger.close()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"requests": 2}, r"the budget of 2 requests is spent \(2 requests, 2,200 tokens, 3 in money\)"),
        ({"tokens": 2000.0}, r"the budget of 2,000 tokens is spent \(2 requests, 2,200 tokens, 3 in money\)"),
        ({"requests": 9, "money": 2.5}, r"the budget of 2\.5 in money is spent \(2 requests,"),
    ],
)
def test_a_limit(kept: bool, limits: dict[str, float], message: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger" if kept else None, limits, lambda usage: usage.tokens_in * 0.0015)
    for _ in range(2):
        ledger.enter()
        ledger.paid(Usage(1000, 100))
    for _ in range(2):
        with pytest.raises(BudgetSpent, match=message) as caught:
            ledger.enter()
    assert isinstance(caught.value, StopAll) and "--resume" in caught.value.hint
    assert ledger.totals()["requests"] == 2
    if kept:  # a larger one goes on
        Ledger(tmp_path / "ledger", {"requests": 3}).enter()


def test_money_without_a_price() -> None:
    for money in (None, lambda usage: None):
        with pytest.raises(UsageFault, match="needs the price"):
            Ledger(None, {"money": 5}, money)
    why = "prices.json names no openai:Qwen3-8B"
    with pytest.raises(UsageFault, match=f"needs the price of the model: {why}"):
        Ledger(None, {"money": 5}, why=why)


def test_never_more_than_the_limit_over_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    spenders = [spender(path, 2000, f"stage-{number % 2}") for number in range(4)]
    counts = [len(each.communicate(timeout=30)[0].splitlines()) for each in spenders]
    assert sum(counts) == 2000
    state = json.loads(path.read_text())
    assert (state["requests"], state["tokens_in"], state["tokens_out"], state["cached"]) == (2000, 20_000, 4000, 6000)
    assert sum(sums["requests"] for sums in state["by"].values()) == 2000


def test_kill_9_leaves_a_whole_ledger(tmp_path: Path) -> None:
    path, said = tmp_path / "ledger", 0
    for number in range(6):
        process = spender(path, 1_000_000, "s")
        process.stdout.readline()
        time.sleep(0.02 * number)
        process.kill()
        said += 1 + len([line for line in process.stdout.readlines() if line.endswith(b"\n")])
        process.wait()
        state = Ledger(path, {}).totals()
        assert said <= state["requests"] <= said + number + 1


def test_many_stages_outgrow_the_first_block(tmp_path: Path) -> None:
    for number in range(80):
        Ledger(tmp_path / "ledger", {}, stage=f"a stage with a long name {number}").enter()
    assert len(Ledger(tmp_path / "ledger", {}).totals()["by"]) == 80
    assert (tmp_path / "ledger").stat().st_size > 4096


@pytest.mark.parametrize("content", ["dear diary", "[]", '{"id": 1}'])
def test_another_file_is_left_alone(content: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text(content)
    with pytest.raises(DiveError, match="is not a ledger"):
        Ledger(path, {})
    assert path.read_text() == content


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="cannot open the ledger"):
        Ledger(tmp_path, {})


def test_budgets() -> None:
    assert parse_budget([]) == {}
    assert parse_budget(["requests=2000", "tokens=5e6", "money=0.25"]) == {
        "requests": 2000, "tokens": 5_000_000, "money": 0.25,
    }  # fmt: skip
    assert parse_budget(["requests=2k", "tokens=1.5M"]) == {"requests": 2000, "tokens": 1_500_000}


@pytest.mark.parametrize(
    "text",
    ["2000", "requests", "requests=", "requests=0", "requests=-1", "requests=1.5", "hours=2", "tokens=5 k", "tokens=5K",
     "money=nan", "money=1e999", "tokens=ten", "requests=1,000"],
)  # fmt: skip
def test_a_budget_that_is_none(text: str) -> None:
    with pytest.raises(UsageFault, match=r"--budget .*: not a limit"):
        parse_budget([text])


def test_two_limits_of_one_unit() -> None:
    with pytest.raises(UsageFault, match="has a limit already"):
        parse_budget(["requests=1", "requests=2"])


# --- prices ----------------------------------------------------------------------------------------------------------


def test_prices(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(
        '{"currency": "USD", "openai:a/b": {"in": 0.15, "out": 0.6, "cached": 0.075}, "b:free": {"in": 1, "out": 3}}'
    )
    prices = read_prices(path)
    price = price_of(prices, "openai:a/b")
    assert price is not None and price.currency == "USD"
    assert price.money(Usage(1_000_000, 1_000_000, 400_000)) == 0.72  # 0.6 M fresh, 0.4 M cached, 1 M out
    assert price.money(Usage(1, 0, 0)) == 1.5e-07
    assert price.money(Usage(333_333, 0, 111_111)) == 0.041666625
    free = price_of(prices, "openai:b:free")
    assert free is not None and free.money(Usage(1_000_000, 1_000_000, 500_000)) == 4
    assert price_of(prices, "openai:c") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a table"),
        ('{"currency": 5}', "currency is a text"),
        ('{"m": 5}', "m: a price has in, out"),
        ('{"m": {"in": 1}}', "m: a price has in, out"),
        ('{"m": {"in": 1, "out": 2, "output": 3}}', "m: a price has in, out"),
        ('{"m": {"in": "1", "out": 2}}', "m: in is '1'"),
        ('{"m": {"in": 1, "out": -2}}', "m: out is -2"),
        ('{"m": {"in": 1, "out": true}}', "m: out is True"),
    ],
)
def test_an_error_names_the_file_and_the_entry(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(DiveError) as caught:
        read_prices(path)
    assert caught.value.message.startswith(str(path)) and message in caught.value.message


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="cannot read"):
        read_prices(tmp_path / "prices.json")
