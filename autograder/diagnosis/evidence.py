"""Which known mistakes answer what a submission answered, check by check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autograder.checks.grader import Check, Grader
from autograder.course.catalogue import CheckId
from autograder.diagnosis.bank import Bank
from autograder.diagnosis.fingerprints import SEED, Fingerprint, Fingerprints, Symptom
from autograder.diagnosis.layouts import layouts_of
from autograder.diagnosis.recording import Prepare, trace_of_check
from autograder.diagnosis.replay import answers_the_same
from autograder.diagnosis.traces import agree, skeleton, trace_of
from autograder.results import CheckResult
from autograder.sandbox.host.student_module import StudentModule

ENOUGH = 2
"""In how many checks a mistake, and no other, has to answer the same; in the others the kind of reason is enough then."""
FEW = 3
"""How many with the same kind of reason are replayed without a look at the fingerprints."""
MOST_OTHERS = 12
"""How many mistakes in all, the likeliest first, are replayed where none gives the same kind of reason: it takes time."""
Failed = dict[CheckId, CheckResult]
"""The checks that did not pass, by id."""


class Evidence:
    """Of one submission: by replay of its recorded exchanges where there is a bank, else by fingerprints, for which its
    code runs once more.

    `known`: the mistakes in question, the likeliest first. `seed`: of the exchanges.
    """

    def __init__(
        self,
        prepare: Prepare,
        student: StudentModule,
        grader: Grader,
        known: Fingerprints,
        bank: Bank | None,
        seed: int,
    ) -> None:
        self._prepare = prepare
        self._student = student
        self._grader = grader
        self._known = known
        self._bank = bank
        self._seed = seed
        self._others_tried = 0

    def same_answers(self, failed: Failed) -> dict[CheckId, set[str]]:
        """For each failed check, the mistakes that answer the same; without a check where answers cannot tell."""
        matches: dict[CheckId, set[str]] = {}
        alone: Counter[str] = Counter()
        for check in self._grader.checks:
            candidates = [mistake for mistake in self._known.mistakes if check.id in mistake.symptoms]
            if check.id not in failed or not candidates:
                continue
            alike = of_the_same_kind(failed[check.id], candidates)
            clear = {mistake.name for mistake in alike if alone[mistake.name] >= ENOUGH}
            if len(clear) == 1:  # to run a check again takes as long as it took
                found = clear
            elif self._bank is None:
                found = self._recognised(check, candidates)
            else:
                found = self._replayed_in_turn(check, self._bank, alike, candidates, set().union(*matches.values()))
            if len(found) == 1:
                alone.update(found)
            if found or not _answers_cannot_tell(check, failed[check.id]):
                matches[check.id] = found
        if self._bank is not None:
            self._try_everywhere(self._bank, matches)
        self._drop_contradicted(failed, matches)
        return matches

    def _drop_contradicted(self, failed: Failed, matches: dict[CheckId, set[str]]) -> None:
        """A mistake has to show where it would. In one check much comes out the same: what shows in trainings alone has to
        show in all that fail, and any other in more checks than those that fail for another kind of reason, and nobody's."""
        trainings = {check.id for check in self._grader.checks if check.spec.trains}
        nobodys = {id for id, names in matches.items() if not names}
        for mistake in self._known.mistakes:
            due = failed.keys() & mistake.symptoms.keys()
            shows = {id for id in due if mistake.name in matches.get(id, ())}
            if shows <= trainings:
                contradicted = bool(shows) and shows < due & trainings
            else:
                others = [id for id in nobodys & due - trainings if not of_the_same_kind(failed[id], [mistake])]
                contradicted = len(others) >= len(shows - trainings)
            if contradicted:
                for id in shows:
                    matches[id].discard(mistake.name)

    def _replayed_in_turn(
        self, check: Check, bank: Bank, alike: list[Fingerprint], candidates: list[Fingerprint], recognised: set[str]
    ) -> set[str]:
        """Those of the first group of which any answers the same."""
        for group in self._in_turn(check, alike, candidates, recognised):
            if found := self._replayed(check, bank, group):
                return found
        return set()

    def _in_turn(
        self, check: Check, alike: list[Fingerprint], candidates: list[Fingerprint], recognised: set[str]
    ) -> Iterator[list[Fingerprint]]:
        """Those that explain another check already, those with this kind of reason, others: mostly it is an early one."""
        yield [mistake for mistake in self._known.mistakes if mistake.name in recognised]
        if len(alike) > FEW:  # to ask the student's code once more is quicker than to run them all
            by_print = self._recognised(check, alike)
            alike = [mistake for mistake in alike if mistake.name in by_print] or alike[:FEW]
        yield alike
        if check.spec.trains:  # which takes long; and the same mistake may show in other words under another seed
            by_print = self._recognised(check, candidates)
            yield [mistake for mistake in candidates if mistake.name in by_print]
        else:
            others = candidates[: MOST_OTHERS - self._others_tried]
            self._others_tried += len(others)
            yield others

    def _try_everywhere(self, bank: Bank, matches: dict[CheckId, set[str]]) -> None:
        """One that was recognised late may explain an early check as well, for which somebody else was found by chance."""
        recognised = set().union(*matches.values())
        for check in self._grader.checks:
            others = [m for m in self._known.mistakes if m.name in recognised - matches.get(check.id, recognised)]
            if others:
                matches[check.id] |= self._replayed(check, bank, others)

    def _replayed(self, check: Check, bank: Bank, candidates: Sequence[Fingerprint]) -> set[str]:
        """The mistakes that answer on the student's inputs what the student answered."""

        def rerun(student: StudentModule) -> object:
            return self._prepare(check, student, self._seed)()

        if not candidates:
            return set()
        exchanges = self._student.failures[check.id]
        trace, layouts = trace_of(exchanges), layouts_of(exchanges)
        return {
            mistake.name
            for mistake in candidates
            if mistake.name in bank
            and (check.id not in mistake.symptoms or mistake.symptoms[check.id].status in ("failed", "error"))
            and answers_the_same(rerun, bank.student(mistake.name), trace, layouts)
        }

    def _recognised(self, check: Check, candidates: list[Fingerprint]) -> set[str]:
        """The mistakes that answered on the inputs of the fingerprints what the student answers there."""
        trace, status, reason = trace_of_check(self._prepare, check, self._student, SEED, self._known.layouts)
        symptom = Symptom.of(status, trace, reason)
        alike = {
            mistake.name: other.marks
            for mistake in candidates
            if (other := mistake.symptoms[check.id]).status == status
            and other.exchanges == symptom.exchanges
            and agree(symptom.marks, other.marks)
        }
        # Of several, those that drew the same numbers as well.
        return {name for name, marks in alike.items() if agree(symptom.marks, marks, draws=True)} or set(alike)


def of_the_same_kind(result: CheckResult, candidates: Iterable[Fingerprint]) -> list[Fingerprint]:
    """The mistakes for which the check gives the same kind of reason."""
    kind = (result.status, skeleton(result.message))
    return [
        m for m in candidates if (symptom := m.symptoms.get(result.id)) and (symptom.status, symptom.reason) == kind
    ]


def _answers_cannot_tell(check: Check, result: CheckResult) -> bool:
    """Where other code with the same mistake need not answer the same: a training begins elsewhere, a refusal is none."""
    return check.spec.trains or result.status == "refused"
