"""Names the known mistakes behind the failed checks of an exercise: by replay if there is `solutions/`, else by
fingerprints."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

from autograder.checks.grader import Grader
from autograder.course.catalogue import INSTALLED, CatalogueError, CheckId, Exercise, ExerciseId, Project
from autograder.diagnosis.bank import Bank
from autograder.diagnosis.choice import choose
from autograder.diagnosis.evidence import Evidence, Failed, direct_symptoms, with_same_message
from autograder.diagnosis.fingerprints import Fingerprint, Fingerprints, load_fingerprints
from autograder.diagnosis.recording import Prepare
from autograder.results import CheckResult
from autograder.sandbox.host.student_module import StudentModule

EXPLAINABLE = ("failed", "error", "refused", "timeout")


class Diagnoser:
    """Diagnoses submissions for one engine. It keeps the mistakes that it has loaded for the next submission."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._banks: dict[ExerciseId, Bank | None] = {}

    def mistakes(
        self, results: list[CheckResult], student: StudentModule, grader: Grader, seed: int, replay: bool
    ) -> list[tuple[CheckResult, Fingerprint]]:
        """The failed results that a known mistake explains, each with the mistake, in the order of the checks.

        Args:
            results: the results of all checks of the exercise that have run.
            student: the submission; its code runs once more if it is compared with fingerprints.
            grader: the grader of the exercise.
            seed: the run seed of the results.
            replay: whether to replay the mistakes of `solutions/`; in a release there are none, and fingerprints are used.
        """
        failed = {
            result.id: result for result in results if result.status in EXPLAINABLE and student.failures.get(result.id)
        }
        known = _fingerprints(grader.id) if failed else Fingerprints("", ())
        passed = {result.id for result in results if result.status == "passed"}
        # A mistake that fails checks which the submission passes was not made. A third of them is allowed for checks
        # that pass or fail by chance.
        direct = {mistake.name: direct_symptoms(mistake, grader) for mistake in known.mistakes}
        possible = [m for m in known.mistakes if 3 * len(passed & direct[m.name]) <= len(direct[m.name])]
        likelihood = {
            mistake.name: (-len(passed & direct[mistake.name]), len(failed.keys() & mistake.symptoms.keys()))
            for mistake in possible
        }
        possible.sort(key=lambda mistake: likelihood[mistake.name], reverse=True)
        bank = self._bank(grader) if replay and possible else None
        evidence = Evidence(self._prepare, student, grader, replace(known, mistakes=tuple(possible)), bank, seed)
        matches = evidence.same_answers(failed)
        _add_matches_by_message(matches, failed, grader, possible)
        by_name = {mistake.name: mistake for mistake in possible}
        named = _confirmed(matches, likelihood, evidence)
        return [(failed[check.id], by_name[named[check.id]]) for check in grader.checks if check.id in named]

    def _bank(self, grader: Grader) -> Bank | None:
        """The bank of an exercise; None in a release, which has no solutions."""
        if grader.id not in self._banks:
            exercise = _exercise_with_mistakes(grader.id)
            self._banks[grader.id] = Bank(exercise, grader) if exercise is not None else None
        return self._banks[grader.id]


def _confirmed(
    matches: dict[CheckId, set[str]], likelihood: Mapping[str, tuple[int, ...]], evidence: Evidence
) -> dict[CheckId, str]:
    """The mistake to name for each check. One that other inputs contradict is left out, and the choice is made again."""
    confirmed: set[str] = set()
    while True:
        named = choose(matches, likelihood)
        new = set(named.values()) - confirmed
        if not new:
            return named
        for name in new:
            if evidence.confirmed(name, [check for check in named if named[check] == name]):
                confirmed.add(name)
            else:
                matches = {check: names - {name} for check, names in matches.items()}


def _add_matches_by_message(
    matches: dict[CheckId, set[str]], failed: Failed, grader: Grader, possible: list[Fingerprint]
) -> None:
    """Adds, for checks whose answers prove nothing, the mistakes with the same message.

    An equal message is weaker evidence than equal answers. So the mistake must have been recognised in another check.
    If none was, a mistake behind a refused call counts too, provided that it fails every check which the submission
    fails and that no check was compared in which it did not match.
    """
    recognised = set().union(*matches.values())
    compared = set(matches)
    without_threshold = {check.id for check in grader.checks if check.spec.threshold is None and check.id in failed}
    for check in without_threshold - matches.keys():
        for mistake in with_same_message(failed[check], possible):
            fits = without_threshold <= mistake.symptoms.keys() and not compared & mistake.symptoms.keys()
            refused = failed[check].status == "refused"
            if mistake.name in recognised or (refused and not recognised and fits):
                matches.setdefault(check, set()).add(mistake.name)


@functools.cache
def _fingerprints(exercise: ExerciseId) -> Fingerprints:
    return load_fingerprints(exercise)


def _exercise_with_mistakes(exercise: ExerciseId) -> Exercise | None:
    """The exercise in this project; None if it has no file of known mistakes."""
    try:
        found = Project(INSTALLED).exercise(exercise)
    except CatalogueError:
        return None
    return found if found.mistakes.is_file() else None
