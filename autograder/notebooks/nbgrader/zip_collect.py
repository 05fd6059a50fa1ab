"""`nbgrader zip_collect` for what Moodle packs: "All submissions" as one zip, with or without folders.

nbgrader's own extractor unpacks whatever is in an archive, of any size, archives in archives too. Here the members of
our kinds are taken, a student's own zip is opened once, and what cannot be had leaves a notebook that says why.
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
"""`Firstname Lastname_12345_assignsubmission_file_/name.ipynb`; in some versions without the last _ or the folder."""
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
                    # The download is the teacher's own, and may be large; what it holds is not.
                    files = dict(self._files(list_archive(path.read_bytes(), path.name)))
                except SubmissionError as problem:
                    self.log.error("%s", problem)
                    continue
            self.log.info("%s: %d files", printable(path.name), len(files))
            write_files(Path(extracted_path), files, self.log)

    def _files(self, listing: Listing, opened: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
        """`opened`: the place of the student's own zip that this is."""
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
                self.log.warning("%s was not opened: a zip in a zip", printable(member.path))
                continue
            try:
                inner = list_archive(member.read(MAX_ARCHIVE_BYTES), printable(member.path))
            except (Unusable, SubmissionError) as problem:
                self.log.warning("%s %s", printable(member.path), problem)
                continue
            yield from self._files(inner, (*member.parts[:-1], member.parts[-1][:-4]))


class MoodleCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Tells whose a file is by Moodle's names, and which notebook it is by what is in it."""

    students = Dict(
        help="From the name in Moodle, or the name and its number ('Anna Müller_12345'), to the student's id. "
        "[default: the name itself]"
    ).tag(config=True)
    pattern = Unicode(MOODLE, help="With the groups name, number and file; for another LMS.").tag(config=True)

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._taken: set[tuple[str, str]] = set()
        self._numbers: dict[str, str] = {}

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        path = Path(submitted_file)
        found = re.search(self.pattern, path.as_posix())
        if not found or not found["file"] or path.suffix.casefold() not in (NOTEBOOK, ".py"):
            return None
        student = self._student(found["name"], found["number"])
        file_id = self._notebook(path) if path.suffix.casefold() == NOTEBOOK else found["file"]
        if (student, file_id) in self._taken:  # nbgrader would stop here, for the whole class
            self.log.error("%s is left out: %s has handed in another %s", printable(submitted_file), student, file_id)
            return None
        self._taken.add((student, file_id))
        return {"student_id": student, "file_id": file_id}

    def _student(self, name: str, number: str) -> str:
        """The mapped id; else the name, with its number where two of a class bear it."""
        mapped = self.students.get(f"{name}_{number}") or self.students.get(name)
        if mapped:
            return str(mapped)
        return safe_id(name if self._numbers.setdefault(name, number) == number else f"{name}_{number}")

    def _notebook(self, path: Path) -> str:
        """`p1_mlp.ipynb`, whatever it was renamed to."""
        exercises = exercise_ids()
        names = sorted({exercise.practical for exercise in exercises})
        named = next((name for name in names if path.name.casefold().startswith(name)), "")
        try:
            return (practical_of(read_cells(path.read_bytes()), exercises) or named or path.stem) + NOTEBOOK
        except NotebookError:
            return (named or path.stem) + NOTEBOOK
