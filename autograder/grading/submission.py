"""Reads a submission: Python files as bytes, and nothing else. No link is followed, nothing is imported."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 1 << 20
MAX_FILES = 500
SKIPPED_FOLDERS = {"__pycache__", ".git", ".ipynb_checkpoints", ".venv", "venv", "node_modules"}


class SubmissionError(ValueError):
    """The submission cannot be read; says which path and what to do."""


@dataclass(frozen=True)
class Submission:
    """`files`: path with forward slashes, relative to the submission's folder, to its bytes."""

    id: str
    files: dict[str, bytes]

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.files):
            digest.update(f"{path}\0{len(self.files[path])}\0".encode("utf-8", "surrogateescape") + self.files[path])
        return digest.hexdigest()


def read_submission(folder: Path) -> Submission:
    """All .py files below `folder`."""
    if not folder.is_dir():
        raise SubmissionError(
            f"there is no folder {folder}: give one with the layout of exercises/, as --submission=DIR"
        )
    files: dict[str, bytes] = {}
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            if name.endswith(".py"):
                path = Path(parent) / name
                files[path.relative_to(folder).as_posix()] = _read_file(path)
                if len(files) > MAX_FILES:
                    raise SubmissionError(
                        f"{folder} holds more than {MAX_FILES} Python files: hand in your exercises only"
                    )
    return Submission(folder.resolve().name, {path: data for path, data in files.items() if data is not None})


def _read_file(path: Path) -> bytes:
    """The bytes of a regular file; a link, a device or a huge file is refused by name."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read ({error.strerror}): replace it by a plain file") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SubmissionError(f"{path} is no plain file: replace it by one")
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise SubmissionError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB: an exercise is a few hundred lines")
    return data
