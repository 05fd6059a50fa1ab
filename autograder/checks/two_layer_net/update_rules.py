"""Wrong ways to train on one batch, each of which can be replayed: a cause is named only if it leads to the weights seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.cause import Cause
from autograder.checks.explanations.context import shown_factor
from autograder.checks.two_layer_net.network import TwoLayers

Loss = Callable[[Tensor, Tensor], Tensor]
"""A loss of scores (batch, ny) and one-hot targets (batch, ny)."""
State = dict[str, Tensor]
Update = Callable[[Tensor, Tensor, State, float, int], Tensor]
"""The new value of a block, from the old one, its gradient, what the optimizer remembers, eta, and the number of the step."""
NAMES = ("Wh", "bh", "Wy", "by")


@dataclass(frozen=True)
class Run:
    """A training with all examples in one batch: X (n, nx), one-hot Y (n, ny), and the networks before and after it."""

    start: TwoLayers
    end: TwoLayers
    X: Tensor
    Y: Tensor
    eta: float
    epochs: int

    def ends_at(self, network: TwoLayers, within: float = 2e-5) -> bool:
        return self.end.distance(network) < within


@dataclass(frozen=True)
class Rule:
    """A way to train, from which another network follows than from gradient descent on the mean cross-entropy."""

    loss: Loss = F.cross_entropy
    update: Update = lambda old, gradient, state, eta, step: old - eta * gradient
    inputs: Callable[[Tensor], Tensor] = lambda X: X
    change: Callable[[list[Tensor]], list[Tensor]] = lambda gradients: gradients
    frozen: tuple[str, ...] = ()
    added_up: bool = False
    steps: Callable[[int], int] = lambda epochs: epochs
    rate: Callable[[float, int, int], float] = lambda eta, step, epochs: eta

    def train(self, run: Run) -> TwoLayers:
        """The network to which this leads from the run's start."""
        X, Y = self.inputs(run.X.double()), run.Y.double()
        blocks, total = list(run.start.blocks), [torch.zeros_like(block) for block in run.start.blocks]
        states: list[State] = [{} for _ in blocks]
        for step in range(max(0, self.steps(run.epochs))):
            leaves = [block.detach().clone().requires_grad_() for block in blocks]
            gradients = list(torch.autograd.grad(self.loss(TwoLayers(*leaves)(X), Y), leaves))
            total = [a + b for a, b in zip(total, gradients)]
            eta = self.rate(run.eta, step, run.epochs)
            used = self.change(total if self.added_up else gradients)
            blocks = [
                block if name in self.frozen else self.update(block, gradient, state, eta, step)
                for name, block, gradient, state in zip(NAMES, blocks, used, states)
            ]
        return TwoLayers(*blocks)


def momentum(m: float, *, nesterov: bool = False, dampened: bool = False) -> Update:
    def update(old: Tensor, g: Tensor, state: State, eta: float, step: int) -> Tensor:
        weight = 1 - m if dampened else 1.0
        state["v"] = m * state.get("v", torch.zeros_like(g)) + weight * g
        return old - eta * (g + m * state["v"] if nesterov else state["v"])

    return update


def _adam(decay: float = 0.0, decoupled: bool = True) -> Update:
    def update(old: Tensor, g: Tensor, state: State, eta: float, step: int) -> Tensor:
        g = g if decoupled else g + decay * old
        zero, t = torch.zeros_like(g), step + 1
        state["m"] = 0.9 * state.get("m", zero) + 0.1 * g
        state["v"] = 0.999 * state.get("v", zero) + 0.001 * g * g
        m, v = state["m"] / (1 - 0.9**t), state["v"] / (1 - 0.999**t)
        return old * (1 - eta * decay * decoupled) - eta * m / (v.sqrt() + 1e-8)

    return update


def _rmsprop(old: Tensor, g: Tensor, state: State, eta: float, step: int) -> Tensor:
    state["v"] = 0.99 * state.get("v", torch.zeros_like(g)) + 0.01 * g * g
    return old - eta * g / (state["v"].sqrt() + 1e-8)


def _adagrad(old: Tensor, g: Tensor, state: State, eta: float, step: int) -> Tensor:
    state["v"] = state.get("v", torch.zeros_like(g)) + g * g
    return old - eta * g / (state["v"].sqrt() + 1e-10)


OPTIMIZERS: dict[str, Update] = {
    "with Adam": _adam(),
    "with AdamW": _adam(0.01),
    "with RMSprop": _rmsprop,
    "with Adagrad": _adagrad,
} | {
    f"with {words} of {m:g}": momentum(m, nesterov=words == "a Nesterov momentum", dampened=words == "a moving average")
    for words in ("a momentum", "a Nesterov momentum", "a moving average")
    for m in (0.9, 0.99, 0.95, 0.8, 0.5)
}
LOSSES: dict[str, Loss] = {
    "the cross-entropy of probabilities, taken for scores: there is one softmax too many": (
        lambda scores, Y: F.cross_entropy(scores.softmax(1), Y)
    ),
    "the cross-entropy with targets smoothed by 0.1": lambda s, Y: F.cross_entropy(s, Y, label_smoothing=0.1),
    "the cross-entropy with a softmax over the batch": lambda s, Y: -(Y * s.log_softmax(0)).sum(1).mean(),
    "the probability of the true class, without the logarithm": lambda s, Y: -(Y * s.softmax(1)).sum(1).mean(),
    "the binary cross-entropy of each score, averaged over batch and classes": F.binary_cross_entropy_with_logits,
    "the binary cross-entropy of each score, summed over the classes": (
        lambda s, Y: F.binary_cross_entropy_with_logits(s, Y, reduction="sum") / len(Y)
    ),
    "the binary cross-entropy of the probabilities, averaged over batch and classes": (
        lambda s, Y: F.binary_cross_entropy(s.softmax(1), Y)
    ),
    "the binary cross-entropy of the probabilities, summed over the classes": (
        lambda s, Y: F.binary_cross_entropy(s.softmax(1), Y, reduction="sum") / len(Y)
    ),
    "the mean squared error of the probabilities": lambda s, Y: F.mse_loss(s.softmax(1), Y),
    "the squared error of the probabilities, summed over the classes": (
        lambda s, Y: F.mse_loss(s.softmax(1), Y, reduction="sum") / len(Y)
    ),
    "the mean squared error of the scores": F.mse_loss,
    "the squared error of the scores, summed over the classes": (
        lambda s, Y: F.mse_loss(s, Y, reduction="sum") / len(Y)
    ),
    "the mean squared error of a sigmoid of the scores": lambda s, Y: F.mse_loss(s.sigmoid(), Y),
    "a hinge loss": lambda s, Y: F.multi_margin_loss(s, Y.argmax(1)),
    "the cross-entropy of one example alone": lambda s, Y: F.cross_entropy(s[:1], Y[:1]),
    "the cross-entropy of all examples but the last": lambda s, Y: F.cross_entropy(s[:-1], Y[:-1]),
}
INPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "standardized": lambda X: (X - X.mean(0)) / X.std(0),
    "standardized (by n)": lambda X: (X - X.mean(0)) / X.std(0, correction=0),
    "shifted to mean 0": lambda X: X - X.mean(0),
    "divided by the norm of each example": lambda X: X / X.norm(dim=1, keepdim=True),
    "scaled to the range from 0 to 1": lambda X: (X - X.amin(0)) / (X.amax(0) - X.amin(0)),
    "divided by its largest number": lambda X: X / X.max(),
    "divided by its largest size": lambda X: X / X.abs().max(),
}
RATES: dict[str, Callable[[float, int, int], float]] = {
    "eta/k in step k": lambda eta, step, epochs: eta / (step + 1),
    "eta/√k in step k": lambda eta, step, epochs: eta / (step + 1) ** 0.5,
    "falls to 0 in equal steps": lambda eta, step, epochs: eta * (1 - step / epochs),
    "falls to 0 like a cosine": lambda eta, step, epochs: eta * (1 + math.cos(math.pi * step / epochs)) / 2,
}


def cause_of(runs: list[Run]) -> str:
    """The first `Cause`, as a sentence, that leads to the end of every run, or "". The first run has one epoch."""
    for words, rule in _rules(runs):
        if all(run.ends_at(rule.train(run)) for run in runs):
            return Cause(words)
    run = runs[0]
    if run.ends_at(run.start.step(run.X, run.Y, run.eta)):
        return ""
    found = _shuffled_targets(run) or _late_gradients(runs) or _counts_of_examples(run)
    return Cause(found) if found else ""


def _rules(runs: list[Run]) -> Iterator[tuple[str, Rule]]:
    yield "the weights went up the gradient: the update has the wrong sign", Rule(rate=lambda eta, *_: -eta)
    yield "each epoch takes two steps, not one", Rule(steps=lambda epochs: 2 * epochs)
    yield "one step is taken, whatever epochs is", Rule(steps=lambda epochs: 1)
    yield "there is one step too many: is there an epoch more than asked for?", Rule(steps=lambda epochs: epochs + 1)
    yield (
        "each step adds the gradients of the steps before it: set the gradients to zero after each step",
        Rule(added_up=True),
    )
    yield from _of_size(runs)
    for count in (1, 2, 3):
        for frozen in itertools.combinations(NAMES, count):
            yield f"{_and(frozen)} {'is' if count == 1 else 'are'} never updated", Rule(frozen=frozen)
    for words, loss in LOSSES.items():
        yield f"the steps go down {words}, not down the mean cross-entropy", Rule(loss=loss)
    for words, update in OPTIMIZERS.items():
        yield f"the steps are those {words}, but plain gradient descent is asked for", Rule(update=update)
    for words, inputs in INPUTS.items():
        yield f"the inputs are {words} before they are used, but they should be used as they are", Rule(inputs=inputs)
    for words, rate in RATES.items():
        yield f"the learning rate is {words}, but should be eta in every step", Rule(rate=rate)
    yield from _estimated(runs)


def _of_size(runs: list[Run]) -> Iterator[tuple[str, Rule]]:
    """Steps in the right direction, of another size."""
    run = runs[0]
    n, classes = len(run.X), run.Y.shape[1]
    for factor, name in ((n, "the batch size"), (classes, "the number of classes"), (n * classes, "batch × classes")):
        for scale, words in ((factor, "large"), (1 / factor, "small")):
            text = f"the steps are {factor} times too {words}, which is {name}: the loss is the mean over the batch"
            yield text, Rule(change=lambda gradients, scale=scale: [scale * g for g in gradients])  # type: ignore[misc]
    size = _size_of_step(run)
    if size > 0:
        fixed = size * run.eta
        yield f"the steps are those of a learning rate of {fixed:.4g}, whatever eta is", Rule(rate=lambda *_: fixed)
        twice = ": what happens twice, backward, the step or a factor?" * (abs(size - 2) < 1e-4)
        yield (
            f"the steps are {shown_factor(size)} times as large as they should be{twice}",
            Rule(rate=lambda eta, *_: size * eta),
        )


def _estimated(runs: list[Run]) -> Iterator[tuple[str, Rule]]:
    """Rules with a number that is estimated from one run."""
    run = runs[0]
    gradient = run.start.gradient(run.X, run.Y)
    change = [(a - b) / run.eta for a, b in zip(run.start.blocks, run.end.blocks)]
    weights = run.start.Wh
    decay = float(((change[0] - gradient.Wh) * weights).sum() / (weights * weights).sum())
    for words, names in (("all parameters", NAMES), ("the weights", ("Wh", "Wy"))):
        yield (
            f"{words} are pulled towards 0 as by a weight decay of {decay:.3g}, but the loss should have no such term",
            Rule(update=lambda old, g, state, eta, step, k=(names == NAMES): (  # type: ignore[misc]
                old - eta * (g + decay * old * (k or old.dim() == 2)))),
        )  # fmt: skip
    norm = float(torch.cat([block.flatten() for block in change]).norm())
    yield (
        f"the gradient is scaled to a norm of at most {norm:.4g}, but should be used as it is",
        Rule(change=lambda gradients: [g * min(1.0, norm / _norm(gradients)) for g in gradients]),
    )
    yield (
        f"the gradient is scaled to a norm of {norm:.4g}, but should be used as it is",
        Rule(change=lambda gradients: [g * norm / _norm(gradients) for g in gradients]),
    )
    yield (
        "each gradient is divided by its norm, but should be used as it is",
        Rule(change=lambda gradients: [g / g.norm() for g in gradients]),
    )
    yield (
        "only the signs of the gradients are used",
        Rule(change=lambda gradients: [g.sign() for g in gradients]),
    )
    largest = max(float(block.abs().max()) for block in change)
    yield (
        f"the gradients are cut off at ±{largest:.4g}, but should be used as they are",
        Rule(change=lambda gradients: [g.clamp(-largest, largest) for g in gradients]),
    )
    fall = _fall_of_the_rate(next(run for run in runs if run.epochs == 2))
    if fall:
        words = f"the learning rate is {fall:.4g} eta in the second step, but should stay eta"
        yield words, Rule(rate=lambda eta, step, epochs: eta * fall**step)
        yield words, Rule(rate=lambda eta, step, epochs: eta / (1 + (1 / fall - 1) * step))


def _norm(gradients: list[Tensor]) -> float:
    return float(torch.cat([g.flatten() for g in gradients]).norm())


def _size_of_step(run: Run) -> float:
    """How large the step of a run of one epoch is along the gradient, as a multiple of the right one."""
    g = torch.cat([block.flatten() for block in run.start.gradient(run.X, run.Y).blocks])
    moved = torch.cat([(a - b).flatten() for a, b in zip(run.start.blocks, run.end.blocks)])
    return float((moved * g).sum() / (g * g).sum() / run.eta)


def _fall_of_the_rate(run: Run) -> float:
    """The size of the second step of a run of two epochs, if the first one is right."""
    one = run.start.step(run.X, run.Y, run.eta)
    return _size_of_step(Run(one, run.end, run.X, run.Y, run.eta, 1))


def _shuffled_targets(run: Run) -> str:
    """Recognises a step for which the examples have each other's targets."""
    labels = run.Y.argmax(1).tolist()
    for order in sorted(set(itertools.permutations(labels))):
        targets = torch.eye(run.Y.shape[1])[torch.tensor(order)]
        if list(order) != labels and run.ends_at(run.start.step(run.X, targets, run.eta)):
            return "the examples have each other's targets: are inputs and targets shuffled in the same order?"
    return ""


def _counts_of_examples(run: Run) -> str:
    """Recognises a step in which the examples count differently; their gradients, one by one, add up to the step."""
    n = len(run.X)
    alone = [run.start.gradient(run.X[[i]], run.Y[[i]]).blocks for i in range(n)]
    gradients = torch.stack([torch.cat([block.flatten() for block in blocks]) for blocks in alone], 1)
    moved = torch.cat([(a - b).flatten() for a, b in zip(run.start.blocks, run.end.blocks)]) / run.eta
    weights = torch.linalg.lstsq(gradients, moved[:, None]).solution[:, 0]
    if float((gradients @ weights - moved).abs().max()) > 1e-5 or float(weights.sum()) <= 0:
        return ""
    for total in range(1, 2 * n + 1):
        counts = (weights * total).round()
        if float((weights * total - counts).abs().max()) < 1e-3 and bool((counts >= 0).all()):
            listed = ", ".join(str(int(count)) for count in counts.tolist())
            return f"in the mean the {n} examples count {listed} times, but each should count once"
    return ""


def _late_gradients(runs: list[Run]) -> str:
    """Recognises gradients of the hidden layer for output weights that have been updated already."""

    def step(network: TwoLayers, run: Run) -> TwoLayers:
        new = network.step(run.X, run.Y, run.eta)
        h = torch.tanh(run.X.double() @ network.Wh.T + network.bh)
        difference = (network(run.X).softmax(1) - run.Y) / len(run.X)
        of_hidden = difference @ new.Wy * (1 - h**2)
        Wh = network.Wh - run.eta * of_hidden.T @ run.X.double()
        return TwoLayers(Wh, network.bh - run.eta * of_hidden.sum(0), new.Wy, new.by)

    for run in runs:
        network = run.start
        for _ in range(run.epochs):
            network = step(network, run)
        if not run.ends_at(network):
            return ""
    return "Wy is updated before the gradient for Wh is computed from it: compute all gradients first"


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
