"""What a check looks like in a notebook: the reasons first, as HTML, or as plain text where there is no notebook."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape

from autograder.reports.explanation import headline, own_lines, seen
from autograder.reports.terminal import failure_text, points, worth
from autograder.results import SKIPPED, CheckResult, ExerciseResult
from autograder.submissions.notebooks.answers import Answers, literal_text

SIGNS = {"passed": "✓", "not_started": "–", SKIPPED: "–", "blocked": "…"}
# Colours that can be read on a light and on a dark page; the sign and the word say the same.
_GREEN, _RED, _GREY = "#1a7f37", "#c4432b", "#767676"
_TONES = {"passed": _GREEN, "not_started": _GREY, SKIPPED: _GREY, "blocked": "#9a6700", "grader_error": "#8250df"}
_PRE = "white-space:pre-wrap;margin:.3em 0;padding:.4em .6em;border-left:3px solid #999;background:transparent"


@dataclass(frozen=True)
class Shown:
    """Something to display: Jupyter takes the HTML, and everything else the text. `done`: nothing is left to do."""

    text: str
    html: str
    done: bool

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show_result(result: ExerciseResult, notes: tuple[str, ...] = (), remark: str = "") -> Shown:
    """An exercise's result: why what does not hold does not, then what holds. Everything in it is escaped."""
    wrong = [c for c in result.checks if c.status not in ("passed", "not_started", SKIPPED)]
    open_ = [c for c in result.checks if c.status == "not_started"]
    passed = [c for c in result.checks if c.status == "passed"]
    skipped = [c for c in result.checks if c.status == SKIPPED]
    earned = f"{points(result.score)} of {points(result.max_score)} points{' (bonus)' if result.bonus else ''}"
    head = f"{result.id.name}: {earned}, {_in_words(result.status)}{f' ({remark})' if remark else ''}"
    hints, groups = _first_with_hint(wrong), _by_reason(wrong)
    lines = [head, ""]
    for first, *others in groups:
        lines.append(f"{_sign(first)} {failure_text(first, first.id not in hints)}")
        lines += [f"  and so: {c.title} ({worth(c.max_score)}, {_in_words(c.status)})" for c in others]
        lines.append("")
    lines += [f"{_sign(c)} {c.title} ({worth(c.max_score)})" for c in [*open_, *passed]]
    lines += [f"{_sign(c)} {c.title}: {c.message}" for c in skipped]
    lines += [f"note: {note}" for note in notes]
    tone = _TONES.get(result.status, _RED)
    html = [
        f'<div style="border-left:4px solid {tone};padding:.2em .8em;line-height:1.45">',
        f'<p style="margin:.2em 0"><b style="color:{tone}">{escape(head)}</b></p>',
        *(_reason(group, group[0].id in hints) for group in groups),
        *(_line(c, f"{escape(c.title)} ({worth(c.max_score)})") for c in [*open_, *passed]),
        *(_line(c, f"{escape(c.title)}: {escape(c.message)}") for c in skipped),
        *(f'<p style="margin:.2em 0;color:{_GREY}">note: {escape(note)}</p>' for note in notes),
        "</div>",
    ]
    return Shown("\n".join(lines).rstrip(), "\n".join(html), result.status == "passed")


def show_answers(question: str, answers: Answers) -> Shown:
    """A question's answers as they will be read. What is right is not known here."""
    rows = [f"{name} = {literal_text(value)}" for name, value in answers.values.items() if value is not None]
    rows += [f"{name} is still to be answered" for name, value in answers.values.items() if value is None]
    rows += list(answers.problems.values())
    head = f"{question}: this is what will be read; it is graded once you hand in."
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    done = not answers.problems and None not in answers.values.values()
    return Shown("\n".join([head, *(f"  {row}" for row in rows)]), f"<p>{escape(head)}</p><ul>{items}</ul>", done)


def show_message(message: str) -> Shown:
    """A sentence of ours, on why there is nothing else to show."""
    return Shown(message, f'<p style="color:{_RED};white-space:pre-wrap">{escape(message)}</p>', done=False)


def wrapped(text: str, width: int) -> str:
    """Text for a page that cuts long lines off: they go on below, a little further in than they began."""
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _first_with_hint(checks: list[CheckResult]) -> set[str]:
    """The checks whose hint is told; further ones with the same mistake refer to it."""
    told: dict[str, str] = {}
    return {c.id for c in checks if told.setdefault(c.mistake or c.id, c.id) == c.id}


def _by_reason(checks: list[CheckResult]) -> list[list[CheckResult]]:
    """Checks that failed for the very same reason, as a syntax error, together."""
    groups: dict[tuple[str, ...], list[CheckResult]] = {}
    for check in checks:
        groups.setdefault((check.status, check.mistake, check.message, check.hint, check.printed), []).append(check)
    return list(groups.values())


def _reason(group: list[CheckResult], with_hint: bool) -> str:
    check, *others = group
    reason = f"{_sign(check)} {escape(headline(check))}"
    parts = [f'<p style="margin:.5em 0 .1em"><b style="color:{_tone(check)}">{reason}</b></p>']
    if check.hint:
        parts.append(f'<p style="margin:.1em 0">{escape(check.hint if with_hint else "as above")}</p>')
    for word, one in [("the check", check), *(("and so", other) for other in others)]:
        claim = f"{word}: {one.title} ({worth(one.max_score)}, {_in_words(one.status)})"
        parts.append(f'<p style="margin:.1em 0;color:{_GREY}">{escape(claim)}</p>')
    if seen(check):
        parts.append(f'<p style="margin:.1em 0;color:{_GREY}">{escape("seen: " + seen(check))}</p>')
    if own_lines(check):
        parts.append(f'<pre style="{_PRE}">{escape(own_lines(check))}</pre>')
    if check.printed:
        parts.append(f'<pre style="{_PRE}">printed:\n{escape(check.printed)}</pre>')
    return "".join(parts)


def _line(check: CheckResult, text: str) -> str:
    return f'<p style="margin:.1em 0"><span style="color:{_tone(check)}">{_sign(check)}</span> {text}</p>'


def _sign(check: CheckResult) -> str:
    return SIGNS.get(check.status, "✗")


def _tone(check: CheckResult) -> str:
    return _TONES.get(check.status, _RED)


def _in_words(status: str) -> str:
    return status.replace("_", " ")
