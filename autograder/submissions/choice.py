"""Which of several files counts for an exercise, and why the others do not.

Unedited ones drop out if another is edited; of the rest, the nearest to the top count; of these, the one with the exact
name wins over copies such as `mlp_nn (1).py`. If several are left and differ, none counts: only their author knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.build import as_generated
from autograder.submissions.left_aside import listed
from autograder.submissions.members import Member, printable


@dataclass(frozen=True)
class Candidate:
    """One file that may count.

    `level`: its depth; `exact`: whether its name is as it should be; `data`: its code, or None if it was not read.
    `problem` says why it cannot be used, if so.
    """

    member: Member
    level: int
    exact: bool
    edited: bool
    data: bytes | None
    problem: str = ""

    @property
    def name(self) -> str:
        """Its path, for messages."""
        return printable(self.member.path)

    @property
    def rank(self) -> tuple[bool, int, bool]:
        return not self.edited, self.level, not self.exact


@dataclass(frozen=True)
class Choice:
    """The candidate that counts. `rivals`: others that could count as well and differ. `ignored`: the others, and why."""

    winner: Candidate
    rivals: tuple[Candidate, ...]
    ignored: tuple[tuple[Candidate, str], ...]


def choose(candidates: Sequence[Candidate]) -> Choice:
    """The choice among at least one candidate. It does not depend on their order."""
    winner, *others = sorted(candidates, key=lambda candidate: (candidate.rank, candidate.member.path))
    equals = [other for other in others if other.rank == winner.rank]
    rivals = [other for other in equals if other.data is None or other.data != winner.data]
    ignored = tuple((other, _reason(other, winner)) for other in others if other not in rivals)
    return Choice(winner, tuple(rivals), ignored)


def is_unedited(data: bytes) -> bool:
    """Whether a file is a stub as a build wrote it."""
    return as_generated(data.decode("utf-8", "replace").replace("\r\n", "\n"))


def differ(names: Sequence[str], path: str) -> str:
    """The problem of an exercise or a helper for which there are several files that differ."""
    return f"{listed(names)} could {'both' if len(names) == 2 else 'all'} be {path} and differ: keep only one"


def _reason(other: Candidate, winner: Candidate) -> str:
    if other.data is not None and other.data == winner.data:
        return f"it is the same as {winner.name}"
    if other.edited != winner.edited:
        return f"it is unedited, and {winner.name} counts"
    if other.level != winner.level:
        return f"{winner.name} is nearer to the top and counts"
    return f"{winner.name} has the exact name and counts"
