"""A little weight on the training accuracy is noticed, and said."""

import pytest

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.svm.kernel_choice import expect_best
from autograder.graders.p1_mlp import test_svm as grader
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


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("(-results[k][1], str(k[1]))", "whose C is the smallest as text"),
        ("(-results[k][1], k[0])", "whose kernel is the first by name"),
        ("(-results[k][1], -k[1])", "the largest C with the best validation accuracy"),
    ],
)
def test_a_wrong_rule_for_ties_is_named(key: str, words: str) -> None:
    student = student_of(f"def best_kernel(results):\n    return min(results, key=lambda k: {key})[0]\n")
    with pytest.raises(CheckFailed) as failure:
        grader.test_best_of_a_tie(student, Draw(1, "a check"))
    assert words in failure.value.message
