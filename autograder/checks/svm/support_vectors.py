"""Checks that a fitted support vector classifier solves the problem that it was given.

It is not compared with a classifier fitted here. If the kernel is not positive definite, like the sigmoid, or if no
support vector is free, there are many solutions, and rounding decides which of them is found. All of them meet the
Karush-Kuhn-Tucker conditions up to `tol`, where scikit-learn stops.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.student_module import Handle, StudentModule

Array = NDArray[Any]
TOL = 1e-3
"""By how much the conditions may be violated: scikit-learn's default."""
ROUNDING = 1e-6
"""Relative error of a decision value: libsvm keeps kernel values in float32."""


@dataclass(frozen=True)
class Fitted:
    """What an SVC has learned.

    vectors: (s, features), the support vectors.
    coefficients: (classes - 1, s).
    intercepts: (pairs of classes,).
    classes: (classes,).
    counts: (classes,), the number of support vectors of each class; they sum to s.
    gamma: the factor in the kernel.
    """

    vectors: Array
    coefficients: Array
    intercepts: Array
    classes: Array
    counts: Array
    gamma: float

    def decisions(self, X: Array, kernel: str, degree: int) -> Array:
        """Decision values of X (n, features): (n, pairs of classes).

        A positive value means the second class if there are two, and the first class of the pair if there are more.
        """
        K = kernel_values(X, self.vectors, kernel, self.gamma, degree)
        columns = [
            K[:, own] @ coefficients + intercept
            for (_, own, coefficients), intercept in zip(self._pairs(), self.intercepts)
        ]
        return np.stack(columns, 1)

    def _pairs(self) -> Iterator[tuple[tuple[int, int], Array, Array]]:
        """For each pair of classes: the two, the indices of their support vectors, and the coefficients of those."""
        ends = np.cumsum(self.counts)
        places = [np.arange(end - count, end) for end, count in zip(ends, self.counts)]
        for i, j in itertools.combinations(range(len(self.counts)), 2):
            own = np.concatenate([places[i], places[j]])
            coefficients = [self.coefficients[j - 1, places[i]], self.coefficients[i, places[j]]]
            yield (i, j), own, np.concatenate(coefficients)

    def keeps_labels(self, X: Array, y: Array) -> bool:
        """Whether each support vector is a row of X (n, features) of its own and has that row's label in y (n,)."""
        return self.each_row_once(X) and np.array_equal(y[self._rows(X)], np.repeat(self.classes, self.counts))

    def each_row_once(self, X: Array) -> bool:
        """Whether no row of X (n, features) is a support vector twice."""
        rows = self._rows(X)
        return len(set(rows.tolist())) == len(rows)

    def _rows(self, X: Array) -> Array:
        """The index of each support vector in X."""
        return np.asarray(np.abs(self.vectors[:, None] - X).max(2).argmin(1))

    def solves(self, X: Array, y: Array, kernel: str, C: float, degree: int) -> bool:
        """Whether an SVC with scikit-learn's defaults could have learned this from X (n, features) and y (n,)."""
        rows = self._rows(X)
        if not self.keeps_labels(X, y):
            return False
        gamma = 1 / (X.shape[1] * X.var())
        sign = -1 if len(self.counts) == 2 else 1
        for ((i, j), own, coefficients), intercept in zip(self._pairs(), self.intercepts):
            of_pair = np.isin(y, self.classes[[i, j]])
            weights = np.zeros(len(X))
            weights[rows[own]] = sign * coefficients
            K = kernel_values(X[of_pair], X, kernel, gamma, degree)
            side = np.where(y[of_pair] == self.classes[i], 1.0, -1.0)
            if not _is_optimal(K, weights, side, weights[of_pair] * side, sign * float(intercept), C):
                return False
        return True


SCALINGS: dict[str, Callable[[Array], Array]] = {
    "standardized": lambda X: (X - X.mean(0)) / X.std(0),
    "shifted to mean 0": lambda X: X - X.mean(0),
    "divided by the standard deviations": lambda X: X / X.std(0),
    "scaled to the range from 0 to 1": lambda X: (X - X.min(0)) / np.ptp(X, axis=0),
    "scaled to the range from −1 to 1": lambda X: 2 * (X - X.min(0)) / np.ptp(X, axis=0) - 1,
    "divided by the largest sizes": lambda X: X / np.abs(X).max(0),
    "divided by the norm of each example": lambda X: X / np.linalg.norm(X, axis=1, keepdims=True),
    "rounded to whole numbers": np.round,
    "truncated to whole numbers": np.trunc,
}


def expect_rows(vectors: Array, X: Array) -> None:
    """Fails unless the support vectors (s, features) are rows of X (n, features)."""
    if _are_rows(vectors, X):
        return
    scaled = [words for words, change in SCALINGS.items() if _are_rows(vectors, change(X))]
    seen = f"the support vectors are not rows of X{f', but rows of X {scaled[0]}' if scaled else ''}"
    raise CheckFailed(f"{seen}: fit the classifier on X as it is", mistake=seen if scaled else "")


def _are_rows(vectors: Array, X: Array) -> bool:
    return bool((np.abs(vectors[:, None] - X).max(2).min(1) <= 1e-5).all())


def _is_optimal(K: Array, weights: Array, side: Array, alphas: Array, intercept: float, C: float) -> bool:
    """Whether the optimality conditions hold for two classes: K (m, n), weights (n,), side (m,) ±1, alphas (m,)."""
    rounding = ROUNDING * (1 + float((np.abs(K) @ np.abs(weights)).max()))
    if (alphas < -rounding).any() or (alphas > C * (1 + 1e-9)).any() or abs(alphas @ side) > ROUNDING * (1 + C):
        return False
    missing = side - K @ weights
    grows, shrinks = alphas < C * (1 - 1e-9), alphas > 0
    highest = missing[np.where(side > 0, grows, shrinks)].max()
    lowest = missing[np.where(side > 0, shrinks, grows)].min()
    between = min(highest, lowest) - rounding <= intercept <= max(highest, lowest) + rounding
    return bool(highest - lowest <= TOL + rounding and between)


def kernel_values(X: Array, others: Array, kernel: str, gamma: float, degree: int) -> Array:
    """The kernel of every pair of rows: X (n, features), others (m, features) → (n, m)."""
    products: Array = X @ others.T
    if kernel == "rbf":
        squares = (X**2).sum(1)[:, None] - 2 * products + (others**2).sum(1)
        return np.asarray(np.exp(-gamma * squares))
    if kernel == "poly":
        return np.asarray((gamma * products) ** degree)
    return np.asarray(np.tanh(gamma * products)) if kernel == "sigmoid" else products


def read_fitted(student: StudentModule, classifier: Handle, X: Array) -> Fitted:
    """Reads what a classifier has learned. Raises CheckFailed unless it was fitted on data of the shape of X."""
    found = student.probe("svms.fitted_arrays", classifier)
    if not isinstance(found, dict):
        mistake = "fit_svm returns an SVC that has not been fitted"
        raise CheckFailed(f"{mistake}: call its fit method on X and y", mistake=mistake)
    names = ("support_vectors_", "dual_coef_", "intercept_", "classes_", "n_support_")
    values: list[Any] = [found.get(name) for name in names]
    for name, value, axes in zip(names, values, (2, 2, 1, 1, 1)):
        if not isinstance(value, np.ndarray) or value.ndim != axes or not np.isfinite(value).all():
            raise CheckFailed(
                f"the classifier's {name} should be a {axes}-d array of finite numbers but is {describe_value(value)}"
            )
    V, coefficients, intercepts, classes, counts = values
    shape, k = found.get("shape_fit_"), len(classes)
    if isinstance(shape, tuple) and len(shape) == 2 and shape != X.shape:
        mistake = (
            f"fit_svm was given {len(X)} examples with {X.shape[1]} features, but fitted the classifier on {shape[0]} "
            f"examples with {shape[1]}"
        )
        raise CheckFailed(f"{mistake}: fit it on X as it is", mistake=mistake)
    agree = (
        shape == X.shape
        and V.shape[1] == X.shape[1]
        and 1 <= len(V) <= len(X)
        and k >= 2
        and counts.dtype.kind == "i"
        and counts.shape == (k,)
        and (counts >= 0).all()
        and counts.sum() == len(V)
        and coefficients.shape == (k - 1, len(V))
        and intercepts.shape == (k * (k - 1) // 2,)
        and isinstance(found.get("gamma"), float)
    )
    if not agree:
        raise CheckFailed("the shapes of the fitted classifier's arrays do not fit together")
    return Fitted(V, coefficients, intercepts, classes, counts, found["gamma"])
