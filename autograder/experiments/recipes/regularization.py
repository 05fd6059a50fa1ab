"""Practical 2: dropout, batch normalization, and dropout with standardization."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.experiments.findings import faster, higher, wider_gap
from autograder.experiments.recipe import Lab, Recipe, Variant
from autograder.experiments.recipes.convnets import IMAGES, NEEDS, Cnn, standardized

LONGER = {**IMAGES, "colour": 12, "cifar10": 30}
"""The number of epochs for each dataset: enough for overfitting to start, so that regularization has an effect."""
WITH_STANDARDIZED = (*NEEDS, "p2_cnn/preprocessing")


def dropout(lab: Lab) -> Iterator[Variant]:
    for p in (0.0, 0.3, 0.5, 0.7, 0.9):
        cnn = Cnn(dropout=p)
        yield Variant(f"p = {p:g}", cnn, cnn.settings(lab), ("dropout", p))


def batch_norm(lab: Lab) -> Iterator[Variant]:
    for name, cnn in {
        "baseline": Cnn(),
        "standardized": Cnn(inputs=standardized),
        "batch norm": Cnn(batch_norm=True),
        "batch norm, standardized": Cnn(inputs=standardized, batch_norm=True),
    }.items():
        yield Variant(name, cnn, cnn.settings(lab))


def dropout_standardized(lab: Lab) -> Iterator[Variant]:
    for name, cnn in {
        "baseline": Cnn(),
        "standardized": Cnn(inputs=standardized),
        "dropout": Cnn(dropout=0.5),
        "dropout, standardized": Cnn(inputs=standardized, dropout=0.5),
    }.items():
        yield Variant(name, cnn, cnn.settings(lab))


RECIPES = (
    Recipe(
        "dropout",
        "Dropout rates",
        "What is the effect of the dropout rate, up to 0.9?",
        "p2, questions 29 to 33",
        NEEDS,
        LONGER,
        dropout,
        (
            higher("p = 0.5", "p = 0", "dropout helps"),
            higher("p = 0.9", "p = 0", "dropout helps, up to 0.9"),
            wider_gap("p = 0", "p = 0.5", "dropout reduces overfitting"),
        ),
    ),
    Recipe(
        "batch_norm",
        "Batch normalization",
        "How much faster does the network learn, and does it overfit more?",
        "p2, question 34",
        WITH_STANDARDIZED,
        LONGER,
        batch_norm,
        (
            wider_gap("batch norm", "baseline", "batch norm overfits more"),
            faster("batch norm", "baseline", "not in the reports: batch norm learns faster"),
        ),
    ),
    Recipe(
        "dropout_standardized",
        "Dropout with standardization",
        "Do dropout and standardization together help more than each alone?",
        "p2, last experiment",
        WITH_STANDARDIZED,
        LONGER,
        dropout_standardized,
        (
            wider_gap("standardized", "dropout, standardized", "it overfits less than standardization alone"),
            higher("dropout, standardized", "baseline", "it is better than the baseline"),
        ),
    ),
)
