"""Recorded replies: asked once, whoever asks and whatever is killed, and replayed without asking at all."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from shell import bash, environment

from dive_tools.cassette import Asked, Cassette, diff, files, merge, prune, stat
from dive_tools.errors import DiveError, StopAll
from dive_tools.models.base import Ask, BudgetSpent, Function, ModelError, Reply, Settings, Usage
from dive_tools.models.gate import Gate
from dive_tools.models.ledger import Ledger
from dive_tools.models.replay import Replay
from dive_tools.models.scripted import Scripted
from dive_tools.models.taped import Taped, key_of

RULES = [
    {"purpose": "derive", "error": "timeout"},
    {"turn": 0, "reply": {"tool_calls": [{"name": "t", "arguments": {"z": 1, "a": [0.1, None, "ü"]}}]},
     "usage": {"tokens_in": 100, "tokens_out": 10, "cached": 50}},
    {"reply": {"content": "done", "reasoning": "it was easy " * 100}},
]  # fmt: skip


def asked(name: str, model: str = "m", revision: str = "r") -> Asked:
    key = hashlib.sha256(f"{name} {model} {revision}".encode()).digest()
    return Asked(key, model, revision, name, "collect:1", 0, 0)


def said(text: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text}, "finish": "stop", "usage": [9, 3, 1], "seconds": 0.5}


def recorded(path: Path, replies: dict[str, str], model: str = "m", revision: str = "r") -> Path:
    """A cassette with a reply to each name."""
    with Cassette(path) as cassette:
        for name, text in replies.items():
            cassette.put_reply(asked(name, model, revision), said(text), (9, 3, 1), 0.5).result()
    return path


# --- in the cassette -------------------------------------------------------------------------------------------------


def test_a_reply_is_committed_before_it_is_used(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as one, Cassette(tmp_path / "c") as two:
        reply = said("z" * 10_000)
        assert one.get_reply(asked("a").key) is None
        found = one.put_reply(asked("a"), reply, (9, 3, 1), 0.5).result()
        assert found == reply and json.dumps(found) == json.dumps(reply) and found is not reply
        assert two.get_reply(asked("a").key) == reply


def test_the_first_writer_wins(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as one, Cassette(tmp_path / "c") as two:
        assert one.put_reply(asked("a"), said("1")).result() == said("1")
        later = [two.put_reply(asked("a"), said("2")), two.put_reply(asked("b"), said("3"))]
        later.append(two.put_reply(asked("b"), said("4")))
        assert [each.result() for each in later] == [said("1"), said("3"), said("3")]
    assert sqlite3.connect(tmp_path / "c").execute("SELECT count(*) FROM blobs").fetchone() == (2,)


def test_layers_are_read_and_never_written(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "1", {"a": "1"}), recorded(tmp_path / "2", {"a": "2", "b": "2"}, revision="r")
    before = first.read_bytes(), second.read_bytes()
    with Cassette(tmp_path / "new", over=[first, second]) as cassette:
        found = [cassette.get_reply(asked(name).key) for name in "abc"]
        assert found == [said("1"), said("2"), None]
        cassette.put_reply(asked("c", revision="new"), said("3")).result()
        cassette.seen("m", "r")
        cassette.seen("m", "never asked")
        assert cassette.revisions("m") == ["r", "new"] and cassette.models() == ["m"]
    assert (first.read_bytes(), second.read_bytes()) == before
    with Cassette(None, over=[first]) as cassette:
        assert cassette.put_reply(asked("b"), said("9")).result() == said("9")
        cassette.seen("m", "never")
        assert cassette.get_reply(asked("b").key) is None and cassette.revisions("m") == ["r"]


def older(path: Path) -> Path:
    """A cassette as it was before there were replies."""
    with Cassette(path) as cassette:
        cassette.put("t", "1", {}, {"result": 1})
    db = sqlite3.connect(path)
    db.executescript("DROP TABLE replies; DROP TABLE models; PRAGMA journal_mode = DELETE;")
    db.close()
    return path


def test_an_older_cassette_opens(tmp_path: Path) -> None:
    path = older(tmp_path / "c")
    content = path.read_bytes()
    with Cassette(None, over=[path]) as cassette:
        assert cassette.get_reply(asked("a").key) is None and cassette.models() == []
        assert cassette.get("t", "1", {}) == {"result": 1}
    assert "replies" not in stat(path) and not list(diff(path, path)) and path.read_bytes() == content
    assert merge(tmp_path / "new", [path]) == {"added": 1, "same": 0, "differs": 0}
    recorded(path, {"a": "1"})
    with Cassette(path) as cassette:
        assert cassette.get_reply(asked("a").key) == said("1") and cassette.get("t", "1", {}) == {"result": 1}


def test_the_revision_seen_last_comes_first(tmp_path: Path) -> None:
    for revision in ("a", "b", "c"):
        recorded(tmp_path / "c", {"a": "1"}, revision=revision)
    with Cassette(tmp_path / "c") as cassette:
        cassette.seen("m", "a")
        cassette.seen("other", "z")
        assert cassette.revisions("m") == ["a", "c", "b"] and cassette.revisions("none") == []
        assert cassette.models() == ["m"], "what was seen and gave no reply cannot be replayed"


def test_a_writer_that_can_write_no_more_tells_all_who_wait_and_who_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with Cassette(tmp_path / "c") as cassette:
        monkeypatch.setattr(files.File, "add_replies", broken)
        for name in "ab":
            with pytest.raises(DiveError, match=r"cassette .*/c: .*No space left on device"):
                cassette.put_reply(asked(name), said("1")).result(timeout=5)


NO_MORE_FILES = """
import os, resource, sys
from pathlib import Path
from dive_tools.cassette import Asked, Cassette
with Cassette(Path(sys.argv[1])) as cassette:
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, 4096))
    try:
        os.open("/dev/null", os.O_RDONLY)
    except OSError:
        print("no more files")
    print(cassette.put_reply(Asked(b"k", "m", "", "r", "p", 0, 0), {"message": {}}).result(timeout=5))
"""


def test_replies_are_recorded_though_no_more_files_can_be_opened(tmp_path: Path) -> None:
    words = [sys.executable, "-c", NO_MORE_FILES, str(tmp_path / "c")]
    said = subprocess.check_output(words, env=environment(), timeout=30, text=True)
    assert said == "no more files\n{'message': {}}\n"


def test_what_is_not_json_is_not_recorded(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette, pytest.raises(TypeError):
        cassette.put_reply(asked("a"), {"message": {"content": "\ud800"}})


WRITER = """
import asyncio, hashlib, sys
from pathlib import Path
from dive_tools.cassette import Asked, Cassette
name, count, shared = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

async def main():
    with Cassette(Path(sys.argv[1])) as cassette:
        async def one(number):
            who = "all" if number < shared else name
            key = hashlib.sha256(f"{who} {number}".encode()).digest()
            reply = {"content": name * 300 + str(number)}
            found = await asyncio.wrap_future(cassette.put_reply(Asked(key, "m", "r", who, "p", 0, number), reply))
            assert cassette.get_reply(key) == found
            sys.stdout.write(f"{number} {found['content'][0]}\\n"); sys.stdout.flush()
        for start in range(0, count, 20):
            await asyncio.gather(*(one(number) for number in range(start, start + 20)))

asyncio.run(main())
"""


def writer(path: Path, name: str, count: int, shared: int = 0) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", WRITER, str(path), name, str(count), str(shared)]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)


def test_several_processes_write_at_once_and_agree(tmp_path: Path) -> None:
    path = tmp_path / "c"
    writers = [writer(path, name, 400, shared=200) for name in "abcd"]
    lines = [each.communicate(timeout=50)[0].decode().splitlines() for each in writers]
    assert [each.returncode for each in writers] == [0, 0, 0, 0]
    shared = [sorted(line for line in said if int(line.split()[0]) < 200) for said in lines]
    assert shared[0] == shared[1] == shared[2] == shared[3] and len(shared[0]) == 200
    assert stat(path)["replies"]["m@r"]["replies"] == 200 + 4 * 200


def test_what_was_used_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "c"
    process = writer(path, "a", 1_000_000)
    lines = [process.stdout.readline() for _ in range(300)]
    process.kill()
    lines += process.stdout.readlines()
    process.wait()
    used = [int(line.split()[0]) for line in lines if line.endswith(b"\n")]
    with Cassette(path) as cassette:
        assert all(cassette.get_reply(hashlib.sha256(f"a {n}".encode()).digest()) for n in used)
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_who_gives_up_waiting_has_paid_all_the_same(tmp_path: Path) -> None:
    async def main(cassette: Cassette) -> None:
        async def one(number: int) -> None:
            await asyncio.wrap_future(cassette.put_reply(asked(str(number)), said("1")))

        tasks = [asyncio.create_task(one(number)) for number in range(50)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await one(50)

    with Cassette(tmp_path / "c") as cassette:
        asyncio.run(main(cassette))
    assert stat(tmp_path / "c")["replies"]["m@r"]["replies"] == 51


def test_who_reads_does_not_wait_with_who_writes(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        cassette.put_reply(asked("a"), said("1")).result()
        cassette.put("t", "1", {}, {"result": 1})
        other = sqlite3.connect(tmp_path / "c", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        call = threading.Thread(target=cassette.put, args=("t", "1", {"n": 2}, {"result": 2}))
        call.start()
        reply = cassette.put_reply(asked("b"), said("2"))
        time.sleep(0.05)
        began = time.monotonic()
        assert cassette.get_reply(asked("a").key) == said("1") and cassette.get("t", "1", {}) == {"result": 1}
        assert cassette.get_reply(asked("b").key) is None and not reply.done()
        assert time.monotonic() - began < 1 and call.is_alive()
        other.execute("COMMIT")
        assert reply.result(5) == said("2")
        call.join(5)
        assert cassette.get("t", "1", {"n": 2}) == {"result": 2}


FULL = """
import resource, signal, sys
from pathlib import Path
from dive_tools.cassette import Asked, Cassette
from dive_tools.errors import DiveError
cassette = Cassette(Path(sys.argv[1]))
cassette.put_reply(Asked(b"1", "m", "r", "a", "p", 0, 0), {"n": 1}).result()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
for number in range(2):
    try:
        cassette.put_reply(Asked(b"2", "m", "r", "a", "p", 0, 0), {"n": list(range(200_000))}).result()
    except DiveError as fault:
        print(fault.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(cassette.put_reply(Asked(b"2", "m", "r", "a", "p", 0, 0), {"n": 2}).result())
cassette.close()
"""


def test_a_reply_that_finds_no_room_is_not_used(tmp_path: Path) -> None:
    words = [sys.executable, "-c", FULL, str(tmp_path / "c")]
    lines = subprocess.check_output(words, env=environment(), text=True, timeout=20).splitlines()
    assert len(lines) == 3 and lines[0] == lines[1] and lines[0].startswith(f"cassette {tmp_path / 'c'}: ")
    assert lines[2] == "{'n': 2}"


# --- files of them ---------------------------------------------------------------------------------------------------


def test_merge(tmp_path: Path) -> None:
    one = recorded(tmp_path / "1", {"a": "1", "b": "1"})
    two = recorded(tmp_path / "2", {"a": "1", "b": "2", "c": "3"})
    recorded(two, {"a": "x" * 5000}, model="other", revision="7")
    assert merge(tmp_path / "all", [one, two]) == {"added": 4, "same": 1, "differs": 1}
    assert merge(tmp_path / "all", [one, two]) == {"added": 0, "same": 5, "differs": 1}
    with Cassette(None, over=[tmp_path / "all"]) as cassette:
        found = [cassette.get_reply(asked(name).key) for name in "abc"]
        assert found == [said("1"), said("1"), said("3")]
        assert cassette.get_reply(asked("a", "other", "7").key) == said("x" * 5000)
        assert cassette.models() == ["m", "other"] and cassette.revisions("other") == ["7"]


def test_stat(tmp_path: Path) -> None:
    path = recorded(tmp_path / "c", {"a": "1", "b": "1", "c": "2"})
    recorded(path, {"a": "1"}, revision="s")
    totals = stat(path)
    assert totals["replies"] == {
        "m@r": {"replies": 3, "tokens_in": 27, "tokens_out": 9, "cached": 3, "seconds": 1.5},
        "m@s": {"replies": 1, "tokens_in": 9, "tokens_out": 3, "cached": 1, "seconds": 0.5},
    }
    assert (totals["calls"], totals["results"], totals["result_bytes"]) == (0, 0, 0)


def test_diff(tmp_path: Path) -> None:
    one = recorded(tmp_path / "1", {"a": "1", "b": "1", "d": "4"})
    two = recorded(tmp_path / "2", {"b": "2", "c": "3", "d": "4"})
    found = {row.pop("record"): row for row in diff(one, two)}
    whose = {"model": "m", "revision": "r", "purpose": "collect:1", "attempt": 0, "turn": 0}
    assert found == {
        "a": {**whose, "a": said("1")},
        "b": {**whose, "a": said("1"), "b": said("2")},
        "c": {**whose, "b": said("3")},
    }


def test_prune(tmp_path: Path) -> None:
    path = tmp_path / "c"
    for model, revision in (("m", "1"), ("m", "2"), ("n", "1")):
        recorded(path, {"a": f"{model}{revision}", "b": "x" * 1000 + model}, model, revision)
    with Cassette(path) as cassette:
        cassette.put("t", "1", {}, {"result": 1})
    assert prune(path, {("t", "1")}) == 0
    assert prune(path, set()) == 1 and len(stat(path)["replies"]) == 3
    assert prune(path, None, {"m@2", "n"}) == 2
    assert list(stat(path)["replies"]) == ["m@2", "n@1"]
    with Cassette(path) as cassette:
        assert cassette.revisions("m") == ["2"]
        assert cassette.get_reply(asked("b", "m", "2").key) == said("x" * 1000 + "m")
    assert sqlite3.connect(path).execute("SELECT count(*) FROM blobs").fetchone() == (4,)


def test_the_commands(tmp_path: Path) -> None:
    recorded(tmp_path / "1", {"a": "1"})
    recorded(tmp_path / "2", {"a": "1"}, "other")
    say = "python3 -c 'from dive_tools.cli.cassette import cassette; cassette()'"
    assert bash(f"{say} merge all 1 2", tmp_path).stderr == b"cassette merge: added=2 same=0 differs=0\n"
    assert list(json.loads(bash(f"{say} stat all", tmp_path).stdout)["replies"]) == ["m@r", "other@r"]
    assert json.loads(bash(f"{say} diff all 2", tmp_path).stdout)["model"] == "m"
    assert bash(f"{say} prune all --model other", tmp_path).stderr == b"cassette prune: removed=1\n"
    assert bash(f"{say} prune all", tmp_path).returncode == 2


# --- a model behind it -----------------------------------------------------------------------------------------------


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (path := tmp_path / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in RULES))
    return path


def scripted(rules: Path, revision: str = "") -> Scripted:
    return Scripted(str(rules), Settings(revision=revision))


ASK = Ask(messages=[{"role": "user", "content": "hello"}], record="r1", purpose="collect:1")
TOOL = Function("t", "does it", {"type": "object", "properties": {"a": {"type": "integer"}}})
OTHERS = {
    "messages": [{"role": "user", "content": "hallo"}],
    "record": "r2",
    "purpose": "collect:2",
    "turn": 1,
    "attempt": 1,
    "tools": [TOOL],
    "form": {"type": "object"},
    "sampling": {"temperature": 1.0},
}


def replies(model: Any, *asks: Ask) -> list[Reply]:
    """The model's replies, one after another."""

    async def main() -> list[Reply]:
        await model.open()
        found = [await model.reply(ask) for ask in asks]
        await model.close()
        return found

    return asyncio.run(main())


def other(**changed: Any) -> Ask:
    return Ask(**{**{name: getattr(ASK, name) for name in ASK.__dataclass_fields__}, **changed})


ASKS = [ASK, *(other(**{name: value}) for name, value in OTHERS.items())]


def test_nothing_is_asked_twice(rules: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        model = Taped(scripted(rules), cassette)
        first = replies(model, *ASKS, *ASKS)
        assert model.counters == {"requests": len(ASKS), "replayed": len(ASKS)}
        assert first[: len(ASKS)] == first[len(ASKS) :] and model.revision == scripted(rules).revision
        assert first[0].usage == Usage(100, 10, 50) and first[0].finish == "tool_calls"
    with Cassette(tmp_path / "new", over=[tmp_path / "c"]) as cassette:
        again = Taped(scripted(rules), cassette)
        assert replies(again, *ASKS) == first[: len(ASKS)] and again.counters["requests"] == 0
        assert again.name == f"scripted:{rules}"


def test_eight_attempts_get_eight_replies_and_a_new_checkpoint_its_own(rules: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        for revision in ("one", "two"):
            model = Taped(scripted(rules, revision), cassette)
            replies(model, *(other(attempt=attempt) for attempt in range(8)))
            assert model.counters["requests"] == 8
        extra = Taped(scripted(rules, "two"), cassette, "live", Settings(extra={"top_k": 20}))
        replies(extra, ASK)
        assert extra.counters["requests"] == 1
        assert cassette.revisions(model.name) == ["two", "one"]
    assert {name: sums["replies"] for name, sums in stat(tmp_path / "c")["replies"].items()} == {
        f"scripted:{rules}@one": 8,
        f"scripted:{rules}@two": 9,
    }


def test_a_failure_is_never_recorded(rules: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        model = Taped(scripted(rules), cassette)
        for _ in range(2):
            with pytest.raises(ModelError) as caught:
                replies(model, other(purpose="derive:1"))
            assert caught.value.kind == "timeout"
        assert model.counters == {"requests": 2, "replayed": 0}
    assert "replies" not in stat(tmp_path / "c")


def test_a_replay_asks_nothing_at_all(rules: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        first = replies(Taped(scripted(rules), cassette), ASK)
    model = scripted(rules, "of no account")
    with Cassette(None, over=[tmp_path / "c"]) as cassette:
        taped = Taped(model, cassette, "drop")
        assert taped.inside and replies(taped, ASK) == first
        assert taped.counters == {"requests": 0, "replayed": 1} and taped.revision == scripted(rules).revision
        with pytest.raises(ModelError, match=r"no recorded reply of .* to collect:2, turn 0, of r1") as caught:
            replies(taped, other(purpose="collect:2"))
        assert caught.value.kind == "not_recorded"
        with pytest.raises(DiveError, match="no recorded reply"):
            replies(Taped(model, cassette, "error"), other(record="r2"))
    assert model.counters["requests"] == 0


def test_a_replay_of_a_checkpoint(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Cassette(path) as cassette:
        for revision in ("old", "new"):
            rules.write_text(json.dumps({"reply": {"content": revision}}))
            replies(Taped(scripted(rules, revision), cassette), ASK)
            time.sleep(0.002)
        last = Taped(scripted(rules), cassette, "drop")
        assert [reply.text for reply in replies(last, ASK)] == ["new"]
        first = Taped(scripted(rules), cassette, "drop", Settings(revision="old"))
        assert [reply.text for reply in replies(first, ASK)] == ["old"]


def test_a_replay_of_what_was_never_recorded_names_the_choices(rules: Path, tmp_path: Path) -> None:
    recorded(tmp_path / "c", {"a": "1"}, "openai:a")
    recorded(tmp_path / "c", {"a": "1"}, "openai:b")
    with Cassette(tmp_path / "c") as cassette, pytest.raises(DiveError, match="no reply of scripted") as caught:
        replies(Taped(scripted(rules), cassette, "drop"))
    assert caught.value.hint == "there are replies of openai:a, openai:b"
    with pytest.raises(DiveError, match="no cassette to replay"):
        replies(Taped(scripted(rules), None, "drop"))


def test_without_a_cassette_it_only_asks(rules: Path) -> None:
    model = Taped(scripted(rules), None)
    assert replies(model, ASK, ASK) == replies(scripted(rules), ASK, ASK)
    assert model.counters == {"requests": 2, "replayed": 0}


class Slow:
    """A model that takes a while, and fails as often as it is told."""

    name, revision, inside = "slow", "1", True

    def __init__(self, failures: int = 0, content: Any = "yes") -> None:
        self.failures, self.content = failures, content
        self.counters = {"requests": 0}

    async def open(self) -> None:
        """It is open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def reply(self, ask: Ask) -> Reply:
        self.counters["requests"] += 1
        await asyncio.sleep(0.02)
        if self.counters["requests"] <= self.failures:
            raise ModelError("timeout", "too slow")
        return Reply(message={"role": "assistant", "content": self.content}, seconds=0.02)


@pytest.mark.parametrize("ending", ["answers", "fails", "is cancelled"])
def test_the_same_question_at_once_is_asked_once(ending: str, tmp_path: Path) -> None:
    model = Slow(failures=int(ending == "fails"))

    async def main(taped: Taped) -> list[Any]:
        tasks = [asyncio.create_task(taped.reply(ASK)) for _ in range(10)]
        await asyncio.sleep(0.01)
        if ending == "is cancelled":
            tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    with Cassette(tmp_path / "c") as cassette:
        found = asyncio.run(main(Taped(model, cassette)))
    assert [reply.text for reply in found[1:]] == ["yes"] * 9
    assert model.counters["requests"] == (1 if ending == "answers" else 2)


def test_a_reply_that_is_not_json_is_that_replys_failure(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette, pytest.raises(ModelError, match="not JSON") as caught:
        replies(Taped(Slow(content="\ud800"), cassette), ASK)
    assert caught.value.kind == "bad_reply"


def test_a_full_disk_stops_all_and_nothing_more_is_asked(tmp_path: Path) -> None:
    model = Slow(content="z" * 100)

    async def main(taped: Taped) -> list[Any]:
        asks = [other(record=f"r{n}", messages=[{"role": "user", "content": "x" * n}]) for n in range(3000)]
        found: list[Any] = []
        for start in range(0, len(asks), 100):
            found += await asyncio.gather(*map(taped.reply, asks[start : start + 100]), return_exceptions=True)
        return found

    with Cassette(tmp_path / "c") as cassette:
        assert cassette._writer is not None
        cassette._writer._file.db.execute("PRAGMA max_page_count = 40")
        found = asyncio.run(main(Taped(model, cassette)))
    faults = [each for each in found if not isinstance(each, Reply)]
    assert faults and all(isinstance(each, StopAll) for each in faults)
    assert str(tmp_path / "c") in faults[0].message and "full" in faults[0].message
    assert faults[0].hint == "make room on the disk"
    assert 0 < model.counters["requests"] < 1500 and len(faults) > 1500, "asked, though nothing can be recorded"


# --- which checkpoint is meant where the server does not say ----------------------------------------------------------


class Unlisted(Slow):
    """A model whose server does not list its models now."""

    revision, unlisted, closed = "", "it answered 429", False

    async def close(self) -> None:
        self.closed = True


def test_a_server_that_does_not_list_its_models_is_not_paid_twice(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        replies(Taped(known := Slow(), cassette), ASK)
        cassette.seen("slow", "seen only")
        model = Unlisted()
        taped = Taped(model, cassette)
        assert replies(taped, ASK)[0].text == "yes" and taped.revision == known.revision == "1"
        assert model.counters["requests"] == 0 and "taken for revision 1" in taped.note and "429" in taped.note
    with Cassette(tmp_path / "new") as cassette:
        taped = Taped(Unlisted(), cassette)
        replies(taped, ASK)
        assert taped.revision == "" and not taped.note


def test_a_server_that_does_not_list_its_models_and_replies_of_several(tmp_path: Path) -> None:
    with Cassette(tmp_path / "c") as cassette:
        for revision in ("1", "2"):
            known = Slow()
            known.revision = revision  # type: ignore[misc]
            replies(Taped(known, cassette), ASK)
            time.sleep(0.002)
        model = Unlisted()
        with pytest.raises(StopAll, match="replies of 2, 1") as caught:
            replies(Taped(model, cassette), ASK)
        assert caught.value.hint == "say which: --revision 2" and model.closed
        listed = Unlisted()
        listed.unlisted = ""
        assert replies(taped := Taped(listed, cassette), ASK) and taped.revision == ""


# --- rules, within a budget -------------------------------------------------------------------------------------------


def test_rules_are_asked_within_the_budget(rules: Path) -> None:
    ledger = Ledger(None, {"requests": 3})
    model = Scripted(str(rules), Settings(), Gate(2, ledger=ledger))

    async def main() -> list[Any]:
        return await asyncio.gather(*(model.reply(other(turn=n)) for n in range(5)), return_exceptions=True)

    found = asyncio.run(main())
    assert [type(each) for each in found] == [Reply] * 3 + [BudgetSpent] * 2 and model.counters == {"requests": 3}
    assert ledger.totals()["requests"] == 3 and ledger.totals()["tokens_out"] == 10


RUN = """
import asyncio, os, sys
from pathlib import Path
from dive_tools.cassette import Cassette
from dive_tools.models.base import Ask, Reply, Usage
from dive_tools.models.taped import Taped

log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

class Logging:
    name, revision, inside, counters = "logging", "1", True, {}
    async def open(self): pass
    async def close(self): pass
    async def reply(self, ask):
        os.write(log, f"asked {ask.record} {ask.turn}\\n".encode())
        await asyncio.sleep(0.004)
        return Reply(message={"role": "assistant", "content": f"{os.getpid()} {ask.turn}" * 50}, usage=Usage(1, 1))

async def main():
    with Cassette(Path(sys.argv[1])) as cassette:
        model = Taped(Logging(), cassette)
        await model.open()
        async def conversation(record):
            messages = [{"role": "user", "content": record}]
            for turn in range(5):
                reply = await model.reply(Ask(messages=messages, record=record, purpose="p", turn=turn))
                os.write(log, f"used {record} {turn}\\n".encode())
                messages.append(reply.message)
            return messages
        return await asyncio.gather(*(conversation(f"r{n}") for n in range(100)))

print(len(asyncio.run(main())))
"""


def test_killed_and_resumed_asks_nothing_again_that_was_used(tmp_path: Path) -> None:
    words = [sys.executable, "-c", RUN, str(tmp_path / "c"), str(tmp_path / "log")]
    for line in (60, 400):  # of the log, when it is killed
        process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)
        end = time.monotonic() + 10
        while not (tmp_path / "log").exists() or (tmp_path / "log").read_text().count("\n") < line:
            assert time.monotonic() < end
            time.sleep(0.001)
        process.kill()
        process.wait()
    assert subprocess.check_output(words, env=environment(), timeout=20) == b"100\n"
    used: set[str] = set()
    for line in (tmp_path / "log").read_text().splitlines():
        what, _, question = line.partition(" ")
        assert what == "used" or question not in used
        used |= {question} if what == "used" else set()
    assert len(used) == 500
    assert stat(tmp_path / "c")["replies"]["logging@1"]["replies"] == 500


# --- the key ---------------------------------------------------------------------------------------------------------


def test_equal_questions_have_equal_keys() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "t", "arguments": {"a": 1, "b": 2}}}
    turned = {"function": {"arguments": {"b": 2, "a": 1}, "name": "t"}, "type": "function", "id": "1"}
    one = other(messages=({"role": "assistant", "tool_calls": [call]},), tools=(TOOL,), sampling={"n": 1, "m": 2})
    again = Function("t", "does it", {"properties": {"a": {"type": "integer"}}, "type": "object"})
    two = other(messages=[{"tool_calls": [turned], "role": "assistant"}], tools=[again], sampling={"m": 2, "n": 1})
    assert key_of("m", "r", one, {"x": 1}) == key_of("m", "r", two, {"x": 1})


def test_everything_asked_is_in_the_key() -> None:
    keys = [key_of("m", "r", ask, {}) for ask in ASKS]
    keys += [key_of("n", "r", ASK, {}), key_of("m", "s", ASK, {}), key_of("m", "r", ASK, {"x": 1})]
    keys += [key_of("m", "r", other(tools=[TOOL, TOOL]), {}), key_of("m", "r", other(form={}), {})]
    assert len(set(keys)) == len(keys)


def test_a_key_stays_what_it_is() -> None:
    """Cassettes outlive versions: a change of keys makes every recorded reply worthless."""
    ask = other(tools=[TOOL], form={"type": "object"}, sampling={"top_p": 1, "seed": 5}, attempt=2, turn=3)
    told = (
        '{"function":{"description":"does it","name":"t","parameters":'
        '{"properties":{"a":{"type":"integer"}},"type":"object"}},"type":"function"}'
    )
    tools = hashlib.sha256(told.encode()).hexdigest()
    whole = (
        f'["openai:m","1","r1","collect:1",2,3,"{tools}",{{"type":"object"}},{{"seed":5,"top_p":1}},{{"k":1}},'
        '[{"content":"hello","role":"user"}]]'
    )
    assert key_of("openai:m", "1", ask, {"k": 1}) == hashlib.sha256(whole.encode()).digest()


def test_a_key_is_cheap() -> None:
    tools = [Function(f"t{n}", "d" * 300, {"type": "object", "title": "x" * 700}) for n in range(50)]
    ask = other(messages=[{"role": "user", "content": "w" * 1000}] * 20, tools=tools)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        key_of("m", "r", ask, {})
        times.append(time.perf_counter() - began)
    assert min(times) < 0.0003


def test_the_tools_of_a_task_are_let_go_of_after_it() -> None:
    """A toolset in clothes is made for one task: remembered whole, it would fill the memory in a long run."""
    tools = [Function(f"t{n}", "does it", {"type": "object"}) for n in range(3)]
    first = key_of("m", "r", other(tools=tools), {})
    held = [weakref.ref(tool) for tool in tools]
    del tools
    gc.collect()
    assert [tool() for tool in held] == [None] * 3
    again = [Function(f"t{n}", "does it", {"type": "object"}) for n in range(3)]
    assert key_of("m", "r", other(tools=again), {}) == first
    assert key_of("m", "r", other(tools=again[:2]), {}) != first


# --- replay: ---------------------------------------------------------------------------------------------------------


def test_replay_of_the_only_model(rules: Path, tmp_path: Path) -> None:
    with Cassette(tmp_path / "c#1") as cassette:
        first = replies(Taped(scripted(rules), cassette), *ASKS)
    rules.unlink()
    model = Replay(str(tmp_path / "c#1"), Settings())
    assert model.name == f"scripted:{rules}" and model.inside
    assert replies(model, *ASKS) == first and model.counters == {"replayed": len(ASKS)}
    with pytest.raises(ModelError, match="no recorded reply") as caught:
        replies(Replay(str(tmp_path / "c#1"), Settings()), other(record="never"))
    assert caught.value.kind == "not_recorded"


def test_replay_of_one_of_several(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Cassette(path) as cassette:
        for name in ("a", "b"):
            model = Slow(content=name)
            model.name = f"openai:org/{name}"
            replies(Taped(model, cassette), ASK)
    with pytest.raises(DiveError, match="replies of openai:org/a, openai:org/b") as caught:
        Replay(str(path), Settings())
    assert caught.value.hint == f"choose one: replay:{path}#openai:org/a"
    assert [reply.text for reply in replies(Replay(f"{path}#openai:org/b", Settings()), ASK)] == ["b"]
    with pytest.raises(DiveError, match="no reply of openai:org/c is recorded"):
        Replay(f"{path}#openai:org/c", Settings())
    with pytest.raises(ModelError, match=r"revision 2\)"):
        replies(Replay(f"{path}#openai:org/b", Settings(revision="2")), ASK)


def test_replay_of_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DiveError, match="no cassette at"):
        Replay(str(tmp_path / "c"), Settings())
    Cassette(tmp_path / "c").close()
    with pytest.raises(DiveError, match="holds no reply"):
        Replay(str(tmp_path / "c"), Settings())
