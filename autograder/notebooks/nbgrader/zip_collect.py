"""`nbgrader zip_collect` for the download of all submissions from Moodle, Canvas or Blackboard.

nbgrader's own extractor unpacks everything in an archive, of any size, and archives in archives. This one opens the
download and a student's own archive, but none inside that, bounds every file, and replaces an unreadable notebook by one
that says why.
"""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Dict, Unicode

from autograder.course.catalogue import CourseError
from autograder.notebooks.nbgrader.collect import write_files
from autograder.notebooks.nbgrader.downloads import Plan, plan
from autograder.notebooks.nbgrader.handed_in import explanation, too_large
from autograder.notebooks.nbgrader.identity import Identities, course_roster, identify, remember, remembered
from autograder.submissions.archives import MAX_ARCHIVE_BYTES, list_archive
from autograder.submissions.file_names import ARCHIVES, NOTEBOOK, SCRIPT, kind_of, plain_name
from autograder.submissions.folders import read_file
from autograder.submissions.lms_names import Sender, sender_of
from autograder.submissions.members import MAX_FILE_BYTES, Listing, Member, SubmissionError, Unusable, printable
from autograder.submissions.notebooks.cells import MAX_BYTES

MAX_DOWNLOAD_BYTES = 8 << 30
MAX_OTHER_BYTES = 16 << 20
"""Limit for a file that is not graded, such as a PDF."""


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]
    def extract(self, archive_path: str, extracted_path: str) -> None:
        for path in sorted(Path(archive_path).rglob("*")):
            if path.is_symlink() or not path.is_file():
                self._report_link(path)
                continue
            inside = path.relative_to(archive_path)
            listing, times = Listing(), {_unpacked(inside.parts)[0]: path.stat().st_mtime}
            if path.suffix.casefold() == ".zip" and not any(sender_of(part) for part in inside.parts):
                try:
                    # The teacher's download may be large; only its members are limited.
                    listing, times = list_archive(read_file(path, MAX_DOWNLOAD_BYTES), path.name), _times(path)
                except (SubmissionError, Unusable) as problem:
                    self.log.error("%s", problem)
                    continue
            else:
                listing.add(Member(inside.as_posix(), inside.parts, partial(read_file, path)))
            files = dict(self._files(listing))
            self.log.info("Files in %s: %d", printable(path.name), len(files))
            write_files(Path(extracted_path), files, self.log)
            for name in files:
                changed = times.get(name.partition("/")[0], 0.0)  # 0: not known
                if (Path(extracted_path) / name).is_file():
                    os.utime(Path(extracted_path) / name, (changed, changed))

    def _report_link(self, path: Path) -> None:
        if path.is_symlink() or not path.is_dir():
            self.log.error("%s was skipped: it is a link, a pipe or a device", printable(str(path)))

    def _files(self, listing: Listing, opened: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
        """The files to write, by path. `opened`: the path of the student's archive that `listing` is from, if it is one."""
        for parts, reason in (*listing.unreadable, *listing.links):
            self.log.error("%s %s", printable("/".join((*opened, *parts))), reason)
        for member in (*listing.scripts, *listing.notebooks, *listing.others):
            yield from self._file(member, opened)
        for member in listing.archives:
            if opened:
                self.log.error("%s was not opened: it is an archive inside an archive", printable(member.path))
                yield from self._file(member, opened)
                continue
            try:
                inner = list_archive(member.read(MAX_ARCHIVE_BYTES), printable(member.path))
            except (Unusable, SubmissionError) as problem:
                self.log.error("%s", _about(member, problem))
                yield from self._file(member, opened)
                continue
            yield from self._files(inner, _unpacked(member.parts))

    def _file(self, member: Member, opened: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        kind = kind_of(member.parts[-1])
        path = "/".join((*opened, *member.parts[:-1], _collected_name(member.parts[-1])))
        limit = {NOTEBOOK: MAX_BYTES, SCRIPT: MAX_FILE_BYTES}.get(kind, MAX_OTHER_BYTES)
        try:
            yield path, member.read(limit)
        except Unusable as problem:
            large = str(problem).startswith("is larger")
            reason = str(too_large()) if large and kind == NOTEBOOK else str(problem)
            self.log.error("%s %s", printable(member.path), reason)
            if kind == NOTEBOOK:
                yield path, json.dumps(explanation(f"{printable(member.parts[-1])} {reason}")).encode()


class MoodleCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Finds a file's student from the name that the LMS gives it, and a notebook's practical from its content."""

    students = Dict(
        help="Maps a name in the LMS, or a name with its number ('Anna Müller_12345'), to the student's id. "
        "[default: the id on the roster of the course, or the name itself]"
    ).tag(config=True)
    pattern = Unicode(
        "",
        help="A pattern for another LMS, with the groups name, number and file. [default: Moodle, Canvas, Blackboard]",
    ).tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._plan: Plan | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        path = Path(submitted_file)
        if self._plan is None:
            self._plan = self._planned(self._extracted(path))
        taken = self._plan.taken.get(path)
        if taken is None:
            return None
        return {"student_id": taken.student, "file_id": taken.file, "timestamp": taken.time}

    def _planned(self, extracted: Path) -> Plan:
        try:
            found = plan(extracted, self.pattern, self._identified)
            if self.parent is not None:
                remember(self._course, self._assignment, found.senders)
        except CourseError as error:
            if self.parent is None:
                raise
            self.parent.fail(str(error))
            raise
        for line in found.errors:
            self.log.error("%s", line)
        return found

    def _identified(self, senders: Sequence[Sender]) -> Identities:
        if self.parent is None:
            return identify(senders, None, self.students, {})
        roster, before = course_roster(self._course), remembered(self._course, self._assignment)
        return identify(senders, roster, self.students, before)

    @property
    def _course(self) -> Path:
        return Path(self.parent.coursedir.root)

    @property
    def _assignment(self) -> str:
        return str(self.parent.coursedir.assignment_id)

    def _extracted(self, path: Path) -> Path:
        """The folder of all extracted files."""
        if self.parent is not None:
            return Path(self.parent._format_collect_path(self.parent.extracted_directory))
        return next(folder for folder in path.parents if folder.name == "extracted")


def _collected_name(name: str) -> str:
    """`p1_mlp.ipynb` for `p1_mlp.ipynb.txt`, since nbgrader goes by the ending."""
    plain = plain_name(name)
    return name if name.casefold().endswith((".py", ".ipynb")) or kind_of(name) not in (NOTEBOOK, SCRIPT) else plain


def _unpacked(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The path of a student's archive without its ending; any other path as it is."""
    ending = max((ending for ending in ARCHIVES if parts[-1].casefold().endswith(ending)), key=len, default="")
    return (*parts[:-1], parts[-1][: -len(ending)] or parts[-1]) if ending else parts


def _about(member: Member, problem: Exception) -> str:
    text = str(problem)
    return text if text.startswith(printable(member.path)) else f"{printable(member.path)} {text}"


def _times(download: Path) -> dict[str, float]:
    """The latest time in a download below each of its first folders and files, by the name that they are extracted to."""
    times: dict[str, float] = {}
    with zipfile.ZipFile(download) as archive:
        for info in archive.infolist():
            first = _unpacked((_collected_name(info.filename.partition("/")[0]),))[0]
            try:
                changed = time.mktime((*info.date_time, 0, 0, -1))
            except (ValueError, OverflowError):
                continue
            times[first] = max(times.get(first, 0.0), changed)
    return times
