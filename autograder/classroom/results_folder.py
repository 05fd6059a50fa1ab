"""The results folder of a class: a JSON per submission, the seed of the class, and which results are up to date."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import structs

from autograder import __version__
from autograder.atomic_files import write_atomically
from autograder.classroom.history import REPLACED_FOLDER, keep
from autograder.classroom.report import RUN_FILE, Run, read_result, read_run
from autograder.course.catalogue import ExerciseId
from autograder.results import SubmissionResult, to_json

LOCK_FILE = ".lock"
CLASS_FILE = ".class.json"


class ClassroomError(Exception):
    """A class cannot be graded, or not to its end. The message says why and what to do; `code` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class Stamp(msgspec.Struct, frozen=True):
    """Everything besides the submission that a result depends on. A result with another stamp is out of date."""

    seed: int
    round: int
    tier: str
    isolation: str
    exercises: tuple[ExerciseId, ...]
    graders: str
    follow_through: bool
    version: str = __version__

    def fits(self, result: SubmissionResult) -> bool:
        """Whether the result was graded under these conditions."""
        exercises = tuple(exercise.id for exercise in result.exercises)
        found = Stamp(
            result.seed, result.round, result.tier, result.isolation, exercises, result.graders,
            result.follow_through, result.version,
        )  # fmt: skip
        return found == self


class ResultsFolder:
    """The results folder, locked for one class run."""

    def __init__(self, path: Path) -> None:
        """Creates the folder if needed, locks it, and deletes the unfinished files of a run that was killed.

        ClassroomError if the folder cannot be used, or if another run is using it.
        """
        self.path = path
        if path.exists() and not path.is_dir():
            raise ClassroomError(f"{path} is a file: give a folder for the results with --to DIR")
        try:
            path.mkdir(0o700, parents=True, exist_ok=True)  # closed to other users, who may be students
            self._lock = _lock(path / LOCK_FILE)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            for leftover in path.rglob(".*.part"):
                leftover.unlink()
            self.run = read_run(path)
        except OSError as error:
            self.close()
            raise _unwritable(path, error) from error
        except ValueError as error:
            self.close()
            raise ClassroomError(
                f"{path / RUN_FILE}, which holds the seed of this class, is damaged ({error}): delete it, and give the old "
                "seed with --seed (every result contains it); without --seed, everything is graded again with a new seed"
            ) from error

    def begin(self, seed: int | None, regrade: bool, submissions: Path) -> Run:
        """Starts a run and records it: with the seed of the class, and a new round if it regrades.

        ClassroomError if the class has another seed and is not regraded.
        """
        old = self.run
        if old is not None and seed not in (None, old.seed) and not regrade:
            raise ClassroomError(
                f"{self.path} was graded with --seed {old.seed}, not {seed}: leave out --seed to continue, add --regrade "
                "to grade everything again with the new seed, or give another folder with --to DIR"
            )
        if old is None:
            self.run = Run(secrets.randbits(128) if seed is None else seed)
        elif regrade:
            self.run = Run(old.seed if seed is None else seed, old.round + 1)
        assert self.run is not None
        self.run = structs.replace(self.run, submissions=str(submissions.resolve()))
        if self.run != old:
            self.record(self.run)
        return self.run

    def record(self, run: Run) -> None:
        """Writes the record of the run. ClassroomError if that fails."""
        self.run = run
        self._write(RUN_FILE, msgspec.to_builtins(run))

    def read(self, name: str) -> SubmissionResult | None:
        """A submission's result; None if there is none or if it is damaged."""
        return read_result(self.path / f"{name}.json")

    def write(self, name: str, result: SubmissionResult) -> None:
        """Writes a submission's result atomically, and keeps the one that it replaces. ClassroomError if that fails."""
        try:
            keep(self.path, f"{name}.json", result.grading)
        except OSError as error:
            raise ClassroomError(
                f"the earlier result {self.path / name}.json cannot be kept in {self.path / REPLACED_FOLDER} "
                f"({error.strerror}), so it is not replaced: free some space or fix the permissions, then run the same "
                "command again",
                code=1,
            ) from error
        self._write(f"{name}.json", to_json(result))

    def update(self, name: str, result: SubmissionResult) -> None:
        """Rewrites a result that was not graded again. ClassroomError if that fails."""
        self._write(f"{name}.json", to_json(result))

    def remove(self, name: str, grading: int) -> None:
        """Removes the result of a student whose attempts do not count; it is kept. ClassroomError if that fails."""
        try:
            keep(self.path, f"{name}.json", grading)
            (self.path / f"{name}.json").unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def record_class(self, record: msgspec.Struct) -> None:
        """Writes the class list. ClassroomError if that fails."""
        self._write(CLASS_FILE, msgspec.to_builtins(record))

    def close(self) -> None:
        """Releases the lock."""
        self._lock.close()

    def _write(self, name: str, content: dict[str, Any]) -> None:
        # A file name may contain a lone surrogate, which is not valid in UTF-8.
        data = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
        try:
            write_atomically(self.path / name, data)
        except OSError as error:
            raise ClassroomError(
                f"{self.path / name} cannot be written ({error.strerror}): free some space or fix the permissions, then "
                "run the same command again; finished results are kept",
                code=1,
            ) from error


def _unwritable(path: Path, error: OSError) -> ClassroomError:
    remedy = "make it writable, or give another folder with --to DIR"
    return ClassroomError(f"{path} cannot be written to ({error.strerror}): {remedy}")


def _lock(path: Path) -> IO[bytes]:
    """Locks a file until it is closed or this process ends. Forked processes do not inherit the lock."""
    import fcntl  # does not exist on Windows, where workers do not run either

    file = path.open("ab")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ClassroomError(
            f"another run is grading into {path.parent}: wait until it is done, or give another folder with --to DIR"
        ) from None
    return file
