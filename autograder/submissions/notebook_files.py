"""The notebooks of a submission: which exercises they contain, and whether a notebook or a Python file counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.course.catalogue import ExerciseId
from autograder.submissions.choice import Candidate, Choice, choose, is_unedited
from autograder.submissions.file_names import IPYNB
from autograder.submissions.left_aside import MAX_NAMES, listed, named
from autograder.submissions.members import MAX_FILE_BYTES, Listing, Member, Unusable, printable, too_large
from autograder.submissions.notebooks.cells import MAX_BYTES, Cell, NotebookError, digest, read_cells
from autograder.submissions.notebooks.modules import Extracted, Places, extract, practical_of

MAX_NOTEBOOKS = 16


@dataclass
class Notebooks:
    """The exercises in a submission's notebooks, as in `arrange.Arrangement`.

    `unreadable` holds the notebooks that cannot be read, each with a reason.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    unreadable: list[tuple[Member, str]] = field(default_factory=list)
    has_exercise: bool = False


@dataclass(frozen=True)
class _Notebook:
    """One readable notebook with exercises. `exact`: whether it has the name that it was released with."""

    member: Member
    exact: bool
    extracted: Extracted

    def candidate(self, path: str) -> Candidate:
        """The notebook as a candidate for an exercise. One with several answer cells for it counts as edited."""
        data, problem = self.extracted.files.get(path), self.extracted.problems.get(path, "")
        if data is not None and len(data) > MAX_FILE_BYTES:
            problem = f"{printable(self.member.path)} {too_large(MAX_FILE_BYTES)}"
        edited = path not in self.extracted.missing and path not in self.extracted.untouched
        return Candidate(self.member, len(self.member.parts), self.exact, edited, None if problem else data, problem)


@dataclass(frozen=True)
class Scripts:
    """A submission's Python files for exercises, by path. `names`: what messages call them."""

    files: Mapping[str, bytes]
    names: Mapping[str, str]
    unusable: Collection[str]
    conflicts: Collection[str]
    """The paths for which there are several files that differ."""


def take_notebooks(listing: Listing, exercises: Sequence[ExerciseId], scripts: Scripts) -> Notebooks:
    """The exercises in a submission's notebooks.

    If an exercise has both a file and a notebook, the edited one counts. If both are edited, neither does.
    """
    result = Notebooks()
    notebooks = {each.member: each for each in _readable(listing, exercises, result)}
    result.has_exercise = bool(notebooks)
    ignored: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted({path for each in notebooks.values() for path in _paths(each.extracted)}):
        holders = [each for each in notebooks.values() if path in _paths(each.extracted)]
        with_cell = [each for each in holders if path not in each.extracted.missing]
        choice = choose([each.candidate(path) for each in with_cell or holders])
        winner, script = choice.winner, scripts.files.get(path)
        worked = path in scripts.conflicts or (script is not None and not is_unedited(script))
        if worked and winner.edited:
            result.problems[path] = (
                f"both {scripts.names.get(path, path)} and {winner.name} contain your work on this exercise: keep only one"
            )
        elif not winner.edited and (script is not None or path in scripts.conflicts or path in scripts.unusable):
            for each in holders:
                ignored[printable(each.member.path), "it is unedited, and the Python file counts"].append(path)
        else:
            _take(path, choice, notebooks[winner.member].extracted.places, result)
            for other, reason in choice.ignored if with_cell else ():
                ignored[other.name, reason].append(path)
    for (name, reason), paths in sorted(ignored.items()):
        result.notes.append(f"{name} was ignored for {_exercises(paths)}: {reason}")
    return result


def _paths(extracted: Extracted) -> set[str]:
    return extracted.files.keys() | extracted.problems.keys()


def _exercises(paths: Sequence[str]) -> str:
    return listed(paths) if len(paths) <= MAX_NAMES else f"{len(paths)} exercises"


def _take(path: str, choice: Choice, places: Mapping[str, Places], result: Notebooks) -> None:
    """Takes an exercise from the notebook that was chosen, or says why it cannot be."""
    winner = choice.winner
    if choice.rivals:
        names = [winner.name, *(rival.name for rival in choice.rivals)]
        both = "both" if len(names) == 2 else "all"
        result.problems[path] = f"{listed(names)} {both} contain this exercise and differ: keep only one"
    elif winner.data is None:
        result.problems[path] = winner.problem
    else:
        result.files[path] = winner.data
        result.places[path] = places[path]


def _readable(listing: Listing, exercises: Sequence[ExerciseId], result: Notebooks) -> Iterator[_Notebook]:
    released = {f"{exercise.practical}{IPYNB}" for exercise in exercises}
    members = sorted(listing.notebooks, key=lambda m: (len(m.parts), m.parts[-1] not in released, m.path))
    if len(members) > MAX_NOTEBOOKS:
        rest = named(members[MAX_NOTEBOOKS:])
        result.left_aside.append(
            f"{rest} left aside: only the first {MAX_NOTEBOOKS} of {len(members)} notebooks were read"
        )
    found: list[tuple[Member, list[Cell]]] = []
    for member in members[:MAX_NOTEBOOKS]:
        try:
            found.append((member, read_cells(member.read(MAX_BYTES))))
        except (Unusable, NotebookError) as problem:
            reason = f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again"
            result.unreadable.append((member, reason if str(problem) == str(too_large(MAX_BYTES)) else str(problem)))
    digests = {cell.released for _, cells in found for cell in cells} - {""}
    for member, cells in found:
        practical = practical_of(cells, exercises) or named_practical(member, exercises)
        if not practical:
            result.left_aside.append(f"{printable(member.path)} was ignored: it has no answer cell of an exercise")
            continue
        ids = [exercise for exercise in exercises if exercise.practical == practical]
        extracted = extract([_dated(cell, digests) for cell in cells], printable(member.parts[-1]), ids)
        if not member.parts[-1].casefold().endswith(IPYNB):
            result.notes.append(f"{printable(member.path)} was read as the notebook {printable(member.name)}")
        result.notes += extracted.notes
        yield _Notebook(member, member.parts[-1] == f"{practical}{IPYNB}", extracted)


def _dated(cell: Cell, digests: set[str]) -> Cell:
    """The cell; if it lost its metadata, with its digest at release if another notebook of the student's has it."""
    if cell.released or digest(cell.source) not in digests:
        return cell
    return replace(cell, released=digest(cell.source))


def named_practical(member: Member, exercises: Sequence[ExerciseId]) -> str:
    """The practical whose name a notebook's file name starts with, or ""."""
    practicals = sorted({exercise.practical for exercise in exercises})
    return next((name for name in practicals if member.name.casefold().startswith(name)), "")
