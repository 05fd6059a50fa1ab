"""Which known mistakes answer what a submission answered, in a grader of four checks that is made here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.checks.closeness import expect_close
from autograder.checks.declare import CheckSpec, ExerciseSpec
from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check, Grader
from autograder.checks.inputs import Draw
from autograder.course.catalogue import ExerciseId
from autograder.diagnosis.evidence import (
    MAX_UNLIKELY_REPLAYS,
    Evidence,
    direct_symptoms,
    trace_of_check,
    with_same_message,
)
from autograder.diagnosis.fingerprints import SEED, Fingerprint, Fingerprints, Symptom
from autograder.results import CheckResult
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import StudentModule
from tests.checks.students import student_of

NAMES = ("a", "b", "c", "d")
DEMO = ExerciseId("p1_demo/demo")
A, B = DEMO.check("a"), DEMO.check("b")


def doubles(name: str) -> Callable[..., None]:
    def run(student: StudentModule, draw: Draw) -> None:
        x = draw.normal(7)
        expect_close(name, student._call(f"student:{name}", name, (x,), {}), 2 * x, rtol=1e-9)

    return run


def checks(trains: str = "") -> tuple[Check, ...]:
    """`a` to `d`: each function is to double a vector. Those in `trains` count as trainings."""
    return tuple(Check(DEMO.check(name), "", doubles(name), CheckSpec(1, trains=name in trains)) for name in NAMES)


def source(**functions: str) -> str:
    """A submission; functions that are not given are right."""
    bodies = dict.fromkeys(NAMES, "2 * x") | functions
    return "import torch\n" + "".join(f"def {name}(x): return {body}\n" for name, body in bodies.items())


def prepare(check: Check, student: StudentModule, seed: int) -> Callable[[], Any]:
    draw = Draw(seed, check.id)
    student.begin_check(draw.seed(), 10.0)
    return functools.partial(check.function, student, draw)


def grader(checks: tuple[Check, ...]) -> Grader:
    return Grader(DEMO, ExerciseSpec(NAMES), checks)


def fingerprint(name: str, code: str, checks: tuple[Check, ...]) -> Fingerprint:
    """Taken as those that are shipped are."""
    symptoms = {}
    for check in checks:
        trace, status, reason = trace_of_check(prepare, check, student_of(code), SEED, ())
        if status != "passed":
            symptoms[check.id] = Symptom.of(status, trace, reason)
    return Fingerprint(name, name, "", symptoms)


class Codes:
    """A bank of mistakes by their code; notes which were asked."""

    def __init__(self, codes: dict[str, str]) -> None:
        self._codes = codes
        self.asked: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._codes

    def student(self, name: str) -> StudentModule:
        self.asked.append(name)
        return student_of(self._codes[name])


class Case:
    """Mistakes by their code, and a submission that is graded under another seed than theirs."""

    def __init__(self, mistakes: dict[str, str], replay: bool, trains: str = "") -> None:
        self.checks = checks(trains)
        self.known = Fingerprints("", tuple(fingerprint(name, code, self.checks) for name, code in mistakes.items()))
        self.bank = Codes(mistakes) if replay else None
        self.runs: list[str] = []

    def matches(self, code: str, **status: str) -> dict[str, set[str]]:
        """By the letter of the check; `status` takes the place of what the check came to."""
        student = student_of(code)
        failed = {}
        for check in self.checks:
            exchanges: list[Event] = []
            run = prepare(check, student, 5)
            student.observer = exchanges.append
            try:
                run()
            except Exception as error:
                came_to = status.get(check.id[-1], getattr(error, "status", ""))
                failed[check.id] = CheckResult(check.id, "", came_to, 0, 1, str(error))
                student.failures[check.id] = exchanges
            student.observer = None
        found = Evidence(self._noted, student, grader(self.checks), self.known, self.bank, 5).same_answers(failed)
        return {id[-1]: names for id, names in found.items()}

    def _noted(self, check: Check, student: StudentModule, seed: int) -> Callable[[], Any]:
        self.runs.append(f"{check.id[-1]} under {seed}")
        return prepare(check, student, seed)


@pytest.fixture(params=[True, False], ids=["replay", "fingerprints"])
def case(request: pytest.FixtureRequest) -> Callable[..., Case]:
    return lambda mistakes, **options: Case(mistakes, request.param, **options)


TRIPLE, PLUS_ONE = source(a="3 * x"), source(a="2 * x + 1")
Make = Callable[..., Case]


def test_the_one_that_answers_the_same_is_found_in_another_style(case: Make) -> None:
    assert case({"triple": TRIPLE, "plus one": PLUS_ONE}).matches(source(a="x + x + x")) == {"a": {"triple"}}


def test_two_that_answer_the_same_are_both_found(case: Make) -> None:
    known = {"triple": TRIPLE, "three times": source(a="x + 2 * x"), "plus one": PLUS_ONE}
    assert case(known).matches(source(a="x * 3")) == {"a": {"triple", "three times"}}


def test_of_another_answer_it_is_said_that_no_known_mistake_gave_it(case: Make) -> None:
    assert case({"triple": TRIPLE}).matches(source(a="3.5 * x")) == {"a": set()}


def test_another_number_for_one_input_only_is_another_answer(case: Make) -> None:
    """The first number is tripled as well."""
    assert case({"triple": TRIPLE}).matches(source(a="torch.cat([3 * x[:1], 2 * x[1:]])")) == {"a": set()}


def test_right_code_matches_nothing(case: Make) -> None:
    assert case({"triple": TRIPLE}).matches(source()) == {}


def test_a_check_that_no_mistake_fails_is_no_matter_of_theirs(case: Make) -> None:
    assert case({"triple": TRIPLE}).matches(source(b="3 * x")) == {}


def test_an_exception_is_an_answer_too(case: Make) -> None:
    known = {"too short": source(a="x[8]"), "divides": source(a="1 // 0 * x"), "triple": TRIPLE}
    assert case(known).matches(source(a="x[9 - 1]")) == {"a": {"too short"}}


def test_a_mistake_is_found_in_each_check_where_it_shows(case: Make) -> None:
    both = source(a="3 * x", b="x - 1")
    found = case({"both": both, "triple": TRIPLE}).matches(source(a="x + x + x", b="-1 + x"))
    assert found == {"a": {"both", "triple"}, "b": {"both"}}


# What contradicts a mistake.


def test_one_that_fails_elsewhere_in_another_way_is_contradicted(case: Make) -> None:
    known = {"both": source(a="3 * x", b="x - 1")}
    assert case(known).matches(source(a="3 * x", b="x[9]")) == {"a": set(), "b": set()}


def test_one_that_fails_elsewhere_for_the_same_kind_of_reason_is_not(case: Make) -> None:
    """3.5 and 4 times are the same kind: other code with the same mistake may be as far off."""
    known = {"both": source(a="3 * x", b="3.5 * x")}
    assert case(known).matches(source(a="3 * x", b="3.7 * x")) == {"a": {"both"}, "b": set()}


def test_a_cause_speaks_against_what_shows_in_the_checks_that_wait_for_it(case: Make) -> None:
    """It would be named at the cause, where it does not fit. Without needs, the matches in `b` and `c` would outweigh `a`."""
    known = {"three": source(a="x - 1", b="3 * x", c="x + 1")}
    made = case(known)
    assert made.matches(source(a="x[9]", b="3 * x", c="x + 1")) == {"a": set(), "b": {"three"}, "c": {"three"}}
    first, *others = made.checks
    made.checks = (first, *(replace(check, needs=(first.id,)) for check in others))
    assert made.matches(source(a="x[9]", b="3 * x", c="x + 1")) == {"a": set(), "b": set(), "c": set()}


def test_what_shows_in_more_checks_than_contradict_it_stays(case: Make) -> None:
    known = {"all": source(a="3 * x", b="x - 1", c="-x")}
    assert case(known).matches(source(a="3 * x", b="x - 1", c="x[9]")) == {"a": {"all"}, "b": {"all"}, "c": set()}


def test_a_check_that_another_mistake_explains_contradicts_nobody(case: Make) -> None:
    known = {"both": source(a="3 * x", b="x - 1"), "index": source(b="x[9]")}
    assert case(known).matches(source(a="3 * x", b="x[9]")) == {"a": {"both"}, "b": {"index"}}


def test_a_part_of_a_mistake_is_preferred_where_the_other_part_is_not_what_was_made(case: Make) -> None:
    known = {"both": source(a="3 * x", c="3 * x", b="x - 1"), "triple": source(a="3 * x", c="3 * x")}
    found = case(known).matches(source(a="3 * x", c="3 * x", b="x[9]"))
    assert found == {"a": {"triple"}, "b": set(), "c": {"triple"}}


# Trainings and refusals, where answers cannot tell.


def test_of_a_training_it_is_not_said_that_nobody_answers_so(case: Make) -> None:
    assert case({"triple": TRIPLE}, trains="a").matches(source(a="3.5 * x")) == {}


def test_a_training_with_the_same_answer_counts(case: Make) -> None:
    assert case({"triple": TRIPLE}, trains="a").matches(source(a="x + x + x")) == {"a": {"triple"}}


def test_what_shows_in_trainings_alone_has_to_show_in_all_that_fail(case: Make) -> None:
    known = {"both": source(a="3 * x", b="x - 1")}
    assert case(known, trains="ab").matches(source(a="3 * x", b="x[9]")) == {"a": set()}
    assert case(known, trains="ab").matches(source(a="3 * x", b="x - 1")) == {"a": {"both"}, "b": {"both"}}


def test_a_training_that_passes_contradicts_nobody(case: Make) -> None:
    known = {"both": source(a="3 * x", b="x - 1")}
    assert case(known, trains="ab").matches(source(a="3 * x")) == {"a": {"both"}}


def test_a_training_does_not_contradict_what_shows_elsewhere(case: Make) -> None:
    known = {"both": source(a="3 * x", b="x - 1")}
    assert case(known, trains="b").matches(source(a="3 * x", b="x[9]")) == {"a": {"both"}}


def test_of_a_refusal_it_is_not_said_that_nobody_answers_so(case: Make) -> None:
    assert case({"triple": TRIPLE}).matches(source(a="3.5 * x"), a="refused") == {}


# How much is run.


def test_a_mistake_that_was_found_alone_twice_is_known_by_its_kind_of_reason() -> None:
    wrong = source(a="3 * x", b="3 * x", c="3 * x", d="3 * x")
    case = Case({"triple": wrong}, replay=False)
    assert case.matches(wrong) == {name: {"triple"} for name in NAMES}
    assert case.runs == [f"a under {SEED}", f"b under {SEED}"]


def test_a_mistake_that_is_found_late_is_tried_in_early_checks_too() -> None:
    """In check a its reason is of another kind here, and twelve others come before it."""
    others = {f"other {i}": source(a=f"x * {i} - x[0]") for i in range(7, 7 + MAX_UNLIKELY_REPLAYS)}
    late = source(a="3 * x", b="x - 1")
    case = Case({**others, "late": late}, replay=True)
    case.known = Fingerprints("", tuple(_of_another_kind(mistake, A) for mistake in case.known.mistakes))
    assert case.matches(late) == {"a": {"late"}, "b": {"late"}}
    assert case.bank is not None
    assert case.bank.asked.index("late") > MAX_UNLIKELY_REPLAYS - 1


def _of_another_kind(mistake: Fingerprint, check: str) -> Fingerprint:
    symptoms = dict(mistake.symptoms)
    if check in symptoms:
        old = symptoms[check]
        symptoms[check] = Symptom(old.status, old.exchanges, old.trace, "of another kind", old.random)
    return Fingerprint(mistake.name, mistake.title, "", symptoms)


def test_only_the_likeliest_are_replayed_where_none_has_the_same_kind_of_reason() -> None:
    others = {f"other {i}": source(a=f"x * {i} - x[0]") for i in range(7, 7 + MAX_UNLIKELY_REPLAYS)}
    case = Case({**others, "triple": TRIPLE}, replay=True)
    case.known = Fingerprints("", tuple(_of_another_kind(mistake, A) for mistake in case.known.mistakes))
    assert case.matches(TRIPLE) == {"a": set()}
    assert case.bank is not None
    assert case.bank.asked == list(others)


def test_no_more_are_tried_in_a_second_check() -> None:
    others = {
        f"other {i}": source(a=f"x * {i} - x[0]", b=f"x * {i} - x[1]") for i in range(7, 7 + MAX_UNLIKELY_REPLAYS)
    }
    case = Case(others, replay=True)
    for check in (A, B):
        case.known = Fingerprints("", tuple(_of_another_kind(mistake, check) for mistake in case.known.mistakes))
    assert case.matches(source(a="x * 40 - x[0]", b="x * 40 - x[1]")) == {"a": set(), "b": set()}
    assert case.bank is not None
    assert case.bank.asked == list(others)


def test_in_a_training_those_of_the_fingerprints_are_replayed() -> None:
    case = Case({"triple": TRIPLE, "plus one": PLUS_ONE}, replay=True, trains="a")
    case.known = Fingerprints("", tuple(_of_another_kind(mistake, A) for mistake in case.known.mistakes))
    assert case.matches(source(a="x + x + x")) == {"a": {"triple"}}
    assert case.bank is not None
    assert case.bank.asked == ["triple"]


def test_of_many_with_the_same_kind_of_reason_those_of_the_fingerprints_are_replayed() -> None:
    known = {f"times {i}": source(a=f"{i}.5 * x") for i in range(3, 12)}
    case = Case(known, replay=True)
    assert case.matches(source(a="x * 7.5")) == {"a": {"times 7"}}
    assert case.runs[0] == f"a under {SEED}"
    assert case.bank is not None
    assert case.bank.asked == ["times 7"]


def test_a_mistake_that_the_bank_lacks_is_not_replayed() -> None:
    case = Case({"triple": TRIPLE}, replay=True)
    case.bank = Codes({})
    assert case.matches(TRIPLE) == {"a": set()}


# Chance.


def test_of_several_the_one_that_drew_the_same_numbers_is_found() -> None:
    """Both answer the same at last; what was drawn before tells them apart."""

    def run(student: StudentModule, draw: Draw) -> None:
        student.init(draw.generator())
        doubles("a")(student, draw)

    def code(draws: str) -> str:
        return TRIPLE + f"def init(generator): return torch.{draws}(3, generator=generator)\n"

    case = Case({}, replay=False)
    case.checks = (Check(A, "", run, CheckSpec(1)),)
    known = {"uniform": code("rand"), "normal": code("randn")}
    case.known = Fingerprints("", tuple(fingerprint(name, text, case.checks) for name, text in known.items()))
    assert case.matches(code("randn")) == {"a": {"normal"}}
    assert case.matches(TRIPLE + "def init(generator): return torch.rand(3, generator=generator) ** 2\n") == {
        "a": {"uniform", "normal"}
    }


# The parts.


def test_the_same_kind_of_reason_is_one_with_other_numbers_and_the_same_status() -> None:
    known = [fingerprint(name, code, checks()) for name, code in (("triple", TRIPLE), ("index", source(a="x[8]")))]
    result = CheckResult(A, "", "failed", 0, 1, "a is the right answer plus 7.5 everywhere")
    assert with_same_message(result, known) == []
    result = CheckResult(A, "", "failed", 0, 1, "a is the right answer times 7.5 (15/2)")
    assert [mistake.name for mistake in with_same_message(result, known)] == ["triple"]
    result.status = "error"
    assert with_same_message(result, known) == []
    assert with_same_message(CheckResult(B, "", "failed", 0, 1, result.message), known) == []


@pytest.mark.parametrize(
    ("body", "status"), [("2 * x", "passed"), ("3 * x", "failed"), ("x[9]", "error"), ("None", "failed")]
)
def test_what_a_check_comes_to_with_what_was_answered(body: str, status: str) -> None:
    student = student_of(source(a=body))
    trace, found, reason = trace_of_check(prepare, checks()[0], student, SEED, ())
    assert (len(trace), found) == (1, status)
    assert bool(reason) is (status != "passed")
    assert student.observer is None
    assert student.rearrange is None


@pytest.mark.parametrize("problem", [CheckFailed("no"), Refused("no")])
def test_what_a_check_raises_is_told_by_its_status(problem: Any) -> None:
    def run(student: StudentModule, draw: Draw) -> None:
        raise problem

    check = Check(A, "", run, CheckSpec(1))
    assert trace_of_check(prepare, check, student_of(source()), SEED, ())[:2] == ((), problem.status)


def test_a_fault_of_ours_is_raised_and_nobody_observes_any_more() -> None:
    def run(student: StudentModule, draw: Draw) -> None:
        raise ZeroDivisionError

    student = student_of(source())
    with pytest.raises(ZeroDivisionError):
        trace_of_check(prepare, Check(A, "", run, CheckSpec(1)), student, SEED, ())
    assert student.observer is None


def test_networks_are_arranged_as_the_fingerprints_have_them() -> None:
    shapes: list[list[tuple[int, ...]]] = []

    def run(student: StudentModule, draw: Draw) -> None:
        shapes.append([tuple(value.shape) for _, value in student.net().parameters()])

    code = "import torch\ndef net(): return torch.nn.Linear(3, 2)\n"
    check = Check(A, "", run, CheckSpec(1))
    layout = (("W", (3, 2)), ("bias", (2,)))
    trace_of_check(prepare, check, student_of(code), SEED, (layout,))
    trace_of_check(prepare, check, student_of(code), SEED, ())
    assert shapes == [[(3, 2), (2,)], [(2, 3), (2,)]]


def test_of_one_function_every_failing_check_is_a_direct_symptom() -> None:
    first, second = checks()[:2]
    both = (first, replace(second, needs=(first.id,)))
    mistake = fingerprint("tripled", source(a="3 * x", b="3 * x"), both)
    assert direct_symptoms(mistake, grader(both)) == {A}
    assert direct_symptoms(mistake, replace(grader(both), spec=ExerciseSpec(("a",)))) == {A, second.id}
