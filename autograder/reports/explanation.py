"""A check that did not pass, in the order in which it is read: the reason, what was seen, the student's own lines."""

from __future__ import annotations

from autograder.results import CheckResult


def headline(check: CheckResult) -> str:
    """The reason in a line: the known mistake in plain words, else the first line of what was seen."""
    return check.mistake[:1].upper() + check.mistake[1:] if check.mistake else check.message.partition("\n")[0]


def seen(check: CheckResult) -> str:
    """What was seen, in a line; empty where it is the headline already."""
    return check.message.partition("\n")[0] if check.mistake else ""


def own_lines(check: CheckResult) -> str:
    """The traceback in the student's files, where there is one."""
    return check.message.partition("\n")[2]
