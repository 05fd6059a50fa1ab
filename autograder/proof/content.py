"""The content proof: stubs start unsolved, solutions and variants get full marks, every known mistake loses points and is
told by its name."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Exercise
from autograder.course.mistakes import Mistake, load_mistakes, submission_source
from autograder.grading.engine import Engine
from autograder.proof.thresholds import accuracy_checks, checks_by_value, weak_thresholds
from autograder.proof.trials import Trial, Trials, opened
from autograder.results import ExerciseResult

EVERY = 6
"""Every sixth known mistake is looked up among the fingerprints, each time others: replay tries them all."""
Named = Counter[tuple[str, str, str]]
"""How many known mistakes were tried and named alone, by ("replay" or "fingerprints", "functions" or "classes", ...)."""


def named_text(named: Named) -> str:
    counts = [
        f"{named[way, kind, 'alone']} of {named[way, kind, 'tried']} {kind} by {way}"
        for way in ("replay", "fingerprints")
        for kind in ("functions", "classes")
    ]
    return f"named, and alone: {', '.join(counts)}"


@dataclass
class Proof:
    """What was proved of one exercise, and what was not."""

    id: str
    points: float = 0
    bonus: bool = False
    checks: int = 0
    variants: int = 0
    mistakes: int = 0
    named: Named = field(default_factory=Counter)
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
            proof.problems.append(f"{name} should get full marks and is {result.status}: {first_reason(result)}")
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
    """Of two mistakes at once both are named, or one, or none; never a third."""
    solution = exercise.solution.read_text(encoding="utf-8")
    pairs = _pairs(mistakes)
    sources = [submission_source(submission_source(solution, first), second).encode() for first, second in pairs]
    pair = "two mistakes"
    judged = trials.map(functools.partial(judge_mistake, {pair}), [Trial(exercise, pair, one, seed) for one in sources])
    for (first, second), (_, *ways) in zip(pairs, judged):
        for names in ways:
            if others := names - {first.name, second.name}:
                told = ", ".join(sorted(others))
                proof.problems.append(f"{first.name} and {second.name} together are told as {told}")


def _pairs(mistakes: list[Mistake]) -> list[tuple[Mistake, Mistake]]:
    """The first known mistake of the first function with the first two of another: files begin with what is frequent."""
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
            proof.problems.append(f"the mistake {mistake.name} is told by {way} as {', '.join(sorted(names))}")
        elif not names:
            proof.notes.append(f"the mistake {mistake.name} has no name by {way}")


def judge_mistake(by_fingerprints: set[str], engine: Engine, trial: Trial) -> tuple[ExerciseResult, set[str], set[str]]:
    """The result of a known mistake, and the names that replay gives it, and fingerprints if it is one of those."""
    with opened(engine, trial) as run:
        passed = [found.status == "passed" for found in run.results(checks_by_value(run.grader))]
        if all(passed):  # accuracy is the last resort: training takes long, and does not say which mistake it was
            for _ in run.results(accuracy_checks(run.grader)):
                pass
        replayed = {mistake.name for _, mistake in run.mistakes(replay=True)}
        asked = trial.name in by_fingerprints
        recognised = {mistake.name for _, mistake in run.mistakes(replay=False)} if asked else set()
    return run.result, replayed, recognised


def repeat(exercise: Exercise, trials: Trials, seeds: Iterable[int]) -> Iterator[tuple[int, ExerciseResult]]:
    """The solution graded under each seed: right code shall not depend on luck."""
    source = exercise.solution.read_bytes()
    seeds = list(seeds)
    return zip(seeds, trials.results([Trial(exercise, "the solution", source, seed) for seed in seeds]))


def first_reason(result: ExerciseResult) -> str:
    problem = result.first_problem
    return f"{problem.id.name}: {problem.message.splitlines()[0]}" if problem else "nothing is wrong"
