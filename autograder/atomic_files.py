"""Atomic writes: an interruption leaves either the old file or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file, creating its folder if needed. OSError if that fails; the old file is then unchanged.

    The data goes into a temporary file beside it, which is synced to disk and renamed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(
        f".{os.getpid()}.part"
    )  # does not contain the file's own name, which may be as long as is allowed
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
