"""A mistake that a check has established itself is in the result, unless diagnosis names a known one."""

from __future__ import annotations

from autograder.checks.failure import CheckFailed
from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import failed_result
from tests.zoo import Grade

FORBIDDEN = """
import torch


def softmax(ytilde):
    return torch.softmax(ytilde, 1)
"""


def test_the_mistake_is_in_the_result():
    check = load_grader(ExerciseId("p1_mlp/svm")).checks[0]
    result = failed_result(check, CheckFailed("y is wrong: it is twice as large", mistake="it is twice as large"))
    assert (result.mistake, result.known_mistake) == ("it is twice as large", "")


def test_a_forbidden_call_is_a_mistake(grade: Grade):
    checks = grade(FORBIDDEN).checks
    assert checks[0].mistake == "uses torch.softmax (line 6)"
