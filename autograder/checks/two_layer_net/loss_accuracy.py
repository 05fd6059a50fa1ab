"""Checks of loss_accuracy, which returns (L, acc): the mean cross-entropy, and the fraction of right examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.cause import Cause, behind, failed
from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.accuracy_probes import seen_of_an_accuracy
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import StudentProblem

BATCHES = ((7, 4), (1, 3), (5, 2), (3, 6))  # batch, classes
MARGIN = 0.01
"""How far the highest score is above the others, so that rounding, in a softmax for example, does not change it."""


def as_pair(what: str, value: Any) -> tuple[Any, Any]:
    """Returns the two values of a tuple or list; raises CheckFailed for anything else.

    `what` begins the message, like "loss_accuracy should return (L, acc)".
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"{what} but returned {describe_value(value)}")
    return value[0], value[1]


def loss_and_accuracy(value: Any) -> tuple[Any, Any]:
    """The two values that loss_accuracy returned."""
    return as_pair("loss_accuracy should return (L, acc)", value)


def expect_loss_first(L: Any, acc: Any, expected: float) -> None:
    """Fails if the second value is the loss and the first is not."""
    first, second = (value.item() if isinstance(value, Tensor) and value.numel() == 1 else value for value in (L, acc))
    first_is_right = isinstance(first, (int, float)) and abs(first - expected) < 1e-3
    if isinstance(second, (int, float)) and abs(second - expected) < 1e-6 and not first_is_right:
        mistake = "returns the accuracy first and the loss second"
        raise CheckFailed(f"loss_accuracy should return (L, acc), but {mistake}", mistake=mistake)


def sizes_by_name(batch: int, classes: int) -> dict[str, float]:
    """The numbers that a loss or a gradient may be off by, by name."""
    return {"the batch size": batch, "the number of classes": classes, "batch × classes": batch * classes}


def expect_fraction(draw: Draw, loss_accuracy: Callable[[Tensor, Tensor], Any]) -> None:
    """Fails unless acc is the fraction of examples whose highest number is at the true class.

    `loss_accuracy(scores, Y)` calls the student's on scores (batch, classes) and one-hot Y.
    """
    # What goes wrong here goes wrong in the same way in the check of the loss, which then explains it.
    batch, classes = BATCHES[0]
    scores, Y = draw.normal(batch, classes), draw.one_hot(batch, classes)
    L, acc = loss_and_accuracy(loss_accuracy(scores, Y))
    expect_loss_first(L, acc, float(F.cross_entropy(scores, Y)))
    for batch, classes in ((8, 4), (1, 3), (6, 2), (9, 5)):
        for right in sorted({0, batch // 3, batch}):
            scores, labels = _with_right(draw, batch, classes, right)
            got = as_number("acc", loss_and_accuracy(loss_accuracy(scores, torch.eye(classes)[labels]))[1])
            if not abs(got - right / batch) <= 1e-5:  # in this form, NaN fails
                cause = _explain_accuracy(draw, loss_accuracy)
                if not isinstance(cause, Cause):
                    found = _which_count(draw, loss_accuracy)
                    cause = found if isinstance(found, Cause) else cause or found
                seen = f"with {right} of {batch} examples right, acc is {got:.4g}"
                raise failed(behind(f"{seen}: ", cause) if cause else seen)


def _which_count(draw: Draw, loss_accuracy: Callable[[Tensor, Tensor], Any]) -> str:
    def accuracy(scores: Tensor, Y: Tensor) -> float:
        return as_number("acc", loss_and_accuracy(loss_accuracy(scores, Y))[1])

    try:
        return seen_of_an_accuracy(accuracy, draw)
    except (StudentProblem, CheckFailed):
        return ""


def _with_right(draw: Draw, batch: int, classes: int, right: int) -> tuple[Tensor, Tensor]:
    """Scores (batch, classes), and labels (batch,) of which the first `right` are those of the highest scores."""
    scores = draw.normal(batch, classes, dtype=torch.float32)
    labels = scores.argmax(1)
    scores[torch.arange(batch), labels] += MARGIN
    others = torch.from_numpy(draw.rng.integers(1, classes, batch - right))
    labels[right:] = (labels[right:] + others) % classes
    return scores, labels


def _explain_accuracy(draw: Draw, loss_accuracy: Callable[[Tensor, Tensor], Any]) -> str:
    """Finds out what is counted: the only wrong count that agrees with acc in five more batches.

    Two have so many classes that some columns have their highest score and their label in the same row; then most examples
    are right, and in the last one all are.
    """
    fitting: set[str] | None = None
    for batch, classes, right in ((211, 7, 90), (31, 83, 12), (43, 97, 30), (12, 5, 9), (12, 5, 12)):
        scores, labels = _with_right(draw, batch, classes, right)
        order = torch.from_numpy(draw.rng.permutation(batch))
        scores, labels = 3 * scores[order], labels[order]
        try:
            got = as_number("acc", loss_and_accuracy(loss_accuracy(scores, torch.eye(classes)[labels]))[1])
        except (StudentProblem, CheckFailed):
            return ""
        found = {words for words, value in _other_accuracies(scores, labels).items() if abs(got - value) < 1e-5}
        fitting = found if fitting is None else fitting & found
    return fitting.pop() if fitting and len(fitting) == 1 else ""


def _other_accuracies(scores: Tensor, labels: Tensor) -> dict[str, float]:
    """Wrong accuracies for scores (batch, classes) and labels (batch,), by what is wrong."""
    batch, classes = scores.shape
    predicted, p, Y = scores.argmax(1), scores.softmax(1), F.one_hot(labels, classes)
    hits = predicted == labels
    right = float(hits.double().mean())
    counts = {
        "the argmax runs over the batch, but should run over the classes": scores.argmax(0) == Y.argmax(0),
        "the entries of one-hot rows are compared, but an example is right or wrong as a whole": (
            F.one_hot(predicted, classes) == Y
        ),
        "rounded entries are compared, but the highest number of each example decides": p.round() == Y,
        "the true class counts if its probability is above one half, but it only needs to be the highest": (
            p[torch.arange(batch), labels] > 0.5
        ),
        "the lowest score is taken, but the highest decides": scores.argmin(1) == labels,
        "the targets are not used: the predictions are compared with class 0": predicted == 0,
        "the last example is left out of the count": hits[:-1],
        "the first example is left out of the count": hits[1:],
        "that is the fraction of wrong examples": ~hits,
    }
    causes = {words: float(count.double().mean()) for words, count in counts.items()} | {
        "it should be a fraction in [0, 1], not a percentage": 100 * right,
        "that is the number of right examples, so divide it by the batch size": right * batch,
        "the number of right examples is divided by the number of classes, not of examples": right * batch / classes,
        "the number of right examples is divided by batch × classes, not by the number of examples": right / classes,
        "it is 0 for any batch with a mistake: is a whole-number division (//) in it, or an int(…)?": float(hits.all()),
        "it is rounded to a whole number, but should be the fraction itself": float(round(right)),
        "that is the mean probability of the true class, but examples should be counted": float(
            p[torch.arange(batch), labels].double().mean()
        ),
    }
    seen = {  # each of these has several causes
        "it is 0 even if all examples are right: are the classes compared, or numbers that are never equal?": 0.0,
        "it is 1 for any batch, right or wrong": 1.0,
    }
    return seen | {Cause(words): value for words, value in causes.items()}
