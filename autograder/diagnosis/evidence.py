"""Evidence: finds, check by check, the known mistakes that give the same answers as a submission.

There are two ways to compare. With `solutions/` there is a bank, and mistakes are replayed on the inputs that the
submission got. In a release there is none: the submission runs once more on the inputs of the fingerprints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autograder.checks.grader import Check, Grader
from autograder.course.catalogue import CheckId
from autograder.diagnosis.bank import Bank
from autograder.diagnosis.fingerprints import SEED, Fingerprint, Fingerprints, Symptom
from autograder.diagnosis.layouts import StudentArrangement, layouts_of
from autograder.diagnosis.recording import Prepare, exchanges_of_check, trace_of_check
from autograder.diagnosis.replay import answers_the_same
from autograder.diagnosis.traces import agree, message_pattern, trace_of
from autograder.results import CheckResult
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import StudentModule

SOLE_MATCHES_NEEDED = 2
"""After this many checks in which a mistake was the only match, the same message is enough to match in other checks.
This saves time: running a check again takes as long as it took the first time."""
MAX_REPLAYS = 3
"""How many mistakes with the submission's message are replayed; if there are more, fingerprints narrow them down first."""
MAX_UNLIKELY_REPLAYS = 12
"""How many mistakes with other messages are replayed, over all checks of the submission."""
Failed = dict[CheckId, CheckResult]
"""The checks that did not pass, by id."""


class Evidence:
    """Compares one submission with the known mistakes of its exercise.

    Args:
        prepare: binds a check's function to its arguments.
        student: the submission; its `failures` hold the recorded exchanges of each failed check.
        grader: the grader of the exercise.
        known: the fingerprints of the mistakes to consider, the likeliest first.
        bank: the code of the mistakes; None to compare with the fingerprints instead.
        seed: the run seed of the recorded exchanges.
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
        self._unlikely_replays = 0
        self._failed: Failed = {}

    def same_answers(self, failed: Failed) -> dict[CheckId, set[str]]:
        """The names of the mistakes that give the submission's answers, for each failed check.

        The set is empty if none does. A check is left out if no known mistake fails it, or if none matches and its
        answers prove nothing: in a training or a refusal the same mistake may answer differently.
        """
        self._failed = failed
        matches: dict[CheckId, set[str]] = {}
        sole_matches: Counter[str] = Counter()
        for check in self._grader.checks:
            candidates = [mistake for mistake in self._known.mistakes if check.id in mistake.symptoms]
            if check.id not in failed or not candidates:
                continue
            same_message = with_same_message(failed[check.id], candidates)
            established = {m.name for m in same_message if sole_matches[m.name] >= SOLE_MATCHES_NEEDED}
            if len(established) == 1:
                found = established
            elif self._bank is None:
                found = self._match_fingerprints(check, candidates)
            else:
                found = self._match_by_replay(check, self._bank, same_message, candidates, _all_names(matches))
            if len(found) == 1:
                sole_matches.update(found)
            if found or not _answers_prove_nothing(check, failed[check.id]):
                matches[check.id] = found
        if self._bank is not None:
            self._replay_matches_everywhere(self._bank, matches)
        self._remove_contradicted(failed, matches)
        self._remove_contradicted_by_causes(failed, matches)
        self._prefer_uncontradicted(failed, matches)
        return matches

    def _remove_contradicted(self, failed: Failed, matches: dict[CheckId, set[str]]) -> None:
        """Removes the mistakes that the other failed checks speak against; a match in a single check may be chance.

        A check speaks against a mistake that would fail it if no mistake matches there and the mistake would give
        another message. A mistake stays if it matches in more checks than speak against it. Trainings count in neither
        number, but a mistake that matches in nothing else has to match in all failed trainings that it would fail.
        """
        trainings = {check.id for check in self._grader.checks if check.spec.trains}
        unmatched = {check for check, names in matches.items() if not names}
        for mistake in self._known.mistakes:
            expected = failed.keys() & mistake.symptoms.keys()
            matched = {check for check in expected if mistake.name in matches.get(check, ())}
            if matched <= trainings:
                contradicted = bool(matched) and matched < expected & trainings
            else:
                candidates = (unmatched & expected) - trainings
                against = [check for check in candidates if not with_same_message(failed[check], [mistake])]
                contradicted = len(against) >= len(matched - trainings)
            if contradicted:
                for check in matched:
                    matches[check].discard(mistake.name)

    def _remove_contradicted_by_causes(self, failed: Failed, matches: dict[CheckId, set[str]]) -> None:
        """Removes matches in checks whose cause, the failed check that they wait for, speaks against the mistake.

        There the mistake would be named, and it has to fit there: what comes after a failed need may agree by chance.
        """
        needs = {check.id: check.needs for check in self._grader.checks}

        def causes(check: CheckId) -> set[CheckId]:
            behind = {need for need in needs.get(check, ()) if need in failed}
            return behind.union(*(causes(need) for need in needs.get(check, ())))

        trainings = {check.id for check in self._grader.checks if check.spec.trains}
        for mistake in self._known.mistakes:
            against = {
                check
                for check in failed.keys() & mistake.symptoms.keys() & matches.keys() - trainings
                if mistake.name not in matches[check] and not with_same_message(failed[check], [mistake])
            }
            for check, names in matches.items():
                if mistake.name in names and causes(check) & against:
                    names.discard(mistake.name)

    def _prefer_uncontradicted(self, failed: Failed, matches: dict[CheckId, set[str]]) -> None:
        """Where several mistakes match in a check, keeps those that fewest other failed checks speak against.

        A mistake with two parts gives the same answers as one of its parts where only that one shows. If the other part
        shows in a failed check and does not match there, it was not made.
        """
        compared = {check.id for check in self._grader.checks if check.id in matches and not check.spec.trains}
        against = {
            mistake.name: sum(
                mistake.name not in matches[check]
                for check in compared & failed.keys() & direct_symptoms(mistake, self._grader)
            )
            for mistake in self._known.mistakes
        }
        kept = {}
        for check, names in matches.items():
            least = min((against[name] for name in names), default=0)
            kept[check] = {name for name in names if against[name] == least}
        matches.update(kept)

    def _match_by_replay(
        self,
        check: Check,
        bank: Bank,
        same_message: list[Fingerprint],
        candidates: list[Fingerprint],
        recognised: set[str],
    ) -> set[str]:
        """The matches in the first group of mistakes that has any; later groups are not run."""
        for group in self._groups_to_replay(check, same_message, candidates, recognised):
            if found := self._replay(check, bank, group):
                return found
        return set()

    def _groups_to_replay(
        self, check: Check, same_message: list[Fingerprint], candidates: list[Fingerprint], recognised: set[str]
    ) -> Iterator[list[Fingerprint]]:
        """Groups of mistakes, the likeliest first: those recognised in other checks, those with the same message, others."""
        yield [mistake for mistake in self._known.mistakes if mistake.name in recognised]
        if len(same_message) > MAX_REPLAYS:
            # One more run of the student's code is quicker than a replay of each.
            matching = self._match_fingerprints(check, same_message)
            same_message = [m for m in same_message if m.name in matching] or same_message[:MAX_REPLAYS]
        yield same_message
        if check.spec.trains:
            # A training is slow to replay, and under another seed the same mistake may give another message.
            matching = self._match_fingerprints(check, candidates)
            yield [mistake for mistake in candidates if mistake.name in matching]
        else:
            others = candidates[: MAX_UNLIKELY_REPLAYS - self._unlikely_replays]
            self._unlikely_replays += len(others)
            yield others

    def _replay_matches_everywhere(self, bank: Bank, matches: dict[CheckId, set[str]]) -> None:
        """Replays each mistake that matches anywhere in the other checks too.

        A mistake recognised late may explain an early check as well, where so far another one matches by chance.
        """
        recognised = _all_names(matches)
        for check in self._grader.checks:
            others = [m for m in self._known.mistakes if m.name in recognised - matches.get(check.id, recognised)]
            if others:
                matches[check.id] |= self._replay(check, bank, others)

    def confirmed(self, name: str, checks: Iterable[CheckId]) -> bool:
        """Whether the mistake gives the submission's answers on other inputs, too.

        A match on one set of inputs may be chance. The first of these checks that trains nothing runs again under another
        seed; a training would take too long. Fingerprints need no confirmation: their inputs are others already.
        """
        quick = [check for check in self._grader.checks if check.id in set(checks) and not check.spec.trains]
        if self._bank is None or not quick:
            return True
        seed = self._seed + 1
        exchanges, _ = exchanges_of_check(self._prepare, quick[0], self._student, seed)
        return self._same(quick[0], self._bank, name, seed, exchanges)

    def _same(self, check: Check, bank: Bank, name: str, seed: int, exchanges: list[Event]) -> bool:
        """Whether the mistake gives the answers of these exchanges, which the check had under this seed."""

        def rerun(student: StudentModule) -> object:
            return self._prepare(check, student, seed)()

        mistake = bank.student(name)
        arrangement = StudentArrangement(mistake, layouts_of(exchanges))
        same = answers_the_same(rerun, mistake, trace_of(exchanges), arrangement)
        # A mistake that has to give up parameters to be like the student's may have been about them.
        return same and not (arrangement.left_out and self._gives_another_message(check, name))

    def _gives_another_message(self, check: Check, name: str) -> bool:
        result = self._failed.get(check.id)
        symptoms = [
            mistake for mistake in self._known.mistakes if mistake.name == name and check.id in mistake.symptoms
        ]
        return bool(result and symptoms and not with_same_message(result, symptoms))

    def _replay(self, check: Check, bank: Bank, candidates: Sequence[Fingerprint]) -> set[str]:
        """The mistakes that give the student's answers on the student's inputs."""
        if not candidates:
            return set()
        exchanges = self._student.failures[check.id]
        return {
            mistake.name
            for mistake in candidates
            if mistake.name in bank
            and (check.id not in mistake.symptoms or mistake.symptoms[check.id].status in ("failed", "error"))
            and self._same(check, bank, mistake.name, self._seed, exchanges)
        }

    def _match_fingerprints(self, check: Check, candidates: list[Fingerprint]) -> set[str]:
        """The mistakes whose fingerprints match what the student's code answers on the same inputs."""
        trace, status, message = trace_of_check(self._prepare, check, self._student, SEED, self._known.layouts)
        symptom = Symptom.of(status, trace, message)
        matching = {
            mistake.name: other.trace
            for mistake in candidates
            if (other := mistake.symptoms[check.id]).status == status
            and other.exchanges == symptom.exchanges
            and agree(symptom.trace, other.trace)
        }
        # If any of them agrees in the random numbers too, the others are out.
        exactly = {name for name, other in matching.items() if agree(symptom.trace, other, with_random=True)}
        return exactly or set(matching)


def direct_symptoms(mistake: Fingerprint, grader: Grader) -> set[CheckId]:
    """The checks that fail by the mistake itself.

    The others need one of them: in other code, which does not call the wrong function there, they may pass. That cannot be
    if the exercise asks for one function or class, which all checks call.
    """
    if len(grader.spec.public) == 1:
        return set(mistake.symptoms)
    needs = {check.id: set(check.needs) for check in grader.checks}
    for check in grader.checks:  # a check needs only checks above it, so theirs are complete
        needs[check.id] |= {behind for need in check.needs for behind in needs[need]}
    return {check for check in mistake.symptoms if not needs.get(check, set()) & mistake.symptoms.keys()}


def with_same_message(result: CheckResult, candidates: Iterable[Fingerprint]) -> list[Fingerprint]:
    """The mistakes for which the check has the same status and, numbers aside, the same message."""
    seen = (result.status, message_pattern(result.message))
    return [
        mistake
        for mistake in candidates
        if (symptom := mistake.symptoms.get(result.id)) and (symptom.status, symptom.message_pattern) == seen
    ]


def _answers_prove_nothing(check: Check, result: CheckResult) -> bool:
    """Whether other code with the same mistake may answer differently.

    A training starts from other random numbers in other code, and a refused call has no answer.
    """
    return check.spec.trains or result.status == "refused"


def _all_names(matches: dict[CheckId, set[str]]) -> set[str]:
    return set().union(*matches.values())
