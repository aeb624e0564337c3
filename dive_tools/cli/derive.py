"""dive-derive: from evidence to a task."""

from __future__ import annotations

from typing import Any

from dive_tools.cli.filter import Stream
from dive_tools.cli.options import filter_command, pool_option


@filter_command("dive-derive")
@pool_option("The tools whose words questions are made of:")
def main(stream: Stream, pool: str) -> None:
    """Derive a question, its typed answer and the support that proves it from each record's evidence.

    Needs `evidence`; adds `task`, or deepens it: an earlier task moves to `task.history`, and a round that finds
    nothing deeper keeps the task and says so in `task.stalled`. Drops unreadable, nothing_to_ask, and what fails a
    screen. The patterns of the setup's exemplars steer which question is asked.

    \b
      dive-derive round1.jsonl | jq -r '.task.question, .task.answer.value'
    """
    stream.run(lambda: _Stage(pool, stream.seed))


class _Stage:
    """The deriver, with its pool for the sidecar."""

    def __init__(self, pool: str, seed: int) -> None:
        from dive_tools.derive import Deriver
        from dive_tools.pool import load

        self.pool = load(pool)
        self.stage = Deriver(self.pool, seed=seed)

    def __call__(self, record: dict[str, Any]) -> Any:
        return self.stage(record)

    def provenance(self) -> dict[str, Any]:
        return {"pool": self.pool.facts()}


if __name__ == "__main__":
    main(prog_name="dive-derive")
