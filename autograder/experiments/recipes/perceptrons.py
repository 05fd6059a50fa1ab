"""Practical 1: the network with one hidden layer, on Circles and on digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch.nn import functional as F

from autograder.experiments import figures
from autograder.experiments.batches import Batches
from autograder.experiments.data import Data, Split, as_vectors
from autograder.experiments.findings import fails, faster, higher, reaches, same, slow
from autograder.experiments.learners import ByAutograd, ByHand, ByNn, ByOptim, Learner, Perceptron
from autograder.experiments.recipe import Lab, Recipe, Variant

WAYS: dict[str, tuple[str, type[Perceptron]]] = {
    "by hand": ("p1_mlp/mlp_by_hand", ByHand),
    "autograd": ("p1_mlp/mlp_autograd", ByAutograd),
    "nn": ("p1_mlp/mlp_nn", ByNn),
    "optim": ("p1_mlp/mlp_optim", ByOptim),
}
"""Four implementations of the same network, each with less to write by hand: exercise and learner by name."""


def perceptron(way: str, eta: float, batch: int, nh: int = 10, summed: bool = False) -> Callable[[Lab], Learner]:
    """A network with nh hidden neurons, trained with batches of this size.

    `summed`: eta applies to the gradient of the sum over a batch. The exercises use the gradient of the mean, so eta is
    multiplied by the batch size.
    """
    exercise, learner = WAYS[way]

    def make(lab: Lab) -> Learner:
        data = one_hot(as_vectors(lab.data))
        training = Batches(data.train, batch, lab.order, tick=lab.tick)
        testing = Batches(data.test, 1000, tick=lab.tick)
        return learner(lab.code[exercise], training, testing, nh, eta * batch if summed else eta)

    return make


def one_hot(data: Data) -> Data:
    """Converts labels (n,) to one-hot targets (n, classes)."""
    train, test = (Split(part.x, F.one_hot(part.y, data.classes).to(part.x.dtype)) for part in (data.train, data.test))
    return Data(train, test, data.name, data.source)


def four_ways(lab: Lab) -> Iterator[Variant]:
    for way in WAYS:
        yield Variant(way, perceptron(way, eta=0.1, batch=10), "nh 10, η 0.1, batches of 10", way)


def rates(lab: Lab) -> Iterator[Variant]:
    for eta in (0.01, 0.1, 1.0, 10.0):
        yield Variant(f"η = {eta:g}", perceptron("by hand", eta, 10), "batches of 10", ("rate", eta))


def rates_and_batches(lab: Lab) -> Iterator[Variant]:
    for summed in (False, True):
        for eta in (0.01, 0.1):
            panel = f"η = {eta:g}, gradient of the {'sum' if summed else 'mean'}"
            for batch in (20, 10, 5):
                name = f"{'sum' if summed else 'mean'}, η = {eta:g}, batch {batch}"
                settings = f"η {eta * batch if summed else eta:g} for the mean"
                yield Variant(name, perceptron("by hand", eta, batch, summed=summed), settings, ("batch", batch), panel)


def digits(lab: Lab) -> Iterator[Variant]:
    for eta in (0.03, 0.1):
        yield Variant(f"η = {eta:g}", perceptron("optim", eta, 100, nh=100), "nh 100, batches of 100", ("rate", eta))


RECIPES = (
    Recipe(
        "circles",
        "The perceptron, four times",
        "Do the four implementations, by hand, with autograd, torch.nn and torch.optim, learn equally well?",
        "p1, experiment on Circles",
        tuple(exercise for exercise, _ in WAYS.values()),
        {"circles": 150},
        four_ways,
        (
            reaches("by hand", 0.955, "by hand: 95.5% in training", "circles", part="train"),
            reaches("by hand", 0.92, "by hand: 92% in test", "circles"),
            reaches("autograd", 0.935, "autograd: 93.5% in test", "circles"),
            reaches("nn", 0.95, "nn: 95% in test (250 epochs)", "circles"),
            reaches("optim", 0.95, "optim: 95% in test (250 epochs)", "circles"),
        ),
        {"boundaries": figures.boundaries(tuple(WAYS))},
        on_cpu=True,
    ),
    Recipe(
        "circles_rates",
        "The learning rate on Circles",
        "What happens with a learning rate that is too small or too large?",
        "p1, question 11",
        ("p1_mlp/mlp_by_hand",),
        {"circles": 100},
        rates,
        (
            faster("η = 0.1", "η = 0.01", "a small learning rate is slow"),
            fails("η = 10", "a large learning rate oscillates or diverges"),
        ),
        {"boundaries": figures.boundaries(("η = 0.01", "η = 0.1", "η = 1", "η = 10"))},
        on_cpu=True,
    ),
    Recipe(
        "circles_batches",
        "Learning rate and batch size on Circles",
        "Are smaller batches better, or do they only take more steps?",
        "p1, question 11 and experiment on Circles",
        ("p1_mlp/mlp_by_hand",),
        {"circles": 100},
        rates_and_batches,
        (
            faster("mean, η = 0.1, batch 5", "mean, η = 0.1, batch 20", "smaller batches are better"),
            higher(
                "sum, η = 0.1, batch 5", "sum, η = 0.1, batch 20", "smaller batches are better, with the sum, η 0.1"
            ),
            slow("mean, η = 0.01, batch 20", "a small step for a large batch hardly learns"),
            same(
                "sum, η = 0.01, batch 5",
                "sum, η = 0.01, batch 20",
                "not in the reports: with the sum, all batch sizes are equal if the rate is small enough",
            ),
        ),
        on_cpu=True,
    ),
    Recipe(
        "mnist",
        "The perceptron on digits",
        "How well does a network with one hidden layer classify handwritten digits?",
        "p1, experiment on MNIST",
        ("p1_mlp/mlp_optim",),
        {"digits": 30, "mnist": 200, "colour": 30, "cifar10": 30},
        digits,
        (
            reaches("η = 0.03", 0.94, "about 94% in training", "mnist", part="train"),
            reaches("η = 0.03", 0.94, "about 94% in test", "mnist"),
        ),
        {"confusion": figures.confusion("η = 0.1")},
    ),
)
