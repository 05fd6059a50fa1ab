"""Reads a folder that a student may still be writing to: only regular files, and nothing that leads outside it.

Every step goes from an open folder to a name in it, so replacing something by a link while it is read has no effect.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from autograder.submissions.archives import MAX_ARCHIVE_BYTES
from autograder.submissions.file_names import NOTEBOOK, kind_of
from autograder.submissions.folders import FOLDER, LINK, MAX_DEPTH, PLAIN
from autograder.submissions.members import is_ignored
from autograder.submissions.notebooks.cells import MAX_BYTES

MAX_FILES = 1000
MAX_OTHER_BYTES = 16 << 20
"""Limit for a file that is not a notebook."""


@dataclass
class Content:
    """A folder's owner, the time of its last change (seconds since the epoch), its files, and refused files with reasons.

    Both dicts have paths inside the folder as keys.
    """

    owner: int
    changed: float
    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def last_change(folder: Path) -> tuple[int, float]:
    """The owner of a folder, and the time when it or something in it last changed (seconds since the epoch).

    This is the kernel's time of change, which nobody can set, unlike a name, a text or a time of modification.
    Raises OSError if `folder` is not a folder, or a link.
    """
    content = _walk(folder, read=False)
    return content.owner, content.changed


def read_folder(folder: Path) -> Content:
    """Reads all acceptable files of a folder. Raises OSError if `folder` is not a folder, or a link."""
    return _walk(folder, read=True)


def _walk(folder: Path, read: bool) -> Content:
    root = os.open(folder, FOLDER)
    try:
        status = os.fstat(root)
        content = Content(status.st_uid, status.st_ctime)
        left = MAX_ARCHIVE_BYTES
        seen = 0
        for place, folders, names, descriptor in os.fwalk(".", dir_fd=root):
            parts = Path(place).parts
            content.changed = max(content.changed, os.fstat(descriptor).st_ctime)
            for name in list(folders):
                path = "/".join((*parts, name))
                if not stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                    content.refused[path] = LINK
                elif len(parts) >= MAX_DEPTH:
                    content.refused[path] = f"lies more than {MAX_DEPTH} folders deep"
            folders[:] = [n for n in folders if not is_ignored(n) and "/".join((*parts, n)) not in content.refused]
            for name in sorted(names, key=lambda name: (not _is_notebook(name), name)):  # before data fills the limit
                path = "/".join((*parts, name))
                seen += 1
                if seen > MAX_FILES:
                    content.refused[path] = f"and all further files were skipped: there are more than {MAX_FILES} files"
                    return content
                if is_ignored(name):
                    continue
                try:
                    data, changed = _file(descriptor, name, content.owner, left if read else -1)
                except _Refused as reason:
                    content.refused[path] = str(reason)
                    continue
                content.changed = max(content.changed, changed)
                if read:
                    content.files[path] = data
                    left -= len(data)
        return content
    finally:
        os.close(root)


def _is_notebook(name: str) -> bool:
    return kind_of(name) == NOTEBOOK


class _Refused(Exception):
    pass


def _file(folder: int, name: str, owner: int, left: int) -> tuple[bytes, float]:
    """A regular file's bytes and time of change. With a negative `left`, only the time is read."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        _confirm(status, owner)  # before it is opened: opening a device can have effects
        descriptor = os.open(name, PLAIN, dir_fd=folder)
    except OSError as error:
        raise _Refused(f"cannot be read ({error.strerror})") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _confirm(status, owner)
        if left < 0:
            return b"", status.st_ctime
        largest = MAX_BYTES if _is_notebook(name) else MAX_OTHER_BYTES
        limit = min(left, largest)
        data = file.read(limit + 1)
        status = os.fstat(descriptor)  # after reading, so that a write during the read counts
    if len(data) > limit:
        total = f"brings the submission above {MAX_ARCHIVE_BYTES >> 20} MiB"
        what = f"is larger than {largest >> 20} MiB" if limit == largest else total
        raise _Refused(f"{what}: clear the outputs, leave out data, and hand it in again")
    return data, status.st_ctime


def _confirm(status: os.stat_result, owner: int) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _Refused(LINK)
    if not stat.S_ISREG(status.st_mode):
        raise _Refused("is not a regular file (but a pipe, a socket or a device)")
    if status.st_nlink > 1 and status.st_uid != owner:
        raise _Refused("is a hard link to another user's file")
