"""Submissions: Python files as bytes in the layout of exercises/, and their problems. Nothing is imported."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.catalogue import exercise_ids
from autograder.submissions.archives import MAX_ARCHIVE_BYTES, list_archive
from autograder.submissions.arrange import arrange
from autograder.submissions.folders import open_folder
from autograder.submissions.ids import safe_id
from autograder.submissions.members import Listing, Member, Unusable, printable
from autograder.submissions.members import SubmissionError as SubmissionError
from autograder.submissions.notebooks.modules import Places


@dataclass(frozen=True)
class Submission:
    """One submission. `files`: the bytes of each file by its path with forward slashes, such as "p1_mlp/mlp_nn.py"."""

    id: str
    files: dict[str, bytes]
    problems: dict[str, str] = field(default_factory=dict)
    """The reason why a file cannot be used, by path."""
    notes: tuple[str, ...] = ()
    """Harmless irregularities, for the teacher."""
    places: dict[str, Places] = field(default_factory=dict)
    """For each exercise that comes from a notebook, by path, the cells of its lines."""
    left_aside: tuple[str, ...] = ()
    """Files that were not graded, each with its name and the reason: "report.pdf was left aside: it is a PDF"."""
    unreadable: tuple[str, ...] = ()
    """Parts that could not be read, each with its name, the reason and a fix; also those that `problems` names."""

    @property
    def sha256(self) -> str:
        """A digest of everything that the results depend on: the files and the problems."""
        digest = hashlib.sha256()
        for kind, entries in ((b"file", self.files), (b"problem", self._problem_bytes())):
            for path in sorted(entries):
                name, data = path.encode("utf-8", "surrogateescape"), entries[path]
                digest.update(b"%s %d %d\0%s%s" % (kind, len(name), len(data), name, data))
        return digest.hexdigest()

    def _problem_bytes(self) -> dict[str, bytes]:
        return {path: text.encode("utf-8", "backslashreplace") for path, text in self.problems.items()}


def read_submission(folder: Path) -> Submission:
    """Reads the exercises in one folder, which may itself be a link. Raises SubmissionError if it cannot be read."""
    return submission_in_folder(folder, safe_id(Path(os.path.realpath(folder)).name), follow=True)


def submission_in_folder(folder: Path, identity: str, *, follow: bool = False) -> Submission:
    """Reads a folder with all exercises or some of them, at its top or deeper.

    If it holds no Python file and no notebook but a single zip, that zip is read.
    """
    with open_folder(folder, follow=follow) as listing:
        if listing.scripts or listing.notebooks or len(listing.archives) != 1:
            if listing.archives:
                listing.notes.append(
                    f"{_archives(listing)} not opened: hand in either a folder of files or a single zip"
                )
            return _submission(identity, listing)
        archive = listing.archives[0]
        name = printable(f"{folder}/{archive.path}")
        try:
            data = archive.read(MAX_ARCHIVE_BYTES)
        except Unusable as problem:
            raise SubmissionError(f"{name} {problem}") from None
    return submission_in_archive(data, name, identity)


def submission_in_archive(data: bytes, name: str, identity: str) -> Submission:
    """Reads the bytes of a zip. Zips inside it are not opened."""
    listing = list_archive(data, name)
    if listing.archives:
        listing.notes.append(f"{_archives(listing)} not opened: hand in one zip with the files themselves")
    return _submission(identity, listing)


def submission_in_notebook(read: Callable[[int], bytes], name: str, identity: str) -> Submission:
    """Reads a single notebook. `read` is as in Member."""
    listing = Listing()
    listing.add(Member(name, (name,), read))
    return _submission(identity, listing)


def _submission(identity: str, listing: Listing) -> Submission:
    arrangement = arrange(listing, exercise_ids())
    return Submission(identity, arrangement.files, arrangement.problems, arrangement.notes, arrangement.places)


def _archives(listing: Listing) -> str:
    first, count = printable(listing.archives[0].path), len(listing.archives)
    return f"{first} was" if count == 1 else f"{first} and {count - 1} more were"
