"""Several lines of one input: what a resume finds of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dive_tools.errors import DiveError
from dive_tools.jsonl import Group, dump, recover_groups
from dive_tools.records import task_id

THREE = Group(task_id, lambda runs: len(runs) == 3)
LINES = [dump({"id": f"{task}.m.{k}"}) for task in ("a", "b") for k in range(3)]


@pytest.mark.parametrize(
    ("count", "torn", "whole"), [(6, b"", 2), (6, b'{"id": "c', 2), (5, b"", 1), (4, LINES[4][:-1], 1), (2, b"", 0)]
)
def test_what_is_not_whole_is_cut_off(tmp_path: Path, count: int, torn: bytes, whole: int) -> None:
    (path := tmp_path / "runs").write_bytes(b"".join(LINES[:count]) + torn)
    assert list(recover_groups(path, THREE)) == ["a", "b"][:whole]
    assert path.read_bytes() == b"".join(LINES[: 3 * whole])


def test_what_was_made_otherwise_is_refused_untouched(tmp_path: Path) -> None:
    (path := tmp_path / "runs").write_bytes(b"".join(LINES[1:]))
    before = path.read_bytes()
    with pytest.raises(DiveError, match="2 lines of a"):
        list(recover_groups(path, THREE))
    assert path.read_bytes() == before
    (path := tmp_path / "torn").write_bytes(LINES[0] + b"nonsense\n" + LINES[1])
    with pytest.raises(DiveError, match=":2: not JSON"):
        list(recover_groups(path, THREE))


def test_what_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(recover_groups(tmp_path / "none", THREE)) == []
