"""`nbgrader zip_collect` for Moodle's download of all submissions: one zip, with or without folders.

nbgrader's own extractor unpacks everything in an archive, of any size, and archives in archives. This one only takes
notebooks and Python files, opens a student's own zip, but none inside that, and replaces an unreadable notebook by one
that says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Dict, Unicode

from autograder.course.catalogue import exercise_ids
from autograder.notebooks.nbgrader.collect import write_files
from autograder.notebooks.nbgrader.handed_in import explanation, too_large
from autograder.submissions.archives import MAX_ARCHIVE_BYTES, list_archive
from autograder.submissions.folders import read_file
from autograder.submissions.ids import safe_id
from autograder.submissions.members import MAX_FILE_BYTES, Listing, Member, SubmissionError, Unusable, printable
from autograder.submissions.notebooks.cells import MAX_BYTES, NotebookError, read_cells
from autograder.submissions.notebooks.modules import practical_of

MOODLE = r"(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?/?(?P<file>.*)"
"""`Firstname Lastname_12345_assignsubmission_file_/name.ipynb`; some versions omit the last _ or the folder."""
NOTEBOOK = ".ipynb"


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]
    def extract(self, archive_path: str, extracted_path: str) -> None:
        for path in sorted(Path(archive_path).rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            inside = path.relative_to(archive_path).as_posix()
            if path.suffix.casefold() != ".zip":
                listing = Listing()
                listing.add(Member(inside, tuple(inside.split("/")), partial(read_file, path)))
                files = dict(self._files(listing))
            else:
                try:
                    # The teacher's download may be large; only its members are limited.
                    files = dict(self._files(list_archive(path.read_bytes(), path.name)))
                except SubmissionError as problem:
                    self.log.error("%s", problem)
                    continue
            self.log.info("Files in %s: %d", printable(path.name), len(files))
            write_files(Path(extracted_path), files, self.log)

    def _files(self, listing: Listing, opened: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
        """The files to write, by path. `opened`: the path of the student's zip that `listing` is from, if it is one."""
        for member in [*listing.scripts, *listing.notebooks]:
            notebook = member.parts[-1].casefold().endswith(NOTEBOOK)
            path = "/".join((*opened, *member.parts))
            try:
                yield path, member.read(MAX_BYTES if notebook else MAX_FILE_BYTES)
            except Unusable as problem:
                reason = str(too_large()) if str(problem).startswith("is larger") and notebook else str(problem)
                self.log.warning("%s %s", printable(member.path), reason)
                if notebook:
                    yield path, json.dumps(explanation(f"{printable(member.parts[-1])} {reason}")).encode()
        for member in listing.archives:
            if opened:
                self.log.warning("%s was not opened: it is a zip inside a zip", printable(member.path))
                continue
            try:
                inner = list_archive(member.read(MAX_ARCHIVE_BYTES), printable(member.path))
            except (Unusable, SubmissionError) as problem:
                self.log.warning("%s %s", printable(member.path), problem)
                continue
            yield from self._files(inner, (*member.parts[:-1], member.parts[-1][:-4]))


class MoodleCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Finds a file's student from the name that Moodle gives it, and a notebook's practical from its content."""

    students = Dict(
        help="Maps a name in Moodle, or a name with its number ('Anna Müller_12345'), to the student's id. "
        "[default: the name itself]"
    ).tag(config=True)
    pattern = Unicode(MOODLE, help="A pattern for another LMS, with the groups name, number and file.").tag(config=True)

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._taken: set[tuple[str, str]] = set()
        self._numbers: dict[str, str] = {}

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        path = Path(submitted_file)
        match = re.search(self.pattern, path.as_posix())
        if not match or not match["file"] or path.suffix.casefold() not in (NOTEBOOK, ".py"):
            return None
        student = self._student(match["name"], match["number"])
        file_id = self._notebook(path) if path.suffix.casefold() == NOTEBOOK else match["file"]
        if (student, file_id) in self._taken:  # nbgrader would abort here, for the whole class
            self.log.error("%s was skipped: %s has handed in another %s", printable(submitted_file), student, file_id)
            return None
        self._taken.add((student, file_id))
        return {"student_id": student, "file_id": file_id}

    def _student(self, name: str, number: str) -> str:
        """The mapped id, or else the name, with its number if another student has the same name."""
        mapped = self.students.get(f"{name}_{number}") or self.students.get(name)
        if mapped:
            return str(mapped)
        return safe_id(name if self._numbers.setdefault(name, number) == number else f"{name}_{number}")

    def _notebook(self, path: Path) -> str:
        """The original name of a notebook, such as `p1_mlp.ipynb`, even if the student renamed it."""
        exercises = exercise_ids()
        names = sorted({exercise.practical for exercise in exercises})
        named = next((name for name in names if path.name.casefold().startswith(name)), "")
        try:
            return (practical_of(read_cells(path.read_bytes()), exercises) or named or path.stem) + NOTEBOOK
        except NotebookError:
            return (named or path.stem) + NOTEBOOK
