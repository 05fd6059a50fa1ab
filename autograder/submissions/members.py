"""Members of a folder or an archive that a submission is read from. Their bytes are read on demand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

SUFFIXES = (".py", ".ipynb", ".zip")
"""Suffixes of the files that are listed; all others are ignored."""
MAX_FILE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 3 << 20
"""Limit for all files of one submission together. A worker gets them in one message of at most 4 MiB."""
MAX_ENTRIES = 50_000
"""Limit for the number of files and folders in one submission, of whatever kind."""
SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "venv", "node_modules", "site-packages"}


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


@dataclass
class Listing:
    """The relevant files of a folder or an archive. `unreadable`: folders that cannot be opened, each with a reason."""

    scripts: list[Member] = field(default_factory=list)
    notebooks: list[Member] = field(default_factory=list)
    archives: list[Member] = field(default_factory=list)
    unreadable: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """Adds a Python file, a notebook or an archive; ignores anything else."""
        name = member.parts[-1].casefold()
        if name.endswith(".py"):
            self.scripts.append(member)
        elif name.endswith(".ipynb"):
            self.notebooks.append(member)
        elif name.endswith(".zip"):
            self.archives.append(member)


def is_ignored(name: str) -> bool:
    """Whether files and folders of this name are ignored, because they are hidden or belong to a tool."""
    return name.startswith(".") or name in SKIPPED_FOLDERS


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


def refusing_read(reason: str) -> Callable[[int], bytes]:
    """A `read` function that raises Unusable, for a member that is known to be unusable."""

    def read(limit: int) -> bytes:
        raise Unusable(reason)

    return read


def too_large(limit: int) -> Unusable:
    return Unusable(f"is larger than {limit >> 20} MiB: an exercise has a few hundred lines; keep data out of it")
