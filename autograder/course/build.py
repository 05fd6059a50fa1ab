"""`autograder build`: the stubs in `exercises/`, made from `solutions/`, and what other rooms generate, kept up to date.

A generated file carries a hash of the rest of itself, so that a later build knows whether somebody has begun to write
in it: such work is never overwritten unless asked for, and then a copy is kept.
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
from autograder.course.catalogue import CourseError, Exercise, Project
from autograder.course.markers import strip_solutions

Status = Literal["written", "unchanged", "stale", "refused"]
Generated = Iterable[tuple[Path, str]]
"""Generated files, each with the text it should have; a text holds one line with `SEAL` filled in by `sealed`."""
SEAL = "sha256 as generated: {}"
_HASH_LINE = re.compile(r"^.*\bsha256 as generated: ([0-9a-f]{64}).*\n", re.MULTILINE)


class BuildError(CourseError):
    """There is nothing to build from."""


@dataclass(frozen=True)
class BuiltFile:
    """What became of one generated file, and in a line why."""

    path: Path
    status: Status
    message: str


@dataclass
class BuildReport:
    """What a build did, or with `check_only` would do, file by file."""

    files: list[BuiltFile] = field(default_factory=list)

    def of(self, status: Status) -> list[BuiltFile]:
        """The files with this status."""
        return [file for file in self.files if file.status == status]

    @property
    def ok(self) -> bool:
        """Whether every file on the disk is now what it should be."""
        return not self.of("stale") and not self.of("refused")


def build(project: Project, check_only: bool = False, *, force: bool = False, also: Generated = ()) -> BuildReport:
    """Write every stub, and `exercises/README.md`, that is not as its solution says; with `check_only` write nothing.

    `also`: further files, generated elsewhere, that are treated in the same way. A file that somebody has edited is
    refused; `force` overwrites it, and keeps it beside as `<name>.bak`. All solutions are read before the first file is
    written: a MarkerError in one leaves everything as it was. BuildError where there are no solutions, as in a release.
    """
    report = BuildReport()
    for path, text in [*generated(project), *also]:
        report.files.append(_bring_up_to_date(project, path, text, check_only, force))
    return report


def stale(project: Project, also: Generated = ()) -> list[str]:
    """What is not what a build would write now, a line each, with the remedy; empty if all is well.

    A file of `also` that is not there is none that has become old: those are not kept with the sources.
    """
    report = build(project, check_only=True, also=[(path, text) for path, text in also if path.is_file()])
    complaints = [file.message for file in report.files if file.status != "unchanged"]
    wanted = {path for path, _ in generated(project)}
    for path in sorted((project.root / "exercises").glob("*/*.py")):
        if path not in wanted and as_generated(_read(path)):
            name = path.relative_to(project.root).as_posix()
            complaints.append(f"{name} is generated and has no solution any more. Delete it.")
    return complaints


def generated(project: Project) -> Iterator[tuple[Path, str]]:
    """Every generated file of `exercises/` with the text it should have."""
    exercises = [exercise for exercise in project.exercises() if exercise.solution.is_file()]
    if not exercises:
        raise BuildError(f"there are no solutions in {project.root}; stubs are built in the teacher's repository only")
    for exercise in exercises:
        yield exercise.stub, stub_source(exercise)
    yield project.root / "exercises" / "README.md", _readme(exercises)


def stub_source(exercise: Exercise) -> str:
    """The stub of one exercise as a student gets it, header included."""
    origin = exercise.solution.relative_to(exercise.root).as_posix()
    stub = strip_solutions(_read(exercise.solution), origin)
    return sealed(
        f"# GENERATED from {origin} by `autograder build`.\n"
        f"# Edit the functions below (a build leaves a file alone once it is edited), then run:\n"
        f"#     pytest autograder -k {exercise.name}\n"
        f"# {SEAL}\n\n" + stub
    )


def sealed(text: str) -> str:
    """The text with the hash of all its other lines in the line that holds `SEAL`, which is not its first."""
    place = text.index(SEAL)
    begin, end = text.rindex("\n", 0, place) + 1, text.index("\n", place) + 1
    return text.replace(SEAL, SEAL.format(_sha256(text[:begin] + text[end:])), 1)


def as_generated(text: str) -> bool:
    """Whether a text is, to the letter, what some build once wrote."""
    match = _HASH_LINE.search(text)
    return match is not None and match[1] == _sha256(text[: match.start()] + text[match.end() :])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bring_up_to_date(project: Project, path: Path, text: str, check_only: bool, force: bool) -> BuiltFile:
    name = path.relative_to(project.root).as_posix()
    if not path.exists():
        message = f"{name} is missing. Run: autograder build"
    else:
        there = _read(path)
        if there == text:
            return BuiltFile(path, "unchanged", f"{name} is up to date")
        if as_generated(there):
            message = f"{name} is not what its solution says now. Run: autograder build"
        elif not force:
            remedy = "To throw the edits away (a copy is kept), run: autograder build --force"
            return BuiltFile(path, "refused", f"{name} has been edited and is left as it is. {remedy}")
        else:
            message = f"{name} has been edited"
    if check_only:
        return BuiltFile(path, "stale", message)
    kept = _keep_a_copy(project, path) if path.exists() and not as_generated(_read(path)) else None
    write_atomically(path, text.encode("utf-8"))
    return BuiltFile(path, "written", f"{name} written" + (f"; what was there is in {kept.name}" if kept else ""))


def _keep_a_copy(project: Project, path: Path) -> Path:
    """A copy beside the file, under the first free name of <name>.bak, <name>.bak2, ...

    Of a file in assignments/ the copy goes to its top: nbgrader hands out whatever lies beside a source notebook.
    """
    number, assignments = 1, project.root / "assignments"
    beside = assignments / path.name if path.is_relative_to(assignments) else path
    while (copy := beside.with_name(f"{path.name}.bak{number if number > 1 else ''}")).exists():
        number += 1
    shutil.copy2(path, copy)
    return copy


def _read(path: Path) -> str:
    """The text with "\\n" at the end of lines, as a checkout on Windows may not have it; "" if it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _readme(exercises: list[Exercise]) -> str:
    first = next((e for e in exercises if e.name == _BEGIN_WITH), exercises[0])
    rows = "".join(f"| [`{e.id}`]({e.id}.py) | {_summary(e)} | `pytest autograder -k {e.name}` |\n" for e in exercises)
    return sealed(
        "<!-- GENERATED by `autograder build`: edit autograder/course/build.py, not this file. -->\n"
        f"<!-- {SEAL} -->\n\n" + _README.format(first=first.name, first_id=first.id, rows=rows)
    )


def _summary(exercise: Exercise) -> str:
    docstring = ast.get_docstring(ast.parse(_read(exercise.solution))) or exercise.name
    return docstring.splitlines()[0].rstrip(".").replace("|", "\\|")


_BEGIN_WITH = "softmax_cross_entropy"  # only for the examples below; in a course without it, the first there is
_README = """\
# Exercises

1. Open a file, say [`{first_id}.py`]({first_id}.py).
   Its first lines say what it is about, and the docstring of each function what it takes and returns.
   Write your code where it says `TODO`, in place of the `raise` below it.
2. See how you are doing:

       pytest autograder -k {first}

   Each line is one claim about your code, and why it does not hold yet. `not_started` means that the `raise` is still
   there.
3. Go on until it passes, then to the next file.

| exercise | what it is about | see how it stands |
| --- | --- | --- |
{rows}
More commands:

| | |
| --- | --- |
| `pytest autograder` | everything, with your points |
| `pytest autograder -x` | stop at the first claim that fails |
| `pytest autograder -k {first} -x` | both: one exercise, one claim at a time |
| `pytest autograder --isolation none --pdb -k {first}` | stop in the debugger where your code fails |
| `autograder watch` | look again after each save |

You may add functions, classes and files of your own. Leave the names, and what the functions take, as they are.
"""
