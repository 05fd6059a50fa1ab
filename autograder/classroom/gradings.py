"""The audit trail of a class: a line for each grading in `gradings.jsonl`, written when it begins and when it ends.

A grading is a run of `grade` or `regrade` that grades at least one submission. Every result has the number of its grading.
The file is always replaced as a whole, so a kill leaves complete lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from autograder.atomic_files import write_atomically
from autograder.classroom.history import read_history, replacing_gradings
from autograder.classroom.results_folder import ClassroomError
from autograder.results import SubmissionResult

GRADINGS_FILE = "gradings.jsonl"


class Command(msgspec.Struct, kw_only=True):
    """The options of a grading."""

    regrade: bool = False
    seed: str = ""
    """In hexadecimal: many readers of JSON round numbers of 128 bits."""
    round: int = 0
    tier: str = ""
    isolation: str = ""
    jobs: int = 0
    follow_through: bool = False
    exercises: list[str] = []
    data_roots: list[str] = []


class Code(msgspec.Struct, kw_only=True):
    """The code that graded."""

    graders: str = ""
    """The digest that is in every result."""
    digests: dict[str, str] = {}
    """The digests of its parts: engine, data, and the grader of each exercise."""
    commit: str = ""
    """The git commit; empty if git does not track the code."""
    local_changes: bool = False


class Grading(msgspec.Struct, kw_only=True):
    """A line of the audit trail."""

    number: int
    begin: str
    """UTC, as 2026-01-31T12:00:00Z."""
    end: str = ""
    """Empty while the grading runs, and if it was killed."""
    finished: bool = False
    """Whether all submissions were graded."""
    graded: int | None = None
    """How many submissions were graded. Until the end it is null. For a grading that was killed, the next one counts."""
    kept: int = 0
    """How many submissions were up to date and not graded again."""
    problems: int | None = None
    """How many submissions could not be graded."""
    grader_errors: int | None = None
    user: str = ""
    command: Command = msgspec.field(default_factory=Command)
    versions: dict[str, str] = {}
    machine: dict[str, str] = {}
    libraries: list[str] = []
    """The BLAS and OpenMP libraries in the grading process."""
    variables: dict[str, str] = {}
    """The environment variables that decide how numbers are computed."""
    code: Code = msgspec.field(default_factory=Code)
    removed: list[str] = []
    """The ids of results whose submission was not there any more."""

    def count(self, results: Iterable[SubmissionResult]) -> None:
        """Counts the results of this grading."""
        own = [result for result in results if result.grading == self.number]
        self.graded = len(own)
        self.problems = sum(bool(result.problem) and not result.has("grader_error") for result in own)
        self.grader_errors = sum(result.has("grader_error") for result in own)


def now() -> str:
    """The date and time in UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_gradings(results: Path) -> list[Grading]:
    """The gradings of a results folder by number. Damaged lines are left out. ClassroomError if they cannot be read."""
    found = {grading.number: grading for _, grading in _lines(results) if grading is not None}
    return [found[number] for number in sorted(found)]


def next_number(results: Path, found: Iterable[SubmissionResult]) -> int:
    """The number of the next grading. `found` are the results; the file of gradings may have been deleted."""
    numbers = [grading.number for grading in read_gradings(results)]
    return 1 + max([0, *numbers, *replacing_gradings(results), *(result.grading for result in found)])


@contextmanager
def recorded(results: Path, grading: Grading) -> Iterator[list[SubmissionResult]]:
    """Writes the line of a grading before and after; the results that the caller appends to the list are counted.

    ClassroomError if the line cannot be written. An exception from inside, such as a KeyboardInterrupt, passes.
    """
    _count_killed(results)
    _write(results, grading)
    graded: list[SubmissionResult] = []
    try:
        yield graded
        grading.finished = True
    finally:
        grading.end = now()
        grading.count(graded)
        try:
            _write(results, grading)
        except ClassroomError:
            if grading.finished:  # otherwise the first error is the one to report
                raise


def _count_killed(results: Path) -> None:
    """Counts what the gradings that were killed have graded. Without one, no result is read."""
    killed = [grading for grading in read_gradings(results) if grading.graded is None]
    if killed:
        found = [result for versions in read_history(results) for result in versions.graded.values()]
        for grading in killed:
            grading.count(found)
            _write(results, grading)


def _write(results: Path, grading: Grading) -> None:
    """Replaces the line of a grading, or appends it. Other lines, damaged ones too, stay as they are."""
    # A file name may contain a lone surrogate, which is not valid in UTF-8.
    own = json.dumps(msgspec.to_builtins(grading), ensure_ascii=False).encode("utf-8", "replace")
    found = _lines(results)
    lines = [own if other is not None and other.number == grading.number else line for line, other in found]
    if own not in lines:
        lines.append(own)
    try:
        write_atomically(results / GRADINGS_FILE, b"".join(line + b"\n" for line in lines))
    except OSError as error:
        raise ClassroomError(
            f"{results / GRADINGS_FILE} cannot be written ({error.strerror}): free some space or fix the permissions, "
            "then run the same command again; finished results are kept",
            code=1,
        ) from error


def _lines(results: Path) -> list[tuple[bytes, Grading | None]]:
    try:
        lines = (results / GRADINGS_FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ClassroomError(
            f"{results / GRADINGS_FILE}, the record of earlier gradings, cannot be read ({error.strerror}): make it a "
            "readable file, or move it away"
        ) from error
    return [(line, _decoded(line)) for line in lines if line.strip()]


def _decoded(line: bytes) -> Grading | None:
    try:
        return msgspec.json.decode(line, type=Grading)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
