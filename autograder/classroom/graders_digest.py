"""Digests of the code and data that decide the results of a class.

If the digest of all of it changes, submissions are graded again. The digests of its parts say afterwards why a result
changed: the grader of which exercise, the engine, or the data.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from autograder.course.catalogue import GRADER_PREFIX, ExerciseId
from autograder.course.dependencies import Modules, digest_of

PACKAGE = Path(__file__).resolve().parents[1]
JUDGES = (
    "autograder.classroom.worker_pool", "autograder.sandbox.worker.zygote", "autograder.sandbox.worker.alone",
)  # fmt: skip
"""The modules besides the graders from which the code that decides a result is reached. Workers are started by path, so no
import leads to their modules."""
ENGINE, DATA = "engine", "data"
"""The names of the parts that are not the grader of an exercise."""
SHORT = 16
MAX_FILES = 10_000
"""How many files of a data folder are looked at. The datasets of the course are a few dozen."""


def graders_digest(exercises: Iterable[ExerciseId], data_roots: Iterable[Path], package: Path = PACKAGE) -> str:
    """A digest of all code that decides the results of these exercises, and of the names of the data folders.

    If it changes, submissions are graded again. Titles of checks, and known mistakes with their hints, count because they
    are part of a result; comments do not.
    """
    return digest_of([*map(str, data_roots), *_code(exercises, package).values()])


def partial_digests(
    exercises: Iterable[ExerciseId], data_roots: Iterable[Path], package: Path = PACKAGE
) -> dict[str, str]:
    """The digests of the engine, of the data and of each exercise's grader, by "engine", "data" and the exercise's id.

    The digest of the data covers the names, sizes and dates of the files in the data folders.
    """
    parts = {**_code(exercises, package), DATA: digest_of(line for root in data_roots for line in _listing(root))}
    return {str(name): digest[:SHORT] for name, digest in parts.items()}


def _code(exercises: Iterable[ExerciseId], package: Path) -> dict[str, str]:
    """The digest of the engine, and of what each exercise adds to it: grader, reference, known mistakes, fingerprints."""
    modules, solutions = Modules(package, package.name), Modules(package.parent / "solutions")
    engine = modules.reached(JUDGES)
    parts = {ENGINE: modules.digest(engine, titles=True)}
    for exercise in exercises:
        grader = f"{package.name}.graders.{exercise.practical}.{GRADER_PREFIX}{exercise.name}"
        references = [module for module in (exercise.module, f"mistakes.{exercise.module}") if module in solutions]
        fingerprints = package / "diagnosis" / "fingerprints" / f"{exercise}.json.gz"
        parts[exercise] = digest_of([
            modules.digest(modules.reached([grader]) - engine, titles=True),
            solutions.digest(solutions.reached(references)),
            hashlib.sha256(fingerprints.read_bytes()).hexdigest() if fingerprints.is_file() else "",
        ])  # fmt: skip
    return parts


def _listing(root: Path) -> Iterator[str]:
    yield str(root)
    files = (os.path.join(folder, name) for folder, _, names in os.walk(root) for name in sorted(names))
    for path in sorted(islice(files, MAX_FILES)):
        try:
            status = os.stat(path)
        except OSError:  # a broken link, or deleted just now
            continue
        yield f"{path} {status.st_size} {status.st_mtime_ns}"
