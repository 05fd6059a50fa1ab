"""Trainings that end before the last step, or return weights from before it.

The example is always 5 examples in batches of 2, of which an epoch has three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.cause import Cause
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.batch_orders import PAIRS, Batch, Epoch, Plan, right_plans
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.sandbox.host.exchanges import SeededGenerator

Training = Callable[[Tensor, Tensor, int, float, int, int], TwoLayers]
NewTraining = Callable[[SeededGenerator], Training]
"""As in `descent`."""
TRAININGS = 6
"""How many are looked at. A step chosen by its loss is the first one in all of them once in 700 times."""
BEFORE_THE_LAST = Cause(
    "the weights returned are those before the last step: is the last step missing, or was a copy made before it?"
)


def _beginnings() -> Iterator[Plan]:
    """The first 0, 1 or 2 batches of an epoch."""
    yield ()
    yield from ((Batch(pair),) for pair in PAIRS)
    yield from (plan[:2] for plan in right_plans())


def step_too_few(draw: Draw, new_training: NewTraining) -> str:
    """What is missing, as a sentence, where every training on a single batch ends one step too early."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    steps = set()
    for _ in range(TRAININGS):
        training = new_training(draw.generator())
        start, end = (training(X, Y, 5, 0.5, 2, epochs) for epochs in (0, 1))
        plan = Epoch(start, end, X, Y, 0.5).plan_of(_beginnings())
        if plan is None:
            return BEFORE_THE_LAST
        steps.add(len(plan))
    if steps == {0}:
        return Cause("there is one step too few: is the last epoch left out?")
    if steps == {2}:
        return BEFORE_THE_LAST
    listed = " or ".join(str(count + 1) for count in sorted(steps))
    claim = "the weights returned are those before one of the steps"
    return Cause(
        f"{claim}; before step {listed}, if there are three. Is a copy of the best weights kept? Return those after the last "
        "step",
        claim,
    )


@dataclass(frozen=True)
class _Two:
    """The networks after 0, 1 and 2 epochs with these targets."""

    networks: list[TwoLayers]
    X: Tensor
    Y: Tensor
    eta: float

    def epoch(self, number: int) -> Epoch:
        return Epoch(self.networks[number], self.networks[number + 1], self.X, self.Y, self.eta)

    def is_right(self, number: int) -> bool:
        return self.epoch(number).plan_of(right_plans()) is not None

    def steps_until_it_ends(self) -> int | None:
        """How many of 6 steps are taken; None if they are not the first ones of a right training."""
        first_is_right = self.is_right(0)
        plan = self.epoch(1 if first_is_right else 0).plan_of(_beginnings())
        stands_still = self.networks[1].distance(self.networks[2]) == 0
        if plan is None or not (first_is_right or stands_still):
            return None
        return len(plan) + 3 * first_is_right


def early_stop(draw: Draw, new_training: NewTraining) -> str:
    """A sentence about a training that ends early if predictions are right, and only then; "" if it does not."""
    X = draw.normal(5, 3, dtype=torch.float32)
    training, eta = new_training(draw.generator()), 0.05
    scores = training(X, draw.one_hot(5, 4, torch.float32), 5, eta, 2, 0)(X)

    def trained(labels: Tensor) -> _Two:
        Y = F.one_hot(labels, 4).float()
        return _Two([training(X, Y, 5, eta, 2, epochs) for epochs in range(3)], X, Y, eta)

    easy = trained(scores.argmax(1))
    if easy.is_right(0) and easy.is_right(1):
        return ""
    hard = trained(scores.argmin(1))
    steps = easy.steps_until_it_ends()
    if steps is None or not (hard.is_right(0) and hard.is_right(1)):
        return ""
    taken = f"takes {steps} of 6 steps, and then none" if steps else "takes no step"
    claim = f"if the initial weights predict all targets, train {taken}; if they predict none, all is right"
    return Cause(
        f"{claim}. Does it stop, or leave out batches, at a certain accuracy or loss? Every batch of every epoch needs its "
        "step",
        claim,
    )
