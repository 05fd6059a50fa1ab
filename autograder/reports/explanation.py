"""The parts of a failed check's explanation: the headline, what was seen, and the traceback in the student's files."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.results import CheckResult


def headline(check: CheckResult) -> str:
    """The explanation in one line: the known mistake if there is one, else what was seen."""
    known = check.known_mistake
    return known[:1].upper() + known[1:] if known else check.message.partition("\n")[0]


def seen(check: CheckResult) -> str:
    """What was seen, in one line; empty if it is the headline already."""
    return check.message.partition("\n")[0] if check.known_mistake else ""


LEVELS = {1: "says what is wrong", 2: "also shows where to look", 3: "also gives the idea"}
"""The levels of hints. None gives the line to write."""
MAX_LEVEL = max(LEVELS)


def hints(check: CheckResult, level: int) -> list[str]:
    """The hints up to this level besides what is wrong, each a paragraph."""
    where = [f"Where to look: {check.where}."] if check.where and level >= 2 else []
    return where + (check.hint.split("\n\n") if check.hint and level >= MAX_LEVEL else [])


def levels(check: CheckResult) -> int:
    """The highest level that adds something."""
    return MAX_LEVEL if check.hint else 2 if check.where else 1


def own_lines(check: CheckResult) -> str:
    """The traceback in the student's files; empty if there is none."""
    return check.message.partition("\n")[2]


def waiting_text(checks: Sequence[CheckResult]) -> str:
    """How many checks wait for another one, and what they are worth; empty if there are none."""
    if not checks:
        return ""
    value = sum(check.max_score for check in checks)
    count = "1 more check waits" if len(checks) == 1 else f"{len(checks)} more checks wait"
    return f"{count} for this ({value:g} point{'' if value == 1 else 's'})"
