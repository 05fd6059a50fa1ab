"""Reasons of the graders of p1_mlp where another cause looks alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import autograder.graders.p1_mlp.test_mlp_autograd as mlp_autograd
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
    return getattr(problem(check, added), "message", "")


def problem(check: Callable[..., Any], added: str) -> CheckFailed | StudentProblem | None:
    """How the check fails of the reference after this code is added to it."""
    name = check.__module__.rpartition("test_")[2]
    student = student_of((SOLUTIONS / f"{name}.py").read_text() + added)
    try:
        check(student, Draw(5, ExerciseId(f"p1_mlp/{name}").check("demo")))
    except (CheckFailed, StudentProblem) as failure:
        return failure
    return None


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


@pytest.mark.parametrize("name", ["forward", "loss", "gradients_of_the_output_layer"])
def test_values_wait_for_arguments_that_are_kept(name: str) -> None:
    check = getattr(mlp_by_hand, f"test_{name}")
    assert mlp_by_hand.test_arguments_and_dtype_are_kept in check.spec.needs


SGD = "\n\ndef sgd(params, grads, eta):\n    return {{name: {} for name, p in params.items()}}\n"
FORWARD = """

_right = forward


def forward(params, X):
    yhat, outputs = _right(params, X)
    return {}, outputs
"""


@pytest.mark.parametrize(
    ("check", "added", "mistake"),
    [
        (
            mlp_by_hand.test_sgd,
            SGD.format("p + eta * grads[name]"),
            "the step of every parameter is the right answer times −1 (the sign)",
        ),
        (
            mlp_by_hand.test_sgd,
            SGD.format("p - eta * grads[name] * (name == 'Wh')"),
            "sgd changes Wh, but leaves bh, Wy, by unchanged",
        ),
        (mlp_by_hand.test_sgd, SGD.format("p"), ""),
        (mlp_by_hand.test_sgd, SGD.format("p - eta * grads[name] + 0.125"), ""),
        (mlp_by_hand.test_sgd, in_place("sgd", "args[1]['Wh']"), "sgd changes the gradients that it gets"),
        (
            mlp_by_hand.test_forward,
            FORWARD.format("yhat.flip(1)"),
            "forward's yhat is the right answer in reverse order along axis 1",
        ),
        (mlp_by_hand.test_forward, FORWARD.format("yhat.T"), ""),
        (
            softmax_cross_entropy.test_softmax_is_right,
            "\n\ndef softmax(ytilde):\n    e = ytilde.exp()\n    return e / e.sum(0)\n",
            "the columns of softmax(ytilde) sum to 1, but the rows should",
        ),
        (
            softmax_cross_entropy.test_arguments_and_dtype_are_kept,
            in_place("softmax", "args[0]"),
            "softmax changes its argument args",
        ),
    ],
)
def test_a_cause_is_a_mistake_and_what_was_seen_is_none(check: Callable[..., Any], added: str, mistake: str) -> None:
    found = problem(check, added)
    assert isinstance(found, CheckFailed)
    assert found.mistake == mistake
    assert mistake in found.message


RUNNING = """

def softmax(ytilde):
    rows, highest = [], ytilde[0].max()
    for row in ytilde:
        highest = torch.maximum(highest, row.max())
        rows.append((row - highest).exp() / (row - highest).exp().sum())
    return torch.stack(rows)
"""
ONE_FOR_ALL = """

def softmax(ytilde):
    exponentials = (ytilde - ytilde.max()).exp()
    return exponentials / exponentials.sum(1, keepdim=True)
"""


@pytest.mark.parametrize(
    ("added", "words"),
    [
        (RUNNING, "although it is finite for each row alone"),
        (ONE_FOR_ALL, "one number is subtracted from all rows before the exponential"),
    ],
)
def test_a_running_maximum_is_told_from_one_for_the_batch(added: str, words: str) -> None:
    assert words in reason(softmax_cross_entropy.test_softmax_of_large_scores, added)


LOSS = """

def cross_entropy(ytilde, Y):
    highest = ytilde.max(1, keepdim=True).values
    logs = (ytilde - highest).exp().sum(1, keepdim=True).log() + highest
    return ({}).sum(1).mean()
"""
GRADIENT = "\n\ndef cross_entropy_gradient(ytilde, Y):\n    return (softmax(ytilde) - {}) / len(Y)\n"


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ("Y.long()", "cut off to integers"),
        ("Y.round()", "rounded to integers"),
        ("torch.eye(Y.shape[1], dtype=Y.dtype)[Y.argmax(1)]", "the class with the largest target"),
    ],
)
def test_a_cast_of_targets_is_told_from_targets_that_are_missing(targets: str, words: str) -> None:
    loss = LOSS.format(f"logs / Y.shape[1] - {targets} * ytilde")
    assert words in reason(softmax_cross_entropy.test_cross_entropy_of_any_distribution, loss)
    gradient = GRADIENT.format(targets)
    assert words in reason(softmax_cross_entropy.test_gradient_of_any_distribution, gradient)


def test_targets_that_are_missing_are_still_named() -> None:
    assert "lacks the score of the true class" in reason(
        softmax_cross_entropy.test_cross_entropy_of_one_hot_targets, LOSS.format("logs / Y.shape[1] + 0 * ytilde")
    )


def test_a_bound_of_the_loss_is_seen() -> None:
    loss = LOSS.format("-Y * (ytilde - logs).clamp(min=-30)")
    assert "no loss of an example is above 30" in reason(softmax_cross_entropy.test_cross_entropy_of_large_scores, loss)


def test_no_bound_is_claimed_of_a_loss_that_grows_too_slowly() -> None:
    loss = LOSS.format("(-Y * (ytilde - logs)).clamp(max=30) + (-Y * (ytilde - logs) - 30).clamp(min=0).sqrt()")
    found = reason(softmax_cross_entropy.test_cross_entropy_of_large_scores, loss)
    assert found
    assert "no loss" not in found


@pytest.mark.parametrize(
    "check", [softmax_cross_entropy.test_gradient_of_one_hot_targets, mlp_autograd.test_loss_stays_in_the_graph]
)
def test_what_a_call_was_given_stays_as_it_was(check: Callable[..., Any]) -> None:
    """A call that failed is repeated with these arguments, and a leaf would raise an error in NumPy."""
    name = check.__module__.rpartition("test_")[2]
    student, draw = (
        student_of((SOLUTIONS / f"{name}.py").read_text()),
        Draw(5, ExerciseId(f"p1_mlp/{name}").check("demo")),
    )
    given: list[Any] = []
    student.observer = lambda event: given.extend(event.args)
    check(student, draw)
    tensors = [
        value
        for argument in given
        for value in (argument if isinstance(argument, list) else [argument])
        if isinstance(value, torch.Tensor)
    ]
    assert tensors
    assert not any(tensor.requires_grad and tensor.is_leaf for tensor in tensors)


def test_a_write_is_named_before_the_values_of_the_same_check() -> None:
    wrong = "\n\ndef forward(params, X):\n    X.add_(1)\n    return _right(params, 2 * X)\n"
    right = "\n\n_right = forward\n"
    assert "forward changes its argument X" in reason(mlp_autograd.test_forward, right + wrong)
    assert "changes" not in reason(mlp_autograd.test_forward, right + wrong.replace("X.add_(1)", "X = X + 1"))
