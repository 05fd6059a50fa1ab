"""Updates the fingerprints of the known mistakes. Only mistakes that have changed are run."""

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
class Outdated:
    """An exercise with outdated fingerprints, and what remains valid of them."""

    exercise: Exercise
    stamp: str
    mistakes: tuple[tuple[Mistake, str], ...]
    """All known mistakes, each with its digest."""
    kept: dict[str, dict[CheckId, Symptom]]
    """The symptoms that are still valid, by the name of the mistake."""
    layouts: tuple[Layout, ...] | None
    """How the reference arranges its parameters; None if that is outdated too."""

    @property
    def runs(self) -> int:
        """How many mistakes have to be run. If it is 0, only titles, hints or the order have changed."""
        return len(self.mistakes) - len(self.kept)


def stale_fingerprints(exercises: Iterable[Exercise]) -> list[Outdated]:
    """The exercises whose fingerprints are missing, or were taken from other code, or have other texts now."""
    exercises = [exercise for exercise in exercises if exercise.mistakes.is_file()]
    digests = {root: Digests(root) for root in {exercise.root for exercise in exercises}}
    return [outdated for exercise in exercises if (outdated := _outdated(exercise, digests[exercise.root]))]


def update_fingerprints(outdated: Outdated, trials: Trials | None) -> None:
    """Writes the fingerprints of an exercise. `trials` is needed only if mistakes have to be run."""
    exercise, layouts, found = outdated.exercise, outdated.layouts, dict(outdated.kept)
    wrong = [mistake for mistake, _ in outdated.mistakes if mistake.name not in outdated.kept]
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
    entries = tuple(_fingerprint(mistake, found[mistake.name], digest) for mistake, digest in outdated.mistakes)
    save_fingerprints(exercise.id, Fingerprints(outdated.stamp, entries, layouts or ()))


def _outdated(exercise: Exercise, digests: Digests) -> Outdated | None:
    """What is outdated in an exercise's fingerprints; None if nothing is."""
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
    return Outdated(exercise, wanted, mistakes, kept, known.layouts if holds else None)


def _fingerprint(mistake: Mistake, symptoms: dict[CheckId, Symptom], digest: str) -> Fingerprint:
    return Fingerprint(mistake.name, mistake.title, mistake.hint, symptoms, digest, mistake.replaces)
