"""Secrets of submissions, by which nbgrader names released feedback, and the release of feedback itself.

A student who handed in through nbgrader's exchange knows the secret and fetches the feedback by it. A submission from an
LMS has none: it gets one of ours, and its feedback goes back through the LMS.
"""

from __future__ import annotations

import glob
import secrets
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.submissions.members import printable

SECRET, TIME = "submission_secret.txt", "timestamp.txt"
OURS = "local"
"""The beginning of a secret that no student knows."""


def new_secret() -> str:
    return OURS + secrets.token_hex(64)


class SafeReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases the feedback of students who can fetch it, and says how the others get theirs. Nobody stops the class."""

    src_path: str

    def copy_files(self) -> None:
        course = self.coursedir
        excluded = set(course.student_id_exclude.split(",")) if course.student_id_exclude else set()
        elsewhere = []
        for folder in sorted(map(Path, glob.glob(self.src_path))):
            student = folder.parent.name
            if student in excluded or not any(folder.glob("*.html")):
                continue
            if self._can_be_fetched(folder, student):
                if not (folder / TIME).is_file():
                    (folder / TIME).write_text("")  # nbgrader only shows it
                self._release(folder, student)
            else:
                elsewhere.append(student)
        if elsewhere:
            shown = ", ".join(printable(student) for student in elsewhere)
            self.log.warning(
                "%d did not hand in through the exchange, and cannot fetch feedback from it. Give them their pages, "
                "%s/<student>/%s/*.html, through your LMS: %s",
                len(elsewhere), course.feedback_directory, course.assignment_id, shown,
            )  # fmt: skip

    def _can_be_fetched(self, folder: Path, student: str) -> bool:
        try:
            return not (folder / SECRET).read_text().startswith(OURS)
        except (OSError, UnicodeDecodeError):
            return False

    def _release(self, folder: Path, student: str) -> None:
        """Releases the pages of one student with nbgrader's own code."""
        everybody = self.src_path
        self.src_path = str(folder)
        try:
            super().copy_files()
        except OSError as error:
            self.log.error("the feedback of %s was not released (%s)", printable(student), error)
        finally:
            self.src_path = everybody
