"""The notebooks of a submission: which exercises they contain, and whether a notebook or a Python file counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.course.build import as_generated
from autograder.course.catalogue import ExerciseId
from autograder.submissions.members import MAX_FILE_BYTES, Listing, Member, Unusable, printable, too_large
from autograder.submissions.notebooks.cells import MAX_BYTES, NotebookError, read_cells
from autograder.submissions.notebooks.modules import Extracted, Places, extract, practical_of

MAX_NOTEBOOKS = 16
NOTEBOOK = ".ipynb"


@dataclass
class Notebooks:
    """The exercises in a submission's notebooks, as in `arrange.Arrangement`.

    `unreadable` holds the notebooks that cannot be read, each with a reason.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unreadable: list[tuple[Member, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    """One readable notebook with exercises. `level`: its depth in folders."""

    member: Member
    level: int
    extracted: Extracted

    def is_edited(self, path: str) -> bool:
        """Whether the answer cell of an exercise was edited, or the exercise has several answer cells."""
        known = path in self.extracted.files or path in self.extracted.problems
        return known and path not in self.extracted.missing and path not in self.extracted.untouched


def take_notebooks(listing: Listing, exercises: Sequence[ExerciseId], scripts: dict[str, bytes]) -> Notebooks:
    """The exercises in a submission's notebooks. `scripts`: the submission's Python files for exercises, by path.

    If an exercise has both a file and a notebook, the edited one counts. If both are edited, neither does.
    """
    result = Notebooks()
    candidates = list(_readable(listing, exercises, result))
    extracted = [candidate.extracted for candidate in candidates]
    for path in sorted({path for each in extracted for path in each.files.keys() | each.problems.keys()}):
        edited = [candidate for candidate in candidates if candidate.is_edited(path)]
        script = scripts.get(path)
        if edited and script is not None and not as_generated(script.decode("utf-8", "replace").replace("\r\n", "\n")):
            result.problems[path] = (
                f"both {path} and {printable(edited[0].member.path)} contain your work on this exercise: keep only one"
            )
        elif edited:
            _settle(path, edited, result)
        elif script is None:
            untouched = [candidate for candidate in candidates if path in candidate.extracted.untouched]
            _settle(path, untouched or candidates, result)
    return result


def _readable(listing: Listing, exercises: Sequence[ExerciseId], result: Notebooks) -> Iterable[_Candidate]:
    members = sorted(listing.notebooks, key=lambda member: (len(member.parts), member.path))
    if len(members) > MAX_NOTEBOOKS:
        result.notes.append(f"only the first {MAX_NOTEBOOKS} of {len(members)} notebooks were read")
    for member in members[:MAX_NOTEBOOKS]:
        name = printable(member.path)
        try:
            cells = read_cells(member.read(MAX_BYTES))
        except (Unusable, NotebookError) as problem:
            reason = f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again"
            result.unreadable.append((member, reason if str(problem) == str(too_large(MAX_BYTES)) else str(problem)))
            continue
        practical = practical_of(cells, exercises) or named_practical(member, exercises)
        if not practical:
            result.notes.append(f"{name} was ignored: it has no answer cell of an exercise")
            continue
        ids = [exercise for exercise in exercises if exercise.practical == practical]
        extracted = extract(cells, printable(member.parts[-1]), ids)
        result.notes += extracted.notes
        yield _Candidate(member, len(member.parts), extracted)


def _settle(path: str, candidates: list[_Candidate], result: Notebooks) -> None:
    """Takes an exercise from the notebook nearest to the top. If several are equally near and differ, none counts."""
    nearest = min(candidate.level for candidate in candidates)
    first, *rest = [candidate for candidate in candidates if candidate.level == nearest]
    data = first.extracted.files.get(path)
    rival = next((candidate for candidate in rest if candidate.extracted.files.get(path) != data), None)
    for candidate in candidates:
        if candidate.level > nearest:
            name = printable(candidate.member.path)
            result.notes.append(f"{name} was ignored for {path}: another notebook is nearer to the top")
    if rival is not None:
        names = f"{printable(first.member.path)} and {printable(rival.member.path)}"
        result.problems[path] = f"{names} both contain this exercise and differ: keep only one"
    elif data is None or path in first.extracted.problems:
        result.problems[path] = first.extracted.problems[path]
    elif len(data) > MAX_FILE_BYTES:
        result.problems[path] = f"{printable(first.member.path)} {too_large(MAX_FILE_BYTES)}"
    else:
        result.files[path] = data
        result.places[path] = first.extracted.places[path]


def named_practical(member: Member, exercises: Sequence[ExerciseId]) -> str:
    """The practical whose name a notebook's file name starts with, or ""."""
    practicals = sorted({exercise.practical for exercise in exercises})
    return next((name for name in practicals if member.parts[-1].casefold().startswith(name)), "")
