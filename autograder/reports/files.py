"""Results as files: JSON, one HTML page, and Gradescope's results.json. Written whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from autograder.atomic_files import write_atomically
from autograder.reports import explanation
from autograder.reports.terminal import points


def write_json(result: dict[str, Any], path: Path) -> None:
    _write(path, json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def write_html(result: dict[str, Any], path: Path) -> None:
    """One page without scripts or anything loaded from elsewhere; all that students wrote is escaped."""
    environment = Environment(loader=PackageLoader("autograder.reports"), autoescape=True, trim_blocks=True)
    environment.filters["points"] = points
    environment.filters["code"] = _with_code
    for part in (explanation.headline, explanation.seen, explanation.own_lines):
        environment.filters[part.__name__] = lambda check, part=part: part(SimpleNamespace(**check))
    _write(path, environment.get_template("result.html").render(result=result))


def _with_code(text: str) -> Markup:
    """Text with what stands between backticks as code, all of it escaped."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def write_gradescope(result: dict[str, Any], path: Path) -> None:
    """The format that Gradescope's autograder container reads from results/results.json."""
    tests = [
        {
            "name": f"{exercise['id']}: {check['title']}",
            "number": check["id"],
            "score": check["score"],
            "max_score": 0 if exercise["bonus"] else check["max_score"],
            "status": "passed" if check["status"] == "passed" else "failed",
            "output": "\n\n".join(part for part in _output(check) if part) or check["status"],
            "output_format": "text",
            "visibility": "visible",
        }
        for exercise in result["exercises"]
        for check in exercise["checks"]
        if check["status"] != "skipped"
    ]
    _write(path, json.dumps({"score": result["score"] + result["bonus"], "tests": tests}, indent=2) + "\n")


def _output(check: dict[str, Any]) -> tuple[str, ...]:
    return check["mistake"] and f"Known mistake: {check['mistake']}", check["hint"], check["message"]


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode("utf-8", errors="backslashreplace"))
