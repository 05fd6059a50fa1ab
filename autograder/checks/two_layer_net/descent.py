"""Checks that a `train` function is exactly mini-batch gradient descent.

From known initial parameters, the parameters after an epoch must be those of one of the orders in which the examples can
be visited. Any code that gets there passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.network import Sizes, TwoLayers
from autograder.sandbox.host.student_module import SeededGenerator, StudentModule

Training = Callable[[Tensor, Tensor, int, float, int, int], TwoLayers]
"""Trains on (X, Y, nh, eta, batch_size, epochs) and returns the final network; every call has the same random start."""
NewTraining = Callable[[SeededGenerator], Training]
"""Makes a training with this generator, and with everything else that its random start depends on fixed."""

CLOSE = 2e-5
Order = tuple[tuple[int, ...], ...]


def expect_start(draw: Draw, new_training: NewTraining, *, generator_sets_weights: bool) -> None:
    """Fails unless epochs=0 returns initial weights that depend on the generator or the global state alone."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    generator = draw.generator()
    training = new_training(generator)
    start = training(X, Y, 5, 0.5, 2, 0)
    if start.distance(training(X, Y, 5, 0.5, 2, 0)) > 0:
        raise CheckFailed(
            "train with epochs=0 returns different initial weights for the same random start: "
            "if a generator is given, the result must depend on nothing else"
        )
    if start.distance(training(X + 1, Y, 5, 0.5, 2, 0)) > 0:
        raise CheckFailed("train with epochs=0 should return the initial weights, and took a step: they depend on X")
    if start.distance(training(X, Y, 5, 0.0, 2, 1)) > CLOSE:
        raise CheckFailed("train with eta=0 should not change the initial weights, but does")
    elsewhere = new_training(draw.generator() if generator_sets_weights else generator)
    if start.distance(elsewhere(X, Y, 5, 0.5, 2, 0)) == 0:
        source = "the generator" if generator_sets_weights else "PyTorch's global random state, not with the generator"
        raise CheckFailed(
            f"train starts with the same weights each time: draw them with {source}, and set no seed in it"
        )


def expect_gradient_steps(draw: Draw, new_training: NewTraining) -> None:
    """Fails unless each epoch of a single batch is one step down the gradient of the mean cross-entropy."""
    X, Y = draw.normal(6, 3, dtype=torch.float32), draw.one_hot(6, 4, torch.float32)
    for nh, eta, epochs in ((5, 0.5, 1), (5, 0.2, 3), (7, 1.0, 2)):
        training = new_training(draw.generator())
        start, end = (training(X, Y, nh, eta, len(X), count) for count in (0, epochs))
        if end.distance(_descended(start, X, Y, eta, epochs)) > CLOSE:
            raise CheckFailed(_wrong_steps(start, end, X, Y, eta, epochs))
    _expect_last(draw, X, Y, new_training)


def _expect_last(draw: Draw, X: Tensor, Y: Tensor, new_training: NewTraining) -> None:
    """Fails if training stops early or keeps earlier weights when the loss rises, here because of a huge learning rate."""
    training = new_training(draw.generator())
    start = training(X, Y, 5, 1.0, len(X), 0)
    for eta in (4.0, 8.0, 16.0, 32.0):
        one, two = (_descended(start, X, Y, eta, steps) for steps in (1, 2))
        if min(start.loss(X, Y), one.loss(X, Y)) + 0.1 < two.loss(X, Y):
            if training(X, Y, 5, eta, len(X), 2).distance(two) > 1e-3 * eta:
                raise CheckFailed(
                    f"two epochs with eta={eta:g}, which makes the loss rise, do not end where two steps end: train must run "
                    "all epochs, without stopping early, and return the last weights"
                )
            return


def _descended(network: TwoLayers, X: Tensor, Y: Tensor, eta: float, steps: int) -> TwoLayers:
    for _ in range(steps):
        network = network.step(X, Y, eta)
    return network


def _wrong_steps(start: TwoLayers, end: TwoLayers, X: Tensor, Y: Tensor, eta: float, epochs: int) -> str:
    """Explains wrong steps by trying likely mistakes."""
    what = f"{f'{epochs} epochs' if epochs > 1 else 'one epoch'} with all examples in one batch"
    if end.distance(start) < 1e-7:
        return f"after {what} the weights are still the initial ones"
    if end.distance(_descended(start, X, Y, -eta, epochs)) < CLOSE:
        return f"after {what} the weights went up the gradient: the update has the wrong sign"
    for count in range(1, 8):
        if count != epochs and end.distance(_descended(start, X, Y, eta, count)) < CLOSE:
            return f"{what} should take {epochs} step{'s' * (epochs > 1)} but took {count}"
    if epochs > 1 and end.distance(_with_gradients_added_up(start, X, Y, eta, epochs)) < CLOSE:
        return "each step adds the gradients of the steps before it: set the gradients to zero after each step"
    for factor, name in ((len(X), "the batch size"), (Y.shape[1], "the number of classes")):
        for scale, words in ((factor, "large"), (1 / factor, "small")):
            if end.distance(_descended(start, X, Y, eta * scale, epochs)) < 1e-4:
                return f"the steps are {factor} times too {words}, which is {name}: the loss is the mean over the batch"
    for names, blocks in (("Wh and bh", ("Wh", "bh")), ("Wy and by", ("Wy", "by")), ("the biases", ("bh", "by"))):
        if all(torch.equal(getattr(start, block), getattr(end, block)) for block in blocks):
            return f"after {what} {names} are still the initial ones: is every parameter updated?"
    if epochs > 1:  # a single epoch was right
        return (
            f"after {what} the weights are not those of {epochs} steps of gradient descent with eta={eta}, but a single "
            "epoch is right: is something carried over from step to step, like a momentum, or does the rate change?"
        )
    return (
        f"after {what} the weights are not those of one step of gradient descent with eta={eta}: does each example keep its "
        "own target, is X used as it is, is the loss the mean cross-entropy of all examples, is eta used as given?"
    )


def _with_gradients_added_up(network: TwoLayers, X: Tensor, Y: Tensor, eta: float, epochs: int) -> TwoLayers:
    total: TwoLayers | None = None
    for _ in range(epochs):
        gradient = network.gradient(X, Y)
        total = gradient if total is None else total.plus(gradient, 1.0)
        network = network.plus(total, -eta)
    return network


def expect_every_example_once(draw: Draw, new_training: NewTraining) -> None:
    """Fails unless each epoch visits every example once, in a new order, with the last short batch included."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    first_orders: list[Order] = []
    repeated = 0
    for _ in range(4):
        generator = draw.generator()
        orders = _orders(new_training(generator), X, Y, epochs=2)
        if orders[0] is None:
            raise CheckFailed(_explain_no_order(new_training(generator), X, Y))
        same = _orders(new_training(generator), X, Y, epochs=2)
        if same[0] != orders[0]:
            raise CheckFailed(
                "generators of the same seed give different orders of the examples: is the generator used?"
            )
        if orders[1] is None:
            raise CheckFailed("the second epoch does not continue the first: does it, too, visit every example once?")
        if same[1] != orders[1]:
            raise CheckFailed(
                "generators of the same seed give different orders in the second epoch: is the generator used in every epoch?"
            )
        first_orders.append(orders[0])
        repeated += orders[0] == orders[1]
    if len(set(first_orders)) == 1:
        raise CheckFailed(
            "four different generators gave the same order of the examples: are they shuffled with the generator?"
        )
    if repeated == 4:
        raise CheckFailed("the second epoch visits the examples in the order of the first: shuffle again in each epoch")
    _expect_full_batches(X, Y, new_training(draw.generator()))


def _explain_no_order(training: Training, X: Tensor, Y: Tensor) -> str:
    if training(X, Y, 5, 0.5, 2, 0).distance(training(X + 1, Y, 5, 0.5, 2, 0)) > 0:
        return "train with epochs=0 should return the initial weights, and took a step: they depend on X"
    return (
        "after one epoch over 5 examples in batches of 2 the weights are not those of steps on 2, 2 and then 1 of them, in "
        "any order: is every example visited once, with its own target, and does the last short batch come last?"
    )


def _expect_full_batches(X: Tensor, Y: Tensor, training: Training) -> None:
    """Fails unless 5 examples in batches of 4 are split into 4 and 1, not 3 and 2."""
    start, end = (training(X, Y, 5, 0.5, 4, epochs) for epochs in (0, 1))
    for last in range(len(X)):
        others = [place for place in range(len(X)) if place != last]
        if start.step(X[others], Y[others], 0.5).step(X[[last]], Y[[last]], 0.5).distance(end) < CLOSE:
            return
    raise CheckFailed(
        "after one epoch over 5 examples in batches of 4 the weights are not those of one step on 4 of them and one on the "
        "fifth: are all batches but the last full?"
    )


def _orders(training: Training, X: Tensor, Y: Tensor, epochs: int) -> list[Order | None]:
    """The order of the examples in each epoch, in batches of two; None if there is none that leads to the weights."""
    networks = [training(X, Y, 5, 0.5, 2, count) for count in range(epochs + 1)]
    return [_order_between(before, after, X, Y, 0.5) for before, after in itertools.pairwise(networks)]


def _order_between(start: TwoLayers, end: TwoLayers, X: Tensor, Y: Tensor, eta: float) -> Order | None:
    """The batches (2, 2, 1 examples) that lead from one network to the other, or None."""
    everyone = set(range(len(X)))
    for first in itertools.combinations(sorted(everyone), 2):
        one = start.step(X[list(first)], Y[list(first)], eta)
        rest = everyone - set(first)
        for second in itertools.combinations(sorted(rest), 2):
            last = tuple(rest - set(second))
            two = one.step(X[list(second)], Y[list(second)], eta)
            if two.step(X[list(last)], Y[list(last)], eta).distance(end) < CLOSE:
                return first, second, last
    return None


def expect_unseeded(draw: Draw, train: Callable[[Tensor, Tensor], TwoLayers]) -> None:
    """Fails unless trainings without a generator differ; `train(X, Y)` calls the student's without one."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    if train(X, Y).distance(train(X, Y)) == 0:
        raise CheckFailed(
            "two trainings without a generator give the same weights: is a seed set in it? Without a generator, random "
            "numbers should come from PyTorch's global state"
        )


def expect_defaults(student: StudentModule, draw: Draw, as_network: Callable[[Any, Sizes], TwoLayers]) -> None:
    """Fails unless train has the defaults nh=10, eta=0.1, batch_size=10, epochs=150.

    23 examples are split differently by batch sizes of 9, 10 and 11. `as_network` reads what train returns.
    """
    X, Y = draw.normal(23, 3, dtype=torch.float32), draw.one_hot(23, 4, torch.float32)
    generator, seed = draw.generator(), draw.seed()
    found = []
    for options in ((), (10, 0.1, 10, 150)):
        with student.random_state(seed):
            value = student.train(X, Y, *options, generator=generator)
        found.append(as_network(value, (3, 10, 4)))
    if found[0].distance(found[1]) > CLOSE:
        raise CheckFailed(
            "train(X, Y) should do the same as train(X, Y, 10, 0.1, 10, 150), but ends with other weights: are the defaults "
            "nh=10, eta=0.1, batch_size=10 and epochs=150, and are all four used?"
        )
