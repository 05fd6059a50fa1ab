"""What happened in one check, as bounded text: each call of the student's code and what was compared after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.reports.appeal.values import MAX_LINE, ShownValue, as_array, show_value
from autograder.results import CheckResult
from autograder.sandbox.host.text import clean

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ShownComparison:
    """One comparison of an answer with the right one."""

    what: str
    right: bool
    outcome: str
    """How far apart the two are, where, and how much is allowed there."""
    values: tuple[ShownValue, ...] = ()
    """The expected answer and the one that it got; empty if the outcome names both."""


@dataclass
class ShownCall:
    """One call of the student's code, or of a probe that runs beside it, and what was compared after it."""

    number: int
    function: str
    probe: bool
    """Whether the grader's own code ran beside the student's, for example to read gradients."""
    arguments: list[ShownValue]
    answer: list[ShownValue]
    problem: str = ""
    """Why the call ended the check; empty if it returned."""
    changed: tuple[str, ...] = ()
    """The arguments that the call wrote into."""
    seed: int = 0
    comparisons: list[ShownComparison] = field(default_factory=list)
    comparisons_left_out: int = 0

    @property
    def line(self) -> str:
        """The call and its answer in one line, such as "f(3, stride=2) returned 1"; empty if that does not hold them."""
        if any(part.numbers or "[" in part.label for part in (*self.arguments, *self.answer)):
            return ""
        arguments = [
            part.summary if part.label.startswith("argument ") else f"{part.label}={part.summary}"
            for part in self.arguments
        ]
        answer = f" returned {self.answer[0].summary}" if self.answer else ""
        line = f"{self.function}({', '.join(arguments)}){answer}"
        return line if len(line) <= MAX_LINE else ""

    @property
    def wrong(self) -> bool:
        """Whether the call raised or one of its answers is wrong."""
        return bool(self.problem) or any(not comparison.right for comparison in self.comparisons)


@dataclass(frozen=True)
class ShownAttempt:
    """One training of an accuracy check."""

    number: int
    accuracy: float
    minimum: float
    seeds: tuple[int, ...]
    """The seeds of the generators that the student's code got in it; of the global random state if it got none."""
    last_call: int


@dataclass
class Record:
    """What happened in one check: the first and the last calls, and how many there were."""

    calls: list[ShownCall] = field(default_factory=list)
    total: int = 0
    attempts: list[ShownAttempt] = field(default_factory=list)

    @property
    def wrong_comparisons(self) -> list[tuple[ShownCall, ShownComparison]]:
        """The comparisons with a wrong outcome, each with the call that it follows."""
        return [(call, compared) for call in self.calls for compared in call.comparisons if not compared.right]


def show_comparison(what: str, got: Any, expected: Any, rtol: float) -> ShownComparison:
    """A comparison as text, with the outcome that the check comes to: right if |got − expected| ≤ rtol · (1 + |expected|)."""
    left, right = as_array(got), as_array(expected)
    if left is not None and right is not None and left.ndim == right.ndim == 0:
        is_right, outcome = _outcome_of_numbers(left.item(), right.item(), rtol)
        return ShownComparison(clean(what, 300), is_right, outcome)  # which names both numbers
    is_right, outcome = _outcome(left, right, rtol)
    return ShownComparison(
        clean(what, 300), is_right, outcome, (*show_value("expected", expected), *show_value("got", got))
    )


def _outcome_of_numbers(got: float, expected: float, rtol: float) -> tuple[bool, str]:
    apart, allowed = abs(got - expected), rtol * (1 + abs(expected))
    tolerance = f"{apart:.3g} apart, {allowed:.3g} is allowed" if rtol else "it must be exact"
    return apart <= allowed, f"expected {expected!r}, got {got!r}; {tolerance}"


def _outcome(got: Array | None, expected: Array | None, rtol: float) -> tuple[bool, str]:
    if got is None or expected is None:
        return False, "not numbers, so they cannot be compared"
    if got.shape != expected.shape:
        return False, f"the shapes differ: {expected.shape} is expected"
    if expected.size == 0:
        return True, "both are empty"
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    with np.errstate(all="ignore"):
        apart, allowed = np.abs(got - expected), rtol * (1 + np.abs(expected))
        wrong = int((~(apart <= allowed)).sum())
    worst = np.unravel_index(int(np.nan_to_num(apart, nan=np.inf).argmax()), apart.shape)
    if not wrong and apart[worst] == 0:
        return True, "the same numbers"
    count = f"{wrong:,} of {apart.size:,} numbers are wrong; " if wrong and apart.size > 1 else ""
    place = f"[{', '.join(str(int(index)) for index in worst)}]"
    tolerance = f"{allowed[worst]:.3g} is allowed there" if rtol else "it must be exact"
    return wrong == 0, (
        f"{count}the largest difference is {apart[worst]:.6g} at {place} "
        f"(expected {float(expected[worst])!r}, got {float(got[worst])!r}); {tolerance}"
    )


@dataclass(frozen=True)
class Appeal:
    """One check of one submission, run again with the settings that it was graded with."""

    student: str
    exercise: str
    recorded: CheckResult
    """The result of the check when the submission was graded."""
    now: CheckResult
    record: Record
    settings: str
    """Seed, tier, isolation and version, in one line."""
    remarks: tuple[str, ...] = ()
    """What is not as it was when the submission was graded."""
    after_others: CheckResult | None = None
    """If the verdict differs: the result when the checks before it run first, as in a whole run."""

    @property
    def confirmed(self) -> bool:
        """Whether the check has the verdict that was recorded."""
        return (self.now.status, self.now.score) == (self.recorded.status, self.recorded.score)

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        if self.confirmed:
            return f"The verdict is confirmed: {_words(self.now)}."
        return f"THE VERDICT DIFFERS: {_words(self.recorded)} in the result, {_words(self.now)} now."

    @property
    def causes(self) -> tuple[str, ...]:
        """The remarks, and what is known about a verdict or a message that differs."""
        if not self.confirmed and self.after_others is not None:
            same = self.after_others.status == self.recorded.status
            return (*self.remarks, _STATE if same else _UNKNOWN if not self.remarks else _ALONE)
        if self.confirmed and not self.now.message.startswith(self.recorded.message):
            return (*self.remarks, "the message differs from the one in the result, although the verdict is the same")
        return self.remarks


_STATE = (
    "the recorded verdict comes back when the checks before this one run first: the student's code keeps something from "
    "one call to the next, such as a global variable"
)
_ALONE = "the verdict is also different when the checks before this one run first"
_UNKNOWN = (
    "nothing else that is recorded differs, and the verdict is also different when the checks before this one run first: "
    "the student's code may depend on time or chance, or the result was edited"
)


def _words(check: CheckResult) -> str:
    return f"{check.status.replace('_', ' ')}, {check.score:g} of {check.max_score:g} points"
