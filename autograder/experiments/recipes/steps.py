"""Practical 2: the baseline, and its training steps: learning rate, batch size, decay, other optimizers."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.experiments import figures
from autograder.experiments.findings import best, fails, faster, overfits, reaches, same, slow, steadiest
from autograder.experiments.recipe import Lab, Recipe, Variant
from autograder.experiments.recipes.convnets import IMAGES, NEEDS, Cnn, standardized

RATES = (1e-4, 0.01, 0.1, 0.5)
BATCHES = (8, 32, 128, 256)
WITH_STANDARDIZED = (*NEEDS, "p2_cnn/preprocessing")


def baseline(lab: Lab) -> Iterator[Variant]:
    yield Variant("baseline", Cnn(), Cnn().settings(lab))


def rates(lab: Lab) -> Iterator[Variant]:
    for eta in RATES:
        cnn = Cnn(eta=eta)
        yield Variant(f"η = {eta:g}", cnn, cnn.settings(lab), ("rate", eta))


def batches(lab: Lab) -> Iterator[Variant]:
    for size in BATCHES:
        cnn = Cnn(eta=0.05 if lab.small else 0.01, batch=size)  # with 0.01 it learns nothing in so few steps
        yield Variant(f"batches of {size}", cnn, cnn.settings(lab), ("batch", size))


def decay(lab: Lab) -> Iterator[Variant]:
    gamma = 0.75 if lab.small else 0.95  # in a few epochs 0.95 would have almost no effect
    for name, cnn in {
        "standardized": Cnn(eta=0.1, inputs=standardized),
        "decay": Cnn(eta=0.1, gamma=gamma, inputs=standardized),
    }.items():
        yield Variant(name, cnn, cnn.settings(lab))


def optimizers(lab: Lab) -> Iterator[Variant]:
    # Adam and RMSprop divide each gradient by its magnitude, so a step is about η in each weight and η must be smaller.
    for name, cnn in {
        "standardized": Cnn(inputs=standardized),
        "Adam": Cnn(eta=1e-3, inputs=standardized, optimizer=torch.optim.Adam),
        "RMSprop": Cnn(eta=3e-4, inputs=standardized, optimizer=torch.optim.RMSprop),
    }.items():
        yield Variant(name, cnn, cnn.settings(lab))


RECIPES = (
    Recipe(
        "cnn_baseline",
        "The convolutional network, trained until it overfits",
        "When do training and test diverge, and what does the test loss do then?",
        "p2, questions 15, 17 and 18",
        NEEDS,
        {**IMAGES, "colour": 18, "cifar10": 30},
        baseline,
        (
            overfits("baseline", "the baseline overfits: the test loss rises from epoch 10"),
            reaches("baseline", 1.0, "100% in training", "cifar10", part="train"),
            reaches("baseline", 0.7, "about 70% in test", "cifar10"),
        ),
        {"confusion": figures.confusion("baseline")},
    ),
    Recipe(
        "cnn_rates",
        "Learning rates of the convolutional network",
        "What is the effect of the learning rate, over nearly four orders of magnitude?",
        "p2, question 16",
        NEEDS,
        IMAGES,
        rates,
        (
            slow("η = 0.0001", "η = 0.0001 is very slow"),
            steadiest("η = 0.01", tuple(f"η = {eta:g}" for eta in RATES), "η = 0.01 is the most stable"),
            best("η = 0.1", tuple(f"η = {eta:g}" for eta in RATES), "η = 0.1 is good"),
            overfits("η = 0.1", "η = 0.1 overfits"),
            fails("η = 0.5", "η = 0.5 fails"),
        ),
    ),
    Recipe(
        "cnn_batches",
        "Batch sizes of the convolutional network",
        "What is the effect of the batch size at the same learning rate, and how long does an epoch take?",
        "p2, question 16",
        NEEDS,
        IMAGES,
        batches,
        (
            best("batches of 32", tuple(f"batches of {size}" for size in BATCHES), "batches of 32 are best"),
            faster(
                "batches of 8",
                "batches of 128",
                "not in the reports: with more steps per epoch, it learns more per epoch",
            ),
        ),
    ),
    Recipe(
        "decay",
        "Exponential decay of the learning rate",
        "Is a decaying learning rate better than a constant one?",
        "p2, questions 26 and 27",
        WITH_STANDARDIZED,
        IMAGES,
        decay,
        (same("decay", "standardized", "with decay, about the same as without"),),
    ),
    Recipe(
        "optimizers",
        "Adam and RMSprop",
        "What is the effect of optimizers with a step size for each weight?",
        "p2, question 28 (bonus)",
        WITH_STANDARDIZED,
        IMAGES,
        optimizers,
        (faster("Adam", "standardized", "not in the reports: Adam learns faster at first than plain SGD"),),
    ),
)
