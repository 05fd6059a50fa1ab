"""A submission: Python files as bytes in the layout of exercises/, and what is wrong with them. Nothing is imported."""

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
    """`files`: path with forward slashes, as "p1_mlp/mlp_nn.py", to its bytes."""

    id: str
    files: dict[str, bytes]
    problems: dict[str, str] = field(default_factory=dict)
    """Path to why this one file cannot be used."""
    notes: tuple[str, ...] = ()
    """What was odd and did no harm; for the teacher."""
    places: dict[str, Places] = field(default_factory=dict)
    """Path of an exercise that a notebook brought, to where its lines stand there."""

    @property
    def sha256(self) -> str:
        """Of all that the verdicts depend on: files and problems."""
        digest = hashlib.sha256()
        for kind, entries in ((b"file", self.files), (b"problem", self._problem_bytes())):
            for path in sorted(entries):
                name, data = path.encode("utf-8", "surrogateescape"), entries[path]
                digest.update(b"%s %d %d\0%s%s" % (kind, len(name), len(data), name, data))
        return digest.hexdigest()

    def _problem_bytes(self) -> dict[str, bytes]:
        return {path: text.encode("utf-8", "backslashreplace") for path, text in self.problems.items()}


def read_submission(folder: Path) -> Submission:
    """The exercises in one folder, which may itself be a link; SubmissionError where there is none."""
    return submission_in_folder(folder, safe_id(Path(os.path.realpath(folder)).name), follow=True)


def submission_in_folder(folder: Path, identity: str, *, follow: bool = False) -> Submission:
    """Whole or in part, at its top or further down; or in the one zip that it holds, where there is nothing else."""
    with open_folder(folder, follow=follow) as listing:
        if listing.scripts or listing.notebooks or len(listing.archives) != 1:
            if listing.archives:
                listing.notes.append(
                    f"{_archives(listing)} not opened: hand in a folder, or one zip and no Python file"
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
    """From the bytes of a zip; zips inside it are not opened."""
    listing = list_archive(data, name)
    if listing.archives:
        listing.notes.append(f"{_archives(listing)} not opened: hand in one zip with the files themselves")
    return _submission(identity, listing)


def submission_in_notebook(read: Callable[[int], bytes], name: str, identity: str) -> Submission:
    """From one notebook alone; `read` as a Member's."""
    listing = Listing()
    listing.add(Member(name, (name,), read))
    return _submission(identity, listing)


def _submission(identity: str, listing: Listing) -> Submission:
    arranged = arrange(listing, exercise_ids())
    return Submission(identity, arranged.files, arranged.problems, arranged.notes, arranged.places)


def _archives(listing: Listing) -> str:
    first, count = printable(listing.archives[0].path), len(listing.archives)
    return f"{first} was" if count == 1 else f"{first} and {count - 1} more were"
