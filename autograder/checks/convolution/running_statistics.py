"""Running statistics of a BatchNorm2d over several batches, and the rules by which wrong ones may have moved.

A rule is believed only if it gives the student's statistics after every batch: after one batch many rules agree.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from torch import Tensor, nn

from autograder.checks.closeness import expect_close
from autograder.checks.convolution.batch_norm import Pair, State, agree, of_state
from autograder.checks.failure import CheckFailed

Move = Callable[[Tensor, Tensor, float, int], Tensor]
"""From the old value, that of the batch, the momentum, and the number of batches before it to the new value."""


def _moved(old: Tensor, new: Tensor, weight: float) -> Tensor:
    return (1 - weight) * old + weight * new


_MOVES: dict[str, Move] = {
    "": lambda old, new, momentum, count: _moved(old, new, momentum),
    "does not change in training": lambda old, new, momentum, count: old,
    "is that of the last batch": lambda old, new, momentum, count: new,
    "has the weights swapped: the new batch has the weight momentum, the old value 1 − momentum": (
        lambda old, new, momentum, count: _moved(old, new, 1 - momentum)
    ),
    "is updated with a momentum of 0.1 instead of the argument's": (
        lambda old, new, momentum, count: _moved(old, new, 0.1)
    ),
    "is a copy of the first batch's, which should move the initial value by momentum like any other batch": (
        lambda old, new, momentum, count: _moved(old, new, momentum if count else 1.0)
    ),
    "is the mean over all batches so far, but each batch should have the weight momentum": (
        lambda old, new, momentum, count: _moved(old, new, 1 / (count + 1))
    ),
    "lacks the factor 1 − momentum of the old value": lambda old, new, momentum, count: old + momentum * new,
    "lacks the factor momentum of the batch": lambda old, new, momentum, count: (1 - momentum) * old + new,
    "moves away from the batch: a sign is wrong": lambda old, new, momentum, count: _moved(old, new, -momentum),
}


def _of_images(x: Tensor) -> Tensor:
    return x.var((0, 2, 3), unbiased=False) * len(x) / max(1, len(x) - 1)


_VARIANCES: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda x: x.var((0, 2, 3)),
    "uses the biased variance, but should use the unbiased one, which divides by n − 1": (
        lambda x: x.var((0, 2, 3), unbiased=False)
    ),
    "averages the standard deviation instead of the variance": lambda x: x.std((0, 2, 3)),
    "averages the biased standard deviation instead of the variance": lambda x: x.std((0, 2, 3), unbiased=False),
    "takes the number of images for n, but n counts all numbers of a channel": _of_images,
    "averages the squares, but a variance is about the mean": lambda x: (x**2).mean((0, 2, 3)),
}
_MEANS: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda x: x.mean((0, 2, 3)),
    "divides the sum by the number of images alone, but a channel has batch · height · width numbers": (
        lambda x: x.sum((0, 2, 3)) / len(x)
    ),
}


def expect_statistics(pair: Pair, batches: list[Tensor], rtol: float) -> None:
    """Fails unless the student's layer has PyTorch's running statistics after each of these batches."""
    channels, momentum = len(pair.torchs.weight), pair.torchs.momentum
    assert momentum is not None
    states, rights = [], []
    for x in batches:
        pair(x)
        states.append(pair.state())
        rights.append({name: value.clone() for name, value in pair.torchs.state_dict().items()})
    initial = nn.BatchNorm2d(channels).double().state_dict()
    for name, kinds in (("running_mean", _MEANS), ("running_var", _VARIANCES)):
        values = [of_state(state, name, (channels,)) for state in states]
        wrong = [place for place, value in enumerate(values) if not agree(value, rights[place][name], rtol)]
        if not wrong:
            continue
        words = _rule(kinds, initial[name], batches, values, momentum, rtol)
        if words:
            raise CheckFailed(f"{name} {words}", mistake=f"{name} {words}")
        after = f"{name} after {wrong[0] + 1} batch{'es' if wrong[0] else ''} in training"
        expect_close(after, values[wrong[0]], rights[wrong[0]][name], rtol=rtol)
    _expect_count(states, rights, [len(x) for x in batches])


def _rule(
    kinds: dict[str, Callable[[Tensor], Tensor]],
    initial: Tensor,
    batches: list[Tensor],
    values: list[Tensor],
    momentum: float,
    rtol: float,
) -> str:
    """The rule, in words, that gives these values after each batch; "" if none does."""
    for (moves, move), (of_batch, statistic) in itertools.product(_MOVES.items(), kinds.items()):
        now = initial
        for count, (x, value) in enumerate(zip(batches, values)):
            now = move(now, statistic(x.double()), momentum, count)
            if not agree(value, now, max(rtol, 1e-7)):
                break
        else:
            return "; also, it ".join(words for words in (moves, of_batch) if words)
    return ""


_COUNTS: dict[str, Callable[[list[int]], int]] = {
    "it does not change": lambda sizes: 0,
    "it counts images": sum,
    "it is the number of images of the last batch": lambda sizes: sizes[-1],
    "it counts every batch twice": lambda sizes: 2 * len(sizes),
}
"""Wrong counts, by words, from the sizes of the batches so far."""


def _expect_count(states: list[State], rights: list[State], sizes: list[int]) -> None:
    counts = [float(of_state(state, "num_batches_tracked", ())) for state in states]
    wrong = [place for place, right in enumerate(rights) if counts[place] != int(right["num_batches_tracked"])]
    if not wrong:
        return
    found = f"num_batches_tracked is {counts[wrong[0]]:g} but should be {int(rights[wrong[0]]['num_batches_tracked'])}"
    for words, rule in _COUNTS.items():
        if all(count == rule(sizes[: place + 1]) for place, count in enumerate(counts)):
            mistake = f"{found}: {words}"
            raise CheckFailed(f"{mistake}, but should count the batches seen in training", mistake=mistake)
    raise CheckFailed(f"{found}: it counts the batches seen in training")
