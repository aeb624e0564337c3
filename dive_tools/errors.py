"""Who is at fault: every error that a user can meet, with its exit code."""

DONE, FAILED, USAGE, BAD_LINE, INTERRUPTED, READER_GONE = 0, 1, 2, 3, 130, 141


class DiveError(Exception):
    """The work failed for a reason that the user can mend: a sentence, a hint, an exit code."""

    exit_code = FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def first_line(fault: BaseException) -> str:
    """What a fault says first, or its name."""
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]


class UsageFault(DiveError):
    """The command was asked for something that it cannot do."""

    exit_code = USAGE


class BadRecord(DiveError):
    """One input record lacks what the stage needs; the filter adds `source:line`."""

    exit_code = BAD_LINE


class StopAll(DiveError):
    """What broke would break for every record: the command stops at once."""

    patient = False  # whether what is in flight is finished first


class ReaderGone(DiveError):
    """Whoever read our output stopped reading: nobody's fault, and nothing to say."""

    exit_code = READER_GONE
