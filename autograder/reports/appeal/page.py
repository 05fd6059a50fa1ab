"""An appeal as one self-contained page without scripts. Everything that students wrote is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from autograder.atomic_files import write_atomically
from autograder.reports.appeal.record import Appeal
from autograder.reports.appeal.text import FOR_TEACHERS, attempt_text, call_kind, calls_text
from autograder.reports.explanation import headline, own_lines, seen
from autograder.reports.files import with_code
from autograder.reports.terminal import points
from autograder.sandbox.host.text import clean

MAX_TEXT = 20_000
SHOWN_WRONG = 5
"""How many wrong comparisons stand at the top."""


def write_appeal(appeal: Appeal, path: Path) -> None:
    """Writes the page. OSError if that fails."""
    environment = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        trim_blocks=True,
        finalize=_without_control_characters,
    )
    environment.filters.update(
        points=points,
        code=with_code,
        headline=headline,
        seen=seen,
        own_lines=own_lines,
        attempt=attempt_text,
        kind=call_kind,
    )
    page = environment.get_template("appeal.html").render(
        appeal=appeal,
        for_teachers=FOR_TEACHERS,
        calls=calls_text(appeal.record, len(appeal.record.calls)),
        shown_wrong=SHOWN_WRONG,
    )
    write_atomically(path, page.encode("utf-8", errors="backslashreplace"))


def _without_control_characters(value: object) -> object:
    return clean(value, MAX_TEXT) if isinstance(value, str) and not isinstance(value, Markup) else value
