"""The terminal report of `pytest autograder`: failed checks, each with its explanation, and a table with next steps."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.reports.explanation import LEVELS, MAX_LEVEL, headline, hints, levels, own_lines, seen, waiting_text
from autograder.results import CheckResult, ExerciseResult, SubmissionResult
from autograder.sandbox.wire.plain_text import visible

COLORS = {
    "passed": "green",
    "not_started": "dim",
    "skipped": "dim",
    "blocked": "yellow",
    "grader_error": "bold magenta",
}


def points(value: float) -> str:
    """1.0 as "1", 0.5 as "0.5"."""
    return f"{value:g}"


def worth(value: float) -> str:
    """1 as "1 point", 0.5 as "0.5 points"."""
    return counted(value, "point")


def counted(number: float, noun: str) -> str:
    """A number with its noun, which gets an "s" if it needs one: "1 check", "2 checks"."""
    return f"{points(number)} {noun}{'' if number == 1 else 's'}"


def failure_text(
    check: CheckResult, hint_shown: bool = False, waiting: Sequence[CheckResult] = (), level: int = MAX_LEVEL
) -> str:
    """One failed check as a paragraph: headline, hints, the check's claim, what was seen, traceback, printed output.

    `hint_shown`: the hints were shown for an earlier check already, and are not repeated. `waiting`: the checks that wait
    for this one. `level`: the highest level of hints to show.
    """
    parts = [headline(check)]
    if shown := hints(check, level):
        parts += ["  as above"] if hint_shown else [textwrap.indent(_filled(hint), "  ") for hint in shown]
    parts.append(f"  the check: {check.title} ({worth(check.max_score)}, {check.status})")
    if seen(check):
        parts.append(f"  seen: {seen(check)}")
    if own_lines(check):
        parts.append(own_lines(check))
    if check.printed:
        parts.append("  printed:\n" + textwrap.indent(check.printed, "    "))
    if waiting:
        parts.append(f"  {waiting_text(waiting)}")
    return "\n".join(parts)


def _filled(paragraph: str) -> str:
    return textwrap.fill(paragraph, 98, break_long_words=False, break_on_hyphens=False)


def summary(result: SubmissionResult, *, color: bool, width: int = 140, level: int = MAX_LEVEL) -> list[str]:
    """The lines at the end of a run: a table of the exercises with next steps, the total, and how to see more hints."""
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for name, options in (
        ("exercise", {"no_wrap": True}), ("points", {"justify": "right", "no_wrap": True}),
        ("status", {"no_wrap": True}), ("first reason", {}), ("next step", {"overflow": "fold"}),
    ):  # fmt: skip
        table.add_column(name, **options)
    for exercise in result.exercises:
        problem = exercise.first_problem
        first = headline(problem) if problem else ""
        if exercise.follow_through:
            first = f"{exercise.follow_through}; {first}"
        status = Text(exercise.status, style=COLORS.get(exercise.status, "red"))
        earned = f"{points(exercise.score)}/{points(exercise.max_score)}" + (" bonus" if exercise.bonus else "")
        table.add_row(exercise.id, earned, status, Text(_cut(first)), Text(next_step(exercise)))
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=color, color_system="standard" if color else None)
    console.print(table)
    bonus = f" and {points(result.bonus)} bonus" if result.bonus else ""
    note = f" ({result.isolation_reason})" if result.isolation_reason else ""
    return [
        *(line.rstrip() for line in out.getvalue().splitlines()),
        "",
        f"{points(result.score)} of {points(result.max_score)} points{bonus} · isolation: {result.isolation}{note} · "
        f"seed: {result.seed} (--seed repeats these inputs)",
        *_more_hints(result, level),
    ]


def _more_hints(result: SubmissionResult, level: int) -> list[str]:
    """How to see the hints above this level, if there are any."""
    highest = max((levels(c) for e in result.exercises for c in e.checks if c.message and not c.waits_for), default=1)
    more = [f"--hints {number} {what}" for number, what in LEVELS.items() if level < number <= highest]
    return [f"more help: {', '.join(more)}"] if more else []


def remarks(result: SubmissionResult, *, all_files: bool) -> list[str]:
    """What was noticed when the submission was read, a line each. `all_files`: also which files were left aside."""
    texts = [*result.unreadable, *result.notes, *(result.left_aside if all_files else [])]
    lines = [visible(text) for text in dict.fromkeys(texts)]
    return ["", "about the submission:", *(f"  {line}" for line in lines)] if lines else []


def next_step(exercise: ExerciseResult) -> str:
    """What the student should do next; empty if the exercise is finished."""
    name = exercise.id.name
    if exercise.status in ("passed", "skipped"):
        return ""
    if exercise.status == "not_started":
        return f"replace the first TODO in exercises/{exercise.id}.py"
    if exercise.status == "blocked":
        return "fix the exercise that it imports first"
    if exercise.status == "grader_error":
        return "tell your teacher, with the text above"
    return f"fix it, then: pytest autograder --exercise {name}"


def _cut(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
