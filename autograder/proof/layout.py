"""Checks the layout of a course: its files, names, points and places. It only reads files, which takes a second."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course.catalogue import Exercise, ExerciseId, Project, SourceError
from autograder.course.leaks.secrets import cells
from autograder.course.markers import strip_solutions
from autograder.course.mistakes import load_mistakes
from autograder.proof.exercise_files import CourseFile, course_files
from autograder.proof.grader_source import grader_problems

MISTAKES = 8
"""The minimum number of known mistakes per exercise."""
VARIANTS = 5
"""The minimum number of variants, which are other correct answers, per exercise."""
PLACEHOLDER = "TODO(author)"
"""Marks lines in the files from `autograder new` that the author has to replace."""


class Unfinished(SourceError):
    """A part that is still to be written. The rest of the exercise can be proved without it."""


def layout_problems(project: Project, exercises: Iterable[Exercise] | None = None) -> list[SourceError]:
    """The problems in the layout of these exercises; by default those of the whole course, including stray files."""
    chosen = project.exercises() if exercises is None else tuple(exercises)
    found: list[SourceError] = []
    for practical in sorted({exercise.practical for exercise in chosen}):
        found += _of_practical(project, practical)
    for exercise in chosen:
        found += _of_exercise(exercise)
    if exercises is None:
        found += _strays(project)
    return found


def _of_practical(project: Project, practical: str) -> Iterator[SourceError]:
    graders = project.root / "autograder" / "graders"
    for folder in (graders, graders / practical):
        if not (folder / "__init__.py").is_file():
            remedy = "Create an empty one, or pytest cannot collect the graders in this folder."
            yield _problem(project.root, folder / "__init__.py", 1, "the file is missing", remedy)
    notebook = project.root / "solutions" / "notebooks" / f"{practical}.py"
    if notebook.is_file():  # a practical does not need one
        yield from _of_notebook(project, notebook)
        yield from _placeholders(project.root, notebook)


def _of_notebook(project: Project, path: Path) -> Iterator[SourceError]:
    """Each exercise of the practical must have exactly one cell, and each cell must name an existing exercise."""
    places: dict[str, int] = {}
    wanted = {exercise.name for exercise in project.exercises() if exercise.practical == path.stem}
    for line, options, _ in cells(path.read_text(encoding="utf-8")):
        if "exercise" not in options:
            continue
        name = str(options["exercise"])
        if name in places:
            yield _problem(
                project.root, path, line, f"{name} already has a cell in line {places[name]}", "Delete one of them."
            )
        elif name not in wanted:
            remedy = f"The exercises are: {', '.join(sorted(wanted))}."
            yield _problem(project.root, path, line, f"there is no exercise {name!r} in {path.stem}", remedy)
        places.setdefault(name, line)
    for name in sorted(wanted - set(places)):
        remedy = f'Add a cell `# %% exercise="{name}"`.'
        yield _problem(project.root, path, 1, f"the exercise {name} has no cell", remedy)


def _of_exercise(exercise: Exercise) -> Iterator[SourceError]:
    parts = {"solution": exercise.solution, "grader": exercise.grader, "mistakes": exercise.mistakes}
    missing = [(what, path) for what, path in parts.items() if not path.is_file()]
    for what, path in missing:
        remedy = f"Write it, or run: autograder drop {exercise.id}"
        yield _problem(exercise.root, path, 1, f"{exercise.id} has no {what} file", remedy)
    if missing:
        return
    yield from _of_solution(exercise)
    defined = _defined(exercise.solution)
    if defined is None:
        return
    name = exercise.grader.relative_to(exercise.root).as_posix()
    yield from grader_problems(name, exercise.grader.read_text(encoding="utf-8"), defined)
    yield from _of_mistakes(exercise)
    yield from _of_variants(exercise)
    for path in (exercise.solution, exercise.grader, exercise.mistakes, *exercise.variants):
        yield from _placeholders(exercise.root, path)


def _of_solution(exercise: Exercise) -> Iterator[SourceError]:
    name = exercise.solution.relative_to(exercise.root).as_posix()
    try:
        strip_solutions(exercise.solution.read_text(encoding="utf-8"), name)
    except SourceError as error:
        yield error


def _of_mistakes(exercise: Exercise) -> Iterator[SourceError]:
    try:
        count = len(load_mistakes(exercise))
    except SourceError as error:
        yield _problem(exercise.root, Path(error.path), error.line, error.problem, error.remedy)
        return
    if count < MISTAKES:
        remedy = f"Write at least {MISTAKES}, the most frequent first."
        yield _unfinished(exercise.root, exercise.mistakes, 1, f"known mistakes: {count}", remedy)


def _of_variants(exercise: Exercise) -> Iterator[SourceError]:
    for path in exercise.variants:
        try:
            ast.parse(path.read_bytes())
        except SyntaxError as error:
            yield SourceError.of_syntax(path.relative_to(exercise.root).as_posix(), error)
    count = len(exercise.variants)
    if count < VARIANTS:
        folder = exercise.root / "solutions" / "variants" / exercise.practical / exercise.name
        remedy = f"Write at least {VARIANTS} variants, one file each, that solve it as others would."
        yield _unfinished(exercise.root, folder, 1, f"variants: {count}", remedy)


def _strays(project: Project) -> Iterator[SourceError]:
    """Files that do not belong to any exercise, practical or the course, and so have no effect."""
    exercises = {exercise.id for exercise in project.exercises()}
    practicals = {exercise.practical for exercise in exercises}
    for file in course_files(project):
        if file.name.startswith("exercises/"):
            continue  # students may put files of their own there
        if problem := _stray(file, exercises, practicals):
            yield SourceError(file.name, 1, problem, "Rename it, put it where it belongs, or delete it.")


def _stray(file: CourseFile, exercises: set[ExerciseId], practicals: set[str]) -> str:
    if not file.known:
        return "no file of a course has this path"
    if file.exercise and file.id not in exercises:
        return f"there is no exercise {file.id}"
    if file.practical and file.practical not in practicals:
        return f"{file.practical} has no exercises"
    return ""


def _placeholders(root: Path, path: Path) -> Iterator[SourceError]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if PLACEHOLDER in line:
            wanted = line.partition(PLACEHOLDER)[2].strip(" :.\"'")
            yield _unfinished(root, path, number, f"still to be written: {wanted}", f"Then delete {PLACEHOLDER}.")


def _defined(path: Path) -> set[str] | None:
    """The public names that a module defines; None if it is not valid Python."""
    try:
        body = ast.parse(path.read_bytes()).body
    except SyntaxError:
        return None
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def _problem(root: Path, path: Path, line: int, problem: str, remedy: str) -> SourceError:
    return SourceError(path.relative_to(root).as_posix(), line, problem, remedy)


def _unfinished(root: Path, path: Path, line: int, problem: str, remedy: str) -> Unfinished:
    return Unfinished(path.relative_to(root).as_posix(), line, problem, remedy)
