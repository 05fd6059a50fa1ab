"""What loss_accuracy returns: (L, acc), L the mean cross-entropy and acc a fraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import describe_value

BATCHES = ((7, 4), (1, 3), (5, 2), (3, 6))  # batch, classes
MARGIN = 0.01
"""By how much the highest score leads, so that no rounding, by a softmax for one, makes another the highest."""


def as_pair(what: str, value: Any) -> tuple[Any, Any]:
    """Two values in a tuple or list, or a failed check; `what` reads like "loss_accuracy should return (L, acc)"."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"{what} but returned {describe_value(value)}")
    return value[0], value[1]


def loss_and_accuracy(value: Any) -> tuple[Any, Any]:
    return as_pair("loss_accuracy should return (L, acc)", value)


def expect_loss_first(L: Any, acc: Any, expected: float) -> None:
    """Fails where the second value is the loss, and the first is not."""
    first, second = (value.item() if isinstance(value, Tensor) and value.numel() == 1 else value for value in (L, acc))
    first_is_right = isinstance(first, (int, float)) and abs(first - expected) < 1e-3
    if isinstance(second, (int, float)) and abs(second - expected) < 1e-6 and not first_is_right:
        raise CheckFailed("loss_accuracy returns the accuracy first and the loss second: (L, acc) is asked for")


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
            scores[torch.arange(batch), labels] += MARGIN
            others = torch.from_numpy(draw.rng.integers(1, classes, batch - right))
            labels[right:] = (labels[right:] + others) % classes
            got = as_number("acc", loss_and_accuracy(loss_accuracy(scores, torch.eye(classes)[labels]))[1])
            if not abs(got - right / batch) <= 1e-5:  # so written, NaN fails
                why = _why(got, right, batch) or _other_accuracy(draw, loss_accuracy)
                raise CheckFailed(f"with {right} of {batch} examples right, acc is {got:.4g}{why}")


def _why(got: float, right: int, batch: int) -> str:
    if right and abs(got - 100 * right / batch) < 1e-3:
        return ": a fraction in [0, 1] is asked for, no percentage"
    if right and got == right:
        return ": that is their number, so divide by the batch size"
    if abs(got - (1 - right / batch)) < 1e-5:
        return ": that is the fraction of the wrong ones"
    return ""


def _other_accuracy(draw: Draw, loss_accuracy: Callable[[Tensor, Tensor], Any]) -> str:
    """What else is counted, by one more batch, so large that no two of these counts are the same by accident."""
    batch, classes = 211, 7
    scores, Y = draw.normal(batch, classes, dtype=torch.float32), draw.one_hot(batch, classes, torch.float32)
    try:
        got = as_number("acc", loss_and_accuracy(loss_accuracy(scores, Y))[1])
    except (StudentProblem, CheckFailed):
        return ""
    labels, predicted, p = Y.argmax(1), scores.argmax(1), scores.softmax(1)
    others = {
        "the highest score of each class is looked for over the batch, and should be of each example over the classes": (
            scores.argmax(0) == Y.argmax(0)
        ),
        "entries of the one-hot rows are compared, and an example is right or wrong as a whole": (
            F.one_hot(predicted, classes) == Y
        ),
        "entries are rounded and compared, and the highest number of an example decides": (p.round() == Y),
        "the true class counts where its probability is more than one half, and it need only be the highest": (
            p[torch.arange(batch), labels] > 0.5
        ),
        "the lowest score is taken, where the highest decides": scores.argmin(1) == labels,
        "the targets are not used: the predictions are compared with one class": predicted == 0,
        "the last example is left out of the count": (predicted == labels)[:-1],
    }
    for words, hits in others.items():
        if abs(got - float(hits.double().mean())) < 1e-6:
            return f": {words}"
    return ""
