"""Proves exercises that have changed since their last proof. The others keep their record.

The record of an exercise, `solutions/.proved/<practical>/<exercise>.json`, is local to a machine: git ignores it. It is
written after a proof without problems, and is valid as long as the digest of all that the proof depends on is the same.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import Exercise, ExerciseId
from autograder.course.dependencies import digest_of, read
from autograder.course.mistakes import load_mistakes
from autograder.diagnosis.fingerprints import load_fingerprints
from autograder.grading.settings import Settings
from autograder.proof.content import Proof, prove
from autograder.proof.digests import Digests, grader_module
from autograder.proof.thresholds import Record
from autograder.proof.trials import trials
from autograder.sandbox.host.environment import chooses_kernels

PROVED_BY = ("autograder.proof.content", "autograder.sandbox.worker.zygote", "autograder.sandbox.worker.alone")
"""The content proof, and the workers, which no import leads to: they are started by file path."""
LIBRARIES = ("torch", "torchvision", "timm", "numpy", "scikit-learn")


class Proved(msgspec.Struct, frozen=True):
    """The record of a proof: its digest, its seed, and what the exercise contained."""

    digest: str
    seed: int
    points: float
    bonus: bool
    checks: int
    variants: int
    mistakes: int


def path_of(exercise: Exercise) -> Path:
    """The path of an exercise's record."""
    return exercise.root / "solutions" / ".proved" / exercise.practical / f"{exercise.name}.json"


def proved_before(exercises: Iterable[Exercise]) -> dict[ExerciseId, Proved]:
    """The records that are still valid, by exercise id."""
    found, of_root = {}, functools.cache(Digests)
    for exercise in exercises:
        try:
            record = msgspec.json.decode(path_of(exercise).read_bytes(), type=Proved)
        except (OSError, msgspec.DecodeError):
            continue
        if record.digest == proof_digest(exercise, of_root(exercise.root)):
            found[exercise.id] = record
    return found


def prove_and_record(exercises: Iterable[Exercise], settings: Settings, jobs: int) -> Iterator[Proof]:
    """Proves these exercises and records each that has no problems, unless its files changed during the proof."""
    exercises = list(exercises)
    if not exercises:
        return
    of_root = functools.cache(Digests)
    digests_before = [proof_digest(exercise, of_root(exercise.root)) for exercise in exercises]
    with trials(settings, exercises, jobs) as ready:
        for exercise, digest, proof in zip(exercises, digests_before, prove(exercises, ready, settings.seed)):
            if proof.problems:
                path_of(exercise).unlink(missing_ok=True)
            elif proof_digest(exercise, Digests(exercise.root)) == digest:
                _record(exercise, proof, digest, settings.seed)
            yield proof


def proof_digest(exercise: Exercise, digests: Digests) -> str:
    """The digest of all that the proof of an exercise depends on; "" if one of its files is missing."""
    if not all(path.is_file() for path in (exercise.solution, exercise.grader, exercise.mistakes, exercise.stub)):
        return ""
    package, mistakes = digests.package, load_mistakes(exercise)
    variants = [read(path.read_bytes()) for path in exercise.variants]
    known = load_fingerprints(exercise.id)
    measured = Record(exercise).path
    conditions = [platform.python_version(), *map(_version, LIBRARIES), *_variables()]
    return digest_of([
        package.digest(package.reached([grader_module(exercise), *PROVED_BY])),
        digests.stamp(exercise),
        read(exercise.stub.read_bytes()).digest,
        *(f"{path.name} {source.digest}" for path, source in zip(exercise.variants, variants)),
        digests.of_imported_references(exercise, variants),
        *(f"{mistake.name} {digests.of_mistake(exercise, mistake)}" for mistake in mistakes),
        *(f"{entry.name} {known.stamp} {entry.digest}" for entry in known.mistakes),
        hashlib.sha256(measured.read_bytes()).hexdigest() if measured.is_file() else "",
        *conditions,
    ])  # fmt: skip


def _record(exercise: Exercise, proof: Proof, digest: str, seed: int) -> None:
    record = Proved(digest, seed, proof.points, proof.bonus, proof.checks, proof.variants, proof.mistakes)
    write_atomically(path_of(exercise), msgspec.json.format(msgspec.json.encode(record)) + b"\n")


def _variables() -> list[str]:
    """The environment variables that a result can depend on: the data folder, and those that choose kernels."""
    chosen = {name: value for name, value in os.environ.items() if chooses_kernels(name)}
    return [f"{name}={value}" for name, value in sorted(chosen.items())] + [os.environ.get("AUTOGRADER_DATA", "")]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
