"""dive-tools: the pool and what belongs to it."""

from __future__ import annotations

import click

from dive_tools.cli import checking, importing, leaking, tasks, toolbox
from dive_tools.cli.cassette import cassette
from dive_tools.cli.exits import Group
from dive_tools.cli.options import SETTINGS, version_option


@click.group(cls=Group, context_settings=SETTINGS)
def main() -> None:
    """The pool: list, show, call, import and check tools; write seeds; set exams; find leaks; look after cassettes.

    \b
      dive-tools list --domain medicine
      dive-tools call country_profile '{"country": "Kenya"}' | jq .result.capital
      dive-tools import mcp servers.json > found.jsonl
    """


main.params.append(version_option())
for command in (
    *(toolbox.list_, toolbox.show, toolbox.call, importing.import_, checking.check, checking.drift),
    *(tasks.seeds, tasks.read, tasks.funnel, tasks.exam, tasks.unanswerable, leaking.leaks, cassette),
):
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="dive-tools")
