"""`autograder build`: generates the stubs in `exercises/` from `solutions/`, and updates other generated files.

A generated file contains a hash of its other lines, so that a later build notices whether somebody has edited it. An
edited file is overwritten only on request, and then a copy is kept.
"""

import ast
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import COURSE_ORDER, CourseError, Exercise, ExerciseId, Project, by_place
from autograder.course.markers import strip_solutions

Status = Literal["written", "unchanged", "stale", "refused"]
Generated = Iterable[tuple[Path, str]]
"""Generated files, each with the text that it should have. `sealed` has put the hash into each text."""
SEAL = "sha256 as generated: {}"
_PLACE = re.compile(r"^# ?%%.* exercise=\"([a-z0-9_]+)\"", re.MULTILINE)
"""The first line of an exercise's cell in the source of a notebook."""
_RELATIVE = re.compile(r"^from \.", re.MULTILINE)
_ORDER_HEADER = f"""\
# GENERATED from solutions/notebooks by `autograder build`: the exercises in the order of the course.
# {SEAL}
"""
_HASH_LINE = re.compile(r"^.*\bsha256 as generated: ([0-9a-f]{64}).*\n", re.MULTILINE)


class BuildError(CourseError):
    """There are no solutions to build from."""


@dataclass(frozen=True)
class BuiltFile:
    """What a build did with one generated file."""

    path: Path
    status: Status
    message: str
    """One line that says why, and how to fix a problem."""


@dataclass
class BuildReport:
    """What a build did with each file, or would do if it was only a check."""

    files: list[BuiltFile] = field(default_factory=list)

    def of(self, status: Status) -> list[BuiltFile]:
        """The files with this status."""
        return [file for file in self.files if file.status == status]

    @property
    def ok(self) -> bool:
        """Whether every file on the disk is now what it should be."""
        return not self.of("stale") and not self.of("refused")


def build(project: Project, check_only: bool = False, *, force: bool = False, also: Generated = ()) -> BuildReport:
    """Writes the stubs and `exercises/README.md` if they are out of date.

    Args:
        project: the teacher's repository.
        check_only: whether to write nothing and only report.
        force: whether to overwrite files that somebody has edited; a copy is kept as `<name>.bak`. Otherwise they are
            refused.
        also: further generated files, which are treated in the same way.

    Raises BuildError if there are no solutions, as in a release, and MarkerError if a solution has a wrong marker. All
    solutions are read first, so that nothing is written then.
    """
    report = BuildReport()
    for path, text in [*generated(project), *also]:
        report.files.append(_bring_up_to_date(project, path, text, check_only, force))
    return report


def stale(project: Project, also: Generated = ()) -> list[str]:
    """The generated files that are out of date, a line each that says how to fix it.

    Files of `also` that do not exist are not reported, since they are not kept in the repository.
    """
    report = build(project, check_only=True, also=[(path, text) for path, text in also if path.is_file()])
    complaints = [file.message for file in report.files if file.status != "unchanged"]
    wanted = {path for path, _ in generated(project)}
    for path in sorted((project.root / "exercises").glob("*/*.py")):
        if path not in wanted and as_generated(_read(path)):
            name = path.relative_to(project.root).as_posix()
            complaints.append(f"{name} was generated from a solution that does not exist any more. Delete it.")
    return complaints


def generated(project: Project) -> Iterator[tuple[Path, str]]:
    """The generated files of `exercises/`, each with the text that it should have. BuildError if there are no solutions."""
    order = order_in_notebooks(project)
    solved = {exercise.id: exercise for exercise in project.exercises() if exercise.solution.is_file()}
    exercises = [solved[exercise] for exercise in by_place(solved, order)]
    if not exercises:
        raise BuildError(f"there are no solutions in {project.root}: run this command in the teacher's repository")
    for exercise in exercises:
        yield exercise.stub, stub_source(exercise)
    yield project.root / "exercises" / "README.md", _readme(exercises)
    yield project.root / COURSE_ORDER, sealed(_ORDER_HEADER + "".join(f"{exercise}\n" for exercise in order))


def stub_source(exercise: Exercise) -> str:
    """The stub of an exercise as students get it, with its header."""
    origin = exercise.solution.relative_to(exercise.root).as_posix()
    stub = strip_solutions(_read(exercise.solution), origin)
    return sealed(
        f"# GENERATED from {origin} by `autograder build`.\n"
        f"# Edit the functions below (a build leaves a file alone once it is edited), then run:\n"
        f"#     pytest autograder --exercise {exercise.name}\n"
        f"{_how_to_run(exercise) if _RELATIVE.search(stub) else ''}"
        f"# {SEAL}\n\n" + stub
    )


def _how_to_run(exercise: Exercise) -> str:
    return (
        f"# It imports another exercise: to run this file itself, run in exercises/: python -m {exercise.id.module}\n"
    )


def order_in_notebooks(project: Project) -> list[ExerciseId]:
    """The exercises in the order in which the sources of the notebooks have them."""
    sources = sorted((project.root / "solutions" / "notebooks").glob("*.py"))
    return [ExerciseId.of(path.stem, name) for path in sources for name in _PLACE.findall(_read(path))]


def sealed(text: str) -> str:
    """The text with `SEAL` filled in: the hash of all other lines. `SEAL` must not be in the first line."""
    seal = text.index(SEAL)
    begin, end = text.rindex("\n", 0, seal) + 1, text.index("\n", seal) + 1
    return text.replace(SEAL, SEAL.format(_sha256(text[:begin] + text[end:])), 1)


def as_generated(text: str) -> bool:
    """Whether a text is exactly what a build has once written, and so was not edited."""
    match = _HASH_LINE.search(text)
    return match is not None and match[1] == _sha256(text[: match.start()] + text[match.end() :])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bring_up_to_date(project: Project, path: Path, text: str, check_only: bool, force: bool) -> BuiltFile:
    name = path.relative_to(project.root).as_posix()
    if not path.exists():
        message = f"{name} is missing. Run: autograder build"
    else:
        existing = _read(path)
        if existing == text:
            return BuiltFile(path, "unchanged", f"{name} is up to date")
        if as_generated(existing):
            message = f"{name} is out of date. Run: autograder build"
        elif not force:
            remedy = "To discard the edits (a copy is kept), run: autograder build --force"
            return BuiltFile(path, "refused", f"{name} has been edited and was not overwritten. {remedy}")
        else:
            message = f"{name} has been edited"
    if check_only:
        return BuiltFile(path, "stale", message)
    copy = _keep_a_copy(project, path) if path.exists() and not as_generated(_read(path)) else None
    write_atomically(path, text.encode("utf-8"))
    return BuiltFile(path, "written", f"{name} written" + (f"; the edited file is kept as {copy.name}" if copy else ""))


def _keep_a_copy(project: Project, path: Path) -> Path:
    """Copies the file to the first free name of <name>.bak, <name>.bak2, ... in the same folder.

    A file below assignments/ is copied to assignments/ itself, since nbgrader hands out all files beside a notebook.
    """
    number, assignments = 1, project.root / "assignments"
    beside = assignments / path.name if path.is_relative_to(assignments) else path
    while (copy := beside.with_name(f"{path.name}.bak{number if number > 1 else ''}")).exists():
        number += 1
    shutil.copy2(path, copy)
    return copy


def _read(path: Path) -> str:
    """The text of a file with "\\n" as line ends, whatever the checkout has; "" if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _readme(exercises: list[Exercise]) -> str:
    first = next((e for e in exercises if e.name == EXAMPLE_EXERCISE), exercises[0])
    rows = "".join(
        f"| [`{e.id}`]({e.id}.py) | {_summary(e)} | `pytest autograder --exercise {e.name}` |\n" for e in exercises
    )
    return sealed(
        "<!-- GENERATED by `autograder build`: edit autograder/course/build.py, not this file. -->\n"
        f"<!-- {SEAL} -->\n\n" + _README.format(first=first.name, first_id=first.id, rows=rows)
    )


def _summary(exercise: Exercise) -> str:
    docstring = ast.get_docstring(ast.parse(_read(exercise.solution))) or exercise.name
    return docstring.splitlines()[0].rstrip(".").replace("|", "\\|")


EXAMPLE_EXERCISE = (
    "softmax_cross_entropy"  # the exercise used in the examples below, or the first one if it does not exist
)
_README = """\
# Exercises

1. Open a file, for example [`{first_id}.py`]({first_id}.py).
   Its first lines say what it is about. The docstring of each function says what it takes and returns.
   Replace each `raise` below a `TODO` by your code.
2. Grade it:

       pytest autograder --exercise {first}

   Each line is a check of your code. For a check that fails, you see why. `not_started` means that the `raise` is still
   there.
3. When the exercise passes, go on to the next file.

| exercise | what it is about | grade it |
| --- | --- | --- |
{rows}
More commands:

| | |
| --- | --- |
| `pytest autograder` | everything, with your points |
| `pytest autograder -x` | stop at the first check that fails |
| `pytest autograder --exercise {first} -x` | both: one exercise, one check at a time |
| `pytest autograder --isolation none --pdb --exercise {first}` | stop in the debugger where your code fails |
| `autograder watch` | grade each exercise again after you save it |

You may add functions, classes and files of your own. Do not change the given names and function arguments.
"""
