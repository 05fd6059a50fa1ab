"""`autograder new p2_cnn/name`: creates every file of an exercise, as a small working example to replace."""

from __future__ import annotations

import keyword
from pathlib import Path
from string import Template

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import EXERCISE, PRACTICAL, CourseError, Exercise, Project
from autograder.course.leaks.names import forbidden
from autograder.notebooks.source_edits import with_cells
from autograder.proof.exercise_files import files_of

TEMPLATES = Path(__file__).parent / "templates" / "new"


class NewExerciseError(CourseError):
    """The exercise cannot be created. Nothing was written."""


def new_exercise(project: Project, name: str) -> list[Path]:
    """Writes every file of the exercise "p2_cnn/name", and those of its practical if that is new; either all or none.

    Returns the paths written. NewExerciseError if the name is not valid or is taken.
    """
    exercise = _valid(project, name)
    words = {"name": exercise.name, "practical": exercise.practical}
    variants = project.root / "solutions" / "variants" / exercise.practical / exercise.name
    files = {
        exercise.solution: _text("solution", words),
        exercise.grader: _text("grader", words),
        exercise.mistakes: _text("mistakes", words),
        variants / "row_by_row.py": _text("variant", words),
    }
    package = exercise.grader.parent / "__init__.py"
    if not package.exists():
        files[package] = ""
    notebook = project.root / "solutions" / "notebooks" / f"{exercise.practical}.py"
    if notebook.is_file():
        files[notebook] = with_cells(notebook.read_text(encoding="utf-8"), _text("cell", words))
    elif not any(other.practical == exercise.practical for other in project.exercises()):
        files[notebook] = with_cells(_text("notebook", words), _text("cell", words))
    write_all(files)
    return list(files)


def write_all(files: dict[Path, str]) -> None:
    """Writes all of these files. If one fails, undoes the others."""
    before: dict[Path, bytes | None] = {}
    made: list[Path] = []
    try:
        for path, text in files.items():
            for folder in reversed([folder for folder in path.parents if not folder.exists()]):
                folder.mkdir()
                made.append(folder)
            before[path] = path.read_bytes() if path.exists() else None
            write_atomically(path, text.encode())
    except BaseException:
        for path, content in before.items():
            if content is not None:
                write_atomically(path, content)
            else:
                path.unlink(missing_ok=True)
        for folder in reversed(made):
            folder.rmdir()
        raise


def _valid(project: Project, name: str) -> Exercise:
    if not project.has_solutions:
        raise NewExerciseError(
            f"{project.root} has no solutions/ folder: exercises can only be created in the teacher's repository"
        )
    practical, _, own = name.partition("/")
    if not PRACTICAL.fullmatch(practical) or not EXERCISE.fullmatch(own) or keyword.iskeyword(own):
        raise NewExerciseError(
            f"{name!r} is not a valid name: write <practical>/<exercise>, such as p2_cnn/pooling, with lower-case "
            "letters, digits and underscores. A practical starts with p and a number; an exercise cannot be a keyword"
        )
    exercise = Exercise(practical, own, project.root)
    if why := forbidden(exercise.id.path):
        raise NewExerciseError(f"{exercise.id} would never be released: {why}. Choose another name")
    for other in project.exercises():
        if other.name == own:
            taken = "already exists" if other.practical == practical else f"would have the same name as {other.id}"
            raise NewExerciseError(f"{exercise.id} {taken}: choose another name")
    if left := files_of(exercise):
        raise NewExerciseError(
            f"{left[0]} exists, although there is no exercise {exercise.id}: delete it, or choose another name"
        )
    return exercise


def _text(template: str, words: dict[str, str]) -> str:
    return Template((TEMPLATES / f"{template}.in").read_text(encoding="utf-8")).substitute(words)
