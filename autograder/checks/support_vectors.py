"""A fitted support vector classifier by its numbers, and whether they solve the problem that it was given.

A solution is not compared with another: where a kernel is not positive definite, as the sigmoid, or no support vector is
free, there are many, and which one is found depends on how a machine rounds. Each meets the conditions of Karush, Kuhn
and Tucker up to `tol`, which is where scikit-learn stops.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.student_module import Handle, StudentModule, describe_value

Array = NDArray[Any]
TOL = 1e-3
"""scikit-learn's default: by how much the conditions may be missed."""
ROUNDING = 1e-6
"""Of the largest sum that a decision value is made of: libsvm keeps the values of its kernel in float32."""


@dataclass(frozen=True)
class Fitted:
    """vectors (s, features), coefficients (classes - 1, s), intercepts (pairs,), counts (classes,) sum to s."""

    vectors: Array
    coefficients: Array
    intercepts: Array
    classes: Array
    counts: Array
    gamma: float

    def decisions(self, X: Array, kernel: str, degree: int) -> Array:
        """(n, features) → (n, pairs of classes); for two classes, above 0 is the second, for more, the first of a pair."""
        K = kernel_values(X, self.vectors, kernel, self.gamma, degree)
        columns = [
            K[:, own] @ coefficients + intercept
            for (_, own, coefficients), intercept in zip(self._pairs(), self.intercepts)
        ]
        return np.stack(columns, 1)

    def _pairs(self) -> Iterator[tuple[tuple[int, int], Array, Array]]:
        """Of each pair of classes: which two, the places of their vectors, and what these are multiplied with."""
        ends = np.cumsum(self.counts)
        places = [np.arange(end - count, end) for end, count in zip(ends, self.counts)]
        for i, j in itertools.combinations(range(len(self.counts)), 2):
            own = np.concatenate([places[i], places[j]])
            coefficients = [self.coefficients[j - 1, places[i]], self.coefficients[i, places[j]]]
            yield (i, j), own, np.concatenate(coefficients)

    def solves(self, X: Array, y: Array, kernel: str, C: float, degree: int) -> bool:
        """Whether these are the numbers of an SVC with scikit-learn's defaults that was fitted on X (n, features), y (n,)."""
        rows = np.abs(self.vectors[:, None] - X).max(2).argmin(1)  # which example each vector is
        if len(set(rows.tolist())) < len(rows) or not np.array_equal(y[rows], np.repeat(self.classes, self.counts)):
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


def _is_optimal(K: Array, weights: Array, side: Array, alphas: Array, intercept: float, C: float) -> bool:
    """For two classes: K (m, n), weights (n,), side (m,) ±1, alphas (m,)."""
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
    """(n, features), (m, features) → (n, m)."""
    products: Array = X @ others.T
    if kernel == "rbf":
        squares = (X**2).sum(1)[:, None] - 2 * products + (others**2).sum(1)
        return np.asarray(np.exp(-gamma * squares))
    if kernel == "poly":
        return np.asarray((gamma * products) ** degree)
    return np.asarray(np.tanh(gamma * products)) if kernel == "sigmoid" else products


def read_fitted(student: StudentModule, classifier: Handle, X: Array) -> Fitted:
    """The numbers of a classifier that was fitted on as many examples as X has, with as many features."""
    found = student.probe("svms.fitted_arrays", classifier)
    if not isinstance(found, dict):
        raise CheckFailed("fit_svm returns an SVC that has not been fitted: it has seen no data yet")
    names = ("support_vectors_", "dual_coef_", "intercept_", "classes_", "n_support_")
    values: list[Any] = [found.get(name) for name in names]
    for name, value, axes in zip(names, values, (2, 2, 1, 1, 1)):
        if not isinstance(value, np.ndarray) or value.ndim != axes or not np.isfinite(value).all():
            raise CheckFailed(f"the classifier's {name} should be {axes}-d numbers, and is {describe_value(value)}")
    V, coefficients, intercepts, classes, counts = values
    shape, k = found.get("shape_fit_"), len(classes)
    if isinstance(shape, tuple) and len(shape) == 2 and shape != X.shape:
        raise CheckFailed(
            f"{len(X)} examples of {X.shape[1]} features were given, and the classifier was fitted on {shape[0]} of "
            f"{shape[1]}: fit on X as it is"
        )
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
        raise CheckFailed("the arrays of the fitted classifier do not agree in their shapes")
    return Fitted(V, coefficients, intercepts, classes, counts, found["gamma"])
