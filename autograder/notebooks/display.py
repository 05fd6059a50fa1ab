"""Renders the outcome of a check for a notebook, failures first: as HTML, and as plain text outside a notebook."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape

from autograder.reports.explanation import headline, own_lines, seen, waiting_text
from autograder.reports.terminal import failure_text, points, worth
from autograder.results import SKIPPED, CheckResult, ExerciseResult
from autograder.submissions.notebooks.answers import Answers, literal_text

SIGNS = {"passed": "✓", "not_started": "–", SKIPPED: "–", "blocked": "…"}
# Colours that are readable on light and dark pages. The sign and the word convey the same.
_GREEN, _RED, _GREY = "#1a7f37", "#c4432b", "#767676"
_TONES = {"passed": _GREEN, "not_started": _GREY, SKIPPED: _GREY, "blocked": "#9a6700", "grader_error": "#8250df"}
_PRE = "white-space:pre-wrap;margin:.3em 0;padding:.4em .6em;border-left:3px solid #999;background:transparent"


@dataclass(frozen=True)
class Display:
    """An object for Jupyter, which shows its HTML; everything else shows its text. `done`: nothing is left to do."""

    text: str
    html: str
    done: bool

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def display_result(
    result: ExerciseResult, notes: tuple[str, ...] = (), remark: str = "", warning: str = "", level: int = 1
) -> Display:
    """An exercise's result: the failed checks with their reasons, then the others. All text in it is escaped.

    `level`: the highest level of hints in the text. In HTML all levels are there, and those above it are folded.
    `warning`: what would count instead if the notebook were handed in now. It comes first, and something is left to do.
    """
    wrong = [c for c in result.checks if c.status not in ("passed", "not_started", SKIPPED) and not c.waits_for]
    not_started = [c for c in result.checks if c.status == "not_started"]
    passed = [c for c in result.checks if c.status == "passed"]
    skipped = [c for c in result.checks if c.status == SKIPPED]
    earned = f"{points(result.score)} of {points(result.max_score)} points{' (bonus)' if result.bonus else ''}"
    head = f"{result.id.name}: {earned}, {_in_words(result.status)}{f' ({remark})' if remark else ''}"
    hints, groups = _first_with_hint(wrong), _by_reason(wrong)
    lines = [head, *([f"! {warning}"] if warning else []), ""]
    for first, *rest in groups:
        lines.append(f"{_sign(first)} {failure_text(first, first.id not in hints, level=level)}")
        lines += [f"  for the same reason: {c.title} ({worth(c.max_score)}, {_in_words(c.status)})" for c in rest]
        lines += [f"  {text}" for text in [waiting_text(_waiting(result, [first, *rest]))] if text]
        lines.append("")
    lines += [f"{_sign(c)} {c.title} ({worth(c.max_score)})" for c in [*not_started, *passed]]
    lines += [f"{_sign(c)} {c.title}: {c.message}" for c in skipped]
    lines += [f"note: {note}" for note in notes]
    tone = _TONES.get(result.status, _RED)
    html = [
        f'<div style="border-left:4px solid {tone};padding:.2em .8em;line-height:1.45">',
        f'<p style="margin:.2em 0"><b style="color:{tone}">{escape(head)}</b></p>',
        *([f'<p style="margin:.2em 0"><b>! {escape(warning)}</b></p>'] if warning else []),
        *(_reason(group, group[0].id in hints, _waiting(result, group), level) for group in groups),
        *(_line(c, f"{escape(c.title)} ({worth(c.max_score)})") for c in [*not_started, *passed]),
        *(_line(c, f"{escape(c.title)}: {escape(c.message)}") for c in skipped),
        *(f'<p style="margin:.2em 0;color:{_GREY}">note: {escape(note)}</p>' for note in notes),
        "</div>",
    ]
    return Display("\n".join(lines).rstrip(), "\n".join(html), result.status == "passed" and not warning)


def display_answers(question: str, answers: Answers, warning: str = "") -> Display:
    """A question's answers as they will be read. The right answers are not known here. `warning`: as in display_result."""
    rows = [f"{name} = {literal_text(value)}" for name, value in answers.values.items() if value is not None]
    rows += [f"{name} is not answered yet" for name, value in answers.values.items() if value is None]
    rows += list(answers.problems.values())
    rows += [f"! {warning}"] if warning else []
    head = f"{question}: your answers as they will be read. They are graded after you hand in."
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    done = not answers.problems and None not in answers.values.values() and not warning
    return Display("\n".join([head, *(f"  {row}" for row in rows)]), f"<p>{escape(head)}</p><ul>{items}</ul>", done)


def display_message(message: str) -> Display:
    """A message that explains why there is nothing else to display."""
    return Display(message, f'<p style="color:{_RED};white-space:pre-wrap">{escape(message)}</p>', done=False)


def wrapped(text: str, width: int) -> str:
    """Wraps lines longer than `width` characters. Continuation lines are indented two more than the first one."""
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _first_with_hint(checks: list[CheckResult]) -> set[str]:
    """The ids of the checks whose hint is displayed: the first one for each mistake. The others refer to it."""
    first: dict[str, str] = {}
    return {c.id for c in checks if first.setdefault(c.known_mistake or c.id, c.id) == c.id}


def _by_reason(checks: list[CheckResult]) -> list[list[CheckResult]]:
    """Groups the checks that failed for exactly the same reason, such as a syntax error."""
    groups: dict[tuple[str, ...], list[CheckResult]] = {}
    for check in checks:
        groups.setdefault((check.status, check.mistake, check.message, check.hint, check.printed), []).append(check)
    return list(groups.values())


def _waiting(result: ExerciseResult, group: list[CheckResult]) -> list[CheckResult]:
    return [other for check in group for other in result.waiting_for(check)]


def _reason(group: list[CheckResult], with_hint: bool, waiting: list[CheckResult], level: int) -> str:
    check, *rest = group
    reason = f"{_sign(check)} {escape(headline(check))}"
    parts = [f'<p style="margin:.5em 0 .1em"><b style="color:{_tone(check)}">{reason}</b></p>']
    if not with_hint:
        parts.append('<p style="margin:.1em 0">as above</p>')
    else:
        parts += [_unfolding("Where to look", check.where, level >= 2), _unfolding("The idea", check.hint, level >= 3)]
    for label, each in [("the check", check), *(("for the same reason", other) for other in rest)]:
        claim = f"{label}: {each.title} ({worth(each.max_score)}, {_in_words(each.status)})"
        parts.append(f'<p style="margin:.1em 0;color:{_GREY}">{escape(claim)}</p>')
    if seen(check):
        parts.append(f'<p style="margin:.1em 0;color:{_GREY}">{escape("seen: " + seen(check))}</p>')
    if own_lines(check):
        parts.append(f'<pre style="{_PRE}">{escape(own_lines(check))}</pre>')
    if check.printed:
        parts.append(f'<pre style="{_PRE}">printed:\n{escape(check.printed)}</pre>')
    if waiting:
        titles = "".join(f"<li>{escape(other.title)} ({worth(other.max_score)})</li>" for other in waiting)
        summary = f"<summary>{escape(waiting_text(waiting))}</summary>"
        parts.append(f'<details style="margin:.1em 0;color:{_GREY}">{summary}<ul>{titles}</ul></details>')
    return "".join(parts)


def _unfolding(summary: str, text: str, is_open: bool) -> str:
    if not text:
        return ""
    tag = "details open" if is_open else "details"
    return f'<{tag} style="margin:.1em 0"><summary>{summary}</summary>{escape(text)}</details>'


def _line(check: CheckResult, text: str) -> str:
    return f'<p style="margin:.1em 0"><span style="color:{_tone(check)}">{_sign(check)}</span> {text}</p>'


def _sign(check: CheckResult) -> str:
    return SIGNS.get(check.status, "✗")


def _tone(check: CheckResult) -> str:
    return _TONES.get(check.status, _RED)


def _in_words(status: str) -> str:
    return status.replace("_", " ")
