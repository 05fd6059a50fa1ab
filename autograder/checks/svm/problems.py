"""Problems for support vector machines, with answers that every correct machine gives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.inputs import Draw

Array = NDArray[Any]
Sets = tuple[Array, Array, Array, Array]
"""Xtrain (n, features), ytrain (n,), Xval (m, features), yval (m,)."""


def svc(X: Array, y: Array, kernel: str = "rbf", C: float = 1.0, degree: int = 3) -> Any:
    """A classifier of our own. scikit-learn takes a second to import, so it is imported only when needed."""
    from sklearn.svm import SVC

    return SVC(kernel=kernel, C=C, degree=degree, decision_function_shape="ovo").fit(X, y)


def data(draw: Draw, n: int, labels: Sequence[int], features: int = 3) -> tuple[Array, Array]:
    """Overlapping clouds. Each feature has its own mean and scale, so that scaling the inputs is noticed."""
    y = draw.rng.permutation(np.resize(np.array(labels), n))
    centres = {label: draw.rng.normal(size=features) for label in labels}
    points = np.stack([centres[label] + draw.rng.normal(size=features) for label in y.tolist()])
    return points * np.linspace(0.6, 2.5, features) + np.linspace(0.8, -0.5, features), y


def sure(draw: Draw, X: Array, y: Array, kernel: str, C: float, points: Array) -> Array:
    """Whether all classifiers that solve the problem predict the same, for each point.

    The order of the examples and the rounding of sums decide which solution is found.
    """
    orders = [np.arange(len(X)), *(draw.rng.permutation(len(X)) for _ in range(3))]
    found = np.stack([svc(X[order], y[order], kernel, C).decision_function(points) for order in orders])
    found = found.reshape(len(orders), len(points), -1)
    spread, nearest = np.ptp(found, axis=0).max(), np.abs(found).min((0, 2))
    return np.asarray(nearest > 2 * spread + 1e-6)


def data_and_points(draw: Draw, batch: int, labels: Sequence[int], kernel: str) -> tuple[Array, Array, Array]:
    """30 examples, and `batch` other points whose predictions are certain."""
    while True:
        X, y = data(draw, 30, labels)
        points = data(draw, 3 * batch + 5, labels)[0]
        points = points[sure(draw, X, y, kernel, 1.5, points)][:batch]
        if len(points) == batch:
            return X, y, points


def with_right(draw: Draw, predicted: Array, right: int, labels: Sequence[int]) -> Array:
    """Labels for which exactly `right` of the predictions are right, at random places."""
    truth = predicted.copy()
    for index in draw.rng.permutation(len(truth))[right:]:
        truth[index] = draw.rng.choice([label for label in labels if label != truth[index]])
    return truth


def sets(
    draw: Draw, sizes: tuple[int, int], labels: Sequence[int], kernels: Sequence[str], Cs: Sequence[float]
) -> Sets:
    """A training and a validation set on which every entry of a sweep is certain."""
    n = sizes[0]
    while True:
        X, y = data(draw, sum(sizes), labels)
        if all(sure(draw, X[:n], y[:n], kernel, C, X).all() for kernel, C in itertools.product(kernels, Cs)):
            return X[:n], y[:n], X[n:], y[n:]
