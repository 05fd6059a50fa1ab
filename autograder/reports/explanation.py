"""The parts of a failed check's explanation: the headline, what was seen, and the traceback in the student's files."""

from __future__ import annotations

from autograder.results import CheckResult


def headline(check: CheckResult) -> str:
    """The explanation in one line: the known mistake if there is one, else what was seen."""
    return check.mistake[:1].upper() + check.mistake[1:] if check.mistake else check.message.partition("\n")[0]


def seen(check: CheckResult) -> str:
    """What was seen, in one line; empty if it is the headline already."""
    return check.message.partition("\n")[0] if check.mistake else ""


def own_lines(check: CheckResult) -> str:
    """The traceback in the student's files; empty if there is none."""
    return check.message.partition("\n")[2]
