"""What other users of this machine can read or change, and the commands that close it."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.exposure.access import READ, SEARCH, WRITE, Entry, folders_above, walk
from autograder.course.exposure.accounts import EVERYBODY, Subject, members, subjects, user_name
from autograder.course.exposure.places import Place, releases_in

_CLOSING = {"o-rwx": 0o007, "g-rwx": 0o070, "go-rwx": 0o077}
_UNWRITABLE = {"o-w": 0o002, "g-w": 0o020, "go-w": 0o022}


@dataclass(frozen=True)
class Exposure:
    """A file or folder that somebody else can read or change."""

    path: Path
    what: str
    who: str
    everybody: bool
    """Whether every user of the machine can do it, and not only members of a group or single users."""
    can: str
    """What they can do: "read", "change", "read and change", "enter", or "replace"."""
    files: int
    """How many files they can read or change; 0 if it is about the folder itself."""
    command: str
    """The command that closes it."""

    def __str__(self) -> str:
        verb = {"enter": "enter", "replace": "replace what is in"}.get(self.can, self.can)
        number = f", {self.files} files" if self.files > 1 else ""
        return f"{self.path} ({self.what}{number}): {self.who} can {verb} it. To close it: {self.command}"


@dataclass(frozen=True)
class Trusted:
    """Who may read and change everything: root, whoever runs this, the owner of the folder, and a group of assistants."""

    uids: frozenset[int]
    gids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, folder: Path, assistants: Iterable[int] = ()) -> Trusted:
        """Those who are trusted with a folder. `assistants`: the ids of groups whose members are trusted."""
        assistants = frozenset(assistants)
        in_groups = frozenset[int]().union(*map(members, assistants))
        return cls(in_groups | {0, os.geteuid(), os.stat(folder).st_uid}, assistants)


def exposures(places: Iterable[Place], trusted: Trusted) -> list[Exposure]:
    """What others can read or change of these places, and the folders above in which they can replace a place."""
    found = [exposure for place in places for exposure in _of_place(place, trusted)]
    replaced = {(one.path, one.who) for one in found if one.can == "replace"}
    kept = [
        one
        for one in found
        if one.can != "change" or not any((folder, one.who) in replaced for folder in one.path.parents)
    ]
    return _together(kept)


def commands(found: Iterable[Exposure], root: Path | None = None) -> list[str]:
    """The fewest commands that close everything. `root`: a clone that can be closed as a whole, which is one command.

    A clone with a release in it is not closed, since students read that.
    """
    found = list(found)
    one_by_one = list(dict.fromkeys(exposure.command for exposure in found))
    if root is None or releases_in(root):
        return one_by_one
    inside = [one for one in found if one.path.is_relative_to(root) and one.command.startswith("chmod ")]
    bits = "o-rwx" if all(one.everybody for one in inside) else "go-rwx"
    outside = dict.fromkeys(one.command for one in found if one not in inside)
    together = [f"chmod {bits} {shlex.quote(str(root))}", *outside]
    return together if len(together) < len(one_by_one) else one_by_one


def _together(found: list[Exposure]) -> list[Exposure]:
    """One exposure for all who can do the same until the same command is run. What everybody can do, groups can too."""
    alike: dict[tuple[Path, str, str], list[Exposure]] = {}
    for one in found:
        alike.setdefault((one.path, one.can, one.command), []).append(one)
    return [
        next((one for one in ones if one.everybody), None)
        or replace(ones[0], who=" and ".join(dict.fromkeys(one.who for one in ones if _adds(one, ones))))
        for ones in alike.values()
    ]


def _adds(one: Exposure, alike: list[Exposure]) -> bool:
    """Whether somebody is not only a member of a group that is named anyway."""
    name = one.who.removeprefix("the user ")
    return name == one.who or not any(re.search(rf"[(, ]{re.escape(name)}[,)]", other.who) for other in alike)


def _of_place(place: Place, trusted: Trusted) -> list[Exposure]:
    try:
        above, inside = folders_above(place.path), list(walk(place.path, _left_out(place)))
    except OSError:
        return []
    entries = [*above, *inside]
    gids = {entry.gid for entry in entries} | {gid for entry in entries for gid, _ in entry.groups}
    uids = {entry.uid for entry in entries} | {uid for entry in entries for uid, _ in entry.users}
    found: list[Exposure] = []
    for subject in subjects(gids, uids, trusted.uids, trusted.gids):
        if subject.gids & trusted.gids:
            continue
        found += _above(subject, above, place)
        if inside and all(entry.rights(subject) & SEARCH for entry in above):
            found += _inside(subject, inside, place)
    return found


def _left_out(place: Place) -> frozenset[Path]:
    """Libraries are looked at from above only: there are tens of thousands of files in them."""
    if place.what != "the Python that grades" and not (place.path / "pyvenv.cfg").is_file():
        return frozenset()
    return frozenset(place.path.iterdir()) if place.path.is_dir() else frozenset()


def _above(subject: Subject, above: list[Entry], place: Place) -> list[Exposure]:
    """The folders on the way in which the subject can replace what leads to the place."""
    found = []
    for folder in above:
        rights = folder.rights(subject)
        if not rights & SEARCH:
            break
        owns = subject.uid == folder.uid
        if owns or (rights & WRITE and not folder.is_sticky):
            command = (
                f"move {shlex.quote(str(place.path))} into a folder of your own"
                if owns
                else _chmod(_weakest(folder, subject, _UNWRITABLE, WRITE), folder.path, folder.uid)
            )
            found.append(
                Exposure(folder.path, "a folder above", subject.label, subject == EVERYBODY, "replace", 0, command)
            )
    return found


def _inside(subject: Subject, inside: list[Entry], place: Place) -> list[Exposure]:
    top, reached = inside[0], {inside[0].path.parent}
    readable, changeable = [], []
    files = 0
    for entry in inside:
        if entry.path.parent not in reached:
            continue
        rights = entry.rights(subject)
        files += not entry.is_folder
        if entry.is_folder and rights & SEARCH:
            reached.add(entry.path)
        if stat.S_ISREG(entry.mode) and rights & READ:
            readable.append(entry)
        if rights & WRITE and (not entry.is_folder or rights & SEARCH):
            changeable.append(entry)
    enters = top.is_folder and not files and bool(top.rights(subject) & (READ | SEARCH))
    if place.secret and (readable or changeable or enters):
        both = "read and change" if readable and changeable else "read" if readable else "change"
        command = _closing(top, subject)
        can, number = ("enter", 0) if enters and not changeable else (both, len(readable) or len(changeable))
    elif changeable:
        can, number, command = "change", len(changeable), _stop_changes(top, changeable, subject)
    else:
        return []
    return [Exposure(place.path, place.what, subject.label, subject == EVERYBODY, can, number, command)]


def _closing(top: Entry, subject: Subject) -> str:
    wanted = SEARCH | READ | WRITE if top.is_folder else READ | WRITE
    bits = _weakest(top, subject, _CLOSING, wanted)
    return _chmod(bits, top.path, top.uid) if bits else _chown(top.path)


def _stop_changes(top: Entry, changeable: list[Entry], subject: Subject) -> str:
    all_bits = [_weakest(entry, subject, _UNWRITABLE, WRITE) for entry in changeable]
    if not all(all_bits):
        return _chown(top.path)
    bits = all_bits[0] if len(set(all_bits)) == 1 else "go-w"
    if len(changeable) == 1:
        return _chmod(bits, changeable[0].path, changeable[0].uid)
    return _chmod(bits, top.path, top.uid, recursive=True)


def _weakest(entry: Entry, subject: Subject, modes: dict[str, int], rights: int) -> str:
    """The first of these changes of mode that takes all of these rights from the subject; empty if none does."""
    for name, bits in modes.items():
        if not replace(entry, mode=entry.mode & ~bits).rights(subject) & rights:
            return name
    return ""


def _chmod(bits: str, path: Path, owner: int, recursive: bool = False) -> str:
    command = f"chmod {'-R ' if recursive else ''}{bits} {shlex.quote(str(path))}"
    return command if owner == os.geteuid() else f"{command}  (as {user_name(owner)})"


def _chown(path: Path) -> str:
    return f"chown -R {shlex.quote(user_name(os.geteuid()))} {shlex.quote(str(path))}  (as root)"
