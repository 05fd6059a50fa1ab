"""Takes the fingerprints of the known mistakes: each is graded on the inputs of SEED, and its answers are kept."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from autograder.course.catalogue import INSTALLED, CheckId, Exercise
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.diagnosis.fingerprints import (
    SEED,
    Fingerprint,
    Fingerprints,
    Symptom,
    load_fingerprints,
    save_fingerprints,
)
from autograder.diagnosis.layouts import Layout, layouts_of
from autograder.diagnosis.recording import trace_of_check
from autograder.grading.engine import Engine
from autograder.proof.thresholds import checks_by_value
from autograder.proof.trials import Trial, Trials, opened
from autograder.sandbox.host.student_module import Event

SHARED = (
    "checks/*.py", "probes/*.py", "diagnosis/layouts.py", "diagnosis/fingerprints.py", "diagnosis/traces.py",
    "sandbox/host/errors_in_words.py", "sandbox/host/text.py",
)  # fmt: skip
"""What the fingerprints of every exercise depend on: what is asked, how it is marked, and how a reason is worded."""


def stamp(exercise: Exercise) -> str:
    """Of all that an exercise's fingerprints depend on: its practical, its mistakes, what checks it, how marks are made."""
    shared = [path for pattern in SHARED for path in sorted((INSTALLED / "autograder").glob(pattern))]
    digest = hashlib.sha256()
    for path in [*sorted(exercise.solution.parent.glob("*.py")), exercise.mistakes, exercise.grader, *shared]:
        digest.update(path.name.encode() + b"\0" + _text(path) + b"\0")
    return digest.hexdigest()[:16]


def stale_fingerprints(exercises: Iterable[Exercise]) -> list[Exercise]:
    """Those whose fingerprints were taken of something else, or never."""
    return [
        exercise
        for exercise in exercises
        if exercise.mistakes.is_file() and load_fingerprints(exercise.id).stamp != stamp(exercise)
    ]


def take_fingerprints(exercise: Exercise, trials: Trials) -> int:
    """Writes an exercise's file; the number of mistakes in it."""
    mistakes = load_mistakes(exercise)
    solution = exercise.solution.read_text(encoding="utf-8")
    layouts = next(trials.map(reference_layouts, [Trial(exercise, "the solution", solution.encode(), SEED)]))
    sources = [
        Trial(exercise, mistake.name, submission_source(solution, mistake).encode(), SEED) for mistake in mistakes
    ]
    of_each = trials.map(functools.partial(symptoms, layouts), sources)
    found = tuple(
        Fingerprint(mistake.name, mistake.title, mistake.hint, found) for mistake, found in zip(mistakes, of_each)
    )
    save_fingerprints(exercise.id, Fingerprints(stamp(exercise), found, layouts))
    return len(found)


def reference_layouts(engine: Engine, trial: Trial) -> tuple[Layout, ...]:
    """How the reference arranges its parameters, of each network that the checks make."""
    exchanges: list[Event] = []
    with opened(engine, trial) as run:
        for check in checks_by_value(run.grader):
            prepared = engine.prepare(check, run.student, trial.seed)
            run.student.observer = exchanges.append
            prepared()
    found = [layout for layout in layouts_of(exchanges) if layout]
    return tuple(dict.fromkeys(found))


def symptoms(layouts: tuple[Layout, ...], engine: Engine, trial: Trial) -> dict[CheckId, Symptom]:
    """The symptom of a wrong source in each check that it fails."""
    found = {}
    with opened(engine, trial) as run:
        for check in checks_by_value(run.grader):
            trace, status, message = trace_of_check(engine.prepare, check, run.student, trial.seed, layouts)
            if status != "passed":
                found[check.id] = Symptom.of(status, trace, message)
    return found


def _text(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
