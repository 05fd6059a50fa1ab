"""The output of `autograder watch`: explanations of failed checks first, then the result, the progress and the next step."""

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

from autograder.reports.explanation import MAX_LEVEL, headline, hints, own_lines
from autograder.reports.terminal import COLORS, counted, failure_text, points, worth

FULL_EXPLANATIONS = 3
"""How many explanations of an exercise are shown in full; the others get a line each."""
OTHER_CHECKS = 2
"""How many further checks with the same explanation are listed."""

MAX_WIDTH = 100
"""Columns of a line; longer ones are hard to read."""
CODE_INDENT = 4


@dataclass(frozen=True)
class Progress:
    """The progress over all exercises that are watched. `score` and `max_score` do not include the bonus."""

    passed: int
    exercises: int
    score: float
    max_score: float
    bonus: float
    ungraded: int
    """How many exercises are started but were not graded yet in this session."""

    def __str__(self) -> str:
        bonus = f" and {points(self.bonus)} bonus" if self.bonus else ""
        ungraded = f" · {self.ungraded} started, not graded yet" if self.ungraded else ""
        return (
            f"{self.passed} of {counted(self.exercises, 'exercise')} passed · "
            f"{points(self.score)} of {worth(self.max_score)}{bonus}{ungraded}"
        )


class WatchTerminal:
    """Writes to standard output: in colour on a terminal that has colours, else plain lines."""

    def __init__(self, console: Console | None = None) -> None:
        if console is None and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # some terminals cannot show every character
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._animated = self._console.is_terminal and not self._console.is_dumb_terminal
        self.has_keys = False
        """Whether keys are read, so that the hints' key is worth a mention."""
        self._shown: dict[str, bool] = {}
        """The explanations shown for this exercise so far, by their key; True if shown in full."""

    def say(self, text: str, style: str = "") -> None:
        """Writes one or more lines, wrapped on a terminal."""
        if self._console.is_terminal:
            text = "\n".join(_filled(line, min(self._console.width, MAX_WIDTH)) for line in text.split("\n"))
        self._console.print(Text(text, style), soft_wrap=True)
        self._console.file.flush()  # a pipe would buffer it

    def heading(self, exercise: str) -> None:
        """Starts the output of an exercise with a rule."""
        self._shown = {}
        title = f"── {exercise} · {time.strftime('%H:%M:%S')} "
        self.say("")
        self.say(title + "─" * max(2, min(self._console.width, MAX_WIDTH) - len(title)), "bold")

    @contextmanager
    def busy(self, text: str) -> Iterator[Callable[[str], None]]:
        """Shows a spinner on a terminal; yields a function that changes its text."""
        if not self._animated:
            yield lambda text: None
            return
        with self._console.status(_one_line(text)) as status:
            yield lambda text: status.update(_one_line(text))

    def announce_training(self, title: str) -> None:
        """Says that a slow check starts, if there is no spinner that shows it."""
        if not self._animated:
            self.say(f"training: {title}", "dim")

    def explain(self, checks: Iterable[Any], level: int = 1) -> None:
        """Shows why these checks did not pass, with hints up to this level. An explanation is shown once per exercise."""
        groups: dict[str, list[Any]] = {}
        waiting: dict[str, list[Any]] = {}
        for check in checks:
            if check.waits_for:
                waiting.setdefault(check.waits_for, []).append(check)
            elif check.status != "passed":
                groups.setdefault(_explanation_key(check), []).append(check)
        for key, group in groups.items():
            if group[0].status in ("not_started", "skipped"):
                if key not in self._shown:
                    self.say(headline(group[0]), COLORS[group[0].status])
            elif key in self._shown:
                self._already_explained(group)
            elif sum(self._shown.values()) < FULL_EXPLANATIONS:
                self._in_full(group, [other for check in group for other in waiting.pop(check.id, [])], level)
                self._shown[key] = True
                continue
            else:
                self._in_short(group)
            self._shown.setdefault(key, False)
        for others in waiting.values():  # for a check of an earlier call, or one that was shown in short
            value = worth(sum(check.max_score for check in others))
            self.say(f"{counted(len(others), 'check')} ({value}): {others[0].message}", COLORS["blocked"])

    def _in_full(self, group: Sequence[Any], waiting: Sequence[Any], level: int) -> None:
        first, *others = group
        head, _, body = failure_text(first, waiting=waiting, level=level).partition("\n")
        self.say(head, f"bold {COLORS.get(first.status, 'red')}")
        self.say(body)
        for check in others[: None if len(others) <= OTHER_CHECKS + 1 else OTHER_CHECKS]:
            self.say(f"  also: {check.title} ({worth(check.max_score)}, {check.status})")
        if len(others) > OTHER_CHECKS + 1:
            self.say(f"  and {len(others) - OTHER_CHECKS} more checks, for the same reason")
        self.say("")

    def _in_short(self, group: Sequence[Any]) -> None:
        value = worth(sum(check.max_score for check in group))
        self.say(f"{headline(group[0])} ({value})", COLORS.get(group[0].status, "red"))

    def _already_explained(self, group: Sequence[Any]) -> None:
        for check in group:
            self.say(f"for the same reason: {check.title} ({worth(check.max_score)}, {check.status})")

    def show_result(self, result: Any, seconds: float) -> None:
        """Writes one line with the status, the checks and the points of an exercise."""
        counted = [check for check in result.checks if check.status != "skipped"]
        passed = sum(check.status == "passed" for check in counted)
        status = "passes" if result.status == "passed" else result.status.replace("_", " ")
        bonus = " (bonus)" if result.bonus else ""
        self.say(
            f"{result.id} {status}: {passed} of {len(counted)} checks, "
            f"{points(result.score)} of {worth(result.max_score)}{bonus}, {seconds:.1f} s",
            f"bold {COLORS.get(result.status, 'red')}",
        )

    def show_hints(self, checks: Iterable[Any], level: int) -> int:
        """Shows the hints of this level for each reason, or of the next level that has any; returns the level shown."""
        failed = {_explanation_key(c): c for c in reversed(list(checks)) if c.message and not c.waits_for}
        for number in range(level, MAX_LEVEL + 1):
            new = {key: hints(check, number)[len(hints(check, number - 1)) :] for key, check in failed.items()}
            for key, paragraphs in reversed(new.items()):
                if paragraphs:
                    self.say(headline(failed[key]), "bold")
                    self.say("\n".join(f"  {paragraph}" for paragraph in paragraphs))
            if any(new.values()):
                return number
        self.say("there are no more hints", "dim")
        return MAX_LEVEL

    def show_progress(self, progress: Progress, next_step: str) -> None:
        """Writes the progress and the next step; `next_step` may be empty."""
        self.say(str(progress))
        if next_step:
            help_ = " · h: a hint" if self.has_keys and next_step.startswith("fix") else ""
            self.say(f"next: {next_step}{help_}")
        elif progress.passed == progress.exercises:
            self.say("everything passes: nothing is left to do", COLORS["passed"])

    def end(self) -> None:
        """Ends the line on which the terminal has echoed ^C, so that the prompt starts on a new one."""
        if self._console.is_terminal:
            self.say("")


def _explanation_key(check: Any) -> str:
    """A text that is equal for checks with the same explanation, shapes and counts aside."""
    if check.status == "blocked":
        return "blocked"
    if check.known_mistake:
        return str(check.known_mistake)
    return re.sub(r"\[[\d, ]*\]|\d+", "", headline(check)) + own_lines(check)


def _one_line(text: str) -> Text:
    return Text(text, "dim", no_wrap=True, overflow="ellipsis")


def _filled(line: str, width: int) -> str:
    """The line wrapped between words, with its indentation; lines of code are left as they are."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or len(indent) >= CODE_INDENT:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
