"""Graders tested by mutation: each mechanical mutant of a solution loses a point, or a teacher has said why it does not.

The record of an exercise, `solutions/mutants/<practical>/<exercise>.json`, is written by hand: a list of reasons, each
with the mutants that compute the same because of it, as `autograder mutants` spells them.

    [{"reason": "why nothing that the exercise promises differs", "mutants": ["softmax: x -> y"]}]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from autograder.checks.grader import Check
from autograder.course.catalogue import CourseError, Exercise
from autograder.grading.engine import Engine
from autograder.proof.content import first_reason
from autograder.proof.mutants import Mutant, make_mutants
from autograder.proof.trials import Trial, Trials, opened
from autograder.results import SKIPPED, ExerciseResult


class RecordError(CourseError):
    """A record of equivalent mutants that cannot be used; the message says which file, what, and how to mend it."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    mutants: list[str]


@dataclass
class MutationReport:
    """What became of the mutants of one exercise."""

    id: str
    made: int = 0
    killed: int = 0
    equivalent: int = 0
    """They pass, and the record says why."""
    survivors: list[Mutant] = field(default_factory=list)
    """They pass, and nobody has said why."""
    stale: list[str] = field(default_factory=list)
    """What the record says and what is not so: a line each."""
    defects: list[str] = field(default_factory=list)
    """Where the grader itself failed: a line each."""

    @property
    def problems(self) -> int:
        return len(self.survivors) + len(self.stale) + len(self.defects)


def mutate(exercises: Iterable[Exercise], trials: Trials, seed: int) -> Iterator[MutationReport]:
    """Grades all mutants, one exercise after the other, each until the first check that it does not pass.

    RecordError where a record cannot be read; MarkerError where a solution has no regions to mutate.
    """
    for exercise in exercises:
        yield _mutate(exercise, trials, seed)


def _mutate(exercise: Exercise, trials: Trials, seed: int) -> MutationReport:
    reasons = load_reasons(exercise)
    mutants = make_mutants(exercise.solution.read_text(encoding="utf-8"), str(exercise.solution))
    report = MutationReport(exercise.id, made=len(mutants))
    # The solution goes first: what kills all would kill every mutant as well, and the report would be full of praise.
    sources = [exercise.solution.read_bytes(), *(mutant.source.encode() for mutant in mutants)]
    results = trials.map(grade_to_first_loss, [Trial(exercise, "a mutant", source, seed) for source in sources])
    solution = next(results)
    if solution.status != "passed":
        report.defects.append(f"the solution itself is {solution.status}: {first_reason(solution)}")
    for mutant, result in zip(mutants, results):
        if result.status == "grader_error":
            report.defects.append(f"{mutant.key}: {first_reason(result)}")
        elif result.status not in ("passed", SKIPPED):
            report.killed += 1
            if mutant.key in reasons:
                report.stale.append(f"{mutant.key}: said to be equivalent, and {first_reason(result)}")
        elif mutant.key in reasons:
            report.equivalent += 1
        else:
            report.survivors.append(mutant)
    report.stale += [f"{key}: there is no such mutant" for key in sorted(set(reasons) - {m.key for m in mutants})]
    return report


def grade_to_first_loss(engine: Engine, trial: Trial) -> ExerciseResult:
    """By the cheapest checks first, and by none after the first lost point; no known mistake is looked for."""
    with opened(engine, trial) as run:
        for result in run.results(cheapest_first(run.grader.checks)):
            if result.status not in ("passed", SKIPPED):
                break
    return run.result


def cheapest_first(checks: Iterable[Check]) -> list[Check]:
    """Those that train to an accuracy last, before them those that train at all."""
    return sorted(checks, key=lambda check: (check.spec.threshold is not None, check.spec.trains))


def load_reasons(exercise: Exercise) -> dict[str, str]:
    """The reason of each mutant that is recorded as equivalent, by the mutant's key; none where there is no record."""
    path = exercise.root / "solutions" / "mutants" / exercise.practical / f"{exercise.name}.json"
    if not path.is_file():
        return {}
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[_Entry])
    except msgspec.DecodeError as error:
        raise RecordError(f'{path}: {error}. Write [{{"reason": "...", "mutants": ["..."]}}].') from error
    keys = Counter(key for entry in entries for key in entry.mutants)
    if twice := [key for key, times in keys.items() if times > 1]:
        raise RecordError(f"{path}: {twice[0]!r} has two reasons. Delete one.")
    if unexplained := [entry for entry in entries if not entry.reason.strip() or not entry.mutants]:
        raise RecordError(f"{path}: {unexplained[0]} explains nothing. Give it a reason and its mutants, or delete it.")
    return {key: entry.reason for entry in entries for key in entry.mutants}
