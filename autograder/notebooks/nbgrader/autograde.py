"""nbgrader's Autograde, made safe for whatever lies in submitted/, and complete: every student's folder is graded.

nbgrader has no option for this class: `install` puts it into nbgrader's modules, from the course's config. An older config
lacks that; then our exporter, which nbgrader makes before it opens any submission, turns nbgrader's instance into this class.
"""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde

from autograder.course.catalogue import exercise_ids
from autograder.notebooks.nbgrader.chosen import Chosen, choose
from autograder.notebooks.nbgrader.feedback_secrets import SECRET, new_secret
from autograder.notebooks.nbgrader.released import notebooks_of, released_cells
from autograder.notebooks.nbgrader.set_aside import inodes, set_aside
from autograder.notebooks.nbgrader.since_marked import Marked, marked_before
from autograder.submissions.members import printable

ASIDE = ".set_aside"
"""The folder in submitted/ for links and other things that were found there. nbgrader does not see hidden folders."""


class SafeAutograde(Autograde):  # type: ignore[misc]
    chosen: Chosen
    """The notebook of the submission that is being graded."""
    marked: dict[str, Marked]
    """What was marked by hand in it before, by notebook."""

    @classmethod
    def take_over(cls, converter: Autograde) -> SafeAutograde:
        """Turns a converter that has listed its submissions into this class."""
        converter.__class__ = cls
        assert isinstance(converter, cls)
        converter._list_submissions()
        return converter

    def init_notebooks(self) -> None:
        self.assignments.clear()
        self.notebooks.clear()
        self._list_submissions()
        if not self.assignments:
            super().init_notebooks()  # raises, and says what was meant

    def _list_submissions(self) -> None:
        """Lists every folder in submitted/, whatever notebooks are in it, and moves aside what nbgrader would follow."""
        self.chosen, self.marked = Chosen(), {}
        course, root = self.coursedir, Path(self.coursedir.root)
        assignment = course.assignment_id
        names = [n for n in notebooks_of(course.db_url, assignment) if fnmatchcase(n, course.notebook_id)]
        private = inodes(
            [
                root / "gradebook.db",
                root / "mark_schemes",
                root / course.source_directory,
                root / course.release_directory,
            ]
        )
        for folder in sorted(glob.glob(self._format_source(assignment, course.student_id))):
            student = Path(folder).parent.name
            self.assignments.pop(folder, None)
            aside = Path(folder).parents[1] / ASIDE / student / assignment
            try:
                lines = []
                for place in (Path(folder).parent, Path(folder)):
                    if place.is_symlink():
                        lines += set_aside(place, aside, private)
                if os.path.lexists(folder):
                    lines += set_aside(Path(folder), aside, private)
            except OSError as error:
                what = f"{printable(str(error.filename or folder))} cannot be moved out of it ({error.strerror})"
                self.log.error("%s: not graded, since submitted/ is not safe to copy: %s", printable(student), what)
                continue
            for line in lines:
                self.log.error("%s: %s", printable(student), line)
            if Path(folder).is_dir():
                found = [f"{name}.ipynb" for name in names] or glob.glob("*.ipynb", root_dir=folder)
                self.assignments[folder] = [os.path.join(folder, name) for name in found]
            else:
                self.log.error("%s has no submission left: ask for the files themselves", printable(student))

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Remembers what was marked by hand before nbgrader removes the graded folder."""
        folder = Path(self._format_dest(assignment_id, student_id))
        before = {
            name: marked_before(self.coursedir.db_url, folder / f"{name}.ipynb", student_id, assignment_id)
            for name in notebooks_of(self.coursedir.db_url, assignment_id)
        }
        process = bool(super().init_destination(assignment_id, student_id))
        self.marked = before if process else {}
        return process

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        secret = Path(self._format_source(assignment_id, student_id), SECRET)
        if not secret.exists():  # a submission from elsewhere; nbgrader names released feedback by the secret
            with suppress(OSError):
                secret.write_text(new_secret())
        with _without(self.log, "No submitted file"):  # ours may have another name
            super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        path = Path(notebook_filename)
        resources = self.init_single_notebook_resources(notebook_filename)["nbgrader"]
        released = released_cells(self.coursedir, resources["assignment"], resources["notebook"])
        self.chosen = choose(path.parent, resources["notebook"], released, exercise_ids())
        for level, text in self.chosen.messages:
            self.log.log(level, "%s, %s: %s", printable(resources["student"]), resources["assignment"], text)
        super().convert_single_notebook(notebook_filename)


def install() -> None:
    """Makes nbgrader's command and the formgrader use `SafeAutograde`."""
    autogradeapp.Autograde = api.Autograde = SafeAutograde


@contextmanager
def _without(log: Any, start: str) -> Iterator[None]:
    """Drops the messages that start like this."""

    def keeps(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(start)

    log.addFilter(keeps)
    try:
        yield
    finally:
        log.removeFilter(keeps)
