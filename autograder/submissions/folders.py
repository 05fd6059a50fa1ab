"""Lists and reads a folder that somebody else filled: no link is followed, and nothing but plain files is opened.

Every step goes from an open folder to a name in it, so that a folder that is exchanged for a link under way changes nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Union

from autograder.submissions.members import (
    KEPT,
    MAX_ENTRIES,
    Listing,
    Member,
    SubmissionError,
    Unusable,
    left_aside,
    printable,
    refuse,
    split,
    too_large,
)

MAX_DEPTH = 16
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
# Windows lacks these, and the opening of folders: paths must do there.
PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
FOLDER = PLAIN | getattr(os, "O_DIRECTORY", 0)
LINK = "is a link, which is never followed: put the real thing in its place"

Place = Union[int, Path]
"""An open folder: a descriptor, or its path where folders cannot be opened."""


@contextmanager
def open_folder(folder: Path, *, follow: bool) -> Iterator[Listing]:
    """Lists `folder`; its members can be read inside the `with`. `follow`: the folder itself may be a link.

    SubmissionError: there is no such folder, it cannot be opened, or it holds too much to be looked through.
    """
    try:
        place = _enter(None, str(folder.resolve(strict=True) if follow else folder))
    except (OSError, RuntimeError) as error:
        raise SubmissionError(f"{printable(str(folder))} {_why_not_entered(error)}") from None
    try:
        listing = Listing()
        _Walk(place, listing).visit(place)
        yield listing
    except _TooMany as error:
        raise SubmissionError(f"{printable(str(folder))} {error}") from None
    finally:
        _leave(place)


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of one plain file; Unusable where it is none, or longer than `limit`."""
    try:
        place = _enter(None, str(path.parent.resolve(strict=True)))
    except (OSError, RuntimeError) as error:
        raise Unusable(f"cannot be reached: its folder {_why_not_entered(error)}") from None
    try:
        return _read_here(place, path.name, limit)
    finally:
        _leave(place)


class _TooMany(Exception):
    """More entries than are looked through."""


class _Walk:
    """Goes through a folder once and puts what it finds into `listing`."""

    def __init__(self, root: Place, listing: Listing) -> None:
        self._root = root
        self._listing = listing
        self._entries = 0

    def visit(self, place: Place, parts: tuple[str, ...] = ()) -> None:
        entries = self._entries_of(place)
        if any(entry.name == "pyvenv.cfg" for entry in entries):  # a virtual environment, whatever its name
            return
        for entry in entries:
            inside = (*parts, entry.name)
            script = entry.name.casefold().endswith(KEPT)
            if left_aside(entry.name):
                continue
            if entry.is_symlink() and not script:
                self._listing.lost.append((inside, LINK))
            elif not entry.is_dir(follow_symlinks=False):
                self._listing.add(_member(self._root, inside))
            else:
                if script:
                    self._listing.add(Member("/".join(inside), inside, refuse("is a folder: it must be one file")))
                self._descend(place, inside)

    def _entries_of(self, place: Place) -> list[os.DirEntry[str]]:
        found = []
        with os.scandir(place) as entries:
            for entry in entries:
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    raise _TooMany(
                        f"holds more than {MAX_ENTRIES:,} files: hand in your exercises without data and tools"
                    )
                found.append(entry)
        return sorted(found, key=lambda entry: entry.name)

    def _descend(self, place: Place, inside: tuple[str, ...]) -> None:
        if len(inside) > MAX_DEPTH:
            reason = f"lies deeper than {MAX_DEPTH} folders: put it nearer to the top"
            self._listing.lost.append((inside, reason))
            return
        try:
            below = _enter(place, inside[-1])
        except OSError as error:
            self._listing.lost.append((inside, _why_not_entered(error)))
            return
        try:
            self.visit(below, inside)
        finally:
            _leave(below)


def _member(root: Place, inside: tuple[str, ...]) -> Member:
    path = "/".join(inside)
    parts, complaint = split(path)
    return Member(path, parts, refuse(complaint) if complaint else partial(_read, root, inside))


def _read(root: Place, parts: tuple[str, ...], limit: int) -> bytes:
    """From the submission's folder down to the file, one open folder after the other."""
    places = [root]
    try:
        for name in parts[:-1]:
            places.append(_enter(places[-1], name))
        return _read_here(places[-1], parts[-1], limit)
    except OSError as error:
        raise Unusable(_why_not_entered(error)) from None
    finally:
        for place in places[1:]:
            _leave(place)


def _read_here(place: Place, name: str, limit: int) -> bytes:
    try:
        _confirm_plain(os.stat(**_at(place, name), follow_symlinks=False))  # before: to open a device can do something
        descriptor = os.open(**_at(place, name), flags=PLAIN)
    except OSError as error:
        reason = LINK if error.errno == errno.ELOOP else f"cannot be read ({error.strerror}): mend its permissions"
        raise Unusable(reason) from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _confirm_plain(found)
        _confirm_own(found, os.stat(place))
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise Unusable(f"cannot be read ({error.strerror}): copy it again") from None
    if len(data) > limit:
        raise too_large(limit)
    return data


def _confirm_plain(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Unusable(LINK)
    if not stat.S_ISREG(found.st_mode):
        raise Unusable("is no plain file (a pipe, a socket, a device): put a plain file in its place")


def _confirm_own(file: os.stat_result, folder: os.stat_result) -> None:
    """Refuses a hard link by which somebody hands in what somebody else owns, such as the teacher's solution.

    A link count above one is no offence by itself: `cp -l`, snapshots and file systems that are cleared of duplicates
    make such files of honest ones, but then they belong to whoever owns the folder. Where the student cannot own the
    folder, the kernel's own rule holds (fs.protected_hardlinks: no hard links to files that one may not write).
    """
    if file.st_nlink > 1 and file.st_uid != folder.st_uid:
        raise Unusable("is a hard link to somebody else's file: put a copy of your own in its place")


def _at(place: Place | None, name: str) -> dict[str, Any]:
    """The arguments of os.open and os.stat for a name in an open folder; without one, `name` is a whole path."""
    if isinstance(place, Path):
        return {"path": place / name}
    return {"path": name, "dir_fd": place}


def _enter(place: Place | None, name: str) -> Place:
    """Opens a folder; OSError where it is a link or no folder."""
    if BY_DESCRIPTOR:
        return os.open(**_at(place, name), flags=FOLDER)
    path = place / name if isinstance(place, Path) else Path(name)
    found = os.stat(path, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", False):
        raise OSError(errno.ELOOP, "a link")
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "no folder")
    return path


def _leave(place: Place) -> None:
    if isinstance(place, int):
        os.close(place)


def _why_not_entered(error: OSError | RuntimeError) -> str:
    """resolve() raises RuntimeError for a loop of links."""
    code = error.errno if isinstance(error, OSError) else errno.ELOOP
    if code == errno.ENOENT:
        return "is not there: give a folder with the layout of exercises/, as --submission=DIR"
    if code in (errno.ELOOP, errno.ENOTDIR):
        return "is a link or no folder: put a real folder in its place"
    return f"cannot be opened ({os.strerror(code or 0)}): mend its permissions"
