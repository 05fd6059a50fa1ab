"""Names that an LMS gives to downloaded files and folders: who handed in, when, and which file.

| kind | name |
|---|---|
| moodle | `Anna Müller_12345_assignsubmission_file_`, a folder; or flat, with the name of a file after it |
| canvas | `durandmarie_LATE_777_88_mlp_nn-1.py`: last and first name, the user's id, the id of the upload |
| canvas, anonymous | `anon_Ab1Cd_88_mlp_nn.py` |
| blackboard | `Assignment_username_attempt_2026-10-01-12-00-00_mlp_nn.py`, and a `.txt` without the last part |

A student chooses the last part, so a pattern takes the first place that fits and never a later one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

MOODLE, CANVAS, BLACKBOARD, GRADESCOPE = "moodle", "canvas", "blackboard", "gradescope"

_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d{1,18}))?_assignsubmission_(?P<part>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_CANVAS = re.compile(r"(?P<name>[^\W\d_]\w*?)(?P<late>_LATE)?_(?P<number>\d{1,18})_(?P<upload>\d{1,18})_(?P<file>.+)")
_CANVAS_TEXT = re.compile(r"(?P<name>[^\W\d_]\w*?)(?P<late>_LATE)?_(?P<number>\d{1,18})_(?P<file>(?:text|link)\.html)")
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<number>anon_[A-Za-z0-9]{1,18})_(?:(?P<upload>\d{1,18})_(?P<file>.+)|(?P<text>(?:text|link)\.html))"
)
_BLACKBOARD = re.compile(
    r"(?P<prefix>.+?)_attempt_(?P<time>\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2})(?:_(?P<file>.+)|(?P<text>\.txt))", re.DOTALL
)
_AGAIN = re.compile(r".*-(?P<number>\d{1,4})(?:\.\w+)?")


@dataclass(frozen=True)
class Sender:
    """The student who handed something in, as the LMS names them."""

    name: str
    """The full name; in Canvas last and first name in one lower-case word; in Blackboard the username; "" if anonymous."""
    number: str
    """Moodle: the number of the participant in the assignment; Canvas: the user's id; Gradescope: the student's id."""
    late: bool = False
    """Whether the LMS marks it as late. False also where an LMS has no mark for it."""
    time: datetime | None = None
    """When it was handed in, with a time zone, if the LMS says so."""
    attempt: int | None = None
    file: str = ""
    """The student's own name for the file; "" for a folder of files."""
    kind: str = ""
    """The LMS: moodle, canvas, blackboard or gradescope."""
    is_text: bool = False
    """Whether this is a text, a link or a comment that was typed into the LMS, and not a file."""
    email: str = ""
    prefix: str = ""
    """Blackboard: the assignment and the username together. Either may contain the "_" between them."""
    upload: int = 0
    """Canvas: the number of the upload, which is larger for a later one."""

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for two names if the LMS says that they are of one student."""
        if self.kind == BLACKBOARD:
            return self.kind, self.prefix
        if self.kind == CANVAS:
            return self.kind, self.number
        return self.kind, self.name, self.number, self.email

    @property
    def label(self) -> str:
        """The student's name with the number, which tells two students of one name apart."""
        return "_".join(part for part in (self.name, self.number) if part) or self.email


def sender_of(name: str) -> Sender | None:
    """The student in the name of one file or folder, without the folders around it; None if no LMS gives such names."""
    return _moodle(name) or _blackboard(name) or _canvas(name)


def _moodle(name: str) -> Sender | None:
    match = _MOODLE.fullmatch(name)
    if not match:
        return None
    is_text = match["part"] != "file"
    return Sender(match["name"], match["number"] or "", file=match["file"] or "", kind=MOODLE, is_text=is_text)


def _canvas(name: str) -> Sender | None:
    if match := _ANONYMOUS.fullmatch(name):
        who, file, is_text = "", match["file"] or match["text"], match["text"] is not None
    elif match := _CANVAS.fullmatch(name):
        who, file, is_text = match["name"], match["file"], False
    elif match := _CANVAS_TEXT.fullmatch(name):
        who, file, is_text = match["name"], match["file"], True
    else:
        return None
    if who != who.lower():
        return None
    again = _AGAIN.fullmatch(file)
    return Sender(
        who,
        match["number"],
        late=match["late"] is not None,
        attempt=int(again["number"]) + 1 if again else None,
        file=file,
        kind=CANVAS,
        is_text=is_text,
        upload=0 if is_text else int(match["upload"]),
    )


def _blackboard(name: str) -> Sender | None:
    match = _BLACKBOARD.fullmatch(name)
    if not match:
        return None
    try:
        time = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").astimezone()  # in the local time of the server
    except (ValueError, OverflowError):
        return None
    prefix = match["prefix"]
    return Sender(
        prefix.rpartition("_")[2],
        "",
        time=time,
        file=match["file"] or match["text"],
        kind=BLACKBOARD,
        is_text=match["text"] is not None,
        prefix=prefix,
    )
