"""Mutation tests of the graders: each mutant of a solution must lose points, or a teacher must record why it does not.

The record of an exercise, `solutions/mutants/<practical>/<exercise>.json`, is written by hand. It is a list of reasons,
each with the mutants that do nothing wrong for this reason, spelled as `autograder mutants` prints them.

    [{"reason": "why the mutants still do what the exercise asks for", "mutants": ["softmax: x -> y"]}]
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
    """A record of equivalent mutants cannot be used. The message gives the file, the problem and the fix."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    mutants: list[str]


@dataclass
class MutationReport:
    """The results of the mutants of one exercise."""

    id: str
    made: int = 0
    killed: int = 0
    equivalent: int = 0
    """The number of mutants that pass for a recorded reason."""
    survivors: list[Mutant] = field(default_factory=list)
    """Mutants that pass without a recorded reason."""
    stale: list[str] = field(default_factory=list)
    """Entries of the record that are wrong now, one line each."""
    defects: list[str] = field(default_factory=list)
    """Failures of the grader itself, one line each."""

    @property
    def problems(self) -> int:
        return len(self.survivors) + len(self.stale) + len(self.defects)


def mutate(exercises: Iterable[Exercise], trials: Trials, seed: int) -> Iterator[MutationReport]:
    """Grades all mutants, one exercise after the other. Each is graded until the first check that it does not pass.

    RecordError if a record cannot be read; MarkerError if the markers of a solution are wrong.
    """
    for exercise in exercises:
        yield _mutate(exercise, trials, seed)


def _mutate(exercise: Exercise, trials: Trials, seed: int) -> MutationReport:
    reasons = load_reasons(exercise)
    mutants = make_mutants(exercise.solution.read_text(encoding="utf-8"), str(exercise.solution))
    report = MutationReport(exercise.id, made=len(mutants))
    # The solution goes first: a grader that fails everything would kill every mutant, and the report would look good.
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
                report.stale.append(f"{mutant.key}: recorded as equivalent, but {first_reason(result)}")
        elif mutant.key in reasons:
            report.equivalent += 1
        else:
            report.survivors.append(mutant)
    report.stale += [f"{key}: there is no such mutant" for key in sorted(set(reasons) - {m.key for m in mutants})]
    return report


def grade_to_first_loss(engine: Engine, trial: Trial) -> ExerciseResult:
    """Runs the cheapest checks first, up to the first that does not pass. Does not look for known mistakes."""
    with opened(engine, trial) as run:
        for result in run.results(cheapest_first(run.grader.checks)):
            if result.status not in ("passed", SKIPPED):
                break
    return run.result


def cheapest_first(checks: Iterable[Check]) -> list[Check]:
    """The checks sorted by cost: those that reach for an accuracy come last, after the others that train."""
    return sorted(checks, key=lambda check: (check.spec.threshold is not None, check.spec.trains))


def load_reasons(exercise: Exercise) -> dict[str, str]:
    """The recorded reason of each equivalent mutant, by the mutant's key; empty if there is no record."""
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
