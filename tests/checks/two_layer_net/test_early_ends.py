"""Trainings that end before the last step are told from those that lose their last step or batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.descent import expect_every_example_once, expect_gradient_steps
from autograder.checks.two_layer_net.early_ends import NewTraining, Training
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.sandbox.host.exchanges import SeededGenerator

Batches = Callable[[], Iterator[tuple[int, Tensor, Tensor]]]
"""The epoch, inputs and targets of every step."""


def is_perfect(network: TwoLayers, X: Tensor, Y: Tensor) -> bool:
    return torch.equal(network(X).argmax(1), Y.argmax(1))


def trained(run: Callable[[TwoLayers, Batches, float], TwoLayers]) -> NewTraining:
    """Trainings by `run(start, batches, eta)`."""

    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X: Tensor, Y: Tensor, nh: int, eta: float, batch_size: int, epochs: int) -> TwoLayers:
            generator = torch.Generator().manual_seed(seeded.seed)
            sizes = ((nh, X.shape[1]), (nh,), (Y.shape[1], nh), (Y.shape[1],))
            start = TwoLayers(*(0.3 * torch.randn(size, generator=generator).double() for size in sizes))

            def batches() -> Iterator[tuple[int, Tensor, Tensor]]:
                for epoch in range(epochs):
                    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
                        yield epoch, X[rows], Y[rows]

            return run(start, batches, eta)

        return training

    return with_generator


def stops_at_a_perfect_batch(network, batches, eta):
    for _, X, Y in batches():
        perfect = is_perfect(network, X, Y)
        network = network.step(X, Y, eta)
        if perfect:
            break
    return network


def skips_perfect_batches(network, batches, eta):
    for _, X, Y in batches():
        if not is_perfect(network, X, Y):
            network = network.step(X, Y, eta)
    return network


def stops_at_a_low_loss(network, batches, eta):
    for _, X, Y in batches():
        if network.loss(X, Y) < 1.0:
            break
        network = network.step(X, Y, eta)
    return network


def drops_short_batches_later(network, batches, eta):
    for epoch, X, Y in batches():
        if epoch == 0 or len(X) != 1:
            network = network.step(X, Y, eta)
    return network


def returns_the_best(network, batches, eta):
    best, lowest = network, float("inf")
    for _, X, Y in batches():
        if network.loss(X, Y) < lowest:
            best, lowest = network, network.loss(X, Y)
        network = network.step(X, Y, eta)
    return best


def returns_the_one_before(network, batches, eta):
    before = network
    for _, X, Y in batches():
        before, network = network, network.step(X, Y, eta)
    return before


def leaves_out_the_last_epoch(network, batches, eta):
    steps = list(batches())
    for epoch, X, Y in steps:
        if epoch < steps[-1][0]:
            network = network.step(X, Y, eta)
    return network


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (stops_at_a_perfect_batch, "train takes 1 of 6 steps, and then none"),
        (skips_perfect_batches, "train takes no step"),
        (drops_short_batches_later, "the second is not: the last, short batch is left out"),
    ],
)
def test_an_early_end_is_told_from_a_batch_left_out(run, words):
    with pytest.raises(CheckFailed) as failure:
        expect_every_example_once(Draw(1, "a check"), trained(run))
    assert words in failure.value.message


@pytest.mark.parametrize("seed", range(8))
def test_a_stop_that_depends_on_the_loss_is_not_called_a_batch_left_out(seed):
    with pytest.raises(CheckFailed) as failure:
        expect_every_example_once(Draw(seed, "a check"), trained(stops_at_a_low_loss))
    assert "left out" not in failure.value.message


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (returns_the_best, "Is a copy of the best weights kept?"),
        (returns_the_one_before, "is the last step missing, or was a copy made before it?"),
        (leaves_out_the_last_epoch, "is the last epoch left out?"),
    ],
)
def test_a_step_too_few_has_several_causes(run, words):
    with pytest.raises(CheckFailed) as failure:
        expect_gradient_steps(Draw(1, "a check"), trained(run))
    assert words in failure.value.message
