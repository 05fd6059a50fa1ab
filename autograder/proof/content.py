"""The content proof: stubs start unsolved, solutions and variants get full marks, and every known mistake loses points
and is named correctly."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Exercise
from autograder.course.mistakes import Mistake, load_mistakes, submission_source
from autograder.grading.engine import Engine
from autograder.proof.constants import CONSTANTS, paid_for_constants, with_constants
from autograder.proof.thresholds import accuracy_checks, checks_by_value, weak_thresholds
from autograder.proof.trials import Trial, Trials, opened
from autograder.results import ExerciseResult

EVERY = 6
"""One known mistake in this many is also looked up by fingerprints; the seed decides which. Replay tries them all."""
Named = Counter[tuple[str, str, str]]
"""Counts of known mistakes by (way, kind, outcome): "replay" or "fingerprints", "functions" or "classes", and "tried"
or "alone", which means that the mistake was named and no other was."""


def named_text(named: Named) -> str:
    counts = [
        f"{named[way, kind, 'alone']} of {named[way, kind, 'tried']} {kind} by {way}"
        for way in ("replay", "fingerprints")
        for kind in ("functions", "classes")
    ]
    return f"named correctly, with no other name: {', '.join(counts)}"


@dataclass
class Proof:
    """The proof of one exercise: what the exercise contains, and the problems found."""

    id: str
    points: float = 0
    bonus: bool = False
    checks: int = 0
    variants: int = 0
    mistakes: int = 0
    named: Named = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Things to improve. They do not make the content wrong."""


def prove(exercises: Iterable[Exercise], trials: Trials, seed: int) -> Iterator[Proof]:
    """Proves one exercise after the other. A missing file is a problem too."""
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
    mistakes = load_mistakes(exercise)
    solution = exercise.solution.read_text(encoding="utf-8")
    right = {"the solution": solution.encode()} | {path.name: path.read_bytes() for path in exercise.variants}
    wrong = {mistake.name: submission_source(solution, mistake).encode() for mistake in mistakes}
    results = trials.results([
        Trial(exercise, "the stub", exercise.stub.read_bytes(), seed),
        *(Trial(exercise, name, source, seed) for name, source in right.items()),
    ])  # fmt: skip
    stub = next(results)
    if stub.status != "not_started" or stub.score:
        proof.problems.append(f"the stub is {stub.status} with {stub.score:g} points: {first_reason(stub)}")
    for name, result in zip(right, results):
        if result.status != "passed":
            proof.problems.append(f"{name} should get full marks, but is {result.status}: {first_reason(result)}")
    constant = [with_constants(solution, grader.spec.public, number).encode() for number in CONSTANTS]
    results = trials.results([Trial(exercise, "constants", source, seed) for source in constant])
    for number, result in zip(CONSTANTS, results):
        for name in paid_for_constants(grader, result):
            proof.problems.append(f"{name} passes although every result is {number:g}")
    sources = [Trial(exercise, name, source, seed) for name, source in wrong.items()]
    in_turn = {trial.name for trial in sources[seed % EVERY :: EVERY]}
    judged = trials.map(functools.partial(judge_mistake, in_turn), sources)
    for mistake, (result, by_replay, by_fingerprints) in zip(mistakes, judged):
        if result.status in ("passed", "grader_error"):
            noticed = "no check notices it" if result.status == "passed" else first_reason(result)
            proof.problems.append(f"the mistake {mistake.name} is {result.status}: {noticed}")
        _note_names(proof, mistake, by_replay, by_fingerprints if mistake.name in in_turn else None)
    _prove_pairs(exercise, trials, seed, proof, mistakes)
    proof.variants, proof.mistakes = len(exercise.variants), len(mistakes)
    missed, unmeasured = weak_thresholds(exercise, grader)
    proof.problems += missed
    proof.notes += unmeasured


def _prove_pairs(exercise: Exercise, trials: Trials, seed: int, proof: Proof, mistakes: list[Mistake]) -> None:
    """Grades submissions with two mistakes at once. Either, both or none may be named, but never a third."""
    solution = exercise.solution.read_text(encoding="utf-8")
    pairs = _pairs(mistakes)
    sources = [submission_source(submission_source(solution, first), second).encode() for first, second in pairs]
    pair = "two mistakes"
    judged = trials.map(functools.partial(judge_mistake, {pair}), [Trial(exercise, pair, one, seed) for one in sources])
    for (first, second), (_, *ways) in zip(pairs, judged):
        for names in ways:
            if others := names - {first.name, second.name}:
                named = ", ".join(sorted(others))
                proof.problems.append(f"{first.name} and {second.name} together are named {named}")


def _pairs(mistakes: list[Mistake]) -> list[tuple[Mistake, Mistake]]:
    """Pairs the first known mistake with the first two that replace other functions. The most frequent come first."""
    if not mistakes:
        return []
    first = mistakes[0]
    others = [mistake for mistake in mistakes if mistake.replaces != first.replaces]
    return [(first, other) for other in others[:2]]


def _note_names(proof: Proof, mistake: Mistake, by_replay: set[str], by_fingerprints: set[str] | None) -> None:
    kind = "classes" if mistake.of_class else "functions"
    for names, way in ((by_replay, "replay"), (by_fingerprints, "fingerprints")):
        if names is None:
            continue
        proof.named[way, kind, "tried"] += 1
        proof.named[way, kind, "alone"] += names == {mistake.name}
        if names - {mistake.name}:
            proof.problems.append(f"the mistake {mistake.name} is named {', '.join(sorted(names))} by {way}")
        elif not names:
            proof.notes.append(f"the mistake {mistake.name} is not named by {way}")


def judge_mistake(by_fingerprints: set[str], engine: Engine, trial: Trial) -> tuple[ExerciseResult, set[str], set[str]]:
    """Grades a known mistake; returns the result, the names by replay, and those by fingerprints.

    Fingerprints are only looked up if the trial's name is in `by_fingerprints`.
    """
    with opened(engine, trial) as run:
        passed = [found.status == "passed" for found in run.results(checks_by_value(run.grader))]
        if all(passed):  # accuracy checks come last: they take long and do not show which mistake it is
            for _ in run.results(accuracy_checks(run.grader)):
                pass
        replayed = {mistake.name for _, mistake in run.mistakes(replay=True)}
        asked = trial.name in by_fingerprints
        recognised = {mistake.name for _, mistake in run.mistakes(replay=False)} if asked else set()
    return run.result, replayed, recognised


def repeat(exercise: Exercise, trials: Trials, seeds: Iterable[int]) -> Iterator[tuple[int, ExerciseResult]]:
    """Grades the solution under each seed. Correct code must pass under all of them."""
    source = exercise.solution.read_bytes()
    seeds = list(seeds)
    return zip(seeds, trials.results([Trial(exercise, "the solution", source, seed) for seed in seeds]))


def first_reason(result: ExerciseResult) -> str:
    problem = result.first_problem
    return f"{problem.id.name}: {problem.message.splitlines()[0]}" if problem else "nothing is wrong"
