"""The history of a results folder: every result that a later grading replaced is kept, whole and under its own name.

`replaced/7/durand.json` is durand's result before grading 7. The file is linked there before the new result takes its
place, so a kill in between loses nothing: the file then exists under both names, and the next grading replaces it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.classroom.report import read_result
from autograder.results import SubmissionResult

REPLACED_FOLDER = "replaced"


def keep(results: Path, file_name: str, grading: int) -> None:
    """Keeps a result that this grading is about to replace, if there is one, damaged or not. OSError if that fails."""
    source, target = results / file_name, results / REPLACED_FOLDER / str(grading) / file_name
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # this file system has no hard links
        write_atomically(target, source.read_bytes())
    for folder in (target.parent, target.parents[1], results):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Writes the entries of a folder to the disk, so that a kept file outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass
class Versions:
    """All results of one submission."""

    id: str
    graded: dict[int, SubmissionResult] = field(default_factory=dict)
    """The results by the number of their grading, in that order; 0 if the grading had no number."""
    replaced: dict[int, SubmissionResult | None] = field(default_factory=dict)
    """The results that a grading replaced, by its number; None if the file is damaged."""

    def after(self, grading: int) -> SubmissionResult | None:
        """The result as it was after a grading; None if there was none yet."""
        return max(
            (result for number, result in self.graded.items() if number <= grading),
            key=lambda result: result.grading,
            default=None,
        )


def read_history(results: Path) -> Iterator[Versions]:
    """All results of each submission, sorted by id. Only one submission's are in memory at a time."""
    gradings = replacing_gradings(results)
    kept = {number: _names(results / REPLACED_FOLDER / str(number)) for number in gradings}
    for name in sorted(_names(results).union(*kept.values())):
        versions = Versions(name.removesuffix(".json"))
        for number in gradings:
            if name in kept[number]:
                versions.replaced[number] = read_result(results / REPLACED_FOLDER / str(number) / name)
        found = [*versions.replaced.values(), read_result(results / name)]
        versions.graded = {result.grading: result for result in found if result is not None}
        yield versions


def replacing_gradings(results: Path) -> list[int]:
    """The numbers of the gradings that replaced any result."""
    folders = (results / REPLACED_FOLDER).glob("[0-9]*")
    return sorted(int(folder.name) for folder in folders if folder.name.isdecimal() and folder.is_dir())


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.json") if not path.name.startswith(".")}
