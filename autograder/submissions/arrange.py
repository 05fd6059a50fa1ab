"""Finds the layout of exercises/ in what somebody handed in, and reads the files that count.

An exercise's file is `<practical>/<exercise>.py`, wherever it lies; of several, those count that are nearest to the top,
where a folder `exercises` is no step down. A loose `<exercise>.py` at the top counts as in its practical's folder.
Notebooks bring the exercises of their practical, wherever they lie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.course.catalogue import ExerciseId
from autograder.submissions.members import MAX_FILE_BYTES, MAX_TOTAL_BYTES, Listing, Member, Unusable, printable
from autograder.submissions.notebook_files import named_practical, take_notebooks
from autograder.submissions.notebooks.modules import Places

MAX_HELPERS = 500
MAX_NOTES = 20
MAX_PARTS = 32
EXERCISES = "exercises"
OUR_OWN = "autograder"  # in a whole copy of the course; as a helper it would stand in the way of the installed one


@dataclass
class Arranged:
    """As in Submission: path to bytes, path to what is wrong, whence a notebook's lines come, and what was odd."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Claim:
    """A member that stands for an exercise. `exact`: it is spelled as it must be."""

    member: Member
    exact: bool
    level: int


def arrange(listing: Listing, exercises: Sequence[ExerciseId]) -> Arranged:
    """`exercises`: the ids that there are, "p1_mlp/mlp_nn"."""
    return _Arranging(listing, exercises).done()


class _Arranging:
    def __init__(self, listing: Listing, exercises: Sequence[ExerciseId]) -> None:
        self._listing = listing
        self._exercises = sorted(exercises)
        self._by_spelling = {exercise.path.casefold(): exercise for exercise in exercises}
        self._practicals = {exercise.practical for exercise in exercises}
        self._loose: dict[str, list[ExerciseId]] = defaultdict(list)
        for exercise in exercises:
            self._loose[f"{exercise.split('/')[1]}.py"].append(exercise)
        self._top = self._find_top()
        self._left = MAX_TOTAL_BYTES
        self._notes = list(listing.notes)
        self._result = Arranged()

    def done(self) -> Arranged:
        claims: dict[str, list[_Claim]] = defaultdict(list)
        helpers = []
        for member in self._listing.scripts:
            exercise = self._claimed(member)
            if exercise is None:
                helpers.append(member)
            else:
                claims[exercise].append(self._claim(member, exercise))
        homes: dict[tuple[str, ...], str] = {}
        for exercise in self._exercises:
            if exercise in claims:
                homes |= self._settle(exercise, claims[exercise])
        if self._listing.notebooks:
            self._take_notebooks()
        self._take_helpers(helpers, homes)
        self._explain_lost()
        if not self._listing.scripts and not self._listing.notebooks:
            self._notes.append("there is no Python file in it")
        if len(self._notes) > MAX_NOTES:
            self._notes[MAX_NOTES:] = [f"and {len(self._notes) - MAX_NOTES} notes more"]
        self._result.notes = tuple(self._notes)
        return self._result

    def _find_top(self) -> tuple[str, ...]:
        """The single folders that wrap all Python files, up to a practical's or `exercises`."""
        parents = [member.parts[:-1] for member in self._listing.scripts if len(member.parts) <= MAX_PARTS]
        top: list[str] = []
        for part, *rest in zip(*parents):
            if any(other != part for other in rest) or part.casefold() in {EXERCISES, *self._practicals}:
                break
            top.append(part)
        return tuple(top)

    def _claimed(self, member: Member) -> ExerciseId | None:
        """The exercise that a member stands for, if it does."""
        exercise = self._by_spelling.get("/".join(member.parts[-2:]).casefold())
        if exercise is None and self._below_top(member.parts[:-1]) == ():
            candidates = self._loose.get(member.parts[-1].casefold(), [])
            exercise = candidates[0] if len(candidates) == 1 else None
            if len(candidates) > 1:
                places = " or ".join(candidate.practical for candidate in candidates)
                self._notes.append(f"{printable(member.path)} could belong to {places}: put it into its folder")
        return exercise

    def _claim(self, member: Member, exercise: ExerciseId) -> _Claim:
        practical, name = exercise.practical, exercise.name
        loose = len(member.parts) < 2 or member.parts[-2].casefold() != practical.casefold()
        above = member.parts[:-1] if loose else member.parts[:-2]
        exact = member.parts[-1] == f"{name}.py" and (loose or member.parts[-2] == practical)
        return _Claim(member, exact, sum(part.casefold() != EXERCISES for part in above))

    def _settle(self, exercise: ExerciseId, claims: list[_Claim]) -> dict[tuple[str, ...], str]:
        """Takes the exercise's file, or says why not; the folders that it came from, as the practical's homes."""
        path, practical = exercise.path, exercise.practical
        nearest = min(claim.level for claim in claims)
        chosen = sorted((c for c in claims if c.level == nearest), key=lambda c: (not c.exact, c.member.path))
        for claim in claims:
            if claim.level > nearest:
                name, taken = printable(claim.member.path), printable(chosen[0].member.path)
                self._notes.append(f"{name} was left aside: {taken} is nearer to the top, and counts as {path}")
        first, *others = chosen
        try:
            data = self._read(first.member)
            rival = self._first_rival(data, others)
        except Unusable as problem:
            self._result.problems[path] = f"{printable(first.member.path)} {problem}"
        else:
            if rival is not None:
                one, other = printable(first.member.path), printable(rival.path)
                self._result.problems[path] = (
                    f"both {one} and {other} claim to be {path}, and they are not the same: keep one"
                )
            elif not first.exact:
                self._result.problems[path] = f"rename {printable(first.member.path)} to {path}: capital letters matter"
            else:
                self._result.files[path] = data
        return {
            claim.member.parts[:-1]: practical
            for claim in chosen
            if len(claim.member.parts) > 1 and claim.member.parts[-2] == practical
        }

    def _take_notebooks(self) -> None:
        """Their exercises in place of stubs that nobody edited; a notebook that is lost is why its exercises are missing."""
        found = take_notebooks(self._listing, self._exercises, self._result.files)
        self._notes += found.notes
        self._result.files |= found.files
        self._result.places |= found.places
        for path, problem in found.problems.items():
            self._result.files.pop(path, None)
            self._result.problems[path] = problem
        for path in found.files:
            self._result.problems.pop(path, None)
        for member, reason in found.lost:
            home = named_practical(member, self._exercises)
            text = f"{printable(member.path)} {reason}"
            paths = [exercise.path for exercise in self._exercises if home in ("", exercise.practical)]
            missing = [p for p in paths if p not in self._result.files and p not in self._result.problems]
            self._result.problems |= dict.fromkeys(missing, text)
            if not missing:
                self._notes.append(text)
        self._left -= sum(map(len, found.files.values()))

    def _first_rival(self, data: bytes, others: Iterable[_Claim]) -> Member | None:
        """The first of the others that is not the same, or cannot be read."""
        for claim in others:
            try:
                if self._read(claim.member) != data:
                    return claim.member
            except Unusable:
                return claim.member
        return None

    def _read(self, member: Member) -> bytes:
        data = member.read(MAX_FILE_BYTES) if self._left > 0 else b""
        self._left -= len(data)
        if self._left <= 0:
            raise Unusable(f"is too much: more than {MAX_TOTAL_BYTES >> 20} MiB of Python files were handed in")
        return data

    def _take_helpers(self, helpers: list[Member], homes: dict[tuple[str, ...], str]) -> None:
        """All other Python files, those beside an exercise first; what cannot be had is a note."""
        placed = []
        for member in helpers:
            beside = next((n for n in range(min(len(member.parts), MAX_PARTS), 0, -1) if member.parts[:n] in homes), 0)
            if beside:
                parts: tuple[str, ...] | None = (homes[member.parts[:beside]], *member.parts[beside:])
            else:
                parts = self._below_top(member.parts)
            if parts and parts[0] != OUR_OWN and len(parts) <= MAX_PARTS:
                placed.append((not beside, "/".join(parts), member))
        for number, (_, path, member) in enumerate(sorted(placed, key=lambda found: (*found[:2], found[2].path))):
            if number >= MAX_HELPERS:
                self._notes.append(f"{len(placed) - number} more Python files were left aside")
                break
            self._take_helper(path, member)

    def _take_helper(self, path: str, member: Member) -> None:
        if not path.isprintable():
            self._notes.append(f"{printable(member.path)} was left aside: its name cannot be shown, so rename it")
            return
        try:
            data = self._read(member)
        except Unusable as problem:
            self._notes.append(f"{printable(member.path)} {problem}")
            return
        if path in self._result.problems or self._result.files.setdefault(path, data) != data:
            self._result.files.pop(path, None)
            self._result.problems[path] = f"there are several {printable(path)}, and they are not the same: keep one"

    def _below_top(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """The path below the wrapping folders and `exercises`; None where it lies elsewhere."""
        if parts[: len(self._top)] != self._top:
            return None
        rest = parts[len(self._top) :]
        return rest[1:] if rest and rest[0].casefold() == EXERCISES else rest

    def _explain_lost(self) -> None:
        """A folder that was not entered is why its exercises are missing."""
        for parts, reason in self._listing.lost:
            name = parts[-1].casefold()
            text = f"{printable('/'.join(parts))} {reason}"
            missing = [
                exercise.path
                for exercise in self._exercises
                if name in (EXERCISES, exercise.practical)
                and not {exercise.path} & (self._result.files.keys() | self._result.problems.keys())
            ]
            self._result.problems |= dict.fromkeys(missing, text)
            if not missing:
                self._notes.append(text)
