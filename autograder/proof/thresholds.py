"""Measures the accuracies that thresholds are based on, for correct code and for known mistakes.

The record of an exercise, `solutions/measured/<practical>/<exercise>.json`, holds the accuracies of single attempts for
each accuracy check and tier. It is saved after every few attempts, so that a stopped measurement can continue.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from autograder.atomic_files import write_atomically
from autograder.checks.accuracy import ATTEMPTS
from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check, Grader, load_grader
from autograder.course.catalogue import Exercise
from autograder.course.dependencies import read
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.grading.engine import Engine
from autograder.proof.trials import with_siblings
from autograder.reports.terminal import counted
from autograder.sandbox.host.errors import StudentProblem
from autograder.submissions.submission import Submission

REFERENCE = "reference"
ENOUGH = 200
"""Attempts of the reference per check. If none is below the threshold, fewer than 1.5% will be (95% confidence)."""
SAVE_EVERY = 10
Accuracies = list[float | None]
"""One accuracy for each seed from 0 on; None if the attempt raised an exception or failed before it had an accuracy."""


@dataclass(frozen=True)
class Distribution:
    """Statistics of a number of attempts."""

    attempts: int
    mean: float
    sd: float
    lowest: float
    highest: float
    passing: float

    @classmethod
    def of(cls, accuracies: Accuracies, threshold: float) -> Distribution:
        found = [value for value in accuracies if value is not None]
        passing = sum(value >= threshold for value in found) / max(1, len(accuracies))
        if not found:
            return cls(len(accuracies), math.nan, math.nan, math.nan, math.nan, 0.0)
        spread = stdev(found) if len(found) > 1 else 0.0
        return cls(len(accuracies), fmean(found), spread, min(found), max(found), passing)

    @property
    def chance(self) -> float:
        """The probability of passing the check, which makes up to three attempts."""
        return 1 - (1 - self.passing) ** ATTEMPTS


class Record:
    """The measured accuracies of one exercise."""

    def __init__(self, exercise: Exercise) -> None:
        self.path = exercise.root / "solutions" / "measured" / exercise.practical / f"{exercise.name}.json"
        self.solution = read(exercise.solution.read_bytes()).digest[:16]
        content = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        # Measurements of an earlier version of the solution are not valid any more.
        self.checks: dict[str, Any] = content.get("checks", {}) if content.get("solution") == self.solution else {}

    def of(self, check: Check, tier: str) -> dict[str, Accuracies]:
        """The accuracies in a check, by subject: the reference, the variants, and the mistakes by name."""
        tiers: dict[str, dict[str, Accuracies]] = self.checks.setdefault(check.id.name, {})
        return tiers.setdefault(tier, {})

    def save(self) -> None:
        text = json.dumps({"solution": self.solution, "checks": self.checks}, indent=1)
        write_atomically(self.path, (_numbers_on_one_line(text) + "\n").encode())


def _numbers_on_one_line(text: str) -> str:
    """Joins lists of numbers into one line: json.dumps with an indent puts each number on its own line."""
    lines: list[str] = []
    for line in text.splitlines():
        number = line.strip().rstrip(",").replace(".", "").isdigit() or line.strip().rstrip(",") == "null"
        if lines and (number or line.strip() in ("]", "],")) and "[" in lines[-1]:
            lines[-1] += line.strip() + (" " if line.endswith(",") and number else "")
        else:
            lines.append(line)
    return "\n".join(lines)


def accuracy_checks(grader: Grader) -> list[Check]:
    """The checks that train a model and compare its accuracy with a threshold, which involves chance."""
    return [check for check in grader.checks if check.spec.threshold is not None]


def checks_by_value(grader: Grader) -> list[Check]:
    """The checks without a threshold."""
    return [check for check in grader.checks if check.spec.threshold is None]


def measure(exercise: Exercise, engine: Engine, seeds: int, other_seeds: int) -> Iterator[str]:
    """Makes attempts on seeds 0, 1, … until the record has `seeds` of them for the reference, and `other_seeds` for
    each variant and known mistake. Yields one line per subject.

    A mistake that does not change the accuracy under the first seed does not affect training and is left out.
    """
    grader, record = load_grader(exercise.id), Record(exercise)
    solution = exercise.solution.read_text(encoding="utf-8")
    right = {REFERENCE: solution} | {
        f"variant {path.stem}": path.read_text(encoding="utf-8") for path in exercise.variants
    }
    sources = right | {mistake.name: submission_source(solution, mistake) for mistake in load_mistakes(exercise)}
    for check in accuracy_checks(grader):
        known = record.of(check, engine.settings.tier)
        assert check.spec.threshold is not None
        threshold = check.spec.threshold.of(engine.settings.tier)
        for name, source in sources.items():
            wanted = seeds if name == REFERENCE else other_seeds
            accuracies = known.setdefault(name, [])
            if len(accuracies) >= wanted:
                continue
            submission = with_siblings(exercise, source.encode(), name)
            for value in _attempts(engine, grader, check, submission, range(len(accuracies), wanted)):
                accuracies.append(value)
                if name not in right and accuracies[0] in (None, known[REFERENCE][0]):
                    break
                if len(accuracies) % SAVE_EVERY == 0:
                    record.save()
            record.save()
            if name in right or accuracies[0] not in (None, known[REFERENCE][0]):
                yield line(f"{check.id} {name}", Distribution.of(accuracies, threshold), threshold)


def _attempts(
    engine: Engine, grader: Grader, check: Check, submission: Submission, seeds: range
) -> Iterator[float | None]:
    student = engine.student(submission, grader)
    try:
        for seed in seeds:
            try:
                yield round(float(engine.prepare(check, student, seed)()), 4)
            except (CheckFailed, StudentProblem):
                yield None
    finally:
        student.close()


def line(name: str, found: Distribution, threshold: float) -> str:
    """The attempts of one subject in words."""
    return (
        f"{name}: {counted(found.attempts, 'attempt')}, mean {found.mean:.3f}, sd {found.sd:.3f}, "
        f"{found.lowest:.3f} to {found.highest:.3f}; {found.passing:.1%} reach {threshold:.2f}, so the check passes "
        f"with probability {found.chance:.2%}"
    )


def weak_thresholds(exercise: Exercise, grader: Grader) -> tuple[list[str], list[str]]:
    """Problems (correct code that missed a threshold of the fast tier) and notes (thresholds with too few attempts)."""
    record = Record(exercise)
    missed, unmeasured = [], []
    for check in accuracy_checks(grader):
        assert check.spec.threshold is not None
        name, threshold = check.id.name, check.spec.threshold.fast
        known = record.of(check, "fast")
        accuracies = known.get(REFERENCE, [])
        variants = [value for path in exercise.variants for value in known.get(f"variant {path.stem}", [])]
        below = sum(value is None or value < threshold for value in accuracies + variants)
        if below:
            missed.append(f"{counted(below, 'measured attempt')} of correct code below the threshold of {name}")
        if len(accuracies) < ENOUGH:
            unmeasured.append(
                f"the threshold of {name} rests on {counted(len(accuracies), 'attempt')} of this solution, but needs "
                f"{ENOUGH}: autograder measure --only {exercise.id}"
            )
    return missed, unmeasured
