"""dive-train: what tasks and attempts are made for."""

from __future__ import annotations

import importlib

import click

from dive_tools.cli.exits import Group
from dive_tools.cli.options import SETTINGS, version_option

PARTS = {
    "init": "Make a small model from scratch, with a tokenizer and Qwen3's chat template.",
    "sft": "Fine-tune a model on good attempts.",
    "rl": "GRPO over tasks, each with its own toolset.",
    "curve": "Draw the course of training runs.",
    "export": "Write attempts or tasks as other trainers read them.",
    "plan": "Say what the whole recipe asks for, before anything runs.",
}


class Parts(Group):
    """The subcommands, each imported when it is called: `--help` of one loads nothing of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*PARTS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in PARTS:
            return None
        found: click.Command = importlib.import_module(f"dive_tools.cli.train_{name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*PARTS.items()])


@click.group(cls=Parts, context_settings=SETTINGS)
def main() -> None:
    """Train on what the other commands make: a model folder comes out, metrics are JSON lines on stdout.

    \b
      dive-train init tiny -o build/tiny
      dive-eval tasks.jsonl --model plan | dive-eval --schemas > runs.jsonl
      dive-verify runs.jsonl --select best | dive-train sft --model build/tiny -o build/sft
      dive-train rl frontier.jsonl --model build/sft -o build/rl
    """


main.params.append(version_option())

if __name__ == "__main__":
    main(prog_name="dive-train")
