"""What a student sees while `autograder watch` is open: the reasons first, then where they stand and what is next."""

from __future__ import annotations

import io
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder.reports.explanation import headline, own_lines
from autograder.reports.terminal import COLORS, failure_text, points, worth

SHOWN_REASONS = 3
"""In full; the others get a line each."""
SHOWN_CHECKS = 2
"""Of those that fail for one reason, beside the first."""

WIDEST = 100
"""Columns of a line that is easily read."""
CODE_INDENT = 4


@dataclass(frozen=True)
class Progress:
    """Over all exercises that are watched, the bonus apart."""

    passed: int
    exercises: int
    score: float
    max_score: float
    bonus: float
    ungraded: int
    """Begun, and not graded since the start."""

    def __str__(self) -> str:
        bonus = f" and {points(self.bonus)} bonus" if self.bonus else ""
        ungraded = f" · {self.ungraded} begun, not graded yet" if self.ungraded else ""
        return (
            f"{self.passed} of {self.exercises} exercise{'' if self.exercises == 1 else 's'} passed · "
            f"{points(self.score)} of {points(self.max_score)} points{bonus}{ungraded}"
        )


class WatchTerminal:
    """Writes to standard output: with colours where there is a terminal that has them, plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        if console is None and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a dash is no reason to stop
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._moves = self._console.is_terminal and not self._console.is_dumb_terminal
        self._shown: dict[str, bool] = {}
        """Why the checks of this exercise failed, as far as it was shown already; whether in full."""

    def say(self, text: str, style: str = "") -> None:
        if self._console.is_terminal:
            text = "\n".join(_filled(line, min(self._console.width, WIDEST)) for line in text.split("\n"))
        self._console.print(Text(text, style), soft_wrap=True)
        self._console.file.flush()  # into a pipe too, a line is there when it is said

    def begin(self, exercise: str) -> None:
        """A rule, so that one save is told from the next."""
        self._shown = {}
        title = f"── {exercise} · {time.strftime('%H:%M:%S')} "
        self.say("")
        self.say(title + "─" * max(2, min(self._console.width, WIDEST) - len(title)), "bold")

    @contextmanager
    def busy(self, text: str) -> Iterator[Callable[[str], None]]:
        """Something that moves while we wait, where there is a terminal; gives what changes its text."""
        if not self._moves:
            yield lambda text: None
            return
        with self._console.status(_one_line(text)) as status:
            yield lambda text: status.update(_one_line(text))

    def training(self, title: str) -> None:
        """A check that takes its time begins; said where nothing moves."""
        if not self._moves:
            self.say(f"training: {title}", "dim")

    def reasons(self, checks: Iterable[Any]) -> None:
        """Why these checks did not pass; what was shown for this exercise already is not shown again."""
        groups: dict[str, list[Any]] = {}
        for check in checks:
            if check.status != "passed":
                groups.setdefault(_reason(check), []).append(check)
        for reason, group in groups.items():
            if group[0].status in ("not_started", "skipped"):
                if reason not in self._shown:
                    self.say(headline(group[0]), COLORS[group[0].status])
            elif reason in self._shown:
                self._as_above(group)
            elif sum(self._shown.values()) < SHOWN_REASONS:
                self._in_full(group)
                self._shown[reason] = True
                continue
            else:
                self._in_short(group)
            self._shown.setdefault(reason, False)

    def _in_full(self, group: Sequence[Any]) -> None:
        first, *others = group
        head, _, body = failure_text(first).partition("\n")
        self.say(head, f"bold {COLORS.get(first.status, 'red')}")
        self.say(body)
        for check in others[: None if len(others) <= SHOWN_CHECKS + 1 else SHOWN_CHECKS]:
            self.say(f"  also: {check.title} ({worth(check.max_score)}, {check.status})")
        if len(others) > SHOWN_CHECKS + 1:
            self.say(f"  and {len(others) - SHOWN_CHECKS} more checks, for the same reason")
        self.say("")

    def _in_short(self, group: Sequence[Any]) -> None:
        value = worth(sum(check.max_score for check in group))
        self.say(f"{headline(group[0])} ({value})", COLORS.get(group[0].status, "red"))

    def _as_above(self, group: Sequence[Any]) -> None:
        for check in group:
            self.say(f"for the same reason: {check.title} ({worth(check.max_score)}, {check.status})")

    def verdict(self, result: Any, seconds: float) -> None:
        """One line: the status, checks, points."""
        counted = [check for check in result.checks if check.status != "skipped"]
        passed = sum(check.status == "passed" for check in counted)
        said = "passes" if result.status == "passed" else result.status.replace("_", " ")
        bonus = " (bonus)" if result.bonus else ""
        self.say(
            f"{result.id} {said}: {passed} of {len(counted)} checks, "
            f"{points(result.score)} of {worth(result.max_score)}{bonus}, {seconds:.1f} s",
            f"bold {COLORS.get(result.status, 'red')}",
        )

    def standing(self, progress: Progress, following: str) -> None:
        """Where the student stands; `following`: what to do next, if there is anything."""
        self.say(str(progress))
        if following:
            self.say(f"next: {following}")
        elif progress.passed == progress.exercises:
            self.say("everything passes: nothing is left to do here", COLORS["passed"])

    def end(self) -> None:
        """After ^C the prompt shall stand on a line of its own."""
        if self._console.is_terminal:
            self.say("")


def _reason(check: Any) -> str:
    """What checks have in common that fail for one reason: shapes and counts aside, they read the same."""
    if check.status == "blocked":
        return "blocked"
    if check.mistake:
        return str(check.mistake)
    return re.sub(r"\[[\d, ]*\]|\d+", "", headline(check)) + own_lines(check)


def _one_line(text: str) -> Text:
    return Text(text, "dim", no_wrap=True, overflow="ellipsis")


def _filled(line: str, width: int) -> str:
    """A line wrapped between words, under its own beginning; lines of code are left as they are."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or len(indent) >= CODE_INDENT:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
