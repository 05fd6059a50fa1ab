"""Bad input that is not refused is a mistake; an exception of another kind may have other causes."""

from __future__ import annotations

import pytest

from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import Given, expect_refusals
from tests.checks.students import student_of

GOOD = [Given("6 is even", (6,))]
BAD = [Given("7 is odd", (7,))]


def failure(body: str) -> CheckFailed:
    student = student_of(f"def half(n):\n    if n % 2:\n        {body}\n    return n // 2\n")
    with pytest.raises(CheckFailed) as found:
        expect_refusals(student, student.half, good=GOOD, bad=BAD)
    return found.value


def test_bad_input_that_is_accepted_is_a_mistake() -> None:
    found = failure("n = n - 1")
    assert found.message == "half(n=7) returns 3, but should raise a ValueError: 7 is odd"
    assert found.mistake == found.message


def test_an_error_that_is_returned_is_told_from_one_that_is_raised() -> None:
    assert failure("return ValueError(n)").mistake == "half(n=7) returns a ValueError instead of raising it: 7 is odd"


def test_another_exception_names_no_mistake() -> None:
    found = failure("raise KeyError(n)")
    assert found.message.startswith("half(n=7) raises a KeyError, but should raise a ValueError")
    assert found.mistake == ""


def test_a_refusal_passes() -> None:
    student = student_of("def half(n):\n    assert n % 2 == 0\n    return n // 2\n")
    expect_refusals(student, student.half, good=GOOD, bad=BAD)
