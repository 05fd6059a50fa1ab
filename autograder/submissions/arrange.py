"""Arranges the files of a submission in the layout of exercises/, and reads the files that count.

An exercise's file is `<practical>/<exercise>.py` in any folder. If there are several, the one nearest to the top counts,
where a folder `exercises` does not add to the depth. A loose `<exercise>.py` at the top counts as if it lay in its
practical's folder. A notebook provides the exercises of its practical, in whatever folder it lies.
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
THIS_PACKAGE = "autograder"  # part of a full copy of the course; as a helper it would shadow the installed package


@dataclass
class Arrangement:
    """The files of a submission in the layout of exercises/. The fields are those of Submission."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Claim:
    """A member that may be the file of an exercise. `exact`: its spelling is right. `level`: its depth."""

    member: Member
    exact: bool
    level: int


def arrange(listing: Listing, exercises: Sequence[ExerciseId]) -> Arrangement:
    """Arranges the members of a listing. `exercises` holds the ids of all exercises, such as "p1_mlp/mlp_nn"."""
    return _Arranger(listing, exercises).arrange()


class _Arranger:
    def __init__(self, listing: Listing, exercises: Sequence[ExerciseId]) -> None:
        self._listing = listing
        self._exercises = sorted(exercises)
        self._by_spelling = {exercise.path.casefold(): exercise for exercise in exercises}
        self._practicals = {exercise.practical for exercise in exercises}
        self._loose: dict[str, list[ExerciseId]] = defaultdict(list)
        for exercise in exercises:
            self._loose[f"{exercise.name}.py"].append(exercise)
        self._top = self._find_top()
        self._bytes_left = MAX_TOTAL_BYTES
        self._notes = list(listing.notes)
        self._result = Arrangement()

    def arrange(self) -> Arrangement:
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
        self._explain_unreadable()
        if not self._listing.scripts and not self._listing.notebooks:
            self._notes.append("the submission contains no Python file")
        if len(self._notes) > MAX_NOTES:
            self._notes[MAX_NOTES:] = [f"and {len(self._notes) - MAX_NOTES} more"]
        self._result.notes = tuple(self._notes)
        return self._result

    def _find_top(self) -> tuple[str, ...]:
        """The folders that all Python files have in common, up to `exercises` or a practical's folder."""
        parents = [member.parts[:-1] for member in self._listing.scripts if len(member.parts) <= MAX_PARTS]
        top: list[str] = []
        for part, *rest in zip(*parents):
            if any(other != part for other in rest) or part.casefold() in {EXERCISES, *self._practicals}:
                break
            top.append(part)
        return tuple(top)

    def _claimed(self, member: Member) -> ExerciseId | None:
        """The exercise whose file a member may be, or None."""
        exercise = self._by_spelling.get("/".join(member.parts[-2:]).casefold())
        if exercise is None and self._below_top(member.parts[:-1]) == ():
            candidates = self._loose.get(member.parts[-1].casefold(), [])
            exercise = candidates[0] if len(candidates) == 1 else None
            if len(candidates) > 1:
                places = " or ".join(candidate.practical for candidate in candidates)
                self._notes.append(f"{printable(member.path)} could belong to {places}: move it into its folder")
        return exercise

    def _claim(self, member: Member, exercise: ExerciseId) -> _Claim:
        practical, name = exercise.practical, exercise.name
        loose = len(member.parts) < 2 or member.parts[-2].casefold() != practical.casefold()
        above = member.parts[:-1] if loose else member.parts[:-2]
        exact = member.parts[-1] == f"{name}.py" and (loose or member.parts[-2] == practical)
        return _Claim(member, exact, sum(part.casefold() != EXERCISES for part in above))

    def _settle(self, exercise: ExerciseId, claims: list[_Claim]) -> dict[tuple[str, ...], str]:
        """Reads the exercise's file, or records why it cannot be used.

        Returns the folders that its claims lie in, each with its practical: helpers beside them belong to it.
        """
        path, practical = exercise.path, exercise.practical
        nearest = min(claim.level for claim in claims)
        chosen = sorted((c for c in claims if c.level == nearest), key=lambda c: (not c.exact, c.member.path))
        for claim in claims:
            if claim.level > nearest:
                name, used = printable(claim.member.path), printable(chosen[0].member.path)
                self._notes.append(f"{name} was ignored: {used} is nearer to the top and counts as {path}")
        first, *rest = chosen
        try:
            data = self._read(first.member)
            rival = self._first_rival(data, rest)
        except Unusable as problem:
            self._result.problems[path] = f"{printable(first.member.path)} {problem}"
        else:
            if rival is not None:
                name, other = printable(first.member.path), printable(rival.path)
                self._result.problems[path] = f"{name} and {other} could both be {path} and differ: keep only one"
            elif not first.exact:
                self._result.problems[path] = (
                    f"rename {printable(first.member.path)} to {path}: upper and lower case matter"
                )
            else:
                self._result.files[path] = data
        return {
            claim.member.parts[:-1]: practical
            for claim in chosen
            if len(claim.member.parts) > 1 and claim.member.parts[-2] == practical
        }

    def _take_notebooks(self) -> None:
        """Takes exercises from notebooks in place of unedited stubs; an unreadable notebook explains missing exercises."""
        notebooks = take_notebooks(self._listing, self._exercises, self._result.files)
        self._notes += notebooks.notes
        self._result.files |= notebooks.files
        self._result.places |= notebooks.places
        for path, problem in notebooks.problems.items():
            self._result.files.pop(path, None)
            self._result.problems[path] = problem
        for path in notebooks.files:
            self._result.problems.pop(path, None)
        for member, reason in notebooks.unreadable:
            home = named_practical(member, self._exercises)
            text = f"{printable(member.path)} {reason}"
            paths = [exercise.path for exercise in self._exercises if home in ("", exercise.practical)]
            missing = [p for p in paths if p not in self._result.files and p not in self._result.problems]
            self._result.problems |= dict.fromkeys(missing, text)
            if not missing:
                self._notes.append(text)
        self._bytes_left -= sum(map(len, notebooks.files.values()))

    def _first_rival(self, data: bytes, claims: Iterable[_Claim]) -> Member | None:
        """The first member whose content differs from `data`, or cannot be read."""
        for claim in claims:
            try:
                if self._read(claim.member) != data:
                    return claim.member
            except Unusable:
                return claim.member
        return None

    def _read(self, member: Member) -> bytes:
        data = member.read(MAX_FILE_BYTES) if self._bytes_left > 0 else b""
        self._bytes_left -= len(data)
        if self._bytes_left <= 0:
            raise Unusable(f"was not read: the submission has more than {MAX_TOTAL_BYTES >> 20} MiB of Python files")
        return data

    def _take_helpers(self, helpers: list[Member], homes: dict[tuple[str, ...], str]) -> None:
        """Takes all other Python files, those beside an exercise first. A file that cannot be used becomes a note."""
        placed = []
        for member in helpers:
            beside = next((n for n in range(min(len(member.parts), MAX_PARTS), 0, -1) if member.parts[:n] in homes), 0)
            if beside:
                parts: tuple[str, ...] | None = (homes[member.parts[:beside]], *member.parts[beside:])
            else:
                parts = self._below_top(member.parts)
            if parts and parts[0] != THIS_PACKAGE and len(parts) <= MAX_PARTS:
                placed.append((not beside, "/".join(parts), member))
        for number, (_, path, member) in enumerate(sorted(placed, key=lambda item: (*item[:2], item[2].path))):
            if number >= MAX_HELPERS:
                self._notes.append(f"only the first {MAX_HELPERS} of {len(placed)} other Python files were read")
                break
            self._take_helper(path, member)

    def _take_helper(self, path: str, member: Member) -> None:
        if not path.isprintable():
            self._notes.append(
                f"{printable(member.path)} was ignored: its name has unprintable characters, so rename it"
            )
            return
        try:
            data = self._read(member)
        except Unusable as problem:
            self._notes.append(f"{printable(member.path)} {problem}")
            return
        if path in self._result.problems or self._result.files.setdefault(path, data) != data:
            self._result.files.pop(path, None)
            self._result.problems[path] = f"there are several files {printable(path)} and they differ: keep only one"

    def _below_top(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """The path below the common folders and `exercises`, or None if it lies elsewhere."""
        if parts[: len(self._top)] != self._top:
            return None
        rest = parts[len(self._top) :]
        return rest[1:] if rest and rest[0].casefold() == EXERCISES else rest

    def _explain_unreadable(self) -> None:
        """Gives an unreadable folder as the reason why its exercises are missing."""
        for parts, reason in self._listing.unreadable:
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
