"""What wrong counts have in common."""

from __future__ import annotations

import pytest

from autograder.checks.convolution.counts import Case, expect_counts
from autograder.checks.failure import CheckFailed
from tests.checks.students import student_of

CASES: list[Case] = [
    ((7,), {}),
    ((8,), {"padding": 0}),
    ((9,), {"padding": 2}),
    ((10,), {"padding": 1, "stride": 2}),
    ((11,), {"stride": 3}),
]


def right(n: int, padding: int = 0, stride: int = 1) -> int:
    return (n + 2 * padding) // stride


def reason(body: str) -> str:
    """What a student's function is told; "" if it is right."""
    student = student_of(f"def count(n, padding=0, stride=1): return {body}")
    try:
        expect_counts(
            student, "count", CASES, right, {"the stride is left out": lambda n, padding=0, **o: n + 2 * padding}
        )
    except CheckFailed as failure:
        return failure.message
    return ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("n + 2 * padding", "count(n=10, padding=1, stride=2) should be 6 but is 12: the stride is left out"),
        ("(n + 2 * padding) // stride + 1", "all 5 answers are 1 too large"),
        ("(n + 2 * padding) // stride * 3", "all 5 answers are 3 times the right ones"),
        ("(n + 5 * padding) // stride", "all wrong answers, 2 of 5, are those with a padding"),
        (
            "(n + 2 * padding) // stride + (padding == 2)",
            "all wrong answers, 1 of 5, have a padding, as have 1 right ones",
        ),
        ("(n + 2 * padding) // stride + (n == 8)", "1 of 5 answers are wrong"),
    ],
)
def test_what_the_wrong_answers_have_in_common(body: str, words: str) -> None:
    assert reason(body).endswith(words)


def test_right_answers_pass() -> None:
    assert reason("(n + 2 * padding) // stride") == ""
