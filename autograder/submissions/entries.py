"""Finds what the students of a class handed in, and reads it. None of it is trusted, and nothing is skipped.

Whatever lies in the folder belongs to an entry: a folder, an archive, a notebook, a Python file, or something that cannot
be graded, which becomes an entry with a problem. Files that an LMS or their names give to one student are one entry.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from autograder.course.catalogue import exercise_ids
from autograder.submissions.archives import MAX_ARCHIVE_BYTES
from autograder.submissions.file_names import ARCHIVES, NOTEBOOK, OTHER, SCRIPT, kind_of, plain_name
from autograder.submissions.folders import open_folder, read_file
from autograder.submissions.gradescope import METADATA_FILE, read_metadata
from autograder.submissions.ids import distinct_ids
from autograder.submissions.left_aside import kind_of_other, lines
from autograder.submissions.lms_names import BLACKBOARD, CANVAS, Sender, sender_of
from autograder.submissions.members import Listing, Member, Unusable, is_ignored, printable
from autograder.submissions.submission import (
    Submission,
    SubmissionError,
    submission_in_archive,
    submission_in_folder,
    submission_in_listing,
)

ENDINGS = (*ARCHIVES, ".rar", ".7z", ".py", ".ipynb", ".ipynb.txt", ".py.txt", ".pdf")
"""The endings of files that are not part of a student's name."""
TEXT_ONLY = "was handed in as a text, a link or a comment in the LMS, which is not graded: ask for the file"


@dataclass(frozen=True)
class Entry:
    """What one student handed in at one time. `id`: the student's, from the names of files; safe as a file name.

    Two entries have one id if an LMS says that they are of one student: they are attempts.
    """

    id: str
    path: Path
    more: tuple[Path, ...] = ()
    """Further files and folders of the same entry."""
    name: str = ""
    """The student's name in the names of the files, as it is."""
    sender: Sender | None = None
    """What an LMS says about the student."""
    problem: str = ""
    """Why it is not graded, if that is certain without reading it."""

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path, *self.more)


def find_submissions(folder: Path, but: Path | None = None) -> list[Entry]:
    """All entries in `folder`, sorted by id. `but`: a file that belongs to the teacher, such as the roster.

    Raises SubmissionError if the folder cannot be read, holds no submission, or is a submission itself.
    """
    names = _names(folder, but)
    found = [group for group in _groups(folder, names) if group.paths]
    if not any(group.sender or _may_be_graded(path) for group in found for path in group.paths):
        raise SubmissionError(
            f"{printable(str(folder))} holds no submission: it must hold one folder or .zip per student"
        )
    parts = {"exercises", *_parts()[NOTEBOOK], *_parts()[SCRIPT]}
    if all(_stem(path.name) in parts for group in found for path in group.paths):
        raise SubmissionError(
            f"{printable(str(folder))} is one submission, not a folder of submissions: give the folder above it, or grade "
            "this one with pytest autograder --submission=DIR"
        )
    ids = distinct_ids({group.owner: group.name for group in found}.items())
    entries = [
        Entry(ids[group.owner], group.paths[0], tuple(group.paths[1:]), group.name, group.sender, group.problem)
        for group in found
    ]
    return sorted(entries, key=lambda entry: (entry.id, entry.path))


def read_entry(entry: Entry) -> Submission:
    """Reads the student's exercises. Raises SubmissionError, and nothing else, if they cannot be read."""
    try:
        return _read(entry)
    except SubmissionError:
        raise
    except Exception as error:  # one submission must not end the grading of a class
        what = f"{type(error).__name__}: {error}"
        raise SubmissionError(
            f"{printable(str(entry.path))} cannot be read ({printable(what)}): hand it in again"
        ) from error


@dataclass
class _Group:
    """The files of one entry. `owner`: a text that is the same for all entries of one student."""

    owner: str
    name: str
    paths: list[Path]
    sender: Sender | None = None

    @property
    def problem(self) -> str:
        senders = [sender_of(path.name) for path in self.paths]
        if not os.path.lexists(self.paths[0]):
            return f"{printable(self.paths[0].name)} is in {METADATA_FILE} but not in the folder: download it again"
        if all(sender is not None and sender.is_text for sender in senders):
            return f"{printable(self.paths[0].name)} {TEXT_ONLY}"
        return ""


def _names(folder: Path, but: Path | None) -> list[str]:
    """The names in the folder, sorted, without those of hidden files and tools."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not is_ignored(entry.name))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SubmissionError(
            f"{printable(str(folder))} cannot be read ({reason}): give the folder with one folder or .zip per student"
        ) from None
    if but is not None and but.resolve().parent == folder.resolve():
        names = [name for name in names if name != but.resolve().name]
    return names


def _groups(folder: Path, names: list[str]) -> Iterator[_Group]:
    if METADATA_FILE in names:
        metadata = read_metadata(folder / METADATA_FILE)
        names = [name for name in names if name != METADATA_FILE and not metadata.get(name)]
        for name, senders in metadata.items():
            for person in senders:
                yield _Group("\0".join(person.key), person.label, [folder / name], person)
    groups: dict[tuple[str, ...], _Group] = {}
    for name in names:
        path = folder / name
        sender = sender_of(name)
        if sender:
            owner = "\0".join(sender.key)
            late, time = sender.late and sender.kind == CANVAS, sender.time
            key = (owner, str(late), str(time))
            group = groups.setdefault(key, _Group(owner, sender.label, [], sender))
        elif (named := _named_exercise(name)) is not None and named[0] and not path.is_dir():
            group = groups.setdefault(("", named[0]), _Group(f"\0{named[0]}", named[0], []))
        else:
            group = groups.setdefault(("", "", name), _Group(name, _stem(name) if not path.is_dir() else name, []))
        group.paths.append(path)
    yield from (_in_order(group) for group in _with_papers(list(groups.values())))


def _with_papers(groups: list[_Group]) -> list[_Group]:
    """The groups; a file that is not graded, such as `alice.pdf`, belongs to `alice.zip` if there is only one such work."""
    works = [group for group in groups if group.sender is not None or any(map(_is_work, group.paths))]
    result = list(works)
    for group in groups:
        if group not in works:
            own = [work for work in works if work.sender is None and work.name == group.name]
            if len(own) == 1:
                own[0].paths += group.paths
            else:
                result.append(group)
    return result


def _is_work(path: Path) -> bool:
    return kind_of(path.name) != OTHER or path.is_dir() or path.is_symlink()


def _in_order(group: _Group) -> _Group:
    """The group with files before texts, so that the first path is one of the student's files."""
    group.paths.sort(key=lambda path: (_is_text(path), not _is_work(path), path.name))
    if group.sender is not None:
        senders = [sender for path in group.paths if (sender := sender_of(path.name))]
        group.sender = replace(group.sender, upload=max(sender.upload for sender in senders))
    return group


def _is_text(path: Path) -> bool:
    sender = sender_of(path.name)
    return sender is not None and sender.is_text


def _is_receipt(path: Path) -> bool:
    """Whether this is the text that Blackboard adds to every submission."""
    sender = sender_of(path.name)
    return sender is not None and sender.kind == BLACKBOARD and sender.is_text


@lru_cache(1)
def _parts() -> dict[str, list[str]]:
    """The names of exercises and of practicals, the longest first, by the kind of file that has such a name."""
    exercises = exercise_ids()
    names = {
        SCRIPT: {exercise.name for exercise in exercises},
        NOTEBOOK: {exercise.practical for exercise in exercises},
    }
    return {kind: sorted(found, key=len, reverse=True) for kind, found in names.items()}


def _named_exercise(name: str) -> tuple[str, str] | None:
    """The student, and the plain file name, of a file such as `durand_mlp_nn.py` or `durand_p1_mlp.ipynb`."""
    kind, plain = kind_of(name), plain_name(name)
    stem, dot, ending = plain.rpartition(".")
    for part in _parts().get(kind, ()):
        before = stem[: -len(part)]
        if stem.casefold().endswith(part) and (not before or before[-1] in "_- "):
            return before.rstrip("_- "), stem[-len(part) :] + dot + ending
    return None


def _stem(name: str) -> str:
    """The student's name in the name of a file."""
    plain = plain_name(name)
    ending = max((e for e in ENDINGS if plain.casefold().endswith(e)), key=len, default="")
    return plain[: -len(ending)] if ending and len(plain) > len(ending) else plain


def _may_be_graded(path: Path) -> bool:
    return _is_work(path) or path.name.casefold().endswith(ENDINGS)


def _read(entry: Entry) -> Submission:
    if entry.problem:
        raise SubmissionError(entry.problem)
    paths = [path for path in entry.paths if not _is_text(path)]
    if len(paths) == 1 and not _is_file(paths[0]):
        submission = submission_in_folder(paths[0], entry.id)
    else:
        submission = _read_files(paths, entry)
    texts = [f"{printable(path.name)} {TEXT_ONLY}" for path in entry.paths if _is_text(path) and not _is_receipt(path)]
    return replace(submission, left_aside=(*submission.left_aside, *texts))


def _is_file(path: Path) -> bool:
    """Whether an entry is read as a file. A link without an ending may be to a folder, and is refused as one."""
    return not path.is_dir() and (kind_of(path.name) != OTHER or (path.is_file() and not path.is_symlink()))


def _read_files(paths: list[Path], entry: Entry) -> Submission:
    """The files as one submission, without older uploads of the same file."""
    chosen, older = _newest(paths)
    name = printable(paths[0].name)
    with ExitStack() as stack:
        listing = Listing()
        for path, own in chosen:
            if path.is_dir():
                _add_all(listing, stack.enter_context(open_folder(path, follow=False)), path.name)
            else:
                listing.add(Member(path.name, (own,), partial(read_file, path)))
        if len(listing.others) == 1 and not (listing.has_work or listing.archives):
            kind = kind_of_other(listing.others[0])
            raise SubmissionError(f"{name} is {kind.what}: {kind.remedy}")
        if listing.has_work or len(listing.archives) != 1:
            submission = submission_in_listing(listing, name, entry.id)
            return replace(submission, left_aside=(*submission.left_aside, *older))
        archive = listing.archives[0]
        try:
            data = archive.read(MAX_ARCHIVE_BYTES)
        except Unusable as problem:
            raise SubmissionError(f"{printable(archive.path)} {problem}") from None
        submission = submission_in_archive(data, printable(archive.path), entry.id)
        return replace(submission, left_aside=(*submission.left_aside, *lines(listing.others), *older))


def _newest(paths: Iterable[Path]) -> tuple[list[tuple[Path, str]], list[str]]:
    """The paths with the students' own names for them; of several uploads of one file the newest, and why not the others.

    Canvas renames a file that is uploaded again: `mlp_nn.py`, `mlp_nn-1.py`.
    """
    files: dict[tuple[str, str], list[tuple[int, Path]]] = defaultdict(list)
    for path in paths:
        sender = sender_of(path.name)
        own = sender.file if sender is not None and sender.file else path.name
        named = _named_exercise(own)
        may_repeat = named is not None and sender is not None and sender.kind == CANVAS
        key = (named[1] if named is not None else own, "" if may_repeat else path.name)
        files[key].append((sender.upload if sender is not None else 0, path))
    chosen: list[tuple[Path, str]] = []
    older: list[str] = []
    for (own, _), uploads in files.items():
        *others, (_, newest) = sorted(uploads)
        chosen.append((newest, own))
        older += [f"{printable(p.name)} was left aside: {printable(newest.name)} was uploaded later" for _, p in others]
    return chosen, older


def _add_all(listing: Listing, inner: Listing, folder: str) -> None:
    """Adds the files of a folder, as lying in it."""
    for member in (*inner.scripts, *inner.notebooks, *inner.archives, *inner.others):
        listing.add(Member(f"{folder}/{member.path}", (folder, *member.parts), member.read))
    listing.unreadable += [((folder, *parts), reason) for parts, reason in inner.unreadable]
    listing.links += [((folder, *parts), reason) for parts, reason in inner.links]
