"""Training is followed exactly: gradient descent passes, anything else is explained."""

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.batch_orders import Batch, Epoch
from autograder.checks.two_layer_net.descent import (
    Training,
    expect_every_example_once,
    expect_gradient_steps,
    expect_start,
    expect_updated,
)
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.checks.two_layer_net.update_rules import Rule, Run, momentum
from autograder.sandbox.host.exchanges import SeededGenerator


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
    with pytest.raises(CheckFailed, match=reason) as failure:
        expect_gradient_steps(draw, trainer(scale=scale))
    assert failure.value.mistake in failure.value.message.partition(" are wrong: ")[2]
    assert failure.value.mistake


def test_a_dropped_batch_is_noticed(draw):
    with pytest.raises(CheckFailed) as failure:
        expect_every_example_once(draw, trainer(drop_last=True))
    assert failure.value.mistake == "the last, short batch is left out"


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


def trained_by(rule: Rule) -> Callable[[SeededGenerator], Training]:
    """Full-batch training by a wrong rule, from the same start as `trainer`."""

    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X, Y, nh, eta, batch_size, epochs):
            start = trainer()(seeded)(X, Y, nh, eta, batch_size, 0)
            return rule.train(Run(start, start, X, Y, eta, epochs))

        return training

    return with_generator


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule(update=momentum(0.9)), "those with a momentum of 0.9"),
        (Rule(update=lambda old, g, state, eta, step: old * (1 - 0.01 * eta) - eta * g), "a weight decay of 0.01"),
        (Rule(loss=lambda s, Y: F.cross_entropy(s.softmax(1), Y)), "one softmax too many"),
        (Rule(added_up=True), "adds the gradients of the steps before it"),
        (Rule(frozen=("bh", "by")), "bh and by are never updated"),
        (Rule(rate=lambda eta, step, epochs: 0.01), "a learning rate of 0.01, whatever eta is"),
        (Rule(rate=lambda eta, step, epochs: eta * 0.99**step), "0.99 eta in the second step"),
        (Rule(inputs=lambda X: X - X.mean(0)), "the inputs are shifted to mean 0"),
        (Rule(change=lambda g: [0.1 * block / torch.cat([b.flatten() for b in g]).norm() for block in g]), "norm of"),
        (Rule(steps=lambda epochs: epochs + bool(epochs)), "one step too many"),
        (Rule(loss=lambda s, Y: F.cross_entropy(s, Y[[1, 2, 3, 4, 5, 0]])), "each other's targets"),
        (
            Rule(loss=lambda s, Y: F.cross_entropy(s[[0, 0, 1, 2, 3, 3]], Y[[0, 0, 1, 2, 3, 3]])),
            "count 2, 1, 1, 2, 0, 0 times",
        ),
    ],
)
def test_a_wrong_rule_is_named(draw, rule, reason):
    with pytest.raises(CheckFailed, match=reason):
        expect_gradient_steps(draw, trained_by(rule))


def test_no_cause_is_claimed_of_random_steps(draw):
    noise = torch.Generator().manual_seed(3)
    rule = Rule(update=lambda old, g, state, eta, step: old - eta * torch.randn(old.shape, generator=noise).double())
    with pytest.raises(CheckFailed) as failure:
        expect_gradient_steps(draw, trained_by(rule))
    assert str(failure.value).endswith("not those of gradient descent on the mean cross-entropy with eta=0.5")


def test_weights_that_are_drawn_again_in_each_epoch_are_noticed(draw):
    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X, Y, nh, eta, batch_size, epochs):
            start = trainer()(SeededGenerator(seeded.seed + max(0, epochs - 1)))(X, Y, nh, eta, batch_size, 0)
            return start.step(X, Y, eta) if epochs else start

        return training

    with pytest.raises(CheckFailed, match="so they are changed by something else than a step") as failure:
        expect_gradient_steps(draw, with_generator)
    assert failure.value.mistake


def test_no_change_without_steps_is_claimed_of_a_second_step_that_is_wrong(draw):
    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X, Y, nh, eta, batch_size, epochs):
            network = trainer()(seeded)(X, Y, nh, eta, batch_size, min(epochs, 1))
            return network.step(X[:3].flip(0).tanh(), Y[:3], 1.3 * eta) if epochs > 1 else network

        return training

    with pytest.raises(CheckFailed, match="a single epoch is right") as failure:
        expect_gradient_steps(draw, with_generator)
    assert failure.value.mistake == ""


@pytest.mark.parametrize(
    ("batches", "reason"),
    [
        (lambda o: [o[:2], o[2:4], torch.cat([o[4:], o[:1]])], "filled up with an example"),
        (lambda o: [o[:1], o[1:3], o[3:]], "the short batch comes first"),
        (lambda o: o.split(1), "a step of its own"),
        (lambda o: [o], "one step, on all examples"),
        (lambda o: o.split(3), "two batches, of 3 and 2"),
        (lambda o: [o[:2]], "one step, on a single batch"),
        (lambda o: [o[i : i + 2] for i in range(5)], "batches overlap"),
        (lambda o: [o[[0, 1]], o[[1, 3]], o[[0]]], "visited twice and others not at all"),
    ],
)
def test_wrong_batches_are_named(draw, batches, reason):
    def with_generator(seeded: SeededGenerator) -> Training:
        def training(X, Y, nh, eta, batch_size, epochs):
            network = trainer()(seeded)(X, Y, nh, eta, batch_size, 0)
            generator = torch.Generator().manual_seed(seeded.seed + 1)
            for _ in range(epochs):
                for batch in batches(torch.randperm(len(X), generator=generator)):
                    network = network.step(X[batch], Y[batch], eta)
            return network

        return training

    with pytest.raises(CheckFailed, match=reason):
        expect_every_example_once(draw, with_generator)


def test_the_gradient_by_the_chain_rule_is_that_of_autograd(draw):
    X, Y = draw.normal(5, 3), draw.one_hot(5, 4)
    network = trainer()(SeededGenerator(3))(X, Y, 5, 0.5, 2, 0)
    found = Epoch(network, network, X, Y, 0.5).gradient(network, Batch((0, 3, 4)))
    assert found.distance(network.gradient(X[[0, 3, 4]], Y[[0, 3, 4]])) < 1e-12


def test_parameters_that_a_step_leaves_out_are_listed():
    with pytest.raises(CheckFailed, match="changes Wh, Wy, but leaves bh, by unchanged"):
        expect_updated("sgd", {"Wh": True, "bh": False, "Wy": True, "by": False})
