"""Sorts the files of an LMS's download: whose they are, under which name each is collected, and when they were handed in.

Nothing is dropped in silence. A file that is not graded is collected all the same, so that a person finds it in submitted/,
and named in the log with its student.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from autograder.course.catalogue import exercise_ids
from autograder.notebooks.nbgrader.identity import Identities
from autograder.submissions.file_names import ARCHIVE, NOTEBOOK, OTHER, SCRIPT, kind_of
from autograder.submissions.folders import read_file
from autograder.submissions.left_aside import PACK_AGAIN, kind_of_other
from autograder.submissions.lms_names import MOODLE, Sender, sender_of
from autograder.submissions.members import Member, Unusable, printable, refusing_read
from autograder.submissions.notebooks.cells import MAX_BYTES, NotebookError, read_cells
from autograder.submissions.notebooks.modules import practical_of

OLDEST = 631152000.0
"""1990: a zip without times says 1980."""


@dataclass(frozen=True)
class Taken:
    """Where a file is collected: its student's id, and its path in the submission. `time`: of the submission, UTC."""

    student: str
    file: str
    time: datetime | None


@dataclass
class Plan:
    """What becomes of each extracted file. `errors`: lines for the log; `senders`: by the ids that were given to them."""

    taken: dict[Path, Taken] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    senders: dict[str, Sender] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    path: Path
    sender: Sender
    name: str
    """Its path in the submission."""

    @property
    def shown(self) -> str:
        return printable(f"{self.sender.label}: {self.name}")


def plan(extracted: Path, pattern: str, identified: Callable[[Sequence[Sender]], Identities]) -> Plan:
    """Sorts all files below `extracted`.

    Args:
        extracted: the folder.
        pattern: a regular expression for another LMS, with the groups name, number and file, or "".
        identified: gives the senders their ids.
    """
    result = Plan()
    groups: dict[tuple[str, ...], list[_File]] = defaultdict(list)
    for path in sorted(extracted.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        found = _file(path, path.relative_to(extracted), pattern)
        if found is None:
            inside = printable(path.relative_to(extracted).as_posix())
            result.errors.append(
                f"{inside} was skipped: its name does not say whose it is; put it into a folder that is named as your LMS "
                "does it, Firstname Lastname_12345_assignsubmission_file_"
            )
        else:
            groups[found.sender.key].append(found)
    identities = identified([files[0].sender for files in groups.values()])
    result.errors += identities.notes
    for key, files in groups.items():
        if reason := identities.refused.get(key):
            names = ", ".join(printable(file.name) for file in files[:3])
            result.errors.append(f"{names} was not collected: {reason}")
        else:
            result.senders[identities.ids[key]] = files[0].sender
            _take(identities.ids[key], files, result)
    return result


def _file(path: Path, inside: Path, pattern: str) -> _File | None:
    if pattern:
        match = re.search(pattern, inside.as_posix())
        if match is None or not match["file"]:
            return None
        return _File(path, Sender(match["name"], match["number"] or "", kind=MOODLE), match["file"])
    for depth, part in enumerate(inside.parts):
        sender = sender_of(part)
        if sender is not None:
            name = "/".join(filter(None, (sender.file, *inside.parts[depth + 1 :])))
            return _File(path, sender, name) if name else None
    return None


def _take(student: str, files: list[_File], result: Plan) -> None:
    """Gives the files of one student their names. Of several with one name, the one that was handed in last counts."""
    time = max(filter(None, map(_time, files)), default=None)
    notebooks = [file for file in files if kind_of(file.name) == NOTEBOOK]
    by_name: dict[str, _File] = {}
    for file in sorted(
        files, key=lambda file: (_time(file) or datetime.min, file.sender.upload, file.sender.attempt or 0)
    ):
        name = _notebook(file) if [file] == notebooks else file.name
        if name in by_name:
            result.errors.append(f"{by_name[name].shown} was skipped: {printable(name)} was handed in again later")
            result.taken.pop(by_name[name].path)
        by_name[name] = file
        result.taken[file.path] = Taken(student, name, time)
        if file.sender.is_text:
            result.errors.append(
                f"{file.shown} is a text that was typed into the LMS, which is not graded: read it in submitted/, or ask for "
                "the notebook"
            )
        elif kind_of(file.name) == ARCHIVE:
            result.errors.append(f"{file.shown} is an archive that cannot be read, and is not graded: {PACK_AGAIN}")
        elif kind_of(file.name) == OTHER:
            kind = kind_of_other(Member(file.name, tuple(file.name.split("/")), refusing_read("")))
            result.errors.append(f"{file.shown} is {kind.what}, and is not graded: {kind.remedy}")
    if not any(kind_of(file.name) in (NOTEBOOK, SCRIPT) for file in files):
        result.errors.append(
            f"{printable(student)} handed in nothing that can be graded: this has to be marked by hand"
        )


def _time(file: _File) -> datetime | None:
    """When a file was handed in, in UTC: what the LMS writes into the name, else the time of the file in the download."""
    if file.sender.time is not None:
        return file.sender.time.astimezone(timezone.utc).replace(tzinfo=None)
    changed = os.stat(file.path).st_mtime
    return (
        datetime.fromtimestamp(changed, timezone.utc).replace(tzinfo=None, microsecond=0) if changed > OLDEST else None
    )


def _notebook(file: _File) -> str:
    """The original name of a student's only notebook, such as `p1_mlp.ipynb`, even if the student renamed it."""
    exercises = exercise_ids()
    name = file.name.rpartition("/")[2]
    names = sorted({exercise.practical for exercise in exercises})
    named = next((practical for practical in names if name.casefold().startswith(practical)), "")
    try:
        practical = practical_of(read_cells(read_file(file.path, MAX_BYTES)), exercises) or named
    except (NotebookError, Unusable):
        practical = named
    return f"{practical}.ipynb" if practical else name
