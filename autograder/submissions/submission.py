"""Submissions: Python files as bytes in the layout of exercises/, and their problems. Nothing is imported."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.catalogue import exercise_ids
from autograder.submissions.archives import MAX_ARCHIVE_BYTES, list_archive
from autograder.submissions.arrange import arrange
from autograder.submissions.folders import open_folder
from autograder.submissions.ids import safe_id
from autograder.submissions.left_aside import capped, named, nothing_to_grade
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
        """A digest of everything that the results depend on: the files, the problems, the cells, and what is reported."""
        digest = hashlib.sha256()
        reported = {"note": self.notes, "left aside": self.left_aside, "unreadable": self.unreadable}
        for kind, entries in (
            (b"file", self.files),
            (b"problem", _as_bytes(self.problems)),
            (b"place", _as_bytes({path: repr(places) for path, places in self.places.items()})),
            (b"reported", _as_bytes({name: "\n".join(texts) for name, texts in reported.items() if texts})),
        ):
            for path in sorted(entries):
                name, data = path.encode("utf-8", "surrogateescape"), entries[path]
                digest.update(b"%s %d %d\0%s%s" % (kind, len(name), len(data), name, data))
        return digest.hexdigest()


def _as_bytes(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode("utf-8", "backslashreplace") for path, text in texts.items()}


def read_submission(folder: Path, *, may_be_empty: bool = False) -> Submission:
    """Reads the exercises in one folder, which may itself be a link. Raises SubmissionError if it cannot be read.

    `may_be_empty`: a folder without an exercise is no error.
    """
    identity = safe_id(Path(os.path.realpath(folder)).name)
    return submission_in_folder(folder, identity, follow=True, may_be_empty=may_be_empty)


def submission_in_folder(
    folder: Path, identity: str, *, follow: bool = False, may_be_empty: bool = False
) -> Submission:
    """Reads a folder with all exercises or some of them, at its top or deeper.

    If it holds no Python file and no notebook but a single archive, that archive is read.
    """
    name = printable(Path(os.path.realpath(folder)).name if follow else folder.name) or printable(str(folder))
    with open_folder(folder, follow=follow) as listing:
        return submission_in_listing(_opened(listing, name, depth=2), name, identity, may_be_empty=may_be_empty)


def submission_in_archive(data: bytes, name: str, identity: str) -> Submission:
    """Reads the bytes of a zip or a tar. If it holds no work but a single archive, that one is read."""
    return submission_in_listing(_opened(list_archive(data, name), name, depth=1), name, identity)


def submission_in_notebook(read: Callable[[int], bytes], name: str, identity: str) -> Submission:
    """Reads a single notebook. `read` is as in Member."""
    listing = Listing()
    listing.add(Member(name, (name,), read))
    return submission_in_listing(listing, printable(name), identity)


def submission_in_listing(listing: Listing, name: str, identity: str, *, may_be_empty: bool = False) -> Submission:
    """Arranges the files in a listing as one submission. `name`: what messages call it.

    Archives in it are not opened. Raises SubmissionError if there is nothing to grade, unless it `may_be_empty`.
    """
    exercises = exercise_ids()
    found = arrange(listing, exercises)
    if not found.has_exercise and not may_be_empty:
        links = [f"{printable('/'.join(parts))} {reason}" for parts, reason in listing.links]
        raise SubmissionError(nothing_to_grade(name, exercises[0], listing, found.unreadable or links))
    if listing.archives:
        were = "was" if len(listing.archives) == 1 else "were"
        found.left_aside.append(
            f"{named(listing.archives)} {were} left aside: there are Python files or notebooks beside it, and these count. "
            "Hand in either the files or a single archive"
        )
    return Submission(
        identity, found.files, found.problems, capped(found.notes), found.places, capped(found.left_aside),
        capped(found.unreadable),
    )  # fmt: skip


def _opened(listing: Listing, name: str, depth: int) -> Listing:
    """The listing; if it holds no work but a single archive, that of the archive, and so on to this depth.

    Other files beside the archive are added to it, so that they are named too.
    """
    if depth == 0 or listing.has_work or len(listing.archives) != 1:
        return listing
    archive = listing.archives[0]
    inside = printable(archive.path)
    try:
        inner = list_archive(archive.read(MAX_ARCHIVE_BYTES), inside)
    except Unusable as problem:
        raise SubmissionError(_below(name, f"{inside} {problem}")) from None
    except SubmissionError as problem:
        raise SubmissionError(_below(name, str(problem))) from None
    inner = _opened(inner, name, depth - 1)
    inner.others += listing.others
    inner.unreadable += listing.unreadable
    inner.links += listing.links
    return inner


def _below(name: str, message: str) -> str:
    """A message about an archive in a submission, with the submission's name at its start."""
    return message if message.startswith(f"{name}/") else f"{name}/{message}"
