"""RESULTS: a JSON for each submission, the seed of the class, and what tells which results still hold."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import msgspec

from autograder import __version__
from autograder.atomic_files import write_atomically
from autograder.classroom.report import RUN_FILE, Run, read_result, read_run
from autograder.course.catalogue import GRADER_PREFIX, ExerciseId
from autograder.course.dependencies import Modules, digest_of
from autograder.results import SubmissionResult, to_json

LOCK_FILE = ".lock"
PACKAGE = Path(__file__).resolve().parents[1]
JUDGES = (
    "autograder.classroom.worker_pool", "autograder.sandbox.worker.zygote", "autograder.sandbox.worker.alone",
)  # fmt: skip
"""What turns a submission into a result beside the graders; the workers are started by the paths of their files."""


class ClassroomError(Exception):
    """Why a class cannot be graded, or not further, and what to do. `code`: the exit code of the command."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class Stamp(msgspec.Struct, frozen=True):
    """What a result depends on beside the submission itself; one with another stamp is out of date."""

    seed: int
    round: int
    tier: str
    isolation: str
    exercises: tuple[ExerciseId, ...]
    graders: str
    follow_through: bool
    version: str = __version__

    def fits(self, result: SubmissionResult) -> bool:
        exercises = tuple(exercise.id for exercise in result.exercises)
        found = Stamp(
            result.seed, result.round, result.tier, result.isolation, exercises, result.graders,
            result.follow_through, result.version,
        )  # fmt: skip
        return found == self


class ResultsFolder:
    """One run's hold on RESULTS: nobody else may grade into it meanwhile."""

    def __init__(self, path: Path) -> None:
        """Makes the folder if need be, locks it, and removes what a killed run left half written. ClassroomError."""
        self.path = path
        if path.exists() and not path.is_dir():
            raise ClassroomError(f"{path} is a file: give a folder for the results, as --to DIR")
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path / LOCK_FILE)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            for leftover in path.glob(".*.part"):
                leftover.unlink()
            self.run = read_run(path)
        except OSError as error:
            self.close()
            raise _unwritable(path, error) from error
        except ValueError as error:
            self.close()
            raise ClassroomError(
                f"{path / RUN_FILE}, which holds the seed of this class, is damaged ({error}): delete it, and give the old "
                "seed as --seed (it stands in every result), or everything will be graded again with a new one"
            ) from error

    def begin(self, seed: int | None, regrade: bool) -> Run:
        """The seed of the class and the round of its grading, from now on recorded."""
        old = self.run
        if old is not None and seed not in (None, old.seed) and not regrade:
            raise ClassroomError(
                f"{self.path} was graded with --seed {old.seed}, and you give {seed}: leave --seed out to go on, add "
                "--regrade to grade everything again with the new seed, or give another folder as --to DIR"
            )
        if old is None:
            self.run = Run(secrets.randbits(128) if seed is None else seed)
        elif regrade:
            self.run = Run(old.seed if seed is None else seed, old.round + 1)
        assert self.run is not None
        if self.run != old:
            self.record(self.run)
        return self.run

    def record(self, run: Run) -> None:
        self.run = run
        self._write(RUN_FILE, {"seed": run.seed, "round": run.round, "gone": list(run.gone)})

    def read(self, name: str) -> SubmissionResult | None:
        """A submission's result; None if there is none, or a damaged one."""
        return read_result(self.path / f"{name}.json")

    def write(self, name: str, result: SubmissionResult) -> None:
        """Whole or not at all; ClassroomError if there is no room or no right to."""
        self._write(f"{name}.json", to_json(result))

    def close(self) -> None:
        self._lock.close()

    def _write(self, name: str, content: dict[str, Any]) -> None:
        # A lone surrogate out of a file's name has no place in JSON that others read.
        data = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
        try:
            write_atomically(self.path / name, data)
        except OSError as error:
            raise ClassroomError(
                f"{self.path / name} cannot be written ({error.strerror}): make room or mend the rights, and give the same "
                "command again; what is finished is kept",
                code=1,
            ) from error


def graders_digest(exercises: Iterable[ExerciseId], data_roots: Iterable[Path], package: Path = PACKAGE) -> str:
    """A digest of all code that judges these exercises, and of where the data lies: a fixed grader grades again.

    Titles of checks, and mistakes with their hints, count, since a result says them; comments do not.
    """
    modules, solutions = Modules(package, package.name), Modules(package.parent / "solutions")
    graders, references, fingerprints = [], [], []
    for exercise in exercises:
        graders.append(f"{package.name}.graders.{exercise.practical}.{GRADER_PREFIX}{exercise.name}")
        references += [exercise.module, f"mistakes.{exercise.module}"]
        fingerprints.append(package / "diagnosis" / "fingerprints" / f"{exercise}.json.gz")
    return digest_of([
        *map(str, data_roots),
        modules.digest(modules.reached([*graders, *JUDGES]), titles=True),
        solutions.digest(solutions.reached(module for module in references if module in solutions)),
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in fingerprints if path.is_file()),
    ])  # fmt: skip


def _unwritable(path: Path, error: OSError) -> ClassroomError:
    remedy = "make it writable, or give another folder as --to DIR"
    return ClassroomError(f"{path} cannot be written to ({error.strerror}): {remedy}")


def _lock(path: Path) -> IO[bytes]:
    """Held until closed or until this process ends, however it does; forked processes do not hold it."""
    import fcntl  # not on Windows, which has no workers either

    file = path.open("ab")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ClassroomError(
            f"another run is grading into {path.parent}: wait until it is done, or give another folder as --to DIR"
        ) from None
    return file
