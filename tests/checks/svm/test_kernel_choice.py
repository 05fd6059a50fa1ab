"""A little weight on the training accuracy is noticed, and said."""

import pytest

from autograder.checks.failure import CheckFailed
from autograder.checks.svm.kernel_choice import expect_best
from tests.checks.students import student_of

CLOSE = {("rbf", 1.0): (0.9, 0.801), ("linear", 1.0): (0.5, 0.8)}


def test_the_training_accuracy_is_named_if_it_counts() -> None:
    student = student_of(
        "def best_kernel(results):\n    return max(results, key=lambda key: results[key][1] - 0.1 * results[key][0])[0]\n"
    )
    with pytest.raises(CheckFailed, match="so the training accuracy counts"):
        expect_best(student, [CLOSE])


def test_the_right_kernel_passes() -> None:
    expect_best(
        student_of("def best_kernel(results):\n    return max(results, key=lambda k: results[k][1])[0]\n"), [CLOSE]
    )
