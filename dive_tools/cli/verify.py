"""dive-verify: does the answer follow, and does it replay?"""

from __future__ import annotations

from dive_tools.cli.calling import Calling, Staged, calling_options
from dive_tools.cli.filter import Stream
from dive_tools.cli.options import filter_command


@filter_command("dive-verify")
@calling_options
def main(stream: Stream, calling: Calling) -> None:
    """Check each task: is the answer proved, is the question faithful and readable, does it replay?

    Needs `task` and `evidence`; adds `verdict`. A replay starts from the givens, makes every call again and
    evaluates the support over the fresh results. What fails is dropped with the reason of its first failed check;
    `-r rejects.jsonl` keeps it.

    \b
      dive-verify round3.jsonl -r rejects.jsonl > verified.jsonl
      jq -r .drop.reason rejects.jsonl | sort | uniq -c
    """
    stream.run(lambda: _stage(calling, seed=stream.seed))


def _stage(calling: Calling, **options: int) -> Staged:
    from dive_tools.verify import Verifier

    return Staged(Verifier, calling, **options)


if __name__ == "__main__":
    main(prog_name="dive-verify")
