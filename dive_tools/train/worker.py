"""One process of a training that `dive_tools.train.launch` started: what it does is all in the folder."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from dive_tools.errors import INTERRUPTED, DiveError
from dive_tools.train.launch import ENDINGS, end_with_parent


def main(folder: Path) -> int:
    """Train, and say in the folder of endings why it failed, if it did; an exit code."""
    end_with_parent(signal.SIGKILL)
    rank = os.environ.get("RANK", "0")
    if rank != "0":
        os.dup2(2, 1)  # metrics come from the first alone
    try:
        _train(folder)
    except DiveError as fault:
        _say(rank, fault.exit_code, fault.message, fault.hint)
        return fault.exit_code
    except KeyboardInterrupt:
        _say(rank, INTERRUPTED, "", None)
        return INTERRUPTED
    return 0


def _train(folder: Path) -> None:
    file = folder / "train.json"
    try:
        kind = json.loads(file.read_bytes())["kind"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise DiveError(f"{file} does not say what to train: {fault}") from None
    if kind == "sft":
        from dive_tools.train import sft

        sft.train(folder)
    elif kind == "rl":
        from dive_tools.train import rl

        rl.train(folder)
    else:
        raise DiveError(f"{file}: kind is {kind!r}, neither sft nor rl")
    _leave_group()


def _leave_group() -> None:
    import torch.distributed as group

    if group.is_available() and group.is_initialized():
        group.destroy_process_group()


def _say(rank: str, code: int, message: str, hint: str | None) -> None:
    if folder := os.environ.get(ENDINGS):
        said = json.dumps({"rank": int(rank), "code": code, "message": message, "hint": hint})
        Path(folder, f"{rank}.json").write_text(said)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
