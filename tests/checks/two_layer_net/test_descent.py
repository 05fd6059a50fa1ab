"""Training is followed exactly: gradient descent passes, anything else is explained."""

from collections.abc import Callable

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.descent import (
    Training,
    expect_every_example_once,
    expect_gradient_steps,
    expect_start,
)
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.sandbox.host.student_module import SeededGenerator


def trainer(
    order: Callable[[int, int, torch.Generator], torch.Tensor] = lambda n, epoch, g: torch.randperm(n, generator=g),
    scale: float = 1.0,
    drop_last: bool = False,
) -> Callable[[SeededGenerator], Training]:
    """Mini-batch gradient descent in float64, all random numbers from the generator."""

    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X, Y, nh, eta, batch_size, epochs):
            generator = torch.Generator().manual_seed(seeded.seed)
            sizes = ((nh, X.shape[1]), (nh,), (Y.shape[1], nh), (Y.shape[1],))
            network = TwoLayers(*(0.3 * torch.randn(size, generator=generator).double() for size in sizes))
            for epoch in range(epochs):
                for batch in order(len(X), epoch, generator).split(batch_size):
                    if not drop_last or len(batch) == batch_size:
                        network = network.step(X[batch], Y[batch], eta * scale)
            return network

        return training

    return with_generator


@pytest.fixture
def draw() -> Draw:
    return Draw(1, "a check")


def test_gradient_descent_passes_all(draw):
    expect_start(draw, trainer(), generator_sets_weights=True)
    expect_gradient_steps(draw, trainer())
    expect_every_example_once(draw, trainer())


@pytest.mark.parametrize(
    ("scale", "reason"),
    [
        (-1.0, "up the gradient"),
        (6.0, "6 times too large, which is the batch size"),
        (1 / 4, "4 times too small, which is the number of classes"),
    ],
)
def test_a_wrong_step_is_named(draw, scale, reason):
    with pytest.raises(CheckFailed, match=reason):
        expect_gradient_steps(draw, trainer(scale=scale))


def test_a_dropped_batch_is_noticed(draw):
    with pytest.raises(CheckFailed, match="the last, short batch is left out"):
        expect_every_example_once(draw, trainer(drop_last=True))


def test_the_same_order_each_epoch_is_noticed(draw):
    orders: dict[int, torch.Tensor] = {}

    def once(n, epoch, generator):
        drawn = torch.randperm(n, generator=generator)
        return orders.setdefault(0, drawn) if epoch else orders.update({0: drawn}) or drawn

    with pytest.raises(CheckFailed, match="shuffle again in each epoch"):
        expect_every_example_once(draw, trainer(order=once))


def test_no_shuffling_is_noticed(draw):
    with pytest.raises(CheckFailed, match="visited in the same order they were given in"):
        expect_every_example_once(draw, trainer(order=lambda n, epoch, generator: torch.arange(n)))


def test_weights_that_are_always_the_same_are_noticed(draw):
    same = trainer()(SeededGenerator(3))
    with pytest.raises(CheckFailed, match="the same weights each time"):
        expect_start(draw, lambda generator: same, generator_sets_weights=True)
