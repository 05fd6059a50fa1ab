"""Moves links, pipes and devices out of submitted/ before nbgrader copies the folder: it follows links and waits for pipes.

Other collectors, zip tools and people put files there too, not only our collect.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.submissions.folders import MAX_DEPTH
from autograder.submissions.members import printable

Inode = tuple[int, int]
LINK = "is a link, which is never followed"
NOT_A_FILE = "is a pipe, a socket or a device"
HARD_LINK = "is a hard link to another user's file"
PRIVATE = "is a hard link to a file of the course"


def inodes(places: Iterable[Path]) -> frozenset[Inode]:
    """The files in these places that have more than one name, so that a submission could be the other one."""
    found = set()
    for place in places:
        paths = [place] if place.is_file() else [Path(top, n) for top, _, names in os.walk(place) for n in names]
        for path in paths:
            status = os.lstat(path)
            if status.st_nlink > 1 and stat.S_ISREG(status.st_mode):
                found.add((status.st_dev, status.st_ino))
    return frozenset(found)


def set_aside(folder: Path, to: Path, private: frozenset[Inode]) -> list[str]:
    """Moves whatever is not a submission's own file or folder into `to`. Returns a line for each.

    `folder` and `to` must be in one file system. Raises OSError if something cannot be moved.
    """
    lines = []
    for path, reason in list(not_own_files(folder, private)):
        to.mkdir(parents=True, exist_ok=True)
        target = to / f"{path.name[:100]}-{secrets.token_hex(4)}"
        os.rename(path, target)  # moves a link itself
        inside = path.relative_to(folder).as_posix()
        where = path.name if path == folder else inside
        lines.append(f"{printable(where)} {reason}: it was moved to {printable(str(target))}, and is not graded")
    return lines


def not_own_files(folder: Path, private: frozenset[Inode] = frozenset()) -> Iterator[tuple[Path, str]]:
    """Whatever is in a folder and not its owner's own file or folder, or too deep, and why. No link is followed.

    `private`: files of the course that the folder must not contain under another name.
    """
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        yield folder, _reason(status, status.st_uid, private) or "is not a folder"
        return
    stack = [(folder, 0)]
    while stack:
        place, depth = stack.pop()
        with os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                found = entry.stat(follow_symlinks=False)
                if not stat.S_ISDIR(found.st_mode):
                    if reason := _reason(found, status.st_uid, private):
                        yield Path(entry.path), reason
                elif depth >= MAX_DEPTH:
                    yield Path(entry.path), f"lies more than {MAX_DEPTH} folders deep"
                else:
                    stack.append((Path(entry.path), depth + 1))


def _reason(status: os.stat_result, owner: int, private: frozenset[Inode]) -> str:
    if stat.S_ISLNK(status.st_mode):
        return LINK
    if not stat.S_ISREG(status.st_mode):
        return NOT_A_FILE
    if status.st_nlink > 1 and status.st_uid != owner:
        return HARD_LINK
    return PRIVATE if (status.st_dev, status.st_ino) in private else ""
