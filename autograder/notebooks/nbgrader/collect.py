"""`nbgrader collect` and the formgrader's Collect button, for an exchange that students can write to.

nbgrader follows students' links with the teacher's rights, trusts the time and the name that they give, and aborts for
the whole class at one folder with an unexpected name. This version only takes regular files from their owner, and uses
the kernel's time of change if it is later than the given time.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import check_mode, parse_utc
from traitlets import Integer

from autograder.classroom.roster import Undecided
from autograder.notebooks.nbgrader.exchange_files import last_change, read_folder
from autograder.notebooks.nbgrader.feedback_secrets import SECRET, TIME, new_secret
from autograder.notebooks.nbgrader.handed_in import explanation
from autograder.notebooks.nbgrader.identity import course_roster, login_id
from autograder.submissions.ids import safe_id
from autograder.submissions.members import printable

NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Submission:
    """A folder in the exchange, its student, and the time of submission (UTC, as a naive datetime, as in nbgrader)."""

    folder: Path
    student: str
    time: datetime


class SafeCollect(ExchangeCollect):  # type: ignore[misc]
    tolerance = Integer(
        120,
        help="Seconds by which the last change of a submission may exceed the time in its name, since handing in takes a "
        "moment. A later change counts as the time of submission. After the exchange was moved or restored, set it high "
        "for one run.",
    ).tag(config=True)

    def init_src(self) -> None:
        """Finds the submission that counts for each student."""
        course = self.coursedir
        if not course.course_id:
            self.fail("There is no course id: set it in nbgrader_config.py, or use --course.")
        inbound = Path(self.root, course.course_id, "inbound")
        if not inbound.is_dir() or not check_mode(str(inbound), read=True, execute=True):
            self.fail(
                f"{inbound} does not exist or cannot be read: release an assignment first, or fix its permissions."
            )
        by_student: dict[str, list[Submission]] = {}
        for name in sorted(os.listdir(inbound)):
            submission = self._submission(inbound / name)
            if submission is not None:
                by_student.setdefault(submission.student, []).append(submission)
        due = self._due()
        self.src_records = []
        for submissions in by_student.values():
            in_time = [s for s in submissions if due is None or not self.before_duedate or s.time <= due]
            self.src_records.append(max(in_time or submissions, key=lambda s: s.time))

    def copy_files(self) -> None:
        """Collects the new submissions. One that fails does not stop the others."""
        assignment = self.coursedir.assignment_id
        roster = course_roster(Path(self.coursedir.root))
        self.log.info("Processing submissions of '%s': %d", assignment, len(self.src_records))
        for submission in self.src_records:
            try:
                student = login_id(submission.student, roster)
            except Undecided as undecided:
                self.log.error("%s was skipped: %s", printable(submission.folder.name), undecided)
                continue
            destination = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, assignment))
            if destination.is_dir() and not self._is_newer(submission, destination):
                hint = "No newer submission" if self.update else "Already collected, --update takes a newer submission"
                self.log.info("%s: %s %s", hint, student, assignment)
                continue
            try:
                self._collect(submission, destination)
            except OSError as error:
                folder = printable(str(submission.folder))
                self.log.error("%s cannot be collected (%s)", folder, error.strerror or error)

    def _submission(self, folder: Path) -> Submission | None:
        """The submission in a folder of the exchange; None, with a line in the log, if the folder cannot be trusted."""
        student, _, rest = folder.name.partition(f"+{self.coursedir.assignment_id}+")
        if not rest or not fnmatchcase(student, self.coursedir.student_id or "*"):
            return None
        name = printable(folder.name)
        try:
            claimed = parse_utc(rest.split("+")[0])
        except (ValueError, OverflowError):
            self.log.error("%s was skipped: its name contains no time", name)
            return None
        try:
            uid, changed = last_change(folder)
        except OSError as error:
            self.log.error("%s was skipped: it is a link or not a folder (%s)", name, error.strerror)
            return None
        if self.check_owner and student != _user(uid):
            self.log.error("%s was skipped: its name says %s, but its owner is %s", name, student, _user(uid))
            return None
        if safe_id(student) != student:
            self.log.error("%s was skipped: %s cannot be the name of a folder", name, printable(student))
            return None
        return Submission(folder, student, self._time(name, claimed, changed))

    def _time(self, name: str, claimed: datetime, changed: float) -> datetime:
        """The time of submission: the claimed one, or the last change if that is later by more than the tolerance."""
        last = datetime.fromtimestamp(changed, timezone.utc).replace(tzinfo=None)
        if last <= claimed + timedelta(seconds=self.tolerance):
            return claimed
        self.log.warning("%s was changed after the time in its name, at %s UTC: that time counts", name, last)
        return last

    def _due(self) -> datetime | None:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                due: datetime | None = gradebook.find_assignment(self.coursedir.assignment_id).duedate
            except MissingEntry:
                due = None
        return due

    def _is_newer(self, submission: Submission, destination: Path) -> bool:
        collected = self.coursedir.get_existing_timestamp(str(destination))
        if self.update:
            return collected is None or submission.time > collected
        return bool(self.before_duedate and collected != submission.time)

    def _collect(self, submission: Submission, destination: Path) -> None:
        """Reads the whole submission first, then replaces a previously collected one."""
        content = read_folder(submission.folder)
        files = {path: data for path, data in content.files.items() if path not in (TIME, SECRET)}
        for path, reason in content.refused.items():
            self.log.warning("%s: %s %s", submission.student, printable(path), reason)
            if path.endswith(NOTEBOOK) and "/" not in path:  # so that the feedback says why
                files[path] = json.dumps(explanation(f"{printable(path)} {reason}")).encode()
        # nbgrader names released feedback by the secret; without it, releasing feedback fails for the whole class.
        secret = content.files.get(SECRET, b"").decode("ascii", "replace").strip()
        files[SECRET] = (secret if secret.isalnum() and len(secret) <= 200 else new_secret()).encode()
        # The folder may have changed since it was listed.
        time = self._time(printable(submission.folder.name), submission.time, content.changed)
        files[TIME] = f"{time.isoformat(' ')} UTC".encode()
        if destination.is_dir():
            self.log.info("Updating submission: %s %s", submission.student, self.coursedir.assignment_id)
            shutil.rmtree(destination)
        else:
            self.log.info("Collecting submission: %s %s", submission.student, self.coursedir.assignment_id)
        write_files(destination, files, self.log)


def write_files(folder: Path, files: dict[str, bytes], log: Any) -> None:
    """Writes files by their path below `folder`. A name that the file system refuses is logged and skipped."""
    for path, data in files.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except (OSError, ValueError) as error:
            log.warning("%s cannot be written (%s)", printable(str(target)), error)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"an unknown user (id {uid})"
