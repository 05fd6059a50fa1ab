"""Reasons of the graders of p1_mlp where another cause looks alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograder.graders.p1_mlp.test_mlp_by_hand as mlp_by_hand
import autograder.graders.p1_mlp.test_softmax_cross_entropy as softmax_cross_entropy
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.course.catalogue import ExerciseId
from autograder.sandbox.host.errors import StudentProblem
from tests.checks.students import student_of

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions" / "p1_mlp"
WRITES = "\n\ndef {0}(*args):\n    {1}.mul_(0.5)\n    return _right(*args)\n"


def reason(check: Callable[..., Any], added: str = "") -> str:
    """What the reference is told after this code is added to it; "" if it passes."""
    name = check.__module__.rpartition("test_")[2]
    student = student_of((SOLUTIONS / f"{name}.py").read_text() + added)
    try:
        check(student, Draw(5, ExerciseId(f"p1_mlp/{name}").check("demo")))
    except (CheckFailed, StudentProblem) as failure:
        return failure.message
    return ""


def in_place(function: str, argument: str) -> str:
    """Code by which a function writes into an argument before it does what it should."""
    return f"\n\n_right = {function}" + WRITES.format(function, argument)


@pytest.mark.parametrize(
    ("check", "added", "words"),
    [
        (
            mlp_by_hand.test_arguments_and_dtype_are_kept,
            in_place("backward", "args[1]['h']"),
            "backward changes its argument",
        ),
        (mlp_by_hand.test_arguments_and_dtype_are_kept, "\n\ndef backward(*args):\n    return {}\n", ""),
        (mlp_by_hand.test_sgd, in_place("sgd", "args[1]['Wh']"), "changes the gradients"),
        (
            softmax_cross_entropy.test_arguments_and_dtype_are_kept,
            in_place("softmax", "args[0]"),
            "softmax changes its",
        ),
        (softmax_cross_entropy.test_arguments_and_dtype_are_kept, "\n\ndef softmax(ytilde):\n    1 / 0\n", ""),
    ],
)
def test_a_write_into_an_argument_is_a_cause_of_its_own(check: Callable[..., Any], added: str, words: str) -> None:
    found = reason(check, added)
    assert (words in found) if words else not found


def test_values_wait_for_arguments_that_are_kept() -> None:
    for grader, checks in (
        (mlp_by_hand, ("forward", "loss", "gradients_of_the_output_layer")),
        (softmax_cross_entropy, ("softmax_is_right", "gradient_of_one_hot_targets")),
    ):
        kept = grader.test_arguments_and_dtype_are_kept
        assert all(kept in getattr(grader, f"test_{check}").spec.needs for check in checks)
