"""Likely mistakes of a training loop, as other descents whose end can be compared with that of the student's model."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Batch = tuple[Tensor, Tensor]
Steps = list[tuple[Batch, float]]
"""Batches, each with the learning rate of its step."""

_DECAYS = (0.1, 0.5, 0.9, 0.95, 0.99, 2.0)
_OTHER_OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "RMSprop": torch.optim.RMSprop,
    "Adagrad": torch.optim.Adagrad,
}


@dataclass(frozen=True)
class Right:
    """The descent that was asked for: the batches of each pass, the rate and the criterion."""

    passes: Sequence[Sequence[Batch]]
    eta: float
    gamma: float
    momentum: float
    criterion: Callable[..., Tensor]

    def steps(self, rate: Callable[[int, int], float] | None = None, *, passes: Any = None) -> Steps:
        """All batches with their rates; `rate` gives another one for the number of the pass and of the step."""
        taken, number = [], 0
        for epoch, batches in enumerate(self.passes if passes is None else passes):
            for batch in batches:
                taken.append((batch, rate(epoch, number) if rate else self.eta * self.gamma**epoch))
                number += 1
        return taken


@dataclass(frozen=True)
class Wrong:
    """A descent with a mistake: what is wrong in words, its steps, and further arguments of `replay`."""

    words: str
    steps: Steps
    options: dict[str, Any] = field(default_factory=dict)


def wrong_descents(right: Right) -> Iterator[Wrong]:
    """All mistakes that can be recognised by where they end, the likelier ones first."""
    for family in (_modes_and_gradients, _batches, _losses, _rates, _optimizers):
        yield from family(right)


def _modes_and_gradients(right: Right) -> Iterator[Wrong]:
    steps = right.steps()
    starts = set(itertools.accumulate((len(batches) for batches in right.passes), initial=0))
    within = frozenset(range(len(steps))) - starts
    ends = {start - 1 for start in starts}
    once = [(batch, eta if number in ends else 0.0) for number, (batch, eta) in enumerate(steps)]
    final = [(batch, eta if number == len(steps) - 1 else 0.0) for number, (batch, eta) in enumerate(steps)]
    always = frozenset(range(1, len(steps)))
    yield Wrong(
        "the weights are those of a model that trained in eval mode: call model.train() before each epoch",
        steps,
        {"train_mode": False},
    )
    added = "the gradients add up from batch to batch: set them to zero before each step"
    yield Wrong(added, steps, {"added": always})
    if len(right.passes) > 1:
        yield Wrong("the gradients are set to zero only once an epoch: set them to zero before each step", steps,
                    {"added": within})  # fmt: skip
        yield Wrong("there was one step an epoch, with the gradients of all its batches: each batch needs a step", once,
                    {"added": within})  # fmt: skip
        yield Wrong("there was one step an epoch, with the gradient of its last batch: each batch needs a step", once)
    yield Wrong("there was a single step, with the gradients of all batches: each batch needs a step", final,
                {"added": always})  # fmt: skip
    yield Wrong("there was a single step, with the gradient of the last batch: each batch needs a step", final)
    in_twos = [(batch, eta if number % 2 else 0.0) for number, (batch, eta) in enumerate(steps)]
    yield Wrong("a step followed only every second batch, with the gradients of both: each batch needs a step", in_twos,
                {"added": frozenset(range(1, len(steps), 2))})  # fmt: skip
    yield Wrong("the weights went up the gradient", [(batch, -eta) for batch, eta in steps])
    yield Wrong("each batch was followed by two steps", [step for step in steps for _ in range(2)])
    yield Wrong("the steps are twice as long as they should be", [(batch, 2 * eta) for batch, eta in steps])
    yield Wrong("the steps are half as long as they should be", [(batch, eta / 2) for batch, eta in steps])


def _batches(right: Right) -> Iterator[Wrong]:
    def of(change: Callable[[Sequence[Batch]], Sequence[Batch]]) -> Steps:
        return right.steps(passes=[change(batches) for batches in right.passes])

    def joined(batches: Sequence[Batch]) -> Sequence[Batch]:
        return [(torch.cat([images for images, _ in batches]), torch.cat([labels for _, labels in batches]))]

    yield Wrong("the last batch was left out", of(lambda batches: batches[:-1]))
    yield Wrong("the first batch was left out", of(lambda batches: batches[1:]))
    yield Wrong("only the first batch was visited: is there a return inside the loop?", of(lambda batches: batches[:1]))
    yield Wrong("there was one step an epoch, on all examples together: each batch needs a step", of(joined))
    yield Wrong("the batches were visited in reverse order", of(lambda batches: batches[::-1]))
    if len(right.passes) == 1 and len(right.passes[0]) <= 4:
        for order in itertools.permutations(right.passes[0]):
            yield Wrong("the batches were visited in another order", right.steps(passes=[order]))
    yield Wrong(
        "the weights are those of one more epoch: how often does the loop run?",
        right.steps(passes=[*right.passes, right.passes[-1]]),
    )
    yield Wrong(
        "the weights are those of one epoch less: does every epoch train, and do the weights of the last one stay?",
        right.steps(passes=right.passes[:-1]),
    )
    yield Wrong(
        "every epoch had the batches of the first: iterate over the loader again in each epoch to get new ones",
        right.steps(passes=[right.passes[0]] * len(right.passes)),
    )


def _losses(right: Right) -> Iterator[Wrong]:
    steps = right.steps()
    yield Wrong("the steps are too large by a factor of the batch size: the criterion is a mean already",
                [(batch, eta * len(batch[1])) for batch, eta in steps])  # fmt: skip
    yield Wrong("the steps are too small by a factor of the batch size: the criterion is a mean already",
                [(batch, eta / len(batch[1])) for batch, eta in steps])  # fmt: skip
    yield Wrong("the steps are too small by a factor of the number of batches",
                [(batch, eta / len(right.passes[0])) for batch, eta in steps])  # fmt: skip
    yield Wrong(
        "the loss is the cross-entropy instead of the criterion that was given", steps, {"criterion": F.cross_entropy}
    )
    on_the_scores: dict[str, Callable[[Tensor], Tensor]] = {
        "a softmax": lambda scores: scores.softmax(1),
        "a sigmoid": torch.sigmoid,
        "a ReLU": torch.relu,
    }
    for name, function in on_the_scores.items():
        yield Wrong(f"{name} is applied to the scores before the criterion, which takes the scores themselves", steps,
                    {"criterion": functools.partial(_after, function, right.criterion)})  # fmt: skip
    for name, loss in (("of the scores", _squared_error), ("of the probabilities", _squared_error_of_softmax)):
        yield Wrong(f"the loss is the mean squared error {name}", steps, {"criterion": loss})
    yield Wrong("the loss smooths the labels by 0.1", steps,
                {"criterion": functools.partial(F.cross_entropy, label_smoothing=0.1)})  # fmt: skip


def _after(
    function: Callable[[Tensor], Tensor], criterion: Callable[..., Tensor], scores: Tensor, labels: Tensor
) -> Tensor:
    return criterion(function(scores), labels)


def _squared_error(scores: Tensor, labels: Tensor) -> Tensor:
    return F.mse_loss(scores, F.one_hot(labels, scores.shape[1]).to(scores.dtype))


def _squared_error_of_softmax(scores: Tensor, labels: Tensor) -> Tensor:
    return _squared_error(scores.softmax(1), labels)


def _powers(eta: float, of_epoch: float, of_step: float = 1.0) -> Callable[[int, int], float]:
    return lambda epoch, step: eta * of_epoch**epoch * of_step**step


def _rates(right: Right) -> Iterator[Wrong]:
    eta, gamma, per_epoch = right.eta, right.gamma, len(right.passes[0])
    rates: dict[str, Callable[[int, int], float]] = {
        "did not decay": lambda epoch, step: eta,
        "decayed before the first epoch, but should decay after each epoch": lambda epoch, step: (
            eta * gamma ** (epoch + 1)
        ),
        "decayed after each batch, but should decay after each epoch": lambda epoch, step: eta * gamma**step,
        "decayed a little after each batch, by gamma in a whole epoch, but should stay the same during an epoch": (
            lambda epoch, step: eta * gamma ** (step / per_epoch)
        ),
        "was multiplied by gamma twice after each epoch": lambda epoch, step: eta * gamma ** (2 * epoch),
        "decayed only after every other epoch": lambda epoch, step: eta * gamma ** (epoch // 2),
        "was multiplied by a growing power of gamma after each epoch": (
            lambda epoch, step: eta * gamma ** (epoch * (epoch + 1) / 2)
        ),
        "fell by the same amount after each epoch, but should be multiplied by gamma": (
            lambda epoch, step: eta * (1 - (1 - gamma) * epoch)
        ),
        "was divided by gamma after each epoch": lambda epoch, step: eta * gamma**-epoch,
        "was divided by 1 + gamma · epoch": lambda epoch, step: eta / (1 + gamma * epoch),
    }
    for words, rate in rates.items():
        yield Wrong(f"the learning rate {words}", right.steps(rate))
    for other in (0.1, 0.01, 0.001):
        yield Wrong(f"the learning rate was {other:g} in the first epoch instead of {eta:g}",
                    right.steps(_powers(other, gamma)))  # fmt: skip
    for factor in _DECAYS:
        if factor != gamma:
            yield Wrong(f"the learning rate was multiplied by {factor:g} after each epoch instead of {gamma:g}",
                        right.steps(_powers(eta, factor)))  # fmt: skip
        yield Wrong(f"the learning rate was multiplied by {factor:g} after each batch",
                    right.steps(_powers(eta, gamma, factor)))  # fmt: skip


def _optimizers(right: Right) -> Iterator[Wrong]:
    steps = right.steps()
    if right.momentum:
        yield Wrong("the steps are those of plain descent, but the optimizer that was given has a momentum", steps,
                    {"momentum": 0.0})  # fmt: skip
    for momentum in (0.9, 0.5, 0.8, 0.95, 0.99):
        if momentum != right.momentum:
            asked = f"of {right.momentum:g}" if right.momentum else "none"
            yield Wrong(f"the steps have a momentum of {momentum:g}, but should have {asked}", steps,
                        {"momentum": momentum})  # fmt: skip
    # The third argument of torch.optim.SGD is the momentum.
    if right.gamma not in (1.0, right.momentum) and len(right.passes) > 1:
        constant = right.steps(lambda *_: right.eta)
        for words, taken in (
            ("a constant learning rate", constant),
            ("a learning rate that decays as it should", steps),
        ):
            yield Wrong(
                f"the steps have a momentum of gamma, {right.gamma:g}, and {words}: is gamma an argument of the optimizer?",
                taken,
                {"momentum": right.gamma},
            )
    nesterov = functools.partial(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True)
    yield Wrong("the steps have Nesterov's momentum, of 0.9", steps, {"optimizer": nesterov})
    for decay in (0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001):
        decaying = functools.partial(torch.optim.SGD, lr=0.1, momentum=right.momentum, weight_decay=decay)
        yield Wrong(f"every step also pulls the weights towards zero, as a weight decay of {decay:g} does", steps,
                    {"optimizer": decaying})  # fmt: skip
    for limit in (1.0, 0.5, 0.1, 2.0, 5.0):
        by_norm = functools.partial(nn.utils.clip_grad_norm_, max_norm=limit)
        yield Wrong(f"the gradients are clipped to a norm of {limit:g}", steps, {"before_step": by_norm})
        by_value = functools.partial(nn.utils.clip_grad_value_, clip_value=limit)
        yield Wrong(f"the gradients are clipped to numbers from −{limit:g} to {limit:g}", steps,
                    {"before_step": by_value})  # fmt: skip
    for name, optimizer in _OTHER_OPTIMIZERS.items():
        for taken in (steps, [(batch, 0.001) for batch, _ in steps]):
            yield Wrong(
                f"the steps are those of {name}, not those of gradient descent", taken, {"optimizer": optimizer}
            )
