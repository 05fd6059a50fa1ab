"""Whether a course is laid out as it has to be: read from folders and texts in a second, before anything costly is proved."""

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
"""At least so many known mistakes an exercise."""
VARIANTS = 5
"""At least so many other right answers an exercise."""
PLACEHOLDER = "TODO(author)"
"""Marks a line in what `autograder new` makes that the author has to replace."""


class Unfinished(SourceError):
    """Something that is still to be written; what is there can be proved."""


def layout_problems(project: Project, exercises: Iterable[Exercise] | None = None) -> list[SourceError]:
    """What is wrong with the layout of these exercises; by default with that of the whole course, stray files included."""
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
            remedy = "Make an empty one, or pytest cannot collect the graders in this folder."
            yield _problem(project.root, folder / "__init__.py", 1, "the file is missing", remedy)
    notebook = project.root / "solutions" / "notebooks" / f"{practical}.py"
    if notebook.is_file():  # a practical may do without one
        yield from _of_notebook(project, notebook)
        yield from _placeholders(project.root, notebook)


def _of_notebook(project: Project, path: Path) -> Iterator[SourceError]:
    """Each exercise of the practical has one place, and what has a place is an exercise."""
    places: dict[str, int] = {}
    wanted = {exercise.name for exercise in project.exercises() if exercise.practical == path.stem}
    for line, options, _ in cells(path.read_text(encoding="utf-8")):
        if "exercise" not in options:
            continue
        name = str(options["exercise"])
        if name in places:
            yield _problem(
                project.root, path, line, f"{name} has a place in line {places[name]} already", "Delete one."
            )
        elif name not in wanted:
            remedy = f"There are: {', '.join(sorted(wanted))}."
            yield _problem(project.root, path, line, f"there is no exercise {name!r} in {path.stem}", remedy)
        places.setdefault(name, line)
    for name in sorted(wanted - set(places)):
        remedy = f'Add a cell `# %% exercise="{name}"`.'
        yield _problem(project.root, path, 1, f"the exercise {name} has no place", remedy)


def _of_exercise(exercise: Exercise) -> Iterator[SourceError]:
    parts = {"solution": exercise.solution, "grader": exercise.grader, "mistakes": exercise.mistakes}
    missing = [(what, path) for what, path in parts.items() if not path.is_file()]
    for what, path in missing:
        remedy = f"Write it, or run: autograder drop {exercise.id}"
        yield _problem(exercise.root, path, 1, f"{exercise.id} has no file for its {what}", remedy)
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
        remedy = f"Write at least {MISTAKES}, those first that students make most."
        yield _unfinished(exercise.root, exercise.mistakes, 1, f"known mistakes: {count}", remedy)


def _of_variants(exercise: Exercise) -> Iterator[SourceError]:
    for path in exercise.variants:
        try:
            ast.parse(path.read_bytes())
        except SyntaxError as error:
            yield _problem(
                exercise.root, path, error.lineno or 1, f"this is not valid Python: {error.msg}", "Fix it first."
            )
    count = len(exercise.variants)
    if count < VARIANTS:
        folder = exercise.root / "solutions" / "variants" / exercise.practical / exercise.name
        remedy = f"Write at least {VARIANTS}, a file each: as others would solve it."
        yield _unfinished(exercise.root, folder, 1, f"right answers in other styles: {count}", remedy)


def _strays(project: Project) -> Iterator[SourceError]:
    """Files that belong to nothing, and would only look as if they did something."""
    exercises = {exercise.id for exercise in project.exercises()}
    practicals = {exercise.practical for exercise in exercises}
    for file in course_files(project):
        if file.name.startswith("exercises/"):
            continue  # a student's own files are welcome there
        if problem := _stray(file, exercises, practicals):
            yield SourceError(file.name, 1, problem, "Rename it, put it where it belongs, or delete it.")


def _stray(file: CourseFile, exercises: set[ExerciseId], practicals: set[str]) -> str:
    if not file.known:
        return "nothing of a course has this name and place"
    if file.exercise and file.id not in exercises:
        return f"there is no exercise {file.id}"
    if file.practical and file.practical not in practicals:
        return f"there is no exercise of {file.practical}"
    return ""


def _placeholders(root: Path, path: Path) -> Iterator[SourceError]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if PLACEHOLDER in line:
            wanted = line.partition(PLACEHOLDER)[2].strip(" :.\"'")
            yield _unfinished(root, path, number, f"still to be written: {wanted}", f"Then delete {PLACEHOLDER}.")


def _defined(path: Path) -> set[str] | None:
    """The public names that a module defines; None where it is not Python."""
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
