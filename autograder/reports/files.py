"""Writes a result to a file, atomically: as JSON, as an HTML page, or as Gradescope's results.json. OSError if it fails."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from autograder.atomic_files import write_atomically
from autograder.reports.explanation import headline, own_lines, seen, waiting_text
from autograder.reports.terminal import points
from autograder.results import SKIPPED, CheckResult, SubmissionResult, to_json


def write_json(result: SubmissionResult, path: Path) -> None:
    """Writes the whole result as JSON."""
    _write(path, json.dumps(to_json(result), indent=2, ensure_ascii=False) + "\n")


def write_html(result: SubmissionResult, path: Path) -> None:
    """Writes one self-contained page without scripts. Everything that students wrote is escaped."""
    environment = Environment(loader=PackageLoader("autograder.reports"), autoescape=True, trim_blocks=True)
    environment.filters.update(points=points, code=with_code, headline=headline, seen=seen, own_lines=own_lines)
    environment.filters.update(waiting_text=waiting_text)
    _write(path, environment.get_template("result.html").render(result=result))


def with_code(text: str) -> Markup:
    """Escaped text in which the parts between backticks are shown as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def write_gradescope(result: SubmissionResult, path: Path) -> None:
    """Writes what Gradescope's autograder container reads from results/results.json."""
    tests = [
        {
            "name": f"{exercise.id}: {check.title}",
            "number": check.id,
            "score": check.score,
            "max_score": 0 if exercise.bonus else check.max_score,
            "status": "passed" if check.status == "passed" else "failed",
            "output": "\n\n".join(part for part in _output(check) if part) or check.status,
            "output_format": "text",
            "visibility": "visible",
        }
        for exercise in result.exercises
        for check in exercise.checks
        if check.status != SKIPPED
    ]
    _write(path, json.dumps({"score": result.score + result.bonus, "tests": tests}, indent=2) + "\n")


def _output(check: CheckResult) -> tuple[str, ...]:
    return check.known_mistake and f"Known mistake: {check.known_mistake}", check.hint, check.message


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode("utf-8", errors="backslashreplace"))
