"""Wrong ways to split an epoch into batches, each of which can be replayed.

The example is always 5 examples in batches of 2, so that all orders can be tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checks.cause import Cause
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.checks.two_layer_net.update_rules import OPTIMIZERS

EXAMPLES = range(5)
PAIRS = list(itertools.combinations(EXAMPLES, 2))


@dataclass(frozen=True)
class Batch:
    """The rows of X in a batch, those of Y if they are others, and a factor of its step."""

    rows: tuple[int, ...]
    targets: tuple[int, ...] = ()
    scale: float = 1.0


Plan = tuple[Batch, ...]


@dataclass(frozen=True)
class Epoch:
    """One epoch: X (5, nx), one-hot Y (5, ny), and the networks before and after it."""

    start: TwoLayers
    end: TwoLayers
    X: Tensor
    Y: Tensor
    eta: float

    def ends_at(self, network: TwoLayers) -> bool:
        return self.end.distance(network) < 2e-5

    def plan_of(self, plans: Iterable[Plan]) -> Plan | None:
        """The first plan whose steps lead to the end, or None. Plans that begin alike share their first steps."""
        reached: dict[Plan, TwoLayers] = {(): self.start}

        def after(plan: Plan) -> TwoLayers:
            if plan not in reached:
                reached[plan] = self.step(after(plan[:-1]), plan[-1])
            return reached[plan]

        return next((plan for plan in plans if self.ends_at(after(plan))), None)

    def step(self, network: TwoLayers, batch: Batch) -> TwoLayers:
        return network.plus(self.gradient(network, batch), -self.eta * batch.scale)

    def gradient(self, network: TwoLayers, batch: Batch) -> TwoLayers:
        """The gradient of the mean cross-entropy, by the chain rule: thousands of them are needed."""
        X, Y = self.X[list(batch.rows)].double(), self.Y[list(batch.targets or batch.rows)].double()
        h = torch.tanh(X @ network.Wh.T + network.bh)
        difference = ((h @ network.Wy.T + network.by).softmax(1) - Y) / len(X)
        of_hidden = difference @ network.Wy * (1 - h**2)
        return TwoLayers(of_hidden.T @ X, of_hidden.sum(0), difference.T @ h, difference.sum(0))


def cause_of(epochs: list[Epoch]) -> str:
    """The first `Cause`, as a sentence, that leads to the end of every epoch; "" if there is none."""
    for words, plans in _plans():
        if all(epoch.plan_of(plans()) is not None for epoch in epochs):
            return Cause(words)
    for words, fits in _within_an_epoch():
        if all(fits(epoch) for epoch in epochs):
            return Cause(words)
    twice = "some examples are visited twice and others not at all: split one random order of all examples into batches"
    return Cause(twice) if all(epoch.plan_of(_with_repetition()) is not None for epoch in epochs) else ""


def _plans() -> Iterator[tuple[str, Callable[[], Iterable[Plan]]]]:
    yield "the last, short batch is left out", lambda: [plan[:2] for plan in right_plans()]
    yield "the last batch is filled up with an example that was visited before", _filled_up
    yield "the short batch comes first, but should come last", lambda: [(c, a, b) for a, b, c in right_plans()]
    yield "the short batch comes second, but should come last", lambda: [(a, c, b) for a, b, c in right_plans()]
    yield "each example has a step of its own, as in batches of 1", lambda: _alone(5)
    yield "there is one step, on all examples", lambda: [(_all(),)]
    yield "each of the three steps is on all examples", lambda: [(_all(),) * 3]
    yield "the 5 examples are split into two batches, of 3 and 2, although batch_size is 2", two_batches
    yield (
        "there is one step, on the last example alone: is the step outside the loop over the batches?",
        lambda: _alone(1),
    )
    yield "there is one step, on a single batch", lambda: [(Batch(pair),) for pair in PAIRS]
    yield "all steps are on the same batch", lambda: [(Batch(pair),) * times for pair in PAIRS for times in (2, 3)]
    yield "each step is on one example of its batch", lambda: [*_alone(2), *_alone(3)]
    yield (
        "the gradient of the short batch is divided by batch_size, not by its own size",
        lambda: [(a, b, Batch(c.rows, scale=1 / 2)) for a, b, c in right_plans()],
    )
    yield (
        "each gradient is divided by the number of all examples, not by that of its batch",
        lambda: [tuple(Batch(batch.rows, scale=len(batch.rows) / 5) for batch in plan) for plan in right_plans()],
    )
    yield (
        "the gradients of a batch are added up, not averaged",
        lambda: [tuple(Batch(batch.rows, scale=len(batch.rows)) for batch in plan) for plan in right_plans()],
    )
    yield "batches overlap: the next one begins one example later", _overlapping
    yield "the inputs are shuffled, but not their targets", lambda: _apart(of_inputs=True)
    yield "the targets are shuffled, but not their inputs", lambda: _apart(of_inputs=False)


def right_plans() -> Iterator[tuple[Batch, Batch, Batch]]:
    """All ways to visit each example once, in batches of 2, 2 and 1."""
    for first in PAIRS:
        rest = [i for i in EXAMPLES if i not in first]
        for second in itertools.combinations(rest, 2):
            yield Batch(first), Batch(second), Batch(tuple(i for i in rest if i not in second))


def _all() -> Batch:
    return Batch(tuple(EXAMPLES))


def _filled_up() -> Iterator[Plan]:
    for first, second, last in right_plans():
        for other in EXAMPLES:
            if other not in last.rows:
                yield first, second, Batch((*last.rows, other))


def _alone(count: int) -> Iterator[Plan]:
    for order in itertools.permutations(EXAMPLES, count):
        yield tuple(Batch((i,)) for i in order)


def two_batches() -> Iterator[Plan]:
    """Batches of 3 and 2, in either order."""
    for pair in PAIRS:
        rest = tuple(i for i in EXAMPLES if i not in pair)
        yield Batch(rest), Batch(pair)
        yield Batch(pair), Batch(rest)


def _overlapping() -> Iterator[Plan]:
    for order in itertools.permutations(EXAMPLES):
        windows = tuple(Batch(tuple(order[i : i + 2])) for i in EXAMPLES)
        yield windows
        yield windows[:-1]


def _apart(*, of_inputs: bool) -> Iterator[Plan]:
    """The inputs in a random order and the targets in the given one, or the other way round."""
    for order in itertools.permutations(EXAMPLES):
        if order != tuple(EXAMPLES):
            rows, targets = (order, tuple(EXAMPLES)) if of_inputs else (tuple(EXAMPLES), order)
            yield tuple(Batch(rows[i : i + 2], targets[i : i + 2]) for i in (0, 2, 4))


def _with_repetition() -> Iterator[Plan]:
    """Examples drawn for each batch anew."""
    pairs = [Batch(pair) for pair in itertools.combinations_with_replacement(EXAMPLES, 2)]
    for first, second in itertools.product(pairs, repeat=2):
        for last in (*pairs, *(Batch((i,)) for i in EXAMPLES)):
            yield first, second, last
        yield first, second


def _within_an_epoch() -> Iterator[tuple[str, Callable[[Epoch], bool]]]:
    """What is carried from batch to batch within an epoch."""

    def added_up(epoch: Epoch, plan: Plan) -> TwoLayers:
        network, total = epoch.start, None
        for batch in plan:
            gradient = epoch.gradient(network, batch)
            total = gradient if total is None else total.plus(gradient, 1.0)
            network = network.plus(total, -epoch.eta)
        return network

    def at_once(epoch: Epoch, plan: Plan, scale: float) -> TwoLayers:
        network = epoch.start
        for batch in plan:
            network = network.plus(epoch.gradient(epoch.start, batch), -epoch.eta * scale)
        return network

    def falling(epoch: Epoch, plan: Plan, factor: float) -> TwoLayers:
        network = epoch.start
        for k, batch in enumerate(plan):
            network = network.plus(epoch.gradient(network, batch), -epoch.eta * factor**k)
        return network

    def carried(epoch: Epoch, plan: Plan, optimizer: str) -> TwoLayers:
        network, states = epoch.start, [{}, {}, {}, {}]  # type: ignore[var-annotated]
        for k, batch in enumerate(plan):
            gradients = epoch.gradient(network, batch).blocks
            blocks = zip(network.blocks, gradients, states)
            network = TwoLayers(*(OPTIMIZERS[optimizer](old, g, state, epoch.eta, k) for old, g, state in blocks))
        return network

    def by(network: Callable[..., TwoLayers], *options: object) -> Callable[[Epoch], bool]:
        return lambda epoch: any(epoch.ends_at(network(epoch, plan, *options)) for plan in right_plans())

    yield (
        "each step adds the gradients of the batches before it: set the gradients to zero for each batch, not for each "
        "epoch",
        by(added_up),
    )
    yield "there is one step an epoch, with the sum of the gradients of all batches", by(at_once, 1.0)
    yield "there is one step an epoch, with the mean of the gradients of all batches", by(at_once, 1 / 3)
    for factor in (0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999):
        yield (
            f"the learning rate is multiplied by {factor:g} after each batch, but should stay eta",
            by(falling, factor),
        )
    for optimizer in ("with a momentum of 0.9", "with a momentum of 0.5", "with Adam"):
        yield (
            f"the steps within an epoch are those {optimizer}, but plain gradient descent is asked for",
            by(carried, optimizer),
        )
