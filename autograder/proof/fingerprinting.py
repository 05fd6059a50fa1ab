"""Keeps the fingerprints of the known mistakes up to date: what has not changed is neither run nor taken again."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.course.catalogue import CheckId, Exercise
from autograder.course.mistakes import Mistake, load_mistakes, submission_source
from autograder.diagnosis.fingerprints import (
    SEED,
    Fingerprint,
    Fingerprints,
    Symptom,
    load_fingerprints,
    save_fingerprints,
)
from autograder.diagnosis.layouts import Layout
from autograder.proof.digests import Digests
from autograder.proof.symptoms import reference_layouts, symptoms
from autograder.proof.trials import Trial, Trials


@dataclass(frozen=True)
class Due:
    """An exercise whose fingerprints are not what they should be. `layouts` None: those of the reference are due too."""

    exercise: Exercise
    stamp: str
    mistakes: tuple[tuple[Mistake, str], ...]
    """All known mistakes, each with its digest."""
    kept: dict[str, dict[CheckId, Symptom]]
    """The symptoms that still hold, by the name of the mistake."""
    layouts: tuple[Layout, ...] | None

    @property
    def runs(self) -> int:
        """How many mistakes have to be run; where none has, only titles, hints or their order have changed."""
        return len(self.mistakes) - len(self.kept)


def stale_fingerprints(exercises: Iterable[Exercise]) -> list[Due]:
    """Those whose fingerprints were taken of something else, or never, or say something else now."""
    exercises = [exercise for exercise in exercises if exercise.mistakes.is_file()]
    digests = {root: Digests(root) for root in {exercise.root for exercise in exercises}}
    return [due for exercise in exercises if (due := _due(exercise, digests[exercise.root]))]


def update_fingerprints(due: Due, trials: Trials | None) -> None:
    """Writes an exercise's file. `trials`: needed where something has to be run."""
    exercise, layouts, found = due.exercise, due.layouts, dict(due.kept)
    wrong = [mistake for mistake, _ in due.mistakes if mistake.name not in due.kept]
    if wrong:
        assert trials is not None
        solution = exercise.solution.read_text(encoding="utf-8")
        if layouts is None:
            layouts = next(trials.map(reference_layouts, [Trial(exercise, "the solution", solution.encode(), SEED)]))
        sources = [
            Trial(exercise, mistake.name, submission_source(solution, mistake).encode(), SEED) for mistake in wrong
        ]
        taken = trials.map(functools.partial(symptoms, layouts), sources)
        found |= {mistake.name: symptoms_ for mistake, symptoms_ in zip(wrong, taken)}
    entries = tuple(_fingerprint(mistake, found[mistake.name], digest) for mistake, digest in due.mistakes)
    save_fingerprints(exercise.id, Fingerprints(due.stamp, entries, layouts or ()))


def _due(exercise: Exercise, digests: Digests) -> Due | None:
    """None where all is as it should be."""
    known, wanted = load_fingerprints(exercise.id), digests.stamp(exercise)
    holds = known.stamp == wanted
    taken = {entry.name: entry for entry in known.mistakes} if holds else {}
    mistakes = tuple((mistake, digests.of_mistake(exercise, mistake)) for mistake in load_mistakes(exercise))
    kept = {
        mistake.name: taken[mistake.name].symptoms
        for mistake, digest in mistakes
        if mistake.name in taken and taken[mistake.name].digest == digest
    }
    if len(kept) == len(mistakes):
        entries = tuple(_fingerprint(mistake, kept[mistake.name], digest) for mistake, digest in mistakes)
        if holds and entries == known.mistakes:
            return None
    return Due(exercise, wanted, mistakes, kept, known.layouts if holds else None)


def _fingerprint(mistake: Mistake, symptoms: dict[CheckId, Symptom], digest: str) -> Fingerprint:
    return Fingerprint(mistake.name, mistake.title, mistake.hint, symptoms, digest)
