"""What loss_accuracy returns: (L, acc), L the mean cross-entropy and acc a fraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.student import describe_value

BATCHES = ((7, 4), (1, 3), (5, 2), (3, 6))  # batch, classes


def as_pair(what: str, value: Any) -> tuple[Any, Any]:
    """Two values in a tuple or list, or a failed check; `what` reads like "loss_accuracy should return (L, acc)"."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"{what}, and returned {describe_value(value)}")
    return value[0], value[1]


def loss_and_accuracy(value: Any) -> tuple[Any, Any]:
    return as_pair("loss_accuracy should return (L, acc)", value)


def sizes_by_name(batch: int, classes: int) -> dict[str, float]:
    """What a constant factor between an answer and the right one could be."""
    return {"the batch size": batch, "the number of classes": classes, "batch × classes": batch * classes}


def expect_fraction(draw: Draw, loss_accuracy: Callable[[Tensor, Tensor], Any]) -> None:
    """Fails unless acc is the fraction of the examples whose highest number stands at the true class.

    `loss_accuracy(scores, Y)` calls the student's on scores (batch, classes) and one-hot Y, both float32.
    """
    for batch, classes in ((8, 4), (1, 3), (6, 2), (9, 5)):
        scores = draw.normal(batch, classes, dtype=torch.float32)
        for right in sorted({0, batch // 3, batch}):
            labels = scores.argmax(1)
            others = torch.from_numpy(draw.rng.integers(1, classes, batch - right))
            labels[right:] = (labels[right:] + others) % classes
            got = as_number("acc", loss_and_accuracy(loss_accuracy(scores, torch.eye(classes)[labels]))[1])
            if not abs(got - right / batch) <= 1e-5:  # so written, NaN fails
                raise CheckFailed(f"with {right} of {batch} examples right, acc is {got:.4g}{_why(got, right, batch)}")


def _why(got: float, right: int, batch: int) -> str:
    if right and abs(got - 100 * right / batch) < 1e-3:
        return ": a fraction in [0, 1] is asked for, no percentage"
    if right and got == right:
        return ": that is their number, so divide by the batch size"
    if abs(got - (1 - right / batch)) < 1e-5:
        return ": that is the fraction of the wrong ones"
    return ""
