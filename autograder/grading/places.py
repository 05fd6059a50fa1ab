"""Places in a student's files, as the student has them: in exercises/, or in the cells of a notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.sandbox.host.exchanges import Event
from autograder.submissions.notebooks.modules import name_cells_in
from autograder.submissions.submission import Submission

STUDENT = "student:"
FOLDER = "exercises"


def last_called(exchanges: Iterable[Event]) -> str:
    """The public name that a check called last, or the class whose object it used; empty if there is none."""
    names = [event.target.removeprefix(STUDENT) for event in exchanges if event.target.startswith(STUDENT)]
    return names[-1] if names else ""


def definition(source: bytes, name: str) -> int | None:
    """The line that defines a top-level function or class, or binds the name; the last one if there are several."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return next((node.lineno for node in reversed(body) if name in _bound(node)), None)


def _bound(node: Any) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def where(submission: Submission, exercise: ExerciseId, name: str) -> str:
    """The place that defines a public name, as "softmax, exercises/p1_mlp/mlp_nn.py:12"; empty if there is none."""
    line = definition(submission.files.get(exercise.path, b""), name) if name else None
    return f"{name}, {in_the_files_of(submission, exercise, f'{exercise.path}:{line}')}" if line else ""


def in_the_files_of(submission: Submission, exercise: ExerciseId, text: str) -> str:
    """A text in which the paths of modules are those that the student knows; in a notebook, the cells."""
    text = name_cells_in(text, exercise.path, submission.places)
    paths = {
        *submission.files,
        *submission.problems,
        *(each.path for each in exercise_ids()),
    } - submission.places.keys()
    known = re.compile(r"(?<![\w/.-])(" + "|".join(map(re.escape, sorted(paths, key=len, reverse=True))) + r")\b")
    return known.sub(rf"{FOLDER}/\1", text)
