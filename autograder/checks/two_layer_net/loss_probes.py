"""What is seen of a wrong loss when it is asked again, if no known mistake explains it.

Each question changes the arguments in a way that has a known effect on the right loss. What is said is what was seen, and
where to look. A `Cause` is only what the questions have established: which examples or predictions are not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from autograder.checks.cause import Cause
from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.errors import StudentProblem

Loss = Callable[[Tensor, Tensor], object]
"""The student's loss of scores or probabilities and of targets, both (batch, classes)."""
GAPS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 18.0, 27.0, 40.0, 60.0, 90.0, 300.0, 1000.0, 2500.0, 5000.0, 9000.0)
"""How far scores are apart; exercises ask for right answers up to 1e4."""
Reference = Callable[[Tensor, Tensor], float]


def seen_of_a_loss(loss: Loss, right: Reference, x: Tensor, Y: Tensor, *, of_scores: bool) -> str:
    """A clause about a wrong loss, such as "it does not depend on the first example"; "" if nothing was noticed.

    Args:
        loss: the student's.
        right: the right loss of the same arguments.
        x: (batch, classes), scores, or probabilities.
        Y: (batch, classes), targets.
        of_scores: whether x are scores, for which adding a number to a row changes nothing.
    """

    def value(a: Tensor, b: Tensor) -> float:
        return as_number("the loss", loss(a.clone(), b.clone()))

    try:
        return next(_observations(value, right, x, Y, of_scores), "")
    except (StudentProblem, CheckFailed):
        return ""


def _observations(
    value: Callable[[Tensor, Tensor], float], right: Reference, x: Tensor, Y: Tensor, of_scores: bool
) -> Iterator[str]:
    first = value(x, Y)
    if value(x, Y) != first:
        yield "it differs from call to call with the same arguments: what in it is random, or kept from the last call?"
    if of_scores:
        yield from _bound(value, right, x)
    yield from _ignored_examples(value, first, x, Y)
    if of_scores:
        shifted = value(x + 1, Y)
        if not _equal(shifted, first):
            yield (
                f"it becomes {shifted:.4g} if 1 is added to all scores. The right loss stays the same, since their softmax "
                "does: which term changes?"
            )
    if len(x) < 2:
        return
    alone = [(value(x[[i]], Y[[i]]), right(x[[i]], Y[[i]])) for i in range(len(x))]
    if all(_equal(got, expected) for got, expected in alone):
        yield "for each example alone it is right, so look at how the losses of the examples are put together"
    if not _equal(value(x.flip(0), Y.flip(0)), first):
        yield "it changes if the examples come in another order: which of them is treated differently?"
    if not _equal(value(x.flip(1), Y.flip(1)), first):
        yield "it changes if the classes come in another order: which of them is treated differently?"


def _bound(value: Callable[[Tensor, Tensor], float], right: Reference, x: Tensor) -> Iterator[str]:
    """Looks for a bound of the loss: rows whose true class is ever further below one other class, or all others."""
    classes, bounds = x.shape[1], []
    for true, others in ((0, [classes - 1]), (classes - 1, list(range(classes - 1)))):
        Y = torch.zeros(1, classes, dtype=x.dtype)
        Y[0, true] = 1
        found = []
        for gap in GAPS:
            scores = torch.zeros(1, classes, dtype=x.dtype)
            scores[0, others] = gap
            found.append((value(scores, Y), right(scores, Y)))
        bound = found[-1][0]
        below = [math.isclose(got, expected, rel_tol=1e-2) for got, expected in found if expected < 0.8 * bound]
        above = [math.isclose(got, bound, rel_tol=1e-3) for got, expected in found if expected > 1.5 * bound]
        if not (below and all(below) and len(above) >= 3 and all(above)):
            return
        bounds.append(bound)
    if math.isclose(*bounds, rel_tol=0.1):
        yield (
            f"no loss of an example is above {min(bounds):.3g}, however far the scores are apart; smaller losses are right. "
            "Are scores or probabilities cut off (a clamp), or is a number added before the logarithm?"
        )


def _ignored_examples(value: Callable[[Tensor, Tensor], float], first: float, x: Tensor, Y: Tensor) -> Iterator[str]:
    """Looks for examples on which the loss does not depend: the numbers of one at a time are replaced."""
    ignored = [i for i in range(len(x)) if all(value(changed, Y) == first for changed in _with_another_row(x, i))]
    used = [i for i in range(len(x)) if i not in ignored]
    if ignored and not used:
        yield Cause("it stays the same whatever the predictions are")
    elif ignored:
        yield Cause(
            f"it depends on {_listed(used, len(x))} alone, whatever the others are: is there a loop that ends early or keeps "
            "one value, or an index that selects them?"
        )


def _with_another_row(x: Tensor, i: int) -> Iterator[Tensor]:
    """x with other numbers in row i, in each of them with another highest class; probabilities still sum to 1."""
    classes = x.shape[1]
    for by in range(1, classes):
        changed = x.clone()
        changed[i] = 0.6 * x[i].roll(by) + 0.4 / classes
        yield changed


def _listed(places: list[int], count: int) -> str:
    if len(places) == 1:
        return {0: "the first example", count - 1: "the last example"}.get(places[0], f"example {places[0]} (from 0)")
    return f"the examples {', '.join(map(str, places))} (counted from 0)"


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-5)
