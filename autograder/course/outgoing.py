"""What students get: the one list of what may go out. What is not on it stays, also what somebody adds tomorrow.

A file goes out because a pattern below names it, or because a producer makes it. Whatever belongs to a practical that is
not released, by the name of a folder or file, stays.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from string import Template

from autograder.course import build
from autograder.course.catalogue import CourseError, Exercise, Project

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it there

PACKAGE = (
    "autograder/*.py",
    "autograder/checks/*.py",
    "autograder/checks/*/*.py",
    "autograder/classroom/*.py",
    "autograder/classroom/templates/*.html",
    "autograder/commands/*.py",
    "autograder/course/*.py",  # the catalogue and the command line rest on it; without solutions it builds nothing
    "autograder/course/leaks/*.py",
    "autograder/data/*.py",
    "autograder/diagnosis/*.py",
    "autograder/diagnosis/fingerprints/*/*.json.gz",
    "autograder/experiments/*.py",
    "autograder/experiments/recipes/*.py",
    "autograder/graders/__init__.py",
    "autograder/graders/*/*.py",
    "autograder/grading/*.py",
    "autograder/notebooks/*.py",
    "autograder/notebooks/nbgrader/*.py",
    "autograder/probes/*.py",
    "autograder/proof/*.py",
    "autograder/reports/*.py",
    "autograder/reports/templates/*.html",
    "autograder/sandbox/*.py",
    "autograder/sandbox/host/*.py",
    "autograder/sandbox/wire/*.py",
    "autograder/sandbox/worker/*.py",
    "autograder/sandbox/worker/lockdown/*.py",
    "autograder/submissions/*.py",
    "autograder/submissions/notebooks/*.py",
    "autograder/watching/*.py",
    "LICENSE",
)
_FOR_NOTEBOOKS = ("jupyterlab", "ipykernel")  # of what a teacher needs, what a student does
_ABOUT_NOTEBOOKS = """
`notebooks/` holds a notebook for each practical, with the same exercises, experiments and the course's questions. A cell
with `check("...")` says how an answer stands. For them, once: `.venv/bin/python -m pip install --editable '.[notebooks]'`;
then, each time: `.venv/bin/jupyter lab notebooks`.
"""
TEMPLATES = Path(__file__).parent / "templates" / "release"


@dataclass(frozen=True)
class Course(Project):
    """The part of a project that is released."""

    practicals: tuple[str, ...]

    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for exercise in super().exercises() if exercise.practical in self.practicals)


Producer = Callable[[Course], Iterable[tuple[str, bytes]]]


def course_of(project: Project, practicals: tuple[str, ...] = ()) -> Course:
    """The named practicals, or all. CourseError where there are no solutions to release from, or none of a name."""
    there = tuple(sorted({exercise.practical for exercise in project.exercises() if exercise.solution.is_file()}))
    if not there:
        raise CourseError(
            f"there are no solutions in {project.root}; a release is made in the teacher's repository only"
        )
    if unknown := sorted(set(practicals) - set(there)):
        raise CourseError(f"there is no practical {unknown[0]!r} in {project.root}; there are: {', '.join(there)}")
    return Course(project.root, tuple(name for name in there if name in practicals or not practicals))


def outgoing(course: Course, also: tuple[Producer, ...] = ()) -> dict[str, bytes]:
    """Every file that goes out, by its path with forward slashes, sorted; `also` makes more than what is listed here.

    CourseError where two producers make one file, a file is a link, or the package would lack one of its own modules.
    """
    files: dict[str, bytes] = {}
    for produce in (*PRODUCERS, *also):
        for path, data in produce(course):
            if path in files:
                raise CourseError(f"{path} would go out twice: let one producer make it, in {__name__}")
            files[path] = data
    _refuse_missing_modules(course, files)
    _refuse_graders_without_package(files)
    return dict(sorted(files.items()))


def stubs(course: Course) -> Iterator[tuple[str, bytes]]:
    """`exercises/`, made afresh: what somebody wrote into the teacher's own copy stays there."""
    for path, text in build.generated(course):
        name = path.relative_to(course.root).as_posix()
        if name.startswith("exercises/"):
            yield name, text.encode()


def package(course: Course) -> Iterator[tuple[str, bytes]]:
    """`autograder/`, and what else stands in the repository as it goes out."""
    others = {exercise.practical for exercise in Project(course.root).exercises()} - set(course.practicals)
    for pattern in PACKAGE:
        for path in course.root.glob(pattern):
            name = path.relative_to(course.root).as_posix()
            if path.is_symlink():
                raise CourseError(f"{name} is a link: put the file itself in its place")
            if not any(part.split(".")[0] in others for part in PurePosixPath(name).parts):
                yield name, path.read_bytes()


def front(course: Course) -> Iterator[tuple[str, bytes]]:
    """What a student meets first: README.md, a Makefile, and a pyproject.toml with the teacher's dependencies."""
    ours = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    about = ours["project"]
    extras = about.get("optional-dependencies", {}).get("nbgrader", [])
    first = next((e for e in course.exercises() if e.name == build._BEGIN_WITH), course.exercises()[0])
    words = {
        "version": json.dumps(about["version"]),
        "python": json.dumps(about["requires-python"]),
        "dependencies": "".join(f"    {json.dumps(name)},\n" for name in about["dependencies"]),
        "notebooks": json.dumps([tool for tool in extras if tool.startswith(_FOR_NOTEBOOKS)]),
        "about_notebooks": _ABOUT_NOTEBOOKS if _have_notebooks(course) else "",
        "package_data": _table(ours.get("tool", {}).get("setuptools", {}).get("package-data", {})),
        "minimum": about["requires-python"].lstrip(">="),
        "first": first.name,
        "first_id": first.id,
        "practicals": ", ".join(f"`{name}`" for name in course.practicals),
    }
    for path in sorted(TEMPLATES.glob("*.in")):
        yield path.stem, Template(path.read_text(encoding="utf-8")).substitute(words).encode()


PRODUCERS: tuple[Producer, ...] = (stubs, package, front)
"""Who makes what goes out: (path, bytes) of each file. Notebooks are made by a room above, and come in as `also`."""


def _have_notebooks(course: Course) -> bool:
    return any((course.root / "solutions" / "notebooks" / f"{name}.py").is_file() for name in course.practicals)


def _table(entries: dict[str, list[str]]) -> str:
    return "".join(f"{json.dumps(name)} = {json.dumps(values)}\n" for name, values in sorted(entries.items()))


def _refuse_missing_modules(course: Course, files: dict[str, bytes]) -> None:
    """A package that goes out imports nothing of ours that stays."""
    for name, data in files.items():
        if not (name.startswith("autograder/") and name.endswith(".py")):
            continue
        for module in _imported(ast.parse(data)):
            path = module.replace(".", "/")
            for candidate in (f"{path}.py", f"{path}/__init__.py"):
                if (course.root / candidate).is_file() and candidate not in files:
                    raise CourseError(
                        f"{name} imports {module}, which does not go out: add {candidate} to PACKAGE in "
                        "autograder/course/outgoing.py, or let the one do without the other"
                    )


def _refuse_graders_without_package(files: dict[str, bytes]) -> None:
    """Python imports from a folder without `__init__.py` too; pytest would not find the graders in it."""
    for name in files:
        package = f"{name.rpartition('/')[0]}/__init__.py"
        if name.startswith("autograder/graders/") and package not in files:
            raise CourseError(
                f"{package} is missing: make an empty one, or pytest cannot collect the graders beside it"
            )


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("autograder"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
