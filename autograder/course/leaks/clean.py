"""Remembers which versions of files hold no secret, so that a history is scanned once and a push takes seconds.

The record is valid for these secrets and this scanner. It is in the teacher's clone, never in the repository that is scanned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import Project

RECORD = ".proved/clean_blobs"


@contextmanager
def clean_blobs(project: Project) -> Iterator[set[str]]:
    """The ids of the blobs without secrets, to which more may be added. They are written at the end, also after an error."""
    path, now = project.root / "solutions" / RECORD, _digest(project)
    ids = _read(path, now)
    before = len(ids)
    try:
        yield ids
    finally:
        if len(ids) > before:
            with suppress(OSError):  # a clone that may not be written to is scanned anew each time
                write_atomically(path, "\n".join([now, *sorted(ids)]).encode())


def _read(path: Path, now: str) -> set[str]:
    try:
        digest, *ids = path.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError):
        return set()
    return set(ids) if digest == now else set()


def _digest(project: Project) -> str:
    """A digest of everything that a scan depends on besides the version: the secrets, what is allowed, and the scanner."""
    hidden = (path for path in (project.root / "solutions").rglob("*") if path.suffix in (".py", ".toml"))
    found = hashlib.sha256()
    for path in sorted([*hidden, *Path(__file__).parent.glob("*.py")]):
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
