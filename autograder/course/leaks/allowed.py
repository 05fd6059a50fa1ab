"""Reads `solutions/allowed_overlaps.toml`: lines that may be handed out although they overlap with a secret.

[[overlap]]
file = "autograder/checks/convolution/layer_references.py"
line = "return parameters_of(nn.Conv2d(...))"
reason = "..."
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import CourseError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it there


class AllowedError(CourseError):
    """The list of allowed overlaps has an error."""


@dataclass(frozen=True)
class Overlap:
    """A line of a file that may be handed out, without the spaces around it."""

    file: str
    line: str


def load_allowed(path: Path) -> frozenset[Overlap]:
    """The allowed overlaps; empty if there is no file. AllowedError if the file is invalid or an entry has no reason."""
    if not path.is_file():
        return frozenset()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("overlap", [])
    except tomllib.TOMLDecodeError as error:
        raise AllowedError(f"{path} is not valid TOML: {error}. Fix it first.") from error
    for number, entry in enumerate(entries, start=1):
        missing = [key for key in ("file", "line", "reason") if not str(entry.get(key, "")).strip()]
        if missing:
            raise AllowedError(f"{path}: overlap {number} has no {missing[0]!r}. Add it, or delete the entry.")
    return frozenset(Overlap(entry["file"], entry["line"].strip()) for entry in entries)
