"""Names the known mistakes behind the failed checks of one exercise: by replay where `solutions/` is, else by
fingerprints."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.course.catalogue import CatalogueError, Exercise, find_project
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.diagnosis.arranging import AsKnown, Layout, layouts_of
from autograder.diagnosis.choice import choose
from autograder.diagnosis.fingerprints import SEED, Fingerprint, Fingerprints, Sign, load_fingerprints
from autograder.diagnosis.replay import answers_the_same, replica
from autograder.diagnosis.traces import Trace, agree, skeleton, trace_of
from autograder.grading.catalogue import GRADERS, Check, Grader
from autograder.grading.results import CheckResult
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student import Event, Student

EXPLAINABLE = ("failed", "error", "refused", "timeout")
MOST_OTHERS = 12
"""How many mistakes in all, the likeliest first, are replayed where none gives the same kind of reason: it takes time."""
FEW = 3
"""How many with the same kind of reason are replayed without a look at the fingerprints."""
Failed = dict[str, CheckResult]
"""The checks that did not pass, by id."""
Prepare = Callable[[Check, Student, int], Callable[[], Any]]
"""A check's function with its arguments, which are made from the seed."""


class Diagnoser:
    """Of one engine; what it has loaded of the bank, it keeps."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._replicas: dict[str, dict[str, Student]] = {}

    def mistakes(
        self, results: list[CheckResult], student: Student, grader: Grader, seed: int, replay: bool
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
            mistake for mistake in known.mistakes if 3 * len(passed & mistake.signs.keys()) <= len(mistake.signs)
        ]
        likely = {
            mistake.name: (-len(passed & mistake.signs.keys()), len(failed.keys() & mistake.signs.keys()))
            for mistake in possible
        }
        possible.sort(key=lambda mistake: likely[mistake.name], reverse=True)
        matches = self._with_the_same_answers(
            failed, student, grader, replace(known, mistakes=tuple(possible)), seed, replay
        )
        _add_those_of_the_same_kind(matches, failed, grader, possible)
        by_name = {mistake.name: mistake for mistake in possible}
        return [(failed[id], by_name[name]) for id, name in choose(matches, likely).items()]

    def _with_the_same_answers(
        self, failed: Failed, student: Student, grader: Grader, known: Fingerprints, seed: int, replay: bool
    ) -> dict[str, set[str]]:
        """For each failed check, the mistakes that answer the same; without a check where answers cannot tell."""
        exercise = _exercise_with_mistakes(grader.id) if replay else None
        matches: dict[str, set[str]] = {}
        recognised: set[str] = set()
        tried = 0
        for check in grader.checks:
            candidates = [mistake for mistake in known.mistakes if check.id in mistake.signs]
            if check.id not in failed or not candidates:
                continue
            exchanges = student.failures[check.id]
            if exercise is not None:
                bank = self._bank(exercise, grader)
                # Those that explain another check already, then those of this kind: mostly it is one of them.
                alike = _of_the_same_kind(failed[check.id], candidates)
                if len(alike) > FEW:  # to ask the student's code once more is quicker than to run them all
                    known_by_print = self._recognised(check, student, alike, known.layouts)
                    alike = [m for m in alike if m.name in known_by_print] or alike[:FEW]
                others = [] if check.spec.trains else candidates[: MOST_OTHERS - tried]
                groups = ([m for m in known.mistakes if m.name in recognised], alike, others)
                replayed = (self._replayed(check, exchanges, group, bank, seed) for group in groups)
                found = next(filter(None, replayed), set())
                tried += 0 if found else len(others)
            else:
                found = self._recognised(check, student, candidates, known.layouts)
            recognised |= found
            if found or not _answers_cannot_tell(check, failed[check.id]):
                matches[check.id] = found
        if exercise is not None:
            self._try_everywhere(recognised, matches, student, grader, known, seed)
        return matches

    def _try_everywhere(
        self,
        names: set[str],
        matches: dict[str, set[str]],
        student: Student,
        grader: Grader,
        known: Fingerprints,
        seed: int,
    ) -> None:
        """One that was recognised late may explain an early check as well, for which somebody else was found by chance."""
        for check in grader.checks:
            others = [m for m in known.mistakes if m.name in names - matches.get(check.id, names)]
            if others:
                matches[check.id] |= self._replayed(
                    check, student.failures[check.id], others, self._replicas[grader.id], seed
                )

    def _bank(self, exercise: Exercise, grader: Grader) -> dict[str, Student]:
        """The known mistakes, loaded once."""
        if grader.id not in self._replicas:
            self._replicas[grader.id] = dict(_replicas(exercise, grader))
        return self._replicas[grader.id]

    def _replayed(
        self, check: Check, exchanges: list[Event], candidates: list[Fingerprint], bank: dict[str, Student], seed: int
    ) -> set[str]:
        """The mistakes that answer on the student's inputs what the student answered."""

        def rerun(student: Student) -> object:
            return self._prepare(check, student, seed)()

        if not candidates:
            return set()
        trace, layouts = trace_of(exchanges), layouts_of(exchanges)
        return {
            mistake.name
            for mistake in candidates
            if mistake.name in bank
            and (check.id not in mistake.signs or mistake.signs[check.id].status in ("failed", "error"))
            and answers_the_same(rerun, bank[mistake.name], trace, layouts)
        }

    def _recognised(
        self, check: Check, student: Student, candidates: list[Fingerprint], layouts: Sequence[Layout]
    ) -> set[str]:
        """The mistakes that answered on the inputs of the fingerprints what the student answers there."""
        trace, status, reason = trace_of_check(self._prepare, check, student, SEED, layouts)
        sign = Sign.of(status, trace, reason)
        return {
            mistake.name
            for mistake in candidates
            if (other := mistake.signs[check.id]).status == status
            and other.exchanges == sign.exchanges
            and agree(sign.marks, other.marks)
        }


def trace_of_check(
    prepare: Prepare, check: Check, student: Student, seed: int, layouts: Sequence[Layout]
) -> tuple[Trace, str, str]:
    """What is answered in one check under this seed, the status, and the kind of the reason."""
    exchanges: list[Event] = []
    run = prepare(check, student, seed)
    student.observer = exchanges.append
    student.rearrange = AsKnown(student, layouts) if layouts else None
    try:
        run()
    except (CheckFailed, StudentProblem) as problem:
        return trace_of(exchanges), problem.verdict, skeleton(problem)
    finally:
        student.observer = student.rearrange = None
    return trace_of(exchanges), "passed", ""


def _answers_cannot_tell(check: Check, result: CheckResult) -> bool:
    """Where other code with the same mistake need not answer the same: a training begins elsewhere, a refusal is none."""
    return check.spec.trains or result.status == "refused"


def _add_those_of_the_same_kind(
    matches: dict[str, set[str]], failed: Failed, grader: Grader, possible: list[Fingerprint]
) -> None:
    """Where answers cannot tell: mistakes with the same kind of reason, there and wherever else the submission fails.

    That is weaker evidence than answers: where those named somebody, nobody else is added.
    """
    recognised = set().union(*matches.values())
    by_value = {check.id for check in grader.checks if check.spec.threshold is None and check.id in failed}
    for id in by_value - matches.keys():
        for mistake in _of_the_same_kind(failed[id], possible):
            if mistake.name in recognised or (not recognised and by_value <= mistake.signs.keys()):
                matches.setdefault(id, set()).add(mistake.name)


def _of_the_same_kind(result: CheckResult, candidates: Iterable[Fingerprint]) -> list[Fingerprint]:
    """The mistakes for which the check gives the same kind of reason."""
    kind = (result.status, skeleton(result.message))
    return [m for m in candidates if (sign := m.signs.get(result.id)) and (sign.status, sign.reason) == kind]


@functools.cache
def _fingerprints(exercise_id: str) -> Fingerprints:
    return load_fingerprints(exercise_id)


@functools.cache
def _exercise_with_mistakes(exercise_id: str) -> Exercise | None:
    """None in a release, which has no solutions."""
    try:
        project = find_project(GRADERS)
        exercise = project.exercise(exercise_id)
    except CatalogueError:
        return None
    return exercise if exercise.mistakes.is_file() else None


def _replicas(exercise: Exercise, grader: Grader) -> Iterator[tuple[str, Student]]:
    folder = exercise.solution.parent
    siblings = {f"{exercise.practical}/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.py"))}
    solution = exercise.solution.read_text(encoding="utf-8")
    for mistake in load_mistakes(exercise):
        files = siblings | {f"{exercise.id}.py": submission_source(solution, mistake).encode()}
        yield mistake.name, replica(grader.module, files, grader.spec.public)
