"""Finds and reads the submissions of a class: one folder, zip or notebook per student, none of them trusted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.course.catalogue import exercise_ids
from autograder.submissions.archives import MAX_ARCHIVE_BYTES
from autograder.submissions.folders import read_file
from autograder.submissions.ids import distinct_ids
from autograder.submissions.members import Unusable, is_ignored, printable
from autograder.submissions.submission import (
    Submission,
    SubmissionError,
    submission_in_archive,
    submission_in_folder,
    submission_in_notebook,
)

ZIP, NOTEBOOK = ".zip", ".ipynb"


@dataclass(frozen=True)
class Entry:
    """One student's folder, zip or notebook. `id`: its name made safe as a file name, and unique in the class."""

    id: str
    path: Path


def find_submissions(folder: Path) -> list[Entry]:
    """All submissions in `folder`, sorted by id. Links to folders are listed too, so that reading them reports an error.

    Raises SubmissionError if the folder cannot be read, holds no submission, or is a submission itself.
    """
    try:
        with os.scandir(folder) as entries:
            names = {entry.name: _student(entry) for entry in entries}
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SubmissionError(
            f"{printable(str(folder))} cannot be read ({reason}): give the folder with one folder or .zip per student"
        ) from None
    students = {file_name: name for file_name, name in names.items() if name is not None}
    if not students:
        raise SubmissionError(
            f"{printable(str(folder))} holds no submission: it must hold one folder or .zip per student"
        )
    parts = {"exercises", *(exercise.practical for exercise in exercise_ids())}
    if {name.removesuffix(NOTEBOOK) for name in students} <= parts:
        raise SubmissionError(
            f"{printable(str(folder))} is one submission, not a folder of submissions: give the folder above it, or grade "
            "this one with pytest autograder --submission=DIR"
        )
    ids = distinct_ids(students.items())
    return sorted((Entry(ids[name], folder / name) for name in students), key=lambda entry: entry.id)


def read_entry(entry: Entry) -> Submission:
    """Reads the student's exercises. Raises SubmissionError, and nothing else, if they cannot be read."""
    try:
        return _read(entry)
    except SubmissionError:
        raise
    except Exception as error:  # one submission must not end the grading of a class
        what = f"{type(error).__name__}: {error}"
        raise SubmissionError(
            f"{printable(str(entry.path))} cannot be read ({printable(what)}): hand it in again"
        ) from error


def _read(entry: Entry) -> Submission:
    if not entry.path.is_dir() and _ends(entry.path.name, NOTEBOOK):
        return submission_in_notebook(partial(read_file, entry.path), entry.path.name, entry.id)
    if entry.path.is_dir() or not _ends(entry.path.name, ZIP):
        return submission_in_folder(entry.path, entry.id)
    name = printable(entry.path.name)
    try:
        data = read_file(entry.path, MAX_ARCHIVE_BYTES)
    except Unusable as problem:
        raise SubmissionError(f"{name} {problem}") from None
    return submission_in_archive(data, name, entry.id)


def _student(entry: os.DirEntry[str]) -> str | None:
    """The student's name from the name of a folder, zip or notebook; None for anything else."""
    if is_ignored(entry.name):
        return None
    for ending in (ZIP, NOTEBOOK):
        if _ends(entry.name, ending) and not entry.is_dir(follow_symlinks=False):
            return entry.name[: -len(ending)]
    try:
        return entry.name if entry.is_dir() else None
    except OSError:  # for example a loop of links
        return entry.name


def _ends(name: str, ending: str) -> bool:
    return name.casefold().endswith(ending)
