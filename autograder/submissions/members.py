"""Members of a folder or an archive that a submission is read from. Their bytes are read on demand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.submissions.file_names import ARCHIVE, NOTEBOOK, SCRIPT, kind_of, plain_name

MAX_FILE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 3 << 20
"""Limit for all files of one submission together. A worker gets them in one message of at most 4 MiB."""
MAX_ENTRIES = 50_000
"""Limit for the number of files and folders in one submission, of whatever kind."""
SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "venv", "node_modules", "site-packages"}
SKIPPED_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
ENVIRONMENT = "pyvenv.cfg"
"""A folder with a file of this name is a virtual environment, whatever its own name."""


class SubmissionError(ValueError):
    """A submission, or a folder of submissions, cannot be read at all. The message gives the path, the reason and a fix."""


class Unusable(Exception):
    """One member cannot be used. The text continues the member's name: "is a link …: replace …"."""


@dataclass(frozen=True)
class Member:
    """One file. `path`: its original path, for messages; `parts`: its folders and name; `read(limit)`: returns its bytes.

    `read` raises Unusable if the file cannot be read, or has more than `limit` bytes.
    """

    path: str
    parts: tuple[str, ...]
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        """Its plain name: `mlp_nn.py` for `mlp_nn (1).py`."""
        return plain_name(self.parts[-1])


@dataclass
class Listing:
    """The files of a folder or an archive by their kind, without those that are hidden or belong to a tool."""

    scripts: list[Member] = field(default_factory=list)
    notebooks: list[Member] = field(default_factory=list)
    archives: list[Member] = field(default_factory=list)
    others: list[Member] = field(default_factory=list)
    """Files that are not graded."""
    unreadable: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    """Folders that cannot be opened, each with the reason."""
    links: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    """Links that are neither scripts nor notebooks, each with the reason why it is not followed."""

    def add(self, member: Member) -> None:
        """Adds a file to those of its kind."""
        kinds = {SCRIPT: self.scripts, NOTEBOOK: self.notebooks, ARCHIVE: self.archives}
        kinds.get(kind_of(member.parts[-1]), self.others).append(member)

    @property
    def has_work(self) -> bool:
        """Whether there is a Python file or a notebook."""
        return bool(self.scripts or self.notebooks)

    def sort(self) -> None:
        """Sorts all files by path, so that no result depends on the order of a directory."""
        for members in (self.scripts, self.notebooks, self.archives, self.others):
            members.sort(key=lambda member: member.path)

    def drop_environments(self) -> None:
        """Drops everything in virtual environments."""
        roots = {member.parts[:-1] for member in self.others if member.parts[-1] == ENVIRONMENT}
        if not roots:
            return

        def outside(parts: tuple[str, ...]) -> bool:
            return not any(parts[:length] in roots for length in range(len(parts)))

        for members in (self.scripts, self.notebooks, self.archives, self.others):
            members[:] = [member for member in members if outside(member.parts)]
        for places in (self.unreadable, self.links):
            places[:] = [place for place in places if outside(place[0])]


def is_ignored(name: str) -> bool:
    """Whether files and folders of this name are ignored, because they are hidden or belong to a tool."""
    return name.startswith((".", "~$")) or name in SKIPPED_FOLDERS or name.casefold() in SKIPPED_FILES


def split(path: str) -> tuple[tuple[str, ...], str]:
    """Splits a path into folders and name. Also returns the reason why the path is refused, or "".

    Backslashes are separators too, since some Windows tools write them into archives.
    """
    pieces = re.split(r"[/\\]", path)
    parts = tuple(piece for piece in pieces if piece not in ("", ".", ".."))
    if pieces[0] == "" or re.match(r"[A-Za-z]:", path):
        return parts, "has an absolute path: pack your folder again, with paths relative to the folder"
    if ".." in pieces:
        return parts, "has a path with '..' in it: pack your folder again, with paths relative to the folder"
    return parts, ""


def printable(path: str, limit: int = 160) -> str:
    """A path for messages: unprintable characters are escaped, and the middle is cut if it is longer than `limit`."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-limit // 2 :]}"


def first_line(error: BaseException) -> str:
    """The first line of an error's text, or the name of its type, for messages."""
    return printable((str(error) or type(error).__name__).splitlines()[0][:100])


def refusing_read(reason: str) -> Callable[[int], bytes]:
    """A `read` function that raises Unusable, for a member that is known to be unusable."""

    def read(limit: int) -> bytes:
        raise Unusable(reason)

    return read


def too_large(limit: int) -> Unusable:
    return Unusable(f"is larger than {limit >> 20} MiB: an exercise has a few hundred lines; keep data out of it")
