"""The loss and the accuracy that a training loop measures, and what wrong ones are instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.convolution.findings import Finding
from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.sandbox.host.errors import StudentProblem

Again = Callable[[], Iterable[tuple[Any, "Measured"]]]
"""Measures other batches: what the student's code returns for each, and what it should be made of."""

_CLOSE = 1e-4


@dataclass(frozen=True)
class Measured:
    """What one pass over the batches measures: the size, the mean loss and the number of right answers of each batch.

    after_softmax: in an evaluation, the losses where a softmax is applied to the scores first.
    counted_otherwise: how many answers of each batch are right if something else than the highest score decides, by what.
    ties: the number of examples whose two highest scores are too close for float32; either answer counts for them.
    """

    sizes: tuple[int, ...]
    losses: tuple[float, ...]
    right: tuple[int, ...]
    ties: int
    after_softmax: tuple[float, ...] = ()
    counted_otherwise: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.sizes)

    @property
    def loss(self) -> float:
        return sum(loss * size for loss, size in zip(self.losses, self.sizes)) / self.count

    @property
    def accuracy(self) -> float:
        return sum(self.right) / self.count


def right_otherwise(scores: Tensor, labels: Tensor) -> dict[str, int]:
    """How many examples of a batch are right if something else than the highest score of each decides, by what."""
    own = scores.gather(1, labels[:, None])[:, 0]
    over_batch = scores.argmax(0)[: len(labels)]
    counts = {
        "the lowest score of an example decides, but the highest should": scores.argmin(1) == labels,
        "the largest of the absolute scores of an example decides, but the highest score should": (
            scores.abs().argmax(1) == labels
        ),
        "an example counts as right if the probability of its class is above 1/2, but should if it is the highest": (
            scores.softmax(1).gather(1, labels[:, None])[:, 0] > 0.5
        ),
        "an example counts as right if the score of its class is positive, but should if it is the highest": own > 0,
        "the highest score of a class over the batch decides, as with argmax over axis 0, but that of an example should": (
            over_batch == labels[: len(over_batch)]
        ),
    }
    return {words: int(hits.sum()) for words, hits in counts.items()}


def expect_measures(
    what: str, value: Any, measured: Measured, again: Again = tuple, look: Callable[[], Finding] = Finding
) -> None:
    """Fails unless `value` is (loss, accuracy), means over the examples; `what` reads like "of the first epoch".

    `again` measures other batches, to see whether an explanation holds there, too: a single number may fit by chance.
    `look` says what else was seen of a wrong loss that is not explained.
    """
    loss, accuracy = _numbers(what, value)
    if not _near(loss, measured.loss):
        others = _measured_again(what, again)
        if all(_swapped(*pair) for pair in ((loss, accuracy, measured), *others)):
            mistake = "the two are swapped"
        else:
            mistake = _named(
                [(loss, _wrong_losses(measured)), *((other, _wrong_losses(here)) for other, _, here in others)]
            )
        elsewhere = Finding() if mistake else Finding(_with_one_batch(others)) or look()
        raise CheckFailed(
            f"the loss {what} is {loss:.4g} but should be {measured.loss:.4g}"
            f"{f': {mistake}' if mistake else f'. {elsewhere.words}' if elsewhere else ''}",
            mistake=mistake or elsewhere.mistake,
        )
    if not abs(accuracy - measured.accuracy) <= measured.ties / measured.count + 1e-5:
        others = _measured_again(what, again)
        found = [(accuracy, measured), *((other, here) for _, other, here in others)]
        guesses = [_wrong_accuracies(here) for _, here in found]
        if others:  # accuracies are simple fractions, which fit one number too easily
            guesses = [
                known | _of_some_batches(here.right, here.sizes, "the right answers")
                for known, (_, here) in zip(guesses, found)
            ]
        mistake = _named([(number, known) for (number, _), known in zip(found, guesses)])
        if all(number in (0, 1) for number, _ in found) and len({number for number, _ in found}) == 1:
            mistake = ""  # 0 and 1 say little: many mistakes give them
        raise CheckFailed(
            f"the accuracy {what} is {accuracy:.4g}, with {sum(measured.right)} of {measured.count} examples right"
            f"{f': {mistake}' if mistake else ''}",
            mistake=mistake if others else "",
        )


def expect_own_epochs(history: Sequence[Any], epochs: Sequence[Measured]) -> None:
    """Fails if the entries of a history are those of other epochs than their own, as `epochs` measures each.

    An entry that is of no epoch is left to `expect_measures`.
    """
    pairs = [_numbers("of an epoch", pair) for pair in history]
    whose = [next((number for number, epoch in enumerate(epochs) if _is_of(pair, epoch)), None) for pair in pairs]
    last = len(epochs) - 1
    if all(_is_of(pair, epoch) for pair, epoch in zip(pairs, epochs)):
        return
    if None in whose:
        for words, mean in (("the means over all epochs so far", True), ("sums over all epochs so far", False)):
            if all(_is_of_sums(pair, epochs[: n + 1], n + 1 if mean else 1) for n, pair in enumerate(pairs)):
                mistake = f"the entries of fit's history are {words}"
                raise CheckFailed(
                    f"{mistake}: each should be that of its own epoch. Are the sums set to 0 at the start of each epoch?",
                    mistake=mistake,
                )
        return
    if set(whose) == {last}:
        mistake = f"all {len(pairs)} entries of fit's history are those of the last epoch"
        raise CheckFailed(
            f"{mistake}: is one and the same object appended each time and then overwritten, or are the entries made after "
            "the last epoch?",
            mistake=mistake,
        )
    if len(set(whose)) == 1:
        mistake = f"all {len(pairs)} entries of fit's history are those of epoch {(whose[0] or 0) + 1}"
        raise CheckFailed(f"{mistake}: each should be that of its own epoch", mistake=mistake)
    if whose == list(range(last, -1, -1)):
        mistake = "fit's history is in reverse order"
        raise CheckFailed(f"{mistake}: the first entry should be that of the first epoch", mistake=mistake)
    listed = ", ".join(f"entry {n + 1} is that of epoch {(own or 0) + 1}" for n, own in enumerate(whose) if own != n)
    mistake = f"in fit's history, {listed}"
    raise CheckFailed(f"{mistake}: each should be that of its own epoch", mistake=mistake)


def _is_of(pair: tuple[float, float], epoch: Measured) -> bool:
    return _is_of_sums(pair, [epoch], 1)


def _is_of_sums(pair: tuple[float, float], epochs: Sequence[Measured], divisor: int) -> bool:
    """Whether loss and accuracy are those of these epochs added up and divided."""
    loss, accuracy = (sum(values) / divisor for values in zip(*((epoch.loss, epoch.accuracy) for epoch in epochs)))
    room = sum(epoch.ties / epoch.count for epoch in epochs) / divisor + 1e-5
    return _near(pair[0], loss) and abs(pair[1] - accuracy) <= room


def _with_one_batch(others: Sequence[tuple[float, float, Measured]]) -> str:
    """Where to look: whether the loss of a single batch is right."""
    alone = [_near(loss, measured.loss) for loss, _, measured in others if len(measured.sizes) == 1]
    if alone and all(alone):
        return "With a single batch it is right: look at how the losses of several batches are put together"
    return ""


def _measured_again(what: str, again: Again) -> list[tuple[float, float, Measured]]:
    """What `again` measures, up to the first call that fails for a reason of its own."""
    found = []
    with suppress(StudentProblem, CheckFailed):
        for value, measured in again():
            found.append((*_numbers(what, value), measured))
    return found


def _numbers(what: str, value: Any) -> tuple[float, float]:
    loss, accuracy = as_pair("epoch should return (loss, accuracy)", value)
    return as_number(f"the loss {what}", loss), as_number(f"the accuracy {what}", accuracy)


def _swapped(loss: float, accuracy: float, measured: Measured) -> bool:
    return _near(accuracy, measured.loss) and abs(loss - measured.accuracy) < 1e-5


def _wrong_losses(measured: Measured) -> dict[str, float]:
    losses, count, batches = measured.losses, measured.count, len(measured.losses)
    total = measured.loss * count
    guesses = {
        "it averages the means of the batches, but batches of unequal size need unequal weights": (
            sum(losses) / batches
        ),
        "that is the sum over the examples instead of the mean": total,
        "that is the sum of the means of the batches instead of the mean over the examples": sum(losses),
        "the means of the batches are added up without weights, then divided by the number of examples": sum(losses)
        / count,
        "the sum over the examples is divided by the number of batches": total / batches,
        "its sign is wrong": -measured.loss,
        "every batch counts as if it had as many examples as the first": sum(losses) * measured.sizes[0] / count,
        "every batch counts as if it had as many examples as the last": sum(losses) * measured.sizes[-1] / count,
        "that is the loss of the last batch alone": losses[-1],
        "that is the loss of the first batch alone": losses[0],
    }
    if measured.after_softmax:
        softmaxed = sum(loss * size for loss, size in zip(measured.after_softmax, measured.sizes))
        guesses["a softmax is applied to the scores before the criterion"] = softmaxed / count
    totals = [loss * size for loss, size in zip(losses, measured.sizes)]
    return guesses | _of_some_batches(totals, measured.sizes, "the losses")


def _of_some_batches(totals: Sequence[float], sizes: Sequence[int], what: str) -> dict[str, float]:
    """Means of which the sum or the count is not that of all batches, by words, from the total of each batch."""
    return _left_out(totals, sizes) | _overwritten(totals, sizes, what)


def _wrong_accuracies(measured: Measured) -> dict[str, float]:
    right, sizes, count = measured.right, measured.sizes, measured.count
    fractions = [number / size for number, size in zip(right, sizes)]
    guesses = {
        "it should be a fraction in [0, 1], not a percentage": 100 * measured.accuracy,
        "that is the number of right examples": float(sum(right)),
        "that is the fraction of wrong examples": 1 - measured.accuracy,
        "it averages the accuracies of the batches, but batches of unequal size need unequal weights": sum(fractions)
        / len(sizes),
        "that is the sum of the accuracies of the batches": sum(fractions),
        "the accuracies of the batches are added up without weights, then divided by the number of examples": (
            sum(fractions) / count
        ),
        "the number of right examples is divided by the number of batches": sum(right) / len(sizes),
        "that is the accuracy of the last batch alone": fractions[-1],
        "that is the accuracy of the first batch alone": fractions[0],
        **{words: sum(hits) / count for words, hits in measured.counted_otherwise.items()},
        "it is cut to a whole number, as by // or int()": float(measured.accuracy == 1),
        "it is rounded to a whole number": float(round(measured.accuracy)),
    }
    if len(sizes) > 1:
        guesses["the last batch is left out"] = sum(right[:-1]) / (count - sizes[-1])
    return guesses


def _left_out(totals: Sequence[float], sizes: Sequence[int]) -> dict[str, float]:
    """Means over some of the batches, by words, from the total of each batch and its size."""
    batches = list(zip(totals, sizes))
    some = {
        "the last batch is left out": batches[:-1],
        "the first batch is left out": batches[1:],
        "batches smaller than the first are left out": [batch for batch in batches if batch[1] >= sizes[0]],
        "batches of another size than the first are left out": [batch for batch in batches if batch[1] == sizes[0]],
        "batches smaller than the largest are left out": [batch for batch in batches if batch[1] == max(sizes)],
        "every other batch is left out": batches[::2],
    }
    guesses = {words: sum(total for total, _ in kept) / sum(n for _, n in kept) for words, kept in some.items() if kept}
    in_order = [sum(totals[: number + 1]) / sum(sizes[: number + 1]) for number in range(len(sizes))]
    return guesses | {"that is the mean, over the batches, of the mean so far": sum(in_order) / len(in_order)}


def _overwritten(totals: Sequence[float], sizes: Sequence[int], what: str) -> dict[str, float]:
    """Sums and counts of which one is that of a single batch, by words."""
    count = sum(sizes)
    return {
        f"{what} of the last batch alone are divided by the number of all examples: are {what} added up (+=) over the "
        "batches, or overwritten (=)?": totals[-1] / count,
        f"{what} of the first batch alone are divided by the number of all examples": totals[0] / count,
        f"{what} of all batches are divided by the number of examples of the last batch: is their number added up (+=) over "
        "the batches, or overwritten (=)?": sum(totals) / sizes[-1],
        f"{what} of all batches are divided by the number of examples of the first batch": sum(totals) / sizes[0],
        f"{what} of all batches are divided as if every batch had as many examples as the first": (
            sum(totals) / (sizes[0] * len(sizes))
        ),
        f"{what} of all batches are divided as if every batch had as many examples as the last": (
            sum(totals) / (sizes[-1] * len(sizes))
        ),
    }


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= _CLOSE * (1 + abs(b))


def _named(found: Sequence[tuple[float, dict[str, float]]]) -> str:
    """The first explanation that fits all numbers; each comes with what the explanations would make of it."""
    for words in found[0][1]:
        if all(_near(number, guesses[words]) for number, guesses in found if words in guesses):
            return words
    return ""
