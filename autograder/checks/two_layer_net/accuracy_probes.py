"""Which examples a wrong accuracy counts as right, seen from batches that are made for that.

A rule is a `Cause` if it holds for every pair of a predicted and a true class, or for each of several calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.cause import Cause
from autograder.checks.inputs import Draw

Accuracy = Callable[[Tensor, Tensor], float]
"""The student's, of scores (batch, classes) and one-hot targets (batch, classes)."""
Counted = dict[tuple[int, int], bool]
"""Whether an example counts as right, by its predicted and its true class."""
Rule = Callable[[int, int, int], bool]
"""Whether a rule counts an example as right, from its predicted class, its true class, and a class of the rule."""
COPIES = 3
"""An accuracy is asked of this many equal examples, since a batch of one may be a special case."""
RULES: dict[str, Rule] = {
    "only {c} is looked at: an example counts if prediction and target agree on whether it is that class": (
        lambda predicted, true, c: (predicted == c) == (true == c)
    ),
    "an example counts if {c} is predicted, whatever its target is": lambda predicted, true, c: predicted == c,
    "an example counts if its true class is {c}, whatever is predicted": lambda predicted, true, c: true == c,
    "an example counts only if its true class is {c}": lambda predicted, true, c: predicted == true == c,
    "an example whose true class is {c} never counts": lambda predicted, true, c: predicted == true != c,
    "an example counts if the class after the predicted one is the true one: is one of them counted from 1?": (
        lambda predicted, true, c: predicted + 1 == true
    ),
    "an example counts if the class before the predicted one is the true one: is one of them counted from 1?": (
        lambda predicted, true, c: predicted - 1 == true
    ),
}


def seen_of_an_accuracy(accuracy: Accuracy, draw: Draw) -> str:
    """A sentence about a wrong accuracy; "" if nothing was noticed."""
    return next(_observations(accuracy, draw), "")


def _observations(accuracy: Accuracy, draw: Draw) -> Iterator[str]:
    yield from _of_earlier_calls(accuracy, draw)
    yield from _only_if_certain(accuracy)
    counted = [_counted(accuracy, draw, classes) for classes in (4, 5)]
    if None in counted:
        return
    few, more = (dict(found or {}) for found in counted)
    for words, rule in RULES.items():
        for name, c, d in (*((f"class {c}", c, c) for c in range(4)), ("the last class", 3, 4)):
            if _follow(few, rule, c) and _follow(more, rule, d):
                yield Cause(words.format(c=name))
    for (predicted, true), right in few.items():
        if right != (predicted == true):
            counts = "counts as right" if right else "does not count as right"
            yield f"an example of class {true} that is predicted as class {predicted} {counts} (classes from 0)"
    yield from _bound(accuracy)
    yield from _weights(accuracy, draw)


def _follow(counted: Counted, rule: Rule, c: int) -> bool:
    return all(right == rule(predicted, true, c) for (predicted, true), right in counted.items())


def _counted(accuracy: Accuracy, draw: Draw, classes: int) -> Counted | None:
    """What counts as right among examples with a probability of nearly 1; None if an accuracy is neither 0 nor 1."""
    found = {}
    for predicted, true in itertools.product(range(classes), repeat=2):
        scores = draw.normal(COPIES, classes, dtype=torch.float32).clamp(-2, 2)
        scores[:, predicted] = 9.0
        value = accuracy(scores, F.one_hot(torch.full((COPIES,), true), classes).float())
        if min(abs(value), abs(value - 1)) > 1e-6:
            return None
        found[predicted, true] = value > 0.5
    return found


def _of_earlier_calls(accuracy: Accuracy, draw: Draw) -> Iterator[str]:
    """Looks for the numbers of earlier calls in the accuracy of a call."""
    hits, sizes, found = (2, 5, 0, 7, 3, 1), (5, 7, 4, 9, 8, 6), []
    for right, size in zip(hits, sizes):
        labels = torch.from_numpy(draw.rng.integers(0, 4, size))
        predicted = torch.where(torch.arange(size) < right, labels, (labels + 1) % 4)
        found.append(accuracy(9.0 * F.one_hot(predicted, 4).float(), F.one_hot(labels, 4).float()))
    if all(abs(got - right / size) < 1e-6 for got, right, size in zip(found, hits, sizes)):
        return
    if all(abs(got - right / size) < 1e-6 for got, right, size in zip(found[1:], hits, sizes)):
        yield Cause("it is the accuracy of the call before")
    got, h, n = (torch.tensor(values, dtype=torch.float64) for values in (found, hits, sizes))
    # If H of N examples were right before these calls, each accuracy is (H + h) / (N + n) for sums h and n.
    equations = torch.stack([-torch.ones_like(got), got], 1)
    sides = (h.cumsum(0) - got * n.cumsum(0))[:, None]
    before = torch.linalg.lstsq(equations, sides).solution
    if float((equations @ before - sides).abs().max()) < 1e-4 and float(before[1]) > -0.5:
        yield Cause("examples of earlier calls are still counted: what is kept from one call to the next?")


def _only_if_certain(accuracy: Accuracy) -> Iterator[str]:
    Y = F.one_hot(torch.tensor([0, 2, 1]), 4).float()
    nearly, exactly = accuracy(9 * Y, Y), accuracy(1000 * Y, Y)
    if nearly == 0 and exactly == 1:
        yield Cause(
            "an example counts only if its class has a probability of exactly 1: are probabilities compared with the targets?"
        )


def _bound(accuracy: Accuracy) -> Iterator[str]:
    """Looks for a probability that the highest class needs in order to count."""
    probabilities = torch.arange(0.27, 0.995, 0.02)
    counts = []
    for p in probabilities.tolist():
        rest = (1 - p) / 3
        scores = torch.tensor([[rest, p, rest, rest]]).log().repeat(COPIES, 1)
        counts.append(accuracy(scores, F.one_hot(torch.ones(COPIES, dtype=torch.int64), 4).float()))
    first = next((i for i, count in enumerate(counts) if count > 0.5), 0)
    if first and counts == [0.0] * first + [1.0] * (len(counts) - first):
        bound = float(probabilities[first - 1 : first + 1].mean())
        yield Cause(
            f"an example counts only if its class has a probability above about {bound:.2f}, but it only needs to be the "
            "highest"
        )


def _weights(accuracy: Accuracy, draw: Draw) -> Iterator[str]:
    """Looks at what a single wrong prediction costs, at each place of a batch."""
    size, classes = 7, 4
    labels = torch.from_numpy(draw.rng.integers(0, classes, size))
    Y = F.one_hot(labels, classes).float()
    best = accuracy(9 * Y, Y)
    costs = []
    for i in range(size):
        predicted = labels.clone()
        predicted[i] = (labels[i] + 1) % classes
        costs.append(best - accuracy(9.0 * F.one_hot(predicted, classes).float(), Y))
    ignored = [i for i, cost in enumerate(costs) if abs(cost) < 1e-6]
    if abs(best - 1) < 1e-6 and 0 < len(ignored) < size:
        listed = ", ".join(map(str, ignored))
        yield Cause(f"a wrong prediction at index {listed} of {size} makes no difference: are all examples looked at?")
    if max(costs) - min(costs) > 1e-6:
        yield "a wrong prediction costs more at some places of a batch than at others: does each example count the same?"
