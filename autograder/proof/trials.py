"""Grades many sources of an exercise on several cores, for the content proof and the mutation tests."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import TypeVar

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Exercise
from autograder.grading.engine import Engine, ExerciseRun
from autograder.grading.settings import Settings
from autograder.results import ExerciseResult
from autograder.sandbox.host.launch import Channel, Isolation, Zygote, choose_isolation
from autograder.submissions.submission import Submission

Found = TypeVar("Found")


@dataclass(frozen=True)
class Trial:
    """A source to grade as an exercise's file."""

    exercise: Exercise
    name: str
    source: bytes
    seed: int


class Trials:
    """Grades trials in a pool of processes with one engine each; without a pool, with one engine in this process."""

    def __init__(self, engine: Engine, pool: ProcessPoolExecutor | None) -> None:
        self._engine = engine
        self._pool = pool

    def results(self, trials: Iterable[Trial]) -> Iterator[ExerciseResult]:
        """The results of the trials, in their order."""
        return self.map(grade_trial, trials)

    def map(self, work: Callable[[Engine, Trial], Found], trials: Iterable[Trial]) -> Iterator[Found]:
        """Calls `work`, which must be a module-level function, with each trial; yields the results in their order."""
        if self._pool is None:
            return (work(self._engine, trial) for trial in trials)
        return self._pool.map(functools.partial(_in_process, work), list(trials))


@contextmanager
def trials(settings: Settings, exercises: Iterable[Exercise], jobs: int) -> Iterator[Trials]:
    """Trials that are ready to grade. All processes share one zygote, and are forked after the graders are imported."""
    isolation = choose_isolation(settings.isolation)
    engine = Engine(settings, isolation)
    engine.warm_up()
    try:
        for exercise in exercises:
            if exercise.grader.is_file():
                load_grader(exercise.id)
        engine.confirm()
        zygote = engine.isolation.launcher
        if not isinstance(zygote, Zygote) or jobs < 2:
            yield Trials(engine, None)
            return
        context = multiprocessing.get_context("fork")
        lines = [zygote.connect() for _ in range(jobs)]
        arguments = (settings, engine.isolation.level, zygote, lines, context.Value("i", 0))
        with ProcessPoolExecutor(jobs, context, _begin, arguments) as pool:
            yield Trials(engine, pool)
    finally:
        engine.close()


_engine: Engine
"""The engine of this process, if it belongs to a pool."""


def _begin(settings: Settings, level: str, zygote: Zygote, lines: list[Channel], taken: Synchronized[int]) -> None:
    global _engine
    with taken.get_lock():
        own = lines.pop(taken.value)
        taken.value += 1
    for line in lines:
        line.close()
    zygote.leave_to_parent()
    _engine = Engine(settings, Isolation(level, own))


def _in_process(work: Callable[[Engine, Trial], Found], trial: Trial) -> Found:
    return work(_engine, trial)


@contextmanager
def opened(engine: Engine, trial: Trial) -> Iterator[ExerciseRun]:
    """The run of a trial under its seed. The worker ends with the block."""
    engine.use_seed(trial.seed)
    submission = with_siblings(trial.exercise, trial.source, trial.name)
    with closing(engine.run(submission, load_grader(trial.exercise.id))) as run:
        yield run


def grade_trial(engine: Engine, trial: Trial) -> ExerciseResult:
    """Runs all checks of a trial, and names the mistakes behind those that fail."""
    with opened(engine, trial) as run:
        return run.complete()


def with_siblings(exercise: Exercise, source: bytes, name: str) -> Submission:
    """A submission of one file, together with the reference solutions of the practical's other exercises."""
    return Submission(name, exercise.files_with(source))
