"""Lists and reads an untrusted folder: no link is followed, and only regular files are opened.

Every step goes from an open folder to a name in it, so replacing a folder by a link while it is read has no effect.
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

from autograder.submissions.file_names import NOTEBOOK, OTHER, SCRIPT, kind_of
from autograder.submissions.members import (
    ENVIRONMENT,
    MAX_ENTRIES,
    Listing,
    Member,
    SubmissionError,
    Unusable,
    is_ignored,
    printable,
    refusing_read,
    split,
    too_large,
)

MAX_DEPTH = 16
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
# Windows lacks these flags, and cannot open folders, so paths are used there.
PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
FOLDER = PLAIN | getattr(os, "O_DIRECTORY", 0)
LINK = "is a link, which is never followed: replace it by the file or folder itself"

Place = Union[int, Path]
"""An open folder: a descriptor, or its path where folders cannot be opened."""


@contextmanager
def open_folder(folder: Path, *, follow: bool) -> Iterator[Listing]:
    """Lists `folder`; its members can be read inside the `with`. `follow`: the folder itself may be a link.

    Raises SubmissionError if the folder does not exist, cannot be opened, or has too many entries.
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
    """The bytes of one regular file. Raises Unusable if it is not a regular file, or longer than `limit` bytes."""
    try:
        place = _enter(None, str(path.parent.resolve(strict=True)))
    except (OSError, RuntimeError) as error:
        raise Unusable(f"cannot be reached: its folder {_why_not_entered(error)}") from None
    try:
        return _read_here(place, path.name, limit)
    finally:
        _leave(place)


class _TooMany(Exception):
    """The folder has more entries than the limit."""


class _Walk:
    """Walks through a folder once and adds its files to `listing`."""

    def __init__(self, root: Place, listing: Listing) -> None:
        self._root = root
        self._listing = listing
        self._entries = 0

    def visit(self, place: Place, parts: tuple[str, ...] = ()) -> None:
        entries = self._entries_of(place)
        if any(entry.name == ENVIRONMENT for entry in entries):
            return
        for entry in entries:
            inside = (*parts, entry.name)
            kind = kind_of(entry.name)
            if is_ignored(entry.name):
                continue
            if entry.is_symlink() and kind == OTHER:
                self._listing.links.append((inside, LINK))
            elif not entry.is_dir(follow_symlinks=False):
                self._listing.add(_member(self._root, inside))
            else:
                if kind in (SCRIPT, NOTEBOOK):
                    self._listing.add(
                        Member("/".join(inside), inside, refusing_read("is a folder: it must be one file"))
                    )
                self._descend(place, inside)

    def _entries_of(self, place: Place) -> list[os.DirEntry[str]]:
        entries = []
        with os.scandir(place) as iterator:
            for entry in iterator:
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    raise _TooMany(
                        f"holds more than {MAX_ENTRIES:,} files: hand in your exercises without data and tools"
                    )
                entries.append(entry)
        return sorted(entries, key=lambda entry: entry.name)

    def _descend(self, place: Place, inside: tuple[str, ...]) -> None:
        if len(inside) > MAX_DEPTH:
            reason = f"lies more than {MAX_DEPTH} folders deep: move it nearer to the top"
            self._listing.unreadable.append((inside, reason))
            return
        try:
            below = _enter(place, inside[-1])
        except OSError as error:
            self._listing.unreadable.append((inside, _why_not_entered(error)))
            return
        try:
            self.visit(below, inside)
        finally:
            _leave(below)


def _member(root: Place, inside: tuple[str, ...]) -> Member:
    path = "/".join(inside)
    parts, complaint = split(path)
    return Member(path, parts, refusing_read(complaint) if complaint else partial(_read, root, inside))


def _read(root: Place, parts: tuple[str, ...], limit: int) -> bytes:
    """Reads a file by opening each folder from the submission's own folder down to it."""
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
        # Checked before it is opened, since opening a device can have effects.
        _confirm_plain(os.stat(**_at(place, name), follow_symlinks=False))
        descriptor = os.open(**_at(place, name), flags=PLAIN)
    except OSError as error:
        reason = LINK if error.errno == errno.ELOOP else f"cannot be read ({error.strerror}): fix its permissions"
        raise Unusable(reason) from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _confirm_plain(status)
        _confirm_own(status, os.stat(place))
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise Unusable(f"cannot be read ({error.strerror}): copy it again") from None
    if len(data) > limit:
        raise too_large(limit)
    return data


def _confirm_plain(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Unusable(LINK)
    if not stat.S_ISREG(status.st_mode):
        raise Unusable("is not a regular file (but a pipe, a socket or a device): replace it by a regular file")


def _confirm_own(file: os.stat_result, folder: os.stat_result) -> None:
    """Refuses a hard link to another user's file, such as the teacher's solution.

    A link count above one alone is harmless: `cp -l`, snapshots and deduplicating file systems make such files too, but
    then the folder's owner also owns the file. If the student does not own the folder, the kernel's rule applies
    (fs.protected_hardlinks: no hard links to files without write permission).
    """
    if file.st_nlink > 1 and file.st_uid != folder.st_uid:
        raise Unusable("is a hard link to another user's file: replace it by your own copy")


def _at(place: Place | None, name: str) -> dict[str, Any]:
    """The arguments of os.open and os.stat for a name in an open folder; without a folder, `name` is a full path."""
    if isinstance(place, Path):
        return {"path": place / name}
    return {"path": name, "dir_fd": place}


def _enter(place: Place | None, name: str) -> Place:
    """Opens a folder. Raises OSError if it is a link or not a folder."""
    if BY_DESCRIPTOR:
        return os.open(**_at(place, name), flags=FOLDER)
    path = place / name if isinstance(place, Path) else Path(name)
    status = os.stat(path, follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", False):
        raise OSError(errno.ELOOP, "a link")
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    return path


def _leave(place: Place) -> None:
    if isinstance(place, int):
        os.close(place)


def _why_not_entered(error: OSError | RuntimeError) -> str:
    """The reason why a folder could not be opened, for messages."""
    code = (
        error.errno if isinstance(error, OSError) else errno.ELOOP
    )  # resolve() raises RuntimeError for a loop of links
    if code == errno.ENOENT:
        return "does not exist: give a folder with the layout of exercises/, as --submission=DIR"
    if code in (errno.ELOOP, errno.ENOTDIR):
        return "is a link or not a folder: replace it by a real folder"
    return f"cannot be opened ({os.strerror(code or 0)}): fix its permissions"
