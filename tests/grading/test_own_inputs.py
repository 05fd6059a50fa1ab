"""Inputs of a submission's own: a class has one seed, and who changes the code after seeing inputs gets others."""

from __future__ import annotations

import pytest

from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from tests.zoo import SOFTMAX, as_submission

FIRST, SECOND = as_submission("def softmax(x): return x"), as_submission("def softmax(x): return 2 * x")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Settings(seed=5, isolation="none", own_inputs=True))


def test_equal_submissions_have_equal_inputs(engine: Engine) -> None:
    again = as_submission("def softmax(x): return x")
    assert engine.seed_of(FIRST) == engine.seed_of(again)


def test_a_changed_submission_has_other_inputs(engine: Engine) -> None:
    assert engine.seed_of(FIRST) != engine.seed_of(SECOND)


def test_inputs_cannot_be_known_without_the_seed_of_the_class(engine: Engine) -> None:
    other = Engine(Settings(seed=6, isolation="none", own_inputs=True))
    assert engine.seed_of(FIRST) != other.seed_of(FIRST)


def test_a_student_who_gives_a_seed_keeps_the_inputs_while_the_code_changes() -> None:
    engine = Engine(Settings(seed=5, isolation="none"))
    assert engine.seed_of(FIRST) == engine.seed_of(SECOND) == 5


def test_the_result_says_how_the_inputs_were_made(engine: Engine) -> None:
    result = engine.grade(FIRST, [SOFTMAX])
    assert (result.seed, result.own_inputs) == (5, True)
