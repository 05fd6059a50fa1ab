"""The content proof: stubs start unsolved, solutions and variants get full marks, every known mistake loses points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.course.catalogue import Exercise
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.grading.catalogue import load_grader
from autograder.grading.measure import weak_thresholds
from autograder.grading.results import ExerciseResult
from autograder.grading.trials import Trial, Trials


@dataclass
class Proof:
    """What was proved of one exercise, and what was not."""

    id: str
    points: float = 0
    bonus: bool = False
    checks: int = 0
    variants: int = 0
    mistakes: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What should be done, and does not make the content wrong."""


def prove(exercises: Iterable[Exercise], trials: Trials, seed: int) -> Iterator[Proof]:
    """One exercise after the other; a missing part is a problem too."""
    for exercise in exercises:
        proof = Proof(exercise.id)
        parts = (exercise.solution, exercise.grader, exercise.mistakes, exercise.stub)
        missing = [str(path) for path in parts if not path.is_file()]
        if missing:
            proof.problems.append(f"missing: {', '.join(missing)}")
        else:
            _prove(exercise, trials, seed, proof)
        yield proof


def _prove(exercise: Exercise, trials: Trials, seed: int, proof: Proof) -> None:
    grader = load_grader(exercise.id)
    proof.points = sum(check.spec.points for check in grader.checks)
    proof.bonus, proof.checks = grader.spec.bonus, len(grader.checks)
    if proof.points != int(proof.points) or proof.points <= 0:
        proof.problems.append(f"its checks sum to {proof.points:g} points, no whole number")
    mistakes = load_mistakes(exercise)
    solution = exercise.solution.read_text(encoding="utf-8")
    right = {"the solution": solution.encode()} | {path.name: path.read_bytes() for path in exercise.variants}
    wrong = {mistake.name: submission_source(solution, mistake).encode() for mistake in mistakes}
    results = trials.results([
        Trial(exercise, "the stub", exercise.stub.read_bytes(), seed),
        *(Trial(exercise, name, source, seed) for name, source in right.items()),
        # A mistake need not be graded further than its first lost point.
        *(Trial(exercise, name, source, seed, to_the_end=False) for name, source in wrong.items()),
    ])  # fmt: skip
    stub = next(results)
    if stub.status != "not_started" or stub.score:
        proof.problems.append(f"the stub is {stub.status} with {stub.score:g} points: {first_reason(stub)}")
    for name, result in zip(right, results):
        if result.status != "passed":
            proof.problems.append(f"{name} should get full marks and is {result.status}: {first_reason(result)}")
    for name, result in zip(wrong, results):
        if result.status in ("passed", "grader_error"):
            noticed = "no check notices it" if result.status == "passed" else first_reason(result)
            proof.problems.append(f"the mistake {name} is {result.status}: {noticed}")
    proof.variants, proof.mistakes = len(exercise.variants), len(mistakes)
    missed, proof.notes = weak_thresholds(exercise, grader)
    proof.problems += missed


def repeat(exercise: Exercise, trials: Trials, seeds: Iterable[int]) -> Iterator[tuple[int, ExerciseResult]]:
    """The solution graded under each seed: right code shall not depend on luck."""
    source = exercise.solution.read_bytes()
    seeds = list(seeds)
    return zip(seeds, trials.results([Trial(exercise, "the solution", source, seed) for seed in seeds]))


def first_reason(result: ExerciseResult) -> str:
    problem = result.first_problem
    return f"{problem.id.split('::')[1]}: {problem.message.splitlines()[0]}" if problem else "nothing is wrong"
