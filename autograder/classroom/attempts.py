"""Attempts: when each was handed in, whether that was late, and which of a student's attempts counts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.results import SubmissionResult
from autograder.submissions.entries import Entry
from autograder.submissions.lms_names import CANVAS

LAST, BEST, BEFORE_DEADLINE = "last", "best", "before-deadline"
MAX_FILES = 10_000
"""The date of a folder is that of the newest of its first so many files."""
FILES = "the date of the newest file"


@dataclass(frozen=True)
class Handing:
    """When an entry was handed in, and where that is known from."""

    time: datetime | None
    late: bool | None
    source: str


@dataclass(frozen=True)
class Verdict:
    counts: bool
    why: str = ""


def parse_deadline(text: str) -> datetime:
    """A deadline such as "2026-11-20 23:59", in local time, or with an offset. ValueError if it is none."""
    text = text.strip()
    example = 'give a date and a time, as in --deadline "2026-11-20 23:59", or with an offset, "2026-11-20 23:59+01:00"'
    try:
        deadline = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time: {example}") from None
    if ":" not in text:
        raise ValueError(f"{text!r} has no time of day: {example}")
    return deadline if deadline.tzinfo else deadline.astimezone()


def handing(entry: Entry, deadline: datetime | None) -> Handing:
    """When an entry was handed in. The dates of its files decide only if the LMS does not say so."""
    sender = entry.sender
    if sender is not None and sender.kind == CANVAS:  # it gives no time, but marks what is late
        return Handing(None, sender.late, "Canvas")
    if sender is not None and sender.time is not None:
        return Handing(sender.time, None if deadline is None else sender.time > deadline, sender.kind.capitalize())
    time = _newest(entry.paths)
    return Handing(time, None if deadline is None or time is None else time > deadline, FILES)


def in_order(entries: Sequence[Entry], when: dict[Entry, Handing]) -> list[Entry]:
    """The attempts of a student, earliest first."""

    def key(entry: Entry) -> tuple[bool, float, int, int, str]:
        sender, time = entry.sender, when[entry].time
        upload, attempt = (sender.upload, sender.attempt or 0) if sender is not None else (0, 0)
        return when[entry].late is True, time.timestamp() if time else 0.0, upload, attempt, entry.path.name

    return sorted(entries, key=key)


def judge(policy: str, lates: Sequence[bool | None], results: Sequence[SubmissionResult | None]) -> list[Verdict]:
    """Which attempt of a student counts, and why, given the attempts from the earliest to the last.

    `results`: their results, as far as they are there.
    """
    if policy == BEFORE_DEADLINE:
        return _before_deadline(lates)
    if len(lates) == 1:
        return [Verdict(True)]
    if policy == BEST:
        return _best(results)
    return [Verdict(False, "a later attempt counts") for _ in lates[:-1]] + [Verdict(True, "the last attempt")]


def _before_deadline(lates: Sequence[bool | None]) -> list[Verdict]:
    chosen = max((n for n, late in enumerate(lates) if not late), default=-1)
    verdicts = []
    for n, late in enumerate(lates):
        if late:
            verdicts.append(Verdict(False, "handed in after the deadline"))
        elif n == chosen:
            verdicts.append(Verdict(True, "the last attempt before the deadline" if len(lates) > 1 else ""))
        else:
            verdicts.append(Verdict(False, "a later attempt before the deadline counts"))
    return verdicts


def _best(results: Sequence[SubmissionResult | None]) -> list[Verdict]:
    graded = [(result.score, result.bonus, n) for n, result in enumerate(results) if result is not None]
    if not graded:
        return [Verdict(False, "not all attempts have been graded yet")] * len(results)
    best = max(graded)[2]
    return [
        Verdict(True, "the best attempt")
        if n == best
        else Verdict(False, "another attempt is better, or as good and later")
        for n in range(len(results))
    ]


def _newest(paths: Sequence[Path]) -> datetime | None:
    """The newest date of these files, and of the files in these folders. No link is followed."""
    times: list[float] = []
    todo = list(paths)
    while todo and len(times) < MAX_FILES:
        path = todo.pop(0)
        try:
            status = os.stat(path, follow_symlinks=False)
            if path.is_dir() and not path.is_symlink():
                with os.scandir(path) as found:
                    todo += [Path(entry.path) for entry, _ in zip(found, range(MAX_FILES))]
            else:
                times.append(status.st_mtime)
        except OSError:
            continue
    try:
        return datetime.fromtimestamp(max(times)).astimezone() if times else None
    except (OverflowError, ValueError, OSError):  # a date that no calendar has
        return None
