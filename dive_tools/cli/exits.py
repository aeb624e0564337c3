"""Exit codes, from one place: what the end of a command tells the shell and the user."""

from __future__ import annotations

import os
import select
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from dive_tools.errors import FAILED, INTERRUPTED, READER_GONE, DiveError, ReaderGone


class Command(click.Command):
    """A command whose errors end in our exit codes."""

    def make_context(self, info_name: str | None, *args: Any, **kwargs: Any) -> click.Context:
        with exit_codes(info_name or "dive-tools"):
            return super().make_context(info_name, *args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with exit_codes(ctx.command_path):
            return super().invoke(ctx)


class Group(Command, click.Group):
    """A group of commands whose errors end in our exit codes."""


# what training needs beside the rest
_TRAINS = ("torch", "transformers", "trl", "datasets", "accelerate", "peft", "matplotlib", "plotext")


@contextmanager
def exit_codes(name: str) -> Iterator[None]:
    """Turn whatever ends the command into its exit code, with a sentence where there is something to say."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ReaderGone:
        _leave_quietly()
    except DiveError as fault:
        _say(name, fault)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        if _reader_gone():
            _leave_quietly()
        _own_up()
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _TRAINS:
            _own_up()
        hint = "pip install 'dive-tools[train]', or make setup-train in a checkout"
        _say(name, DiveError(f"this needs {fault.name}, which is not installed", hint=hint))
        sys.exit(FAILED)
    except Exception:  # our bug: shown here because click would hide some kinds (EPIPE, EOFError)
        _own_up()


def _say(name: str, fault: DiveError) -> None:
    hint = f"  hint: {fault.hint}\n" if fault.hint else ""
    sys.stderr.write(f"{name}: {fault.message}\n{hint}")


def _own_up() -> NoReturn:
    traceback.print_exc()
    sys.exit(FAILED)


def _reader_gone() -> bool:
    """Whether standard output is a pipe that nobody reads (and not some other pipe that broke)."""
    poll = select.poll()
    poll.register(1, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _leave_quietly() -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the last flush of sys.stdout complains
    sys.exit(READER_GONE)
