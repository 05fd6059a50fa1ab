"""Names the known mistakes behind the failed checks of one exercise: by replay where `solutions/` is, else by
fingerprints."""

from __future__ import annotations

import functools
from dataclasses import replace

from autograder.checks.grader import Grader
from autograder.course.catalogue import INSTALLED, CatalogueError, CheckId, Exercise, ExerciseId, Project
from autograder.diagnosis.bank import Bank
from autograder.diagnosis.choice import choose
from autograder.diagnosis.evidence import Evidence, Failed, of_the_same_kind
from autograder.diagnosis.fingerprints import Fingerprint, Fingerprints, load_fingerprints
from autograder.diagnosis.recording import Prepare
from autograder.results import CheckResult
from autograder.sandbox.host.student_module import StudentModule

EXPLAINABLE = ("failed", "error", "refused", "timeout")


class Diagnoser:
    """Of one engine; what it has loaded of the bank, it keeps."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._banks: dict[str, Bank | None] = {}

    def mistakes(
        self, results: list[CheckResult], student: StudentModule, grader: Grader, seed: int, replay: bool
    ) -> list[tuple[CheckResult, Fingerprint]]:
        """Each result that a known mistake explains, with it.

        `seed`: the one that the results are from. Without `replay`, or where there is nothing to replay, the student's
        code runs once more, on the inputs of the fingerprints.
        """
        failed = {
            result.id: result for result in results if result.status in EXPLAINABLE and student.failures.get(result.id)
        }
        known = _fingerprints(grader.id) if failed else Fingerprints("", ())
        passed = {result.id for result in results if result.status == "passed"}
        # One that would fail where the submission passes was not made; but what chance decides may go either way.
        possible = [
            mistake for mistake in known.mistakes if 3 * len(passed & mistake.symptoms.keys()) <= len(mistake.symptoms)
        ]
        likely = {
            mistake.name: (-len(passed & mistake.symptoms.keys()), len(failed.keys() & mistake.symptoms.keys()))
            for mistake in possible
        }
        possible.sort(key=lambda mistake: likely[mistake.name], reverse=True)
        bank = self._bank(grader) if replay and possible else None
        evidence = Evidence(self._prepare, student, grader, replace(known, mistakes=tuple(possible)), bank, seed)
        matches = evidence.same_answers(failed)
        _add_those_of_the_same_kind(matches, failed, grader, possible)
        by_name = {mistake.name: mistake for mistake in possible}
        return [(failed[id], by_name[name]) for id, name in choose(matches, likely).items()]

    def _bank(self, grader: Grader) -> Bank | None:
        """None in a release, which has no solutions."""
        if grader.id not in self._banks:
            exercise = _exercise_with_mistakes(grader.id)
            self._banks[grader.id] = Bank(exercise, grader) if exercise is not None else None
        return self._banks[grader.id]


def _add_those_of_the_same_kind(
    matches: dict[CheckId, set[str]], failed: Failed, grader: Grader, possible: list[Fingerprint]
) -> None:
    """Where answers cannot tell: mistakes with the same kind of reason.

    That is weaker evidence than answers. So it has to be one that was recognised in another check, or, where nobody was
    and a forbidden call was refused, one that would fail wherever the submission does and answered otherwise nowhere.
    """
    recognised = set().union(*matches.values())
    told_by_answers = set(matches)
    by_value = {check.id for check in grader.checks if check.spec.threshold is None and check.id in failed}
    for id in by_value - matches.keys():
        for mistake in of_the_same_kind(failed[id], possible):
            alike = by_value <= mistake.symptoms.keys() and not told_by_answers & mistake.symptoms.keys()
            refused = failed[id].status == "refused"
            if mistake.name in recognised or (refused and not recognised and alike):
                matches.setdefault(id, set()).add(mistake.name)


@functools.cache
def _fingerprints(exercise: ExerciseId) -> Fingerprints:
    return load_fingerprints(exercise)


def _exercise_with_mistakes(exercise: ExerciseId) -> Exercise | None:
    try:
        found = Project(INSTALLED).exercise(exercise)
    except CatalogueError:
        return None
    return found if found.mistakes.is_file() else None
