"""Takes over a folder that a student filled and may still be writing to: plain files, and nothing that leads elsewhere.

Every step goes from an open folder to a name in it, so that what is exchanged for a link under way changes nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from autograder.submissions.archives import MAX_ARCHIVE_BYTES
from autograder.submissions.folders import FOLDER, LINK, MAX_DEPTH, PLAIN
from autograder.submissions.members import is_ignored, printable
from autograder.submissions.notebooks.cells import MAX_BYTES

MAX_FILES = 1000


@dataclass
class Taken:
    """`files`: path inside the folder to bytes; `refused`: path to why; `changed`: when something last was, in seconds."""

    owner: int
    changed: float
    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def last_change(folder: Path) -> tuple[int, float]:
    """Owner of a folder and when it or something in it was changed; OSError where it is none.

    The kernel's own time of change: unlike a name, a text or a time of modification, nobody can set it.
    """
    taken = _walk(folder, read=False)
    return taken.owner, taken.changed


def take(folder: Path) -> Taken:
    """All that can be had of a folder; OSError where it is none or a link."""
    return _walk(folder, read=True)


def _walk(folder: Path, read: bool) -> Taken:
    root = os.open(folder, FOLDER)
    try:
        found = os.fstat(root)
        taken = Taken(found.st_uid, found.st_ctime)
        left = MAX_ARCHIVE_BYTES
        seen = 0
        for place, folders, names, descriptor in os.fwalk(".", dir_fd=root):
            parts = Path(place).parts
            taken.changed = max(taken.changed, os.fstat(descriptor).st_ctime)
            for name in list(folders):
                path = "/".join((*parts, name))
                if not stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                    taken.refused[path] = LINK
                elif len(parts) >= MAX_DEPTH:
                    taken.refused[path] = f"lies deeper than {MAX_DEPTH} folders"
            folders[:] = [n for n in folders if not is_ignored(n) and "/".join((*parts, n)) not in taken.refused]
            for name in sorted(names):
                path = "/".join((*parts, name))
                seen += 1
                if seen > MAX_FILES:
                    taken.refused[path] = f"and what follows: more than {MAX_FILES} files"
                    return taken
                if is_ignored(name):
                    continue
                try:
                    data, changed = _file(descriptor, name, taken.owner, left if read else -1)
                except _Refused as reason:
                    taken.refused[path] = str(reason)
                    continue
                taken.changed = max(taken.changed, changed)
                if read:
                    taken.files[path] = data
                    left -= len(data)
        return taken
    finally:
        os.close(root)


class _Refused(Exception):
    pass


def _file(folder: int, name: str, owner: int, left: int) -> tuple[bytes, float]:
    """A plain file's bytes and time of change; `left` below 0: the time alone."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        _confirm(found, owner)  # before it is opened: to open a device can do something
        descriptor = os.open(name, PLAIN, dir_fd=folder)
    except OSError as error:
        raise _Refused(f"cannot be read ({error.strerror})") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _confirm(found, owner)
        if left < 0:
            return b"", found.st_ctime
        limit = min(left, MAX_BYTES)
        data = file.read(limit + 1)
        found = os.fstat(descriptor)  # after: what was written under way was written now
    if len(data) > limit:
        what = f"is larger than {MAX_BYTES >> 20} MiB" if limit == MAX_BYTES else "is more than can be taken"
        raise _Refused(f"{what} ({printable(name)}): clear outputs, leave data out, and hand it in again")
    return data, found.st_ctime


def _confirm(found: os.stat_result, owner: int) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise _Refused(LINK)
    if not stat.S_ISREG(found.st_mode):
        raise _Refused("is not a regular file (a pipe, a socket, a device)")
    if found.st_nlink > 1 and found.st_uid != owner:
        raise _Refused("is a hard link to somebody else's file")
