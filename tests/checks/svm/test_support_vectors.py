"""Every solution of a support vector machine's problem is one, and no other machine's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from autograder.checks.inputs import Draw
from autograder.checks.svm.problems import data, sure
from autograder.checks.svm.support_vectors import Fitted

CASES = [
    ("rbf", 2.5, 3, (4, -3)), ("linear", 0.3, 3, (2, 11, 5)), ("poly", 2.0, 4, (0, 1, 2, 3)), ("sigmoid", 20.0, 3, (4, -3))
]  # fmt: skip


def fitted(classifier: Any) -> Fitted:
    return Fitted(
        classifier.support_vectors_, classifier.dual_coef_, classifier.intercept_, classifier.classes_,
        classifier.n_support_, float(classifier._gamma),
    )  # fmt: skip


def problem(labels: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Draw]:
    draw = Draw(seed, "support vectors")
    X, y = data(draw, 31, labels)
    return X, y, draw


@pytest.mark.parametrize(("kernel", "C", "degree", "labels"), CASES)
def test_whatever_order_it_was_found_in_a_solution_is_one(
    kernel: str, C: float, degree: int, labels: tuple[int, ...]
) -> None:
    X, y, draw = problem(labels)
    for _ in range(5):
        order = draw.rng.permutation(len(X))
        found = fitted(SVC(kernel=kernel, C=C, degree=degree).fit(X[order], y[order]))
        assert found.solves(X, y, kernel, C, degree)


@pytest.mark.parametrize(("kernel", "C", "degree", "labels"), CASES)
@pytest.mark.parametrize("changed", [{"C": 0.5}, {"kernel": "poly", "coef0": 1.0}, {"tol": 0.3}])
def test_the_solution_of_another_problem_is_none(
    kernel: str, C: float, degree: int, labels: tuple[int, ...], changed: dict[str, Any]
) -> None:
    X, y, _ = problem(labels)
    settings = {"kernel": kernel, "C": C, "degree": degree} | changed
    assert not fitted(SVC(**settings).fit(X, y)).solves(X, y, kernel, C, degree)


def test_labels_that_went_astray_are_noticed() -> None:
    X, y, draw = problem((4, -3))
    found = fitted(SVC().fit(X, y[draw.rng.permutation(len(y))]))
    assert not found.solves(X, y, "rbf", 1.0, 3)


def test_an_intercept_counts() -> None:
    X, y, _ = problem((4, -3))
    found = fitted(SVC().fit(X, y))
    assert not replace(found, intercepts=found.intercepts + 0.01).solves(X, y, "rbf", 1.0, 3)


@pytest.mark.parametrize(("kernel", "C", "degree", "labels"), CASES)
def test_decision_values_are_those_of_the_classifier(
    kernel: str, C: float, degree: int, labels: tuple[int, ...]
) -> None:
    X, y, _ = problem(labels)
    classifier = SVC(kernel=kernel, C=C, degree=degree, decision_function_shape="ovo").fit(X, y)
    expected = classifier.decision_function(X).reshape(len(X), -1)
    np.testing.assert_allclose(fitted(classifier).decisions(X, kernel, degree), expected, atol=1e-9)


def test_a_point_on_the_border_is_notsure() -> None:
    X, y, draw = problem((4, -3))
    classifier = SVC(kernel="linear").fit(X, y)
    w, b = classifier.coef_[0], classifier.intercept_[0]
    border, beyond = -b * w / (w @ w), (3 - b) * w / (w @ w)
    assert sure(draw, X, y, "linear", 1.0, np.stack([border, beyond])).tolist() == [False, True]
