"""An appeal as text for a terminal."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator

from rich.console import Console

from autograder.reports.appeal.record import Appeal, Record, ShownAttempt, ShownCall, ShownComparison
from autograder.reports.appeal.values import ShownValue
from autograder.reports.terminal import counted, failure_text
from autograder.sandbox.host.text import clean

WIDTH = 98
SHOWN_CALLS = 20
"""How many calls the text shows: the page shows all that were recorded."""
MAX_TEXT = 8000
FOR_TEACHERS = "For teachers: this contains expected values."

Line = tuple[str, str]
"""A line and its style."""


def appeal_text(appeal: Appeal, *, color: bool) -> str:
    """The whole report. Everything that students wrote is without control characters."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=color, color_system="standard" if color else None, width=WIDTH, highlight=False
    )
    for line, style in _lines(appeal):
        console.print(clean(line, MAX_TEXT), style=style or None, markup=False, soft_wrap=True)
    return out.getvalue()


def _lines(appeal: Appeal) -> Iterator[Line]:
    yield f"{appeal.student}: {appeal.now.id}", "bold"
    yield from _filled(appeal.now.title)
    yield FOR_TEACHERS, "yellow"
    yield "", ""
    yield from _filled(appeal.headline, style="bold green" if appeal.confirmed else "bold red")
    for cause in appeal.causes:
        yield from _filled(cause, "  ! ", "yellow")
    yield "", ""
    if appeal.now.message:
        yield from _filled(failure_text(appeal.now))
        yield "", ""
    if appeal.recorded.message != appeal.now.message:
        yield from _filled(f"the message in the result: {appeal.recorded.message or 'none'}")
        yield "", ""
    yield from _record(appeal.record)
    yield appeal.settings, "dim"


def _record(record: Record) -> Iterator[Line]:
    for attempt in record.attempts:
        yield attempt_text(attempt), ""
    calls = record.calls if len(record.calls) <= SHOWN_CALLS else record.calls[:5] + record.calls[5 - SHOWN_CALLS :]
    yield calls_text(record, len(calls)), "bold"
    number, shown_before = 0, _ShownBefore()
    for call in calls:
        if call.number != number + 1:
            yield f"… {counted(call.number - number - 1, 'more call')} …", "dim"
        yield from _call(call, shown_before)
        number = call.number
    yield "", ""


def attempt_text(attempt: ShownAttempt) -> str:
    """One training of an accuracy check in one line."""
    seeds = ", ".join(str(seed) for seed in attempt.seeds[:5]) or "none"
    verdict = "reached" if attempt.accuracy >= attempt.minimum else "missed"
    return (
        f"training {attempt.number}: accuracy {attempt.accuracy:.2%}, {verdict} the {100 * attempt.minimum:g}% that is "
        f"asked for (seed {seeds}, up to call {attempt.last_call})"
    )


def calls_text(record: Record, shown: int) -> str:
    """How many calls there were, and how many of them are shown."""
    part = "" if shown == record.total else f", {shown} of them shown"
    return f"{counted(record.total, 'call')} in this check{part}"


def call_kind(call: ShownCall) -> str:
    """What there is to know about a call besides its arguments and its answer."""
    return "a probe of the grader" if call.probe else f"global random seed {call.seed}"


class _ShownBefore:
    """Arrays that were shown whole in an earlier call, which a line then refers to."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], str] = {}

    def show(self, call: int, value: ShownValue) -> Iterator[Line]:
        """The lines of a value of a call."""
        key, place = (value.summary, value.numbers), f"call {call}, {value.label}"
        if value.numbers.count("\n") < 2 or "…" in value.numbers:
            yield from _value(value)
        elif key in self._places:
            yield from _filled(f"{value.label}: the same as in {self._places[key]}", "    ")
        else:
            self._places[key] = place
            yield from _value(value)


def _call(call: ShownCall, shown_before: _ShownBefore) -> Iterator[Line]:
    style = "bold red" if call.wrong else "bold"
    if call.line:
        yield f"{call.number}. {call.line}", style
    else:
        yield "", ""
        yield f"{call.number}. {call.function} ({call_kind(call)})", style
        for value in (*call.arguments, *call.answer):
            yield from shown_before.show(call.number, value)
    if call.problem:
        yield from _filled(f"no answer: {call.problem}", "    ", "red")
    if call.changed:
        yield f"    wrote into {', '.join(call.changed)}", "yellow"
    for comparison in call.comparisons:
        yield from _comparison(comparison)
    if call.comparisons_left_out:
        yield f"    {counted(call.comparisons_left_out, 'more comparison')} before the last", "dim"


def _comparison(comparison: ShownComparison) -> Iterator[Line]:
    verdict, style = ("right", "green") if comparison.right else ("WRONG", "red")
    yield from _filled(f"{verdict}: {comparison.what}: {comparison.outcome}", "    ", style)
    if not comparison.right:
        for value in comparison.values:
            yield from _value(value, "      ")


def _value(value: ShownValue, indent: str = "    ") -> Iterator[Line]:
    yield from _filled(f"{value.label}: {value.summary}", indent)
    for line in value.numbers.split("\n") if value.numbers else ():
        yield f"{indent}  {line}", ""


def _filled(text: str, indent: str = "", style: str = "") -> Iterator[Line]:
    for paragraph in clean(text, MAX_TEXT).split("\n"):
        for line in textwrap.wrap(paragraph, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent)) or [""]:
            yield line, style
