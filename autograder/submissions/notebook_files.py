"""The notebooks of a submission: which exercises they bring, and which of a notebook and a Python file counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.course.build import as_generated
from autograder.course.catalogue import ExerciseId
from autograder.results import ExerciseResult
from autograder.submissions.members import MAX_FILE_BYTES, Listing, Member, Unusable, printable, too_large
from autograder.submissions.notebooks.cells import MAX_BYTES, NotebookError, read_cells
from autograder.submissions.notebooks.modules import Extracted, Places, extract, located, practical_of

MAX_NOTEBOOKS = 16
NOTEBOOK = ".ipynb"


@dataclass
class Notebooks:
    """What notebooks bring, as `layout.Arranged` has it. `lost`: notebooks that cannot be read, and why."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost: list[tuple[Member, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """One readable notebook of ours, and how many folders it lies in."""

    member: Member
    level: int
    extracted: Extracted

    def begun(self, path: str) -> bool:
        """Whether somebody wrote in the answer cell of an exercise, or there are several of them."""
        known = path in self.extracted.files or path in self.extracted.problems
        return known and path not in self.extracted.missing and path not in self.extracted.untouched


def take_notebooks(listing: Listing, exercises: Sequence[ExerciseId], scripts: dict[str, bytes]) -> Notebooks:
    """The exercises that a submission's notebooks bring. `scripts`: its Python files by path, each of which is for one.

    Of an exercise in a file and in a notebook, the one counts that somebody began; where both are, neither does.
    """
    result = Notebooks()
    found = list(_readable(listing, exercises, result))
    for path in sorted({path for one in found for path in one.extracted.files.keys() | one.extracted.problems.keys()}):
        begun = [one for one in found if one.begun(path)]
        script = scripts.get(path)
        edited = script is not None and not as_generated(script.decode("utf-8", "replace").replace("\r\n", "\n"))
        if begun and edited:
            result.problems[path] = (
                f"both {path} and {printable(begun[0].member.path)} hold work of yours on this exercise: keep one"
            )
        elif begun:
            _settle(path, begun, result)
        elif script is None:
            _settle(path, [one for one in found if path in one.extracted.untouched] or found, result)
    return result


def _readable(listing: Listing, exercises: Sequence[ExerciseId], result: Notebooks) -> Iterable[_Found]:
    members = sorted(listing.notebooks, key=lambda member: (len(member.parts), member.path))
    if len(members) > MAX_NOTEBOOKS:
        result.notes.append(f"{len(members) - MAX_NOTEBOOKS} more notebooks were left aside")
    for member in members[:MAX_NOTEBOOKS]:
        name = printable(member.path)
        try:
            cells = read_cells(member.read(MAX_BYTES))
        except (Unusable, NotebookError) as problem:
            reason = f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again"
            result.lost.append((member, reason if str(problem) == str(too_large(MAX_BYTES)) else str(problem)))
            continue
        practical = practical_of(cells, exercises) or named_practical(member, exercises)
        if not practical:
            result.notes.append(f"{name} has no answer cell of an exercise, and was left aside")
            continue
        ids = [exercise for exercise in exercises if exercise.practical == practical]
        extracted = extract(cells, printable(member.parts[-1]), ids)
        result.notes += extracted.notes
        yield _Found(member, len(member.parts), extracted)


def _settle(path: str, claims: list[_Found], result: Notebooks) -> None:
    """Takes an exercise from the notebook that is nearest to the top; of several there, from none if they differ."""
    nearest = min(one.level for one in claims)
    first, *others = [one for one in claims if one.level == nearest]
    data = first.extracted.files.get(path)
    rival = next((one for one in others if one.extracted.files.get(path) != data), None)
    for one in claims:
        if one.level > nearest:
            result.notes.append(f"{printable(one.member.path)} was left aside for {path}: another is nearer to the top")
    if rival is not None:
        names = f"both {printable(first.member.path)} and {printable(rival.member.path)}"
        result.problems[path] = f"{names} hold this exercise, and they are not the same: keep one"
    elif data is None or path in first.extracted.problems:
        result.problems[path] = first.extracted.problems[path]
    elif len(data) > MAX_FILE_BYTES:
        result.problems[path] = f"{printable(first.member.path)} {too_large(MAX_FILE_BYTES)}"
    else:
        result.files[path] = data
        result.places[path] = first.extracted.places[path]


def named_practical(member: Member, exercises: Sequence[ExerciseId]) -> str:
    """The practical that a notebook's name begins with, or ""."""
    practicals = sorted({exercise.practical for exercise in exercises})
    return next((name for name in practicals if member.parts[-1].casefold().startswith(name)), "")


def name_cells(results: Iterable[ExerciseResult], places: dict[str, Places]) -> None:
    """Puts the student's cells in the messages in place of lines of modules."""
    if places:
        for result in results:
            for check in result.checks:
                check.message = located(check.message, result.id.path, places)
