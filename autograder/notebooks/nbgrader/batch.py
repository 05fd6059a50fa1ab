"""Grades a class for nbgrader in a separate process: with all cores, one zygote, and the graders currently on disk.

This module is both ends of it. A teacher's Jupyter server, which runs for weeks with its own threads, then neither
imports torch nor forks nor keeps outdated graders, and if the process dies the gradebook is unharmed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from autograder.course.catalogue import ExerciseId
from autograder.grading.settings import Settings
from autograder.results import ExerciseResult, SubmissionResult, from_plain, to_plain
from autograder.sandbox.host.environment import ONE_THREAD
from autograder.submissions.entries import Entry

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Graded:
    """The results of a submission's exercises by id, and the notes on the submission."""

    exercises: dict[ExerciseId, ExerciseResult]
    notes: tuple[str, ...]


class BatchFailed(Exception):
    """The grading process ended before it graded a submission; its error is on standard error."""


class Batches:
    """Returns the results of submissions one by one, while the grading process is already working on the next ones."""

    def __init__(self) -> None:
        self._batches: dict[tuple[str, ...], _Batch] = {}

    def result(
        self, entry: Entry, exercises: Sequence[ExerciseId], settings: Settings, upcoming: Callable[[], list[Entry]]
    ) -> Graded:
        """Grades a submission. The first of a batch starts the `upcoming` ones too. Each result is returned once."""
        key = tuple(exercises)
        batch = self._batches.get(key)
        if batch is None or entry.id not in batch.waiting or batch.settings != settings:
            if batch is not None:
                batch.close()
            batch = self._batches[key] = _Batch([entry, *upcoming()], exercises, settings)
        return batch.take(entry.id)

    def close(self) -> None:
        """Ends all grading processes."""
        for batch in self._batches.values():
            batch.close()
        self._batches = {}


class _Batch:
    def __init__(self, entries: list[Entry], exercises: Sequence[ExerciseId], settings: Settings) -> None:
        self.settings = settings
        self.waiting = {entry.id for entry in entries}
        self._graded: dict[str, Graded] = {}
        request = {
            "entries": [[entry.id, str(entry.path)] for entry in entries],
            "exercises": list(exercises),
            "settings": asdict(settings) | {"data_root": str(settings.data_root) if settings.data_root else None},
        }
        # Set before NumPy and torch are imported: their threads would occupy the cores, and do not survive a fork.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.notebooks.nbgrader.batch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | ONE_THREAD,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._out: IO[bytes] = self._process.stdout
        with self._process.stdin as line:
            line.write(json.dumps(request).encode())

    def take(self, identity: str) -> Graded:
        """Waits for the result of a submission; results that arrive earlier are kept."""
        while identity not in self._graded:
            line = self._out.readline()
            if not line:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=10)  # it may still be printing its error
                self.close()
                raise BatchFailed(f"{identity} was not graded: the grading process ended; its error is printed above")
            answer = json.loads(line)
            result = from_plain(answer["result"], SubmissionResult)
            exercises = {exercise.id: exercise for exercise in result.exercises}
            self._graded[answer["id"]] = Graded(exercises, tuple(result.notes))
        self.waiting.discard(identity)
        return self._graded.pop(identity)

    def close(self) -> None:
        self.waiting = set()
        self._out.close()
        self._process.kill()  # its children end with it
        self._process.wait()


def main() -> None:
    """The grading process: reads a request on standard input, and writes one line of JSON for each submission.

    The lines are in the order in which the submissions are finished.
    """
    request = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # anything else that is printed goes to standard error
        entries = [Entry(identity, Path(path)) for identity, path in request["entries"]]
        exercises = [ExerciseId(name) for name in request["exercises"]]
        for identity, result in _grade(entries, exercises, _settings(request["settings"])):
            out.write(json.dumps({"id": identity, "result": result}) + "\n")
            out.flush()


def _settings(plain: dict[str, Any]) -> Settings:
    return Settings(**plain | {"data_root": Path(plain["data_root"]) if plain["data_root"] else None})


def _grade(
    entries: list[Entry], exercises: list[ExerciseId], settings: Settings
) -> Iterator[tuple[str, dict[str, Any]]]:
    # Imported here because they import torch, which the requesting process must not do.
    from autograder.checks.grader import load_grader
    from autograder.classroom.cores import usable_cores
    from autograder.classroom.worker_pool import Work, WorkerPool
    from autograder.grading.engine import Engine
    from autograder.sandbox.host.launch import choose_isolation

    isolation = choose_isolation(settings.isolation)
    engine = Engine(settings, isolation)
    try:
        engine.warm_up()
        for exercise in exercises:
            load_grader(exercise)
        engine.confirm()
        pool = WorkerPool(Work(engine.settings, exercises), min(usable_cores(), len(entries)), isolation)
        try:
            for outcome in pool.grade(entries, lambda: None):
                yield outcome.entry.id, to_plain(outcome.result)
        finally:
            pool.close()
    finally:
        engine.close()


if __name__ == "__main__":
    main()
