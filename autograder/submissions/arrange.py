"""Arranges the files of a submission in the layout of exercises/, and reads the files that count.

An exercise's file is `<practical>/<exercise>.py` in any folder. If there are several, `choice` says which one counts,
where a folder `exercises` does not add to the depth. A loose `<exercise>.py` at the top counts as if it lay in its
practical's folder. A notebook provides the exercises of its practical, in whatever folder it lies.

Everything else that was handed in is named too: nothing is dropped without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.course.catalogue import ExerciseId
from autograder.submissions.choice import Candidate, choose, differ, is_unedited
from autograder.submissions.claims import EXERCISES, Claim, Claims
from autograder.submissions.helpers import Helper, place_helpers, resembling
from autograder.submissions.left_aside import lines
from autograder.submissions.members import MAX_FILE_BYTES, MAX_TOTAL_BYTES, Listing, Member, Unusable, printable
from autograder.submissions.notebook_files import Scripts, named_practical, take_notebooks
from autograder.submissions.notebooks.modules import Places


@dataclass
class Arrangement:
    """The files of a submission in the layout of exercises/. The fields are those of Submission."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    has_exercise: bool = False
    """Whether there is a file of an exercise, or a notebook with answer cells."""


def arrange(listing: Listing, exercises: Sequence[ExerciseId]) -> Arrangement:
    """Arranges the members of a listing. `exercises` holds the ids of all exercises, such as "p1_mlp/mlp_nn"."""
    listing.sort()
    return _Arranger(listing, exercises).arrange()


class _Arranger:
    def __init__(self, listing: Listing, exercises: Sequence[ExerciseId]) -> None:
        self._listing = listing
        self._exercises = list(exercises)
        self._claims = Claims(listing.scripts, self._exercises)
        self._homes: dict[tuple[str, ...], str] = {}
        """The folders of exercises, each with its practical: helpers there belong to it."""
        self._names: dict[str, str] = {}
        """What messages call the Python file that counts for an exercise."""
        self._conflicts: set[str] = set()
        """The exercises for which there are several Python files that differ."""
        self._bytes_left = MAX_TOTAL_BYTES
        self._result = Arrangement(notes=list(self._claims.notes))

    def arrange(self) -> Arrangement:
        for exercise in self._exercises:
            if claims := self._claims.of.get(exercise):
                self._settle(exercise, claims)
        if self._listing.notebooks:
            self._take_notebooks()
        helpers = list(self._claims.helpers)
        for exercise, claims in sorted(self._claims.stray.items()):
            if self._is_missing(exercise):
                self._settle(exercise, claims)
            else:
                helpers += [claim.member for claim in claims]
        self._take_helpers(helpers)
        self._explain_unreadable()
        self._result.left_aside += lines(self._listing.others)
        return self._result

    def _is_missing(self, exercise: ExerciseId) -> bool:
        return exercise.path not in self._result.files and exercise.path not in self._result.problems

    def _settle(self, exercise: ExerciseId, claims: list[Claim]) -> None:
        """Takes the exercise's file, or records why it cannot be used."""
        self._result.has_exercise = True
        path, budget = exercise.path, self._bytes_left
        choice = choose(list(self._candidates(claims)))
        self._bytes_left = budget  # what was only compared is not counted
        winner = choice.winner
        names = [winner.name, *(rival.name for rival in choice.rivals)]
        self._homes |= {
            claim.home: exercise.practical for claim in claims if claim.home and claim.level == winner.level
        }
        self._result.notes += [f"{other.name} was ignored for {path}: {reason}" for other, reason in choice.ignored]
        self._result.unreadable += [each.problem for each in (winner, *choice.rivals) if each.problem]
        if choice.rivals:
            self._result.problems[path] = differ(names, path)
            self._conflicts.add(path)
        elif winner.data is None:
            self._result.problems[path] = winner.problem
        else:
            self._result.files[path] = winner.data
            self._names[path] = winner.name
            self._bytes_left -= len(winner.data)
            if not winner.exact:
                self._result.notes.append(f"{winner.name} was taken as {path}")

    def _candidates(self, claims: list[Claim]) -> Iterator[Candidate]:
        """Reads the claims, the nearest to the top first. Below the first that is edited, none is read."""
        deepest = max(claim.level for claim in claims)
        for claim in sorted(claims, key=lambda claim: (claim.level, not claim.exact, claim.member.path)):
            data, problem = None, ""
            if claim.level <= deepest:
                try:
                    data = self._read(claim.member)
                except Unusable as error:
                    problem = f"{printable(claim.member.path)} {error}"
            edited = data is None or not is_unedited(data)
            if edited:
                deepest = min(deepest, claim.level)
            yield Candidate(claim.member, claim.level, claim.exact, edited, data, problem)

    def _take_notebooks(self) -> None:
        """Takes exercises from notebooks in place of unedited stubs; an unreadable notebook explains missing exercises."""
        notebooks = take_notebooks(self._listing, self._exercises, self._scripts())
        self._result.has_exercise |= notebooks.has_exercise
        self._result.notes += notebooks.notes
        self._result.left_aside += notebooks.left_aside
        self._result.files |= notebooks.files
        self._result.places |= notebooks.places
        for path, problem in notebooks.problems.items():
            self._result.files.pop(path, None)
            earlier = f"{self._result.problems[path]}; " if path in self._conflicts else ""
            self._result.problems[path] = earlier + problem
        for path in notebooks.files:
            self._result.problems.pop(path, None)
        for member, reason in notebooks.unreadable:
            home = named_practical(member, self._exercises)
            text = f"{printable(member.path)} {reason}"
            missing = [e.path for e in self._exercises if home in ("", e.practical) and self._is_missing(e)]
            self._result.problems |= dict.fromkeys(missing, text)
            self._result.unreadable.append(text)
        self._bytes_left -= sum(map(len, notebooks.files.values()))

    def _scripts(self) -> Scripts:
        unusable = self._result.problems.keys() - self._conflicts
        return Scripts(self._result.files, self._names, unusable, self._conflicts)

    def _read(self, member: Member) -> bytes:
        data = member.read(MAX_FILE_BYTES) if self._bytes_left > 0 else b""
        self._bytes_left -= len(data)
        if self._bytes_left <= 0:
            raise Unusable(f"was not read: the submission has more than {MAX_TOTAL_BYTES >> 20} MiB of Python files")
        return data

    def _take_helpers(self, members: list[Member]) -> None:
        """Takes the other Python files. One that cannot be used does not affect the exercises."""
        placed = place_helpers(
            members, self._claims, self._homes, self._result.files.keys() | self._result.problems.keys()
        )
        self._result.notes += placed.notes
        self._result.left_aside += placed.left_aside
        missing = [exercise for exercise in self._exercises if self._is_missing(exercise)]
        self._result.notes += resembling(placed.helpers, missing)
        by_path: dict[str, list[Helper]] = defaultdict(list)
        for helper in placed.helpers:
            by_path[helper.path].append(helper)
        for path, helpers in by_path.items():
            self._take_helper(path, helpers)

    def _take_helper(self, path: str, helpers: list[Helper]) -> None:
        """Takes the file for a path, unless several lay at it and differ."""
        contents = []
        for helper in helpers:
            try:
                contents.append(self._read(helper.member))
            except Unusable as problem:
                self._result.unreadable.append(f"{printable(helper.member.path)} {problem}")
        if len(set(contents)) > 1:
            names = [printable(helper.member.path) for helper in helpers]
            self._result.problems[path] = differ(names, printable(path))
        elif contents:
            self._result.files[path] = contents[0]
            self._result.notes += [
                f"{printable(other.member.path)} was ignored: it is the same as {printable(helpers[0].member.path)}"
                for other in helpers[1:]
            ]

    def _explain_unreadable(self) -> None:
        """Gives an unreadable folder as the reason why its exercises are missing. Links to other folders are harmless."""
        for parts, reason in sorted(self._listing.unreadable + self._listing.links):
            name = parts[-1].casefold()
            text = f"{printable('/'.join(parts))} {reason}"
            missing = [e.path for e in self._exercises if name in (EXERCISES, e.practical) and self._is_missing(e)]
            self._result.problems |= dict.fromkeys(missing, text)
            harmless = (parts, reason) in self._listing.links and not missing
            (self._result.notes if harmless else self._result.unreadable).append(text)
