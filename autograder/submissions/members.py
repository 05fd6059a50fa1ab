"""What a submission is read from: members of a folder or of an archive, which give their bytes only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT = (".py", ".ipynb", ".zip")
"""How the names of files end that are looked at."""
MAX_FILE_BYTES = 1 << 20
MAX_TOTAL_BYTES = 3 << 20
"""Of all that is read of one submission; a worker gets its files in one message, which may be 4 MiB long."""
MAX_ENTRIES = 50_000
"""Files and folders that one submission may list, whatever they are."""
SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "venv", "node_modules", "site-packages"}


class SubmissionError(ValueError):
    """A submission, or a folder of them, cannot be read at all; says which path, why, and what to do."""


class Unusable(Exception):
    """One member cannot be used; the text goes on from its name: "is a link …: put …"."""


@dataclass(frozen=True)
class Member:
    """One file. `path`: as it was found, for messages; `parts`: its folders and name; `read(limit)`: its bytes.

    `read` raises Unusable, also where there are more bytes than `limit`.
    """

    path: str
    parts: tuple[str, ...]
    read: Callable[[int], bytes]


@dataclass
class Listing:
    """All that matters of a folder or an archive. `lost`: folders that cannot be entered, and why."""

    scripts: list[Member] = field(default_factory=list)
    notebooks: list[Member] = field(default_factory=list)
    archives: list[Member] = field(default_factory=list)
    lost: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """Keeps a Python file, a notebook or an archive, and nothing else."""
        name = member.parts[-1].casefold()
        if name.endswith(".py"):
            self.scripts.append(member)
        elif name.endswith(".ipynb"):
            self.notebooks.append(member)
        elif name.endswith(".zip"):
            self.archives.append(member)


def left_aside(name: str) -> bool:
    """Whether a file or folder of this name is never looked at: hidden, or a tool's own."""
    return name.startswith(".") or name in SKIPPED_FOLDERS


def split(path: str) -> tuple[tuple[str, ...], str]:
    """A member's folders and name, and why such a path is refused ("" where it is not).

    Backslashes separate too: some of Windows' tools write them into archives.
    """
    pieces = re.split(r"[/\\]", path)
    parts = tuple(piece for piece in pieces if piece not in ("", ".", ".."))
    if pieces[0] == "" or re.match(r"[A-Za-z]:", path):
        return parts, "has an absolute path: pack your folder again, with paths that begin at the folder"
    if ".." in pieces:
        return parts, "has a path with '..' in it: pack your folder again, with paths that begin at the folder"
    return parts, ""


def printable(path: str, limit: int = 160) -> str:
    """A path fit for a message: unprintable characters escaped, cut in the middle where it is too long."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-limit // 2 :]}"


def refuse(reason: str) -> Callable[[int], bytes]:
    """The `read` of a member that is known to be unusable."""

    def read(limit: int) -> bytes:
        raise Unusable(reason)

    return read


def too_large(limit: int) -> Unusable:
    return Unusable(f"is larger than {limit >> 20} MiB: an exercise is a few hundred lines, and data stay outside")
