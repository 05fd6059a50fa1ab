"""What a user may do with a file: permission bits and POSIX access control lists, in every folder from the root on."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.exposure.accounts import Subject

READ, WRITE, SEARCH = 4, 2, 1
_ACL = "system.posix_acl_access"
_ACL_VERSION = 2
_USER, _GROUP_OBJ, _GROUP = 0x02, 0x04, 0x08


@dataclass(frozen=True)
class Entry:
    """A file or folder with what decides who may use it."""

    path: Path
    uid: int
    gid: int
    mode: int
    users: tuple[tuple[int, int], ...] = ()
    """The rights of further users in its access control list."""
    groups: tuple[tuple[int, int], ...] = ()
    """The rights of further groups in its access control list."""
    owning_group: int | None = None
    """The rights of its own group, if the list says so; then the group's bits of the mode are those of the list's mask."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_sticky(self) -> bool:
        """Whether it is a folder in which only the owner of a file may rename or delete it, such as /tmp."""
        return self.is_folder and bool(self.mode & stat.S_ISVTX)

    def rights(self, subject: Subject) -> int:
        """The rights of a user or group, as bits. An owner may give themselves every right."""
        if subject.uid == self.uid:
            return READ | WRITE | SEARCH
        group_bits = self.mode >> 3 & 7  # with a list, this is its mask
        for uid, bits in self.users:
            if uid == subject.uid:
                return bits & group_bits
        own = group_bits if self.owning_group is None else self.owning_group & group_bits
        of_groups = [own] if self.gid in subject.gids else []
        of_groups += [bits & group_bits for gid, bits in self.groups if gid in subject.gids]
        if of_groups:
            combined = 0
            for bits in of_groups:
                combined |= bits
            return combined
        return self.mode & 7

    def for_others(self) -> int:
        """The rights that anybody but the owner may have at most. A list's mask is in the group's bits."""
        return (self.mode | self.mode >> 3) & 7


def entry_of(path: Path) -> Entry:
    """The entry of a path, without following a link. OSError if it cannot be looked at."""
    found = os.lstat(path)
    plain = Entry(path, found.st_uid, found.st_gid, found.st_mode)
    return _with_list(plain) if not stat.S_ISLNK(found.st_mode) else plain


def folders_above(path: Path) -> list[Entry]:
    """The folders that contain a path, from the root on. The path must be resolved."""
    return [entry_of(folder) for folder in reversed(path.parents)]


def walk(top: Path, skip: frozenset[Path] = frozenset()) -> Iterator[Entry]:
    """A file or folder and everything in it that somebody besides the owners could reach. Links are not followed.

    A folder that only its owner may enter is returned without its content, and paths in `skip` are left out.
    """
    waiting = [top]
    while waiting:
        path = waiting.pop()
        if path in skip:
            continue
        try:
            entry = entry_of(path)
        except OSError:  # it has just been deleted, or we may not see it
            continue
        if stat.S_ISLNK(entry.mode):
            continue  # the rights of a link's target count
        yield entry
        if entry.is_folder and entry.for_others() & SEARCH:
            try:
                waiting += sorted(path.iterdir(), reverse=True)
            except OSError:
                continue


def _with_list(entry: Entry) -> Entry:
    """The entry with its access control list, if it has one and this system has such lists."""
    if not hasattr(os, "getxattr"):
        return entry
    try:
        data = os.getxattr(entry.path, _ACL, follow_symlinks=False)
    except OSError:
        return entry
    if len(data) < 4 or struct.unpack_from("<I", data)[0] != _ACL_VERSION:
        return entry
    users, groups, own = [], [], None
    for tag, bits, id in struct.iter_unpack("<HHI", data[4 : len(data) - (len(data) - 4) % 8]):
        if tag == _USER:
            users.append((id, bits))
        elif tag == _GROUP:
            groups.append((id, bits))
        elif tag == _GROUP_OBJ:
            own = bits
    return Entry(entry.path, entry.uid, entry.gid, entry.mode, tuple(users), tuple(groups), own)
