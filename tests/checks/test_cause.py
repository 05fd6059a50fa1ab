"""The mistake that a failure names is a part of its message, and both can be written into a result."""

from __future__ import annotations

import pytest

from autograder.checks.cause import Cause, behind, failed, preceded
from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import failed_result
from autograder.results import CheckResult, from_plain, to_plain

CAUSE = Cause("is the right answer times 7, the batch size: is a division missing?")


@pytest.mark.parametrize(
    ("explanation", "mistake"),
    [
        (CAUSE, "is the right answer times 7, the batch size"),
        (preceded("the loss ", CAUSE), "the loss is the right answer times 7, the batch size"),
        (behind("after one epoch: ", CAUSE), "is the right answer times 7, the batch size"),
        (Cause("is right to 1e-7: it is exact in float32: why?", "it is exact in float32"), "it is exact in float32"),
        (f"the loss {CAUSE}", ""),
        (preceded("the loss ", "is wrong in 3 of 4 places"), ""),
    ],
)
def test_the_mistake_is_a_part_of_the_message(explanation: str, mistake: str) -> None:
    failure = failed(explanation)
    assert failure.message == explanation
    assert failure.mistake == mistake
    assert mistake in failure.message


def test_the_message_is_plain_text_that_a_result_can_hold() -> None:
    assert type(failed(CAUSE).message) is str
    check = load_grader(ExerciseId("p1_mlp/svm")).checks[0]
    result = failed_result(check, failed(CAUSE))
    assert from_plain(to_plain(result), CheckResult) == result
