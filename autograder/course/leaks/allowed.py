"""`solutions/allowed_overlaps.toml`: lines that go out although they are like a secret, each with the reason.

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
    """Something wrong with the list of allowed overlaps."""


@dataclass(frozen=True)
class Overlap:
    """A line of a file, without the spaces around it, that may go out."""

    file: str
    line: str


def load_allowed(path: Path) -> frozenset[Overlap]:
    """The allowed overlaps; none where there is no file. AllowedError where one has no reason."""
    if not path.is_file():
        return frozenset()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("overlap", [])
    except tomllib.TOMLDecodeError as error:
        raise AllowedError(f"{path} is no TOML: {error}. Mend it first.") from error
    for number, entry in enumerate(entries, start=1):
        missing = [key for key in ("file", "line", "reason") if not str(entry.get(key, "")).strip()]
        if missing:
            raise AllowedError(f"{path}: overlap {number} has no {missing[0]!r}. Say it, or delete the entry.")
    return frozenset(Overlap(entry["file"], entry["line"].strip()) for entry in entries)
