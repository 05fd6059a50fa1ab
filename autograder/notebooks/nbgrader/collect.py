"""`nbgrader collect`, and the formgrader's button, for an exchange that students write to.

nbgrader follows their links with the teacher's rights, believes the time they write down and the name they give, and
stops for everybody at one folder with a strange name. Here plain files are taken, from their owner, and the time is the
kernel's where that says another.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
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

from autograder.notebooks.nbgrader.exchange_files import last_change, take
from autograder.notebooks.nbgrader.handed_in import explanation
from autograder.submissions.ids import safe_id
from autograder.submissions.members import printable

TIME, SECRET = "timestamp.txt", "submission_secret.txt"
NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Submission:
    """A folder in the exchange, whose it is, and when it was handed in (UTC, without a zone, as nbgrader has it)."""

    folder: Path
    student: str
    time: datetime


class SafeCollect(ExchangeCollect):  # type: ignore[misc]
    tolerance = Integer(
        120,
        help="Seconds that the last change of a submission may lie after the time in its name. Handing in takes some; "
        "who changes files later has handed in then. After the exchange was moved or restored, set it high for once.",
    ).tag(config=True)

    def init_src(self) -> None:
        """Finds the submission that counts of each student."""
        course = self.coursedir
        if not course.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        inbound = Path(self.root, course.course_id, "inbound")
        if not inbound.is_dir() or not check_mode(str(inbound), read=True, execute=True):
            self.fail(f"There is no course to collect from, or it cannot be read: {inbound}")
        by_student: dict[str, list[Submission]] = {}
        for name in sorted(os.listdir(inbound)):
            found = self._submission(inbound / name)
            if found is not None:
                by_student.setdefault(found.student, []).append(found)
        due = self._due()
        self.src_records = []
        for submissions in by_student.values():
            in_time = [s for s in submissions if due is None or not self.before_duedate or s.time <= due]
            self.src_records.append(max(in_time or submissions, key=lambda s: s.time))

    def copy_files(self) -> None:
        """Takes what is new; one that cannot be taken is no reason to leave out the others."""
        assignment = self.coursedir.assignment_id
        self.log.info("Processing %d submissions of '%s'", len(self.src_records), assignment)
        for found in self.src_records:
            destination = Path(
                self.coursedir.format_path(self.coursedir.submitted_directory, found.student, assignment)
            )
            if destination.is_dir() and not self._is_newer(found, destination):
                hint = "No newer submission" if self.update else "Already there, --update takes a newer one"
                self.log.info("%s: %s %s", hint, found.student, assignment)
                continue
            try:
                self._take(found, destination)
            except OSError as error:
                self.log.error("%s cannot be collected (%s)", printable(str(found.folder)), error.strerror or error)

    def _submission(self, folder: Path) -> Submission | None:
        """What a name in the exchange stands for; None, with a line in the log, where it is not to be believed."""
        student, _, rest = folder.name.partition(f"+{self.coursedir.assignment_id}+")
        if not rest or not fnmatchcase(student, self.coursedir.student_id or "*"):
            return None
        name = printable(folder.name)
        try:
            told = parse_utc(rest.split("+")[0])
        except (ValueError, OverflowError):
            self.log.error("%s is left out: its name holds no time", name)
            return None
        try:
            uid, changed = last_change(folder)
        except OSError as error:
            self.log.error("%s is left out: it is a link or no folder (%s)", name, error.strerror)
            return None
        if self.check_owner and student != _user(uid):
            self.log.error("%s is left out: it is in the name of %s, and %s made it", name, student, _user(uid))
            return None
        if safe_id(student) != student:
            self.log.error("%s is left out: %s is no name for a folder", name, printable(student))
            return None
        return Submission(folder, student, self._time(name, told, changed))

    def _time(self, name: str, told: datetime, changed: float) -> datetime:
        """The time that counts, of that in the name and that of the last change."""
        seen = datetime.fromtimestamp(changed, timezone.utc).replace(tzinfo=None)
        if seen <= told + timedelta(seconds=self.tolerance):
            return told
        self.log.warning("%s was changed after the time in its name, at %s UTC: that time counts", name, seen)
        return seen

    def _due(self) -> datetime | None:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                due: datetime | None = gradebook.find_assignment(self.coursedir.assignment_id).duedate
            except MissingEntry:
                due = None
        return due

    def _is_newer(self, found: Submission, destination: Path) -> bool:
        collected = self.coursedir.get_existing_timestamp(str(destination))
        if self.update:
            return collected is None or found.time > collected
        return bool(self.before_duedate and collected != found.time)

    def _take(self, found: Submission, destination: Path) -> None:
        """Reads all of it first, then writes it in place of what was there."""
        taken = take(found.folder)
        files = {path: data for path, data in taken.files.items() if path not in (TIME, SECRET)}
        for path, reason in taken.refused.items():
            self.log.warning("%s: %s %s", found.student, printable(path), reason)
            if path.endswith(NOTEBOOK) and "/" not in path:  # its feedback will say why
                files[path] = json.dumps(explanation(f"{printable(path)} {reason}")).encode()
        # nbgrader names released feedback by this; without it, the release for the whole class fails.
        secret = taken.files.get(SECRET, b"").decode("ascii", "replace").strip()
        files[SECRET] = (secret if secret.isalnum() and len(secret) <= 200 else secrets.token_hex(64)).encode()
        time = self._time(
            printable(found.folder.name), found.time, taken.changed
        )  # once more: it may have changed since
        files[TIME] = f"{time.isoformat(' ')} UTC".encode()
        if destination.is_dir():
            self.log.info("Updating submission: %s %s", found.student, self.coursedir.assignment_id)
            shutil.rmtree(destination)
        else:
            self.log.info("Collecting submission: %s %s", found.student, self.coursedir.assignment_id)
        write_files(destination, files, self.log)


def write_files(folder: Path, files: dict[str, bytes], log: Any) -> None:
    """Files by path, those of students among them; a name that the file system does not take is logged."""
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
        return f"somebody unknown (user {uid})"
