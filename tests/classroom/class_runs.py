"""Small classes that are graded in this process."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.classroom.run import Options, grade_class
from tests.zoo import PROJECT, SOFTMAX

FILE = f"{SOFTMAX}.py"
RIGHT = (PROJECT / "solutions" / FILE).read_text()


def hand_in(folder: Path, name: str, source: str) -> None:
    path = folder / name / FILE
    path.parent.mkdir(parents=True)
    path.write_text(source)


def grade(submissions: Path, results: Path, **options: Any) -> tuple[int, str]:
    """Grades a class; returns the exit code and what was printed."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = grade_class(Options(submissions, results, **{"only": (SOFTMAX,), "jobs": 1, **options}))
    return code, out.getvalue()


@dataclass(frozen=True)
class ClassRun:
    submissions: Path
    results: Path
    code: int
    printed: str


def result(results: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((results / f"{name}.json").read_bytes())
    return found
