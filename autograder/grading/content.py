"""The content proof: stubs start unsolved, solutions and variants get full marks, every known mistake loses points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from autograder.course.build import stale
from autograder.course.catalogue import Exercise, Project
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.grading.catalogue import Grader, load_grader
from autograder.grading.engine import Engine
from autograder.grading.measure import unmeasured
from autograder.grading.results import ExerciseResult
from autograder.grading.submission import Submission


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


def stale_files(project: Project) -> list[str]:
    """What `autograder build` would change: the cheap check, done first."""
    return stale(project)


def prove(exercises: Iterable[Exercise], engine: Engine) -> Iterator[Proof]:
    """One exercise after the other; a missing part is a problem too."""
    for exercise in exercises:
        proof = Proof(exercise.id)
        missing = [str(path) for path in (exercise.solution, exercise.grader, exercise.mistakes) if not path.is_file()]
        if missing:
            proof.problems.append(f"missing: {', '.join(missing)}")
        else:
            _prove(exercise, engine, proof)
        yield proof


def _prove(exercise: Exercise, engine: Engine, proof: Proof) -> None:
    grader = load_grader(exercise.id)
    proof.points = sum(check.spec.points for check in grader.checks)
    proof.bonus, proof.checks = grader.spec.bonus, len(grader.checks)
    if proof.points != int(proof.points) or proof.points <= 0:
        proof.problems.append(f"its checks sum to {proof.points:g} points, no whole number")
    solution = exercise.solution.read_bytes()
    if exercise.stub.is_file():
        stub = _grade(engine, grader, exercise.stub.read_bytes())
        if stub.status != "not_started" or stub.score:
            proof.problems.append(f"the stub is {stub.status} with {stub.score:g} points: {first_reason(stub)}")
    else:
        proof.problems.append(f"missing: {exercise.stub}: run `autograder build`")
    for name, source in [("the solution", solution), *((v.name, v.read_bytes()) for v in exercise.variants)]:
        result = _grade(engine, grader, source)
        if result.status != "passed":
            proof.problems.append(f"{name} should get full marks and is {result.status}: {first_reason(result)}")
    proof.variants = len(exercise.variants)
    for mistake in load_mistakes(exercise):
        source = submission_source(solution.decode(), mistake).encode()
        if _grade(engine, grader, source, stop_at_first=True).status == "passed":
            proof.problems.append(f"the mistake {mistake.name} gets full marks: no check notices it")
        proof.mistakes += 1
    proof.problems += unmeasured(exercise, grader)


def repeat(exercise: Exercise, engine: Engine, seeds: Iterable[int]) -> Iterator[tuple[int, ExerciseResult]]:
    """The solution graded under each seed: right code shall not depend on luck."""
    grader, source = load_grader(exercise.id), exercise.solution.read_bytes()
    for seed in seeds:
        engine.settings = replace(engine.settings, seed=seed)
        yield seed, _grade(engine, grader, source)


def first_reason(result: ExerciseResult) -> str:
    problem = result.first_problem
    return f"{problem.id.split('::')[1]}: {problem.message.splitlines()[0]}" if problem else "nothing is wrong"


def _grade(engine: Engine, grader: Grader, source: bytes, *, stop_at_first: bool = False) -> ExerciseResult:
    """One file as a submission of its own; a mistake need not be graded further than its first lost point."""
    submission = Submission("content", {f"{grader.id}.py": source})
    student = engine.student(submission, grader)
    result = ExerciseResult(grader.id, grader.spec.bonus)
    try:
        for check in grader.checks:
            result.checks.append(engine.run_check(check, student))
            if stop_at_first and result.checks[-1].status != "passed":
                break
    finally:
        student.close()
    return result
