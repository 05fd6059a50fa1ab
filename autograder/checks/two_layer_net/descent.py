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

from autograder.checks.cause import Cause, behind, failed
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net import batch_orders, update_rules
from autograder.checks.two_layer_net.batch_orders import Epoch
from autograder.checks.two_layer_net.early_ends import early_stop, step_too_few
from autograder.checks.two_layer_net.network import Sizes, TwoLayers
from autograder.checks.two_layer_net.update_rules import Run
from autograder.sandbox.host.exchanges import SeededGenerator
from autograder.sandbox.host.student_module import StudentModule

Training = Callable[[Tensor, Tensor, int, float, int, int], TwoLayers]
"""Trains on (X, Y, nh, eta, batch_size, epochs) and returns the final network; every call has the same random start."""
NewTraining = Callable[[SeededGenerator], Training]
"""Makes a training with this generator, and with everything else that its random start depends on fixed."""

CLOSE = 2e-5
START_SOURCES = {
    True: "draw them with the generator that train is given",
    False: "draw them from PyTorch's global random state, as nn.Linear does",
}
"""Where the initial weights come from, by whether the generator sets them."""
Order = tuple[tuple[int, ...], ...]


def expect_start(draw: Draw, new_training: NewTraining, *, generator_sets_weights: bool) -> None:
    """Fails unless epochs=0 returns initial weights that depend on the generator or the global state alone."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    generator = draw.generator()
    training = new_training(generator)
    start = training(X, Y, 5, 0.5, 2, 0)
    if start.distance(training(X, Y, 5, 0.5, 2, 0)) > 0:
        raise CheckFailed(
            "train with epochs=0, called twice with generators of the same seed, returns different initial weights: "
            + START_SOURCES[generator_sets_weights]
        )
    if start.distance(training(X + 1, Y, 5, 0.5, 2, 0)) > 0:
        raise CheckFailed(
            "train with epochs=0 should return the initial weights, but what it returns depends on X: no step should be "
            "taken, and X should not decide the weights"
        )
    if start.distance(training(X, Y, 5, 0.0, 2, 1)) > CLOSE:
        same = training(X, Y, 5, 0.0, 2, 1).distance(training(X, Y, 5, 0.5, 2, 1)) == 0
        if same:
            mistake = "eta is not used"
            raise CheckFailed(f"train gives the same weights for eta=0 and for eta=0.5: {mistake}", mistake=mistake)
        raise CheckFailed("train with eta=0 should not change the initial weights, but does")
    elsewhere = new_training(draw.generator() if generator_sets_weights else generator)
    if start.distance(elsewhere(X, Y, 5, 0.5, 2, 0)) == 0:
        mistake = "train starts with the same weights each time"
        raise CheckFailed(f"{mistake}: {START_SOURCES[generator_sets_weights]}, and set no seed in it", mistake=mistake)


def expect_gradient_steps(
    draw: Draw, new_training: NewTraining, unmoved: Callable[[Tensor, Tensor], str] = lambda X, Y: ""
) -> None:
    """Fails unless each epoch of a single batch is one step down the gradient of the mean cross-entropy.

    `unmoved(X, Y)` may add a clause, or a `Cause`, if training leaves the weights as they were.
    """
    X, Y = draw.normal(6, 3, dtype=torch.float32), draw.one_hot(6, 4, torch.float32)
    runs = []
    for nh, eta, epochs in ((5, 0.5, 1), (5, 0.2, 3), (7, 1, 2)):  # eta may be an int
        training = new_training(draw.generator())
        start, end = (training(X, Y, nh, eta, len(X), count) for count in (0, epochs))
        runs.append(Run(start, end, X, Y, eta, epochs))
    wrong = [run for run in runs if not run.ends_at(_descended(run.start, X, Y, run.eta, run.epochs))]
    if wrong:
        if _stops_before_the_last(runs):
            raise failed(behind(f"{_after(wrong[0])} are wrong: ", step_too_few(draw, new_training)))
        seen = _wrong_steps(wrong[0], runs, unmoved)
        if wrong[0].epochs > 1 and not isinstance(seen, Cause):
            seen = _changes_without_steps(X, Y, new_training(draw.generator())) or seen
        raise failed(seen)
    _expect_last(draw, X, Y, new_training)


def _expect_last(draw: Draw, X: Tensor, Y: Tensor, new_training: NewTraining) -> None:
    """Fails if training stops early or keeps earlier weights when the loss rises, here because of a huge learning rate."""
    training = new_training(draw.generator())
    start = training(X, Y, 5, 1.0, len(X), 0)
    for eta in (4.0, 8.0, 16.0, 32.0):
        one, two = (_descended(start, X, Y, eta, steps) for steps in (1, 2))
        if min(start.loss(X, Y), one.loss(X, Y)) + 0.1 < two.loss(X, Y):
            end = training(X, Y, 5, eta, len(X), 2)
            if end.distance(two) > 1e-3 * eta:
                earlier = {"at the initial weights": start, "where the first step ends": one}
                where = [words for words, network in earlier.items() if end.distance(network) < 1e-3 * eta]
                what = f"two epochs with eta={eta:g}, which makes the loss rise,"
                if not where:
                    raise CheckFailed(f"{what} do not end where two steps end")
                mistake = f"{what} end {where[0]}"
                remedy = "train must run all epochs and return the last weights, not the best ones"
                raise CheckFailed(f"{mistake}: {remedy}", mistake=mistake)
            return


def _changes_without_steps(X: Tensor, Y: Tensor, training: Training) -> str:
    """Recognises weights that a second epoch changes without a step, as when they are drawn again in each epoch."""
    start, one, two = (training(X, Y, 5, 0.0, len(X), epochs) for epochs in range(3))
    if start.distance(one) > CLOSE or one.distance(two) < CLOSE:
        return ""
    return Cause(
        "with eta=0 the weights are the initial ones after one epoch, but not after two, so they are changed by something "
        "else than a step: are they drawn again in each epoch?"
    )


def _descended(network: TwoLayers, X: Tensor, Y: Tensor, eta: float, steps: int) -> TwoLayers:
    for _ in range(steps):
        network = network.step(X, Y, eta)
    return network


def _stops_before_the_last(runs: list[Run]) -> bool:
    return all(run.ends_at(_descended(run.start, run.X, run.Y, run.eta, run.epochs - 1)) for run in runs)


def _after(run: Run) -> str:
    count = f"{run.epochs} epochs" if run.epochs > 1 else "one epoch"
    return f"after {count} with all examples in one batch the weights"


def _wrong_steps(wrong: Run, runs: list[Run], unmoved: Callable[[Tensor, Tensor], str]) -> str:
    """What is wrong with a run: a cause that leads to the ends of all runs, or what was seen."""
    what = _after(wrong)
    if all(run.end.distance(run.start) < 1e-7 for run in runs):
        return behind(f"{what} are still the initial ones", unmoved(wrong.X, wrong.Y))
    cause = update_rules.cause_of(runs)
    if cause:
        return behind(f"{what} are wrong: ", cause)
    right = _descended(wrong.start, wrong.X, wrong.Y, wrong.eta, wrong.epochs)
    pairs = zip(update_rules.NAMES, wrong.end.blocks, right.blocks)
    of_blocks = {name: float((a - b).abs().max()) < CLOSE for name, a, b in pairs}
    seen = ""
    if wrong.epochs > 1:
        seen = "; a single epoch is right, so look for what differs in the second one"
    elif any(of_blocks.values()):
        good, bad = (" and ".join(name for name in of_blocks if of_blocks[name] == value) for value in (True, False))
        seen = f": {good} as expected, but not {bad}"
    return f"{what} are not those of gradient descent on the mean cross-entropy with eta={wrong.eta:g}{seen}"


def expect_every_example_once(draw: Draw, new_training: NewTraining) -> None:
    """Fails unless each epoch visits every example once, in a new order, with the last short batch included."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    first_orders: list[Order] = []
    repeated = 0
    for _ in range(4):
        generator = draw.generator()
        networks = _networks(new_training(generator), X, Y)
        orders = _orders(networks, X, Y)
        if None in orders and (seen := early_stop(draw, new_training)):
            raise failed(seen)
        if orders[0] is None:
            another = _networks(new_training(draw.generator()), X, Y)
            raise failed(_explain_no_order([Epoch(n[0], n[1], X, Y, 0.5) for n in (networks, another)]))
        same = _orders(_networks(new_training(generator), X, Y), X, Y)
        if same[0] != orders[0]:
            mistake = "generators of the same seed give different orders of the examples"
            raise CheckFailed(f"{mistake}: draw the order with the generator", mistake=mistake)
        if orders[1] is None:
            others = [_networks(new_training(draw.generator()), X, Y) for _ in range(2)]
            raise failed(_explain_no_second_order([networks, *others], X, Y))
        if same[1] != orders[1]:
            mistake = "generators of the same seed give different orders in the second epoch"
            raise CheckFailed(f"{mistake}: draw each order with the generator", mistake=mistake)
        first_orders.append(orders[0])
        repeated += orders[0] == orders[1]
    if len(set(first_orders)) == 1:
        given = " they were given in" * (first_orders[0] == ((0, 1), (2, 3), (4,)))
        mistake = f"with four different generators the examples are visited in the same order{given}"
        raise CheckFailed(f"{mistake}: draw a new one with the generator in each epoch", mistake=mistake)
    if repeated == 4:
        mistake = "the second epoch visits the examples in the order of the first"
        raise CheckFailed(f"{mistake}: shuffle again in each epoch", mistake=mistake)
    _expect_full_batches(X, Y, new_training(draw.generator()))
    if seen := early_stop(draw, new_training):
        raise failed(seen)


def _networks(training: Training, X: Tensor, Y: Tensor) -> list[TwoLayers]:
    """The networks after 0, 1 and 2 epochs in batches of two."""
    return [training(X, Y, 5, 0.5, 2, count) for count in range(3)]


def _orders(networks: list[TwoLayers], X: Tensor, Y: Tensor) -> list[Order | None]:
    """The order of the examples in each epoch, in batches of two; None if there is none that leads to the weights."""
    return [_order_between(before, after, X, Y, 0.5) for before, after in itertools.pairwise(networks)]


def _explain_no_order(epochs: list[Epoch]) -> str:
    what = "after one epoch over 5 examples in batches of 2 the weights are"
    cause = batch_orders.cause_of(epochs)
    if cause:
        return behind(f"{what} wrong: ", cause)
    if all(epoch.end.distance(epoch.start) < 1e-7 for epoch in epochs):
        return f"{what} still the initial ones, although a single batch of all examples gives a step"
    return (
        f"{what} not those of steps on 2, 2 and then 1 of them, whichever come first; a single batch of all examples is "
        "right, so look at what differs from batch to batch: its rows, its targets, its size, the gradients"
    )


def _explain_no_second_order(trainings: list[list[TwoLayers]], X: Tensor, Y: Tensor) -> str:
    """What is wrong with the second epoch of all trainings, each with its networks after 0, 1 and 2 epochs."""
    wrong = [networks for networks in trainings if _order_between(networks[1], networks[2], X, Y, 0.5) is None]
    if len(wrong) < len(trainings):
        return (
            f"the first epoch is right, but the second is not in {len(wrong)} of {len(trainings)} trainings that differ in "
            "their random numbers alone: look at what depends on the order or on results, such as an early stop"
        )
    if all(_order_between(start, two, X, Y, 0.5) is not None for start, _, two in trainings):
        return Cause("the second epoch starts from the initial weights again: the first one is lost")
    if all(one.distance(two) < 1e-7 for _, one, two in trainings):
        return "the first epoch is right, but the second leaves the weights as they are: does it take its steps?"
    cause = batch_orders.cause_of([Epoch(one, two, X, Y, 0.5) for _, one, two in trainings])
    if cause:
        return behind("the first epoch is right, but the second is not: ", cause)
    return (
        "the first epoch over 5 examples in batches of 2 is right, but the second does not lead from its weights over each "
        "example once: look at what differs in the second epoch"
    )


def _expect_full_batches(X: Tensor, Y: Tensor, training: Training) -> None:
    """Fails unless 5 examples in batches of 4 are split into 4 and 1, not 3 and 2."""
    start, end = (training(X, Y, 5, 0.5, 4, epochs) for epochs in (0, 1))
    for last in range(len(X)):
        others = [place for place in range(len(X)) if place != last]
        if start.step(X[others], Y[others], 0.5).step(X[[last]], Y[[last]], 0.5).distance(end) < CLOSE:
            return
    what = "after one epoch over 5 examples in batches of 4 the weights are"
    epoch = Epoch(start, end, X, Y, 0.5)
    if epoch.plan_of(batch_orders.two_batches()) is not None:
        mistake = f"{what} those of batches of 3 and 2"
        raise CheckFailed(f"{mistake}: all batches but the last should have batch_size examples", mistake=mistake)
    raise CheckFailed(
        f"{what} not those of one step on 4 of them and one on the fifth; in batches of 2 all is right, so look at how "
        "batch_size decides where a batch ends"
    )


def _order_between(start: TwoLayers, end: TwoLayers, X: Tensor, Y: Tensor, eta: float) -> Order | None:
    """The batches (2, 2, 1 examples) that lead from one network to the other, or None."""
    plan = Epoch(start, end, X, Y, eta).plan_of(batch_orders.right_plans())
    return None if plan is None else tuple(batch.rows for batch in plan)


def expect_unseeded(draw: Draw, train: Callable[[Tensor, Tensor], TwoLayers]) -> None:
    """Fails unless trainings without a generator differ; `train(X, Y)` calls the student's without one."""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    if train(X, Y).distance(train(X, Y)) == 0:
        mistake = "two trainings without a generator give the same weights"
        raise CheckFailed(
            f"{mistake}: is a seed set in it? Without a generator, random numbers should come from PyTorch's global state",
            mistake=mistake,
        )


def expect_updated(function: str, updated: dict[str, bool]) -> None:
    """Fails unless a step has changed every parameter; `updated` says which it has changed."""
    missing = [name for name, is_updated in updated.items() if not is_updated]
    if len(missing) == len(updated):
        raise CheckFailed(f"{function} leaves all parameters unchanged")
    if missing:
        done = ", ".join(name for name in updated if name not in missing)
        raise failed(Cause(f"{function} changes {done}, but leaves {', '.join(missing)} unchanged"))


def expect_defaults(student: StudentModule, draw: Draw, as_network: Callable[[Any, Sizes], TwoLayers]) -> None:
    """Fails unless train has the defaults nh=10, eta=0.1, batch_size=10, epochs=150.

    23 examples are split differently by batch sizes of 9, 10 and 11. `as_network` reads what train returns.
    """
    X, Y = draw.normal(23, 3, dtype=torch.float32), draw.one_hot(23, 4, torch.float32)
    generator, seed = draw.generator(), draw.seed()

    def trained(*options: float) -> TwoLayers:
        with student.random_state(seed):
            value = student.train(X, Y, *options, generator=generator)
        return as_network(value, (3, 10, 4))

    right = (10, 0.1, 10, 150)
    by_default, explicit = trained(), trained(*right)
    if by_default.distance(explicit) <= CLOSE or trained(*right).distance(explicit) > CLOSE:
        return  # where two equal trainings differ, the check of the order says why
    found = student.probe("functions.defaults", student.train, what="reading the defaults of train")
    names = ("nh", "eta", "batch_size", "epochs")
    if isinstance(found, list) and len(found) >= 6:
        for name, value, expected in zip(names, found[2:], right):
            if isinstance(value, (int, float)) and value != expected:
                raise failed(Cause(f"train's default for {name} should be {expected:g}, but is {value:g}"))
    raise CheckFailed(
        "train(X, Y) should do the same as train(X, Y, 10, 0.1, 10, 150), but ends with other weights: the defaults should "
        "be nh=10, eta=0.1, batch_size=10 and epochs=150"
    )
