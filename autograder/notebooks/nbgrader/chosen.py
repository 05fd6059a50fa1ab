"""Which file of a submission counts as its notebook: by its content, since students rename, copy and download it again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.catalogue import ExerciseId
from autograder.notebooks.nbgrader.feedback_secrets import SECRET, TIME
from autograder.notebooks.nbgrader.handed_in import problem_of, too_large
from autograder.notebooks.nbgrader.recognised import Recognised, ReleasedCell, recognise
from autograder.submissions.archives import MAX_ARCHIVE_BYTES, list_archive
from autograder.submissions.folders import open_folder
from autograder.submissions.members import Listing, Member, SubmissionError, Unusable, printable
from autograder.submissions.notebooks.cells import MAX_BYTES, Cell, NotebookError, read_cells
from autograder.submissions.notebooks.modules import practical_of

MAX_NOTEBOOKS = 16
MAX_NAMED = 5


@dataclass
class Chosen:
    """A student's notebook.

    `name`: its path in the submission. `problem`: the reason why there is none to grade, or "". `messages`: lines for the
    log, each with its level.
    """

    name: str = ""
    data: bytes = b""
    cells: list[Cell] = field(default_factory=list)
    problem: str = ""
    messages: list[tuple[int, str]] = field(default_factory=list)
    recognised: Recognised = field(default_factory=Recognised)


@dataclass(frozen=True)
class _Candidate:
    member: Member
    cells: list[Cell]
    recognised: Recognised

    @property
    def answers(self) -> dict[str, str]:
        """The source of each edited answer, by tag."""
        texts = {tag: self.cells[number].source.strip() for number, tag in self.recognised.owners.items()}
        return {tag: text for tag, text in texts.items() if tag in self.recognised.answered}


def choose(folder: Path, notebook: str, released: Sequence[ReleasedCell], exercises: Sequence[ExerciseId]) -> Chosen:
    """Chooses the file that counts as `notebook`, such as "p1_mlp". `released`: the cells of the released notebook.

    A worked notebook goes before one without an answer, then the one with the exact name, then the one with most answers.
    """
    try:
        with open_folder(folder, follow=False) as listing:
            return _Choice(_opened(listing), notebook, released, exercises).run()
    except SubmissionError as problem:
        return Chosen(problem=str(problem), messages=[(logging.ERROR, str(problem))])


def _opened(listing: Listing) -> Listing:
    """The files of a single archive, if nothing else was handed in."""
    if listing.has_work or len(listing.archives) != 1:
        return listing
    (archive,) = listing.archives
    try:
        inner = list_archive(archive.read(MAX_ARCHIVE_BYTES), printable(archive.path))
    except (Unusable, SubmissionError):  # named as an archive that could not be used
        return listing
    inner.others += listing.others
    return inner


class _Choice:
    def __init__(
        self, listing: Listing, notebook: str, released: Sequence[ReleasedCell], exercises: Sequence[ExerciseId]
    ) -> None:
        self._listing = listing
        self._notebook = notebook
        self._file = f"{notebook}.ipynb"
        self._released = released
        self._exercises = exercises
        self._unusable: dict[str, str] = {}
        """The notebooks that cannot be graded, each with its reason."""
        self._result = Chosen()

    def run(self) -> Chosen:
        eligible = list(self._eligible())
        worked = [candidate for candidate in eligible if candidate.recognised.answered]
        for name, reason in self._unusable.items():
            self._say(logging.ERROR, f"{printable(name)} {reason}")
        if not eligible or (self._unusable and not worked):
            self._result.problem = self._problem()
            return self._result
        best = max(worked or eligible, key=lambda c: (self._is_exact(c.member), len(c.recognised.answered)))
        self._explain(best, eligible, worked)
        result = self._result
        result.name, result.cells, result.recognised = printable(best.member.path), best.cells, best.recognised
        try:
            result.data = best.member.read(MAX_BYTES)
        except Unusable as problem:  # it was read a moment ago
            result.problem = f"{result.name} {problem}"
        return result

    def _say(self, level: int, text: str) -> None:
        self._result.messages.append((level, text))

    def _is_exact(self, member: Member) -> bool:
        return member.parts[-1].casefold() == self._file.casefold()

    def _eligible(self) -> Iterator[_Candidate]:
        """The notebooks that can be read and hold cells of the released one, the nearest to the top first."""
        members = sorted(self._listing.notebooks, key=lambda member: (len(member.parts), member.path))
        members.sort(key=lambda member: not self._is_exact(member))
        for member in members[MAX_NOTEBOOKS:]:
            self._unusable[member.path] = f"was not read: there are more than {MAX_NOTEBOOKS} notebooks"
        practicals = {exercise.practical for exercise in self._exercises}
        for member in members[:MAX_NOTEBOOKS]:
            try:
                data = member.read(MAX_BYTES)
                if reason := problem_of(data):  # it stands for a notebook that could not be collected
                    self._unusable[member.path] = reason.removeprefix(f"{printable(member.path)} ")
                    continue
                cells = read_cells(data)
            except (Unusable, NotebookError) as problem:
                large = str(problem).startswith("is larger")
                self._unusable[member.path] = str(too_large()) if large else str(problem)
                continue
            practical = practical_of(cells, self._exercises)
            if practical and practical != self._notebook and self._notebook in practicals:
                self._unusable[member.path] = f"is the notebook of {practical}: hand in the one of {self._notebook}"
                continue
            recognised = recognise(cells, self._released)
            if self._is_exact(member) or recognised.owners:
                yield _Candidate(member, cells, recognised)

    def _problem(self) -> str:
        if self._unusable:
            return "; ".join(f"{printable(name)} {why}" for name, why in list(self._unusable.items())[:MAX_NAMED])
        listing = self._listing
        names = [*listing.scripts, *listing.notebooks, *listing.archives, *listing.others]
        shown = [printable(member.path) for member in names if member.path not in (SECRET, TIME)]
        found = f"only {', '.join(shown[:MAX_NAMED])}" if shown else "no file at all"
        problem = f"there is no notebook {self._file}, {found}: hand in the notebook with your answers"
        self._say(logging.ERROR, problem)
        return problem

    def _explain(self, best: _Candidate, eligible: list[_Candidate], worked: list[_Candidate]) -> None:
        name = printable(best.member.path)
        if best.member.path != self._file:
            self._say(logging.WARNING, f"{name} is taken as {self._file}")
        for candidate in eligible:
            other = printable(candidate.member.path)
            if candidate is best:
                continue
            if candidate not in worked:
                self._say(logging.WARNING, f"{other} was ignored: nothing in it is answered")
            elif candidate.answers == best.answers:
                self._say(logging.WARNING, f"{other} was ignored: it has the same answers as {name}")
            else:
                self._say(logging.ERROR, f"{other} also holds answers, which differ: {name} counts, ask which is meant")
