"""What students get. Only what is listed here is released, so that a new file stays secret by default.

A file is released if a pattern below matches it, or if a producer makes it. Files of practicals that are not released
are left out; they are recognised by the names of files and folders.
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
    "autograder/course/*.py",  # needed by the command line; without solutions it builds nothing
    "autograder/course/exposure/*.py",
    "autograder/course/leaks/*.py",
    "autograder/data/*.py",
    "autograder/diagnosis/*.py",
    "autograder/diagnosis/fingerprints/*/*.json.gz",
    "autograder/experiments/*.py",
    "autograder/experiments/recipes/*.py",
    "autograder/graders/__init__.py",
    "autograder/graders/*/*.py",
    "autograder/graders/course_order.txt",
    "autograder/grading/*.py",
    "autograder/notebooks/*.py",
    "autograder/notebooks/nbgrader/*.py",
    "autograder/probes/*.py",
    "autograder/proof/*.py",
    "autograder/reports/*.py",
    "autograder/reports/appeal/*.py",
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
_FOR_NOTEBOOKS = ("jupyterlab", "ipykernel")  # the teacher's tools that students need too
_ABOUT_NOTEBOOKS = """
`notebooks/` contains a notebook for each practical, with the same exercises, experiments and the course's questions. A
cell with `check("...")` grades an answer. To use them, run `.venv/bin/python -m pip install --editable '.[notebooks]'` once.
Then start them with `.venv/bin/jupyter lab notebooks`.
"""
TEMPLATES = Path(__file__).parent / "templates" / "release"


@dataclass(frozen=True)
class Course(Project):
    """The part of a project that is released."""

    practicals: tuple[str, ...]

    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for exercise in super().exercises() if exercise.practical in self.practicals)


Producer = Callable[[Course], Iterable[tuple[str, bytes]]]
"""Makes files to release: the path and content of each."""


def course_of(project: Project, practicals: tuple[str, ...] = ()) -> Course:
    """The part of a project with the named practicals, or with all.

    CourseError if a practical does not exist, or if there are no solutions.
    """
    available = tuple(sorted({exercise.practical for exercise in project.exercises() if exercise.solution.is_file()}))
    if not available:
        raise CourseError(f"there are no solutions in {project.root}: run this command in the teacher's repository")
    if unknown := sorted(set(practicals) - set(available)):
        raise CourseError(f"there is no practical {unknown[0]!r} in {project.root}; there are: {', '.join(available)}")
    return Course(project.root, tuple(name for name in available if name in practicals or not practicals))


def outgoing(course: Course, also: tuple[Producer, ...] = ()) -> dict[str, bytes]:
    """All files to release, by path (with forward slashes), sorted. `also`: producers besides those listed here.

    CourseError if two producers make the same file, if a file is a link, or if a released module imports one that is not.
    """
    files: dict[str, bytes] = {}
    for produce in (*PRODUCERS, *also):
        for path, data in produce(course):
            if path in files:
                raise CourseError(f"two producers in {__name__} make {path}: remove it from one of them")
            files[path] = data
    _refuse_missing_modules(course, files)
    _refuse_graders_without_package(files)
    return dict(sorted(files.items()))


def stubs(course: Course) -> Iterator[tuple[str, bytes]]:
    """`exercises/`, generated anew, so that edits in the teacher's copy are not released."""
    for path, text in build.generated(course):
        name = path.relative_to(course.root).as_posix()
        if name.startswith("exercises/"):
            yield name, text.encode()


def package(course: Course) -> Iterator[tuple[str, bytes]]:
    """The files that are released as they are, mostly of `autograder/`."""
    others = {exercise.practical for exercise in Project(course.root).exercises()} - set(course.practicals)
    for pattern in PACKAGE:
        for path in course.root.glob(pattern):
            name = path.relative_to(course.root).as_posix()
            if path.is_symlink():
                raise CourseError(f"{name} is a link: replace it by the file itself")
            if not any(part.split(".")[0] in others for part in PurePosixPath(name).parts):
                yield name, path.read_bytes()


def front(course: Course) -> Iterator[tuple[str, bytes]]:
    """The files at the top of a release, from templates: README.md, Makefile, and pyproject.toml with our dependencies."""
    ours = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    about = ours["project"]
    extras = about.get("optional-dependencies", {}).get("nbgrader", [])
    first = next((e for e in course.exercises() if e.name == build.EXAMPLE_EXERCISE), course.exercises()[0])
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
"""The producers of all files but the notebooks, which a package above this one makes and passes as `also`."""


def _have_notebooks(course: Course) -> bool:
    return any((course.root / "solutions" / "notebooks" / f"{name}.py").is_file() for name in course.practicals)


def _table(entries: dict[str, list[str]]) -> str:
    return "".join(f"{json.dumps(name)} = {json.dumps(values)}\n" for name, values in sorted(entries.items()))


def _refuse_missing_modules(course: Course, files: dict[str, bytes]) -> None:
    """Checks that the released modules import only modules that are released too."""
    for name, data in files.items():
        if not (name.startswith("autograder/") and name.endswith(".py")):
            continue
        for module in _imported(ast.parse(data)):
            path = module.replace(".", "/")
            for candidate in (f"{path}.py", f"{path}/__init__.py"):
                if (course.root / candidate).is_file() and candidate not in files:
                    raise CourseError(
                        f"{name} imports {module}, which is not released: add {candidate} to PACKAGE in "
                        "autograder/course/outgoing.py, or remove the import"
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
