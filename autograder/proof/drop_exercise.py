"""`autograder drop p2_cnn/name`: removes every file of an exercise, and its cells from the notebook's source."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import Exercise, Project
from autograder.notebooks.source_edits import without_exercise
from autograder.proof.exercise_files import files_of, files_of_practical

SEARCHED = (
    "*.md",
    "*.toml",
    "assignments/*.md",
    "autograder",
    "benchmarks",
    "solutions",
    "tests",
)
"""Where to look for lines that mention a dropped exercise."""


@dataclass(frozen=True)
class Drop:
    """The plan for dropping an exercise: what is deleted, what is changed, and what mentions the exercise."""

    exercise: Exercise
    files: list[Path]
    """The files to delete. For the last exercise of a practical, these include the practical's own files."""
    notebook: Path | None
    """The notebook source to remove the exercise's cells from; None if there is none, or if it is deleted."""
    mentions: list[str]
    """Lines elsewhere that name the exercise, as `path:line`."""


def planned(project: Project, name: str) -> Drop:
    """The plan for dropping the exercise "p2_cnn/name". CatalogueError if it does not exist."""
    exercise = project.exercise(name)
    files = files_of(exercise)
    notebook = project.root / "solutions" / "notebooks" / f"{exercise.practical}.py"
    others = [other for other in project.exercises() if other.practical == exercise.practical and other != exercise]
    if not others:
        files += [*files_of_practical(project, exercise.practical), *_built(project, exercise.practical)]
    keeps = bool(others) and notebook.is_file()
    gone = {*files, notebook} if keeps else set(files)
    return Drop(exercise, files, notebook if keeps else None, list(_mentions(exercise, gone)))


def drop(plan: Drop, kept_in: Path | None = None) -> None:
    """Carries out the plan. `kept_in`: a folder to move the files to instead of deleting them."""
    root = plan.exercise.root
    if plan.notebook is not None:
        text = plan.notebook.read_text(encoding="utf-8")
        write_atomically(plan.notebook, without_exercise(text, plan.exercise.name).encode())
    for path in plan.files:
        if kept_in is not None:
            target = kept_in / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        path.unlink()
        _remove_empty(path.parent, root)


def _built(project: Project, practical: str) -> list[Path]:
    """The files that `autograder build` generated from a practical's notebook source."""
    assignments = project.root / "assignments"
    paths = (
        assignments / "source" / practical / f"{practical}.ipynb",
        assignments / "mark_schemes" / f"{practical}.md",
    )
    return [path for path in paths if path.is_file()]


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent


def _mentions(exercise: Exercise, gone: set[Path]) -> Iterator[str]:
    practical, name = re.escape(exercise.practical), re.escape(exercise.name)
    pattern = re.compile(rf"\b{practical}[./]{name}\b|\bfrom \.{name} import\b|[\"'`]{name}[\"'`]")
    for path in sorted(_texts(exercise.root)):
        if path in gone:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
            if pattern.search(line):
                yield f"{path.relative_to(exercise.root).as_posix()}:{number}"


def _texts(root: Path) -> Iterator[Path]:
    for place in SEARCHED:
        if "*" in place or place.endswith(".md"):
            yield from root.glob(place)
        else:
            yield from (path for path in (root / place).rglob("*") if path.suffix in (".py", ".md", ".toml", ".in"))
