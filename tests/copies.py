"""A copy of the course, for tests that change a file and restore it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.zoo import PROJECT


def copy_course(to: Path) -> Path:
    """Copies our `autograder/`, `solutions/` and `exercises/`."""
    for name in ("autograder", "solutions", "exercises"):
        shutil.copytree(PROJECT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", ".proved", "*.bak*"))
    return to


@contextmanager
def changed(path: Path, old: str, new: str) -> Iterator[None]:
    """Inside the context, the first `old` in the file is replaced by `new`; an empty `old` appends `new`."""
    before = path.read_text(encoding="utf-8")
    assert old in before, f"{path} does not hold {old!r} any more"
    path.write_text(before.replace(old, new, 1) if old else before + new, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")
