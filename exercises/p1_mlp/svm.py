# GENERATED from solutions/p1_mlp/svm.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k svm
# sha256 as generated: 0d10c7af985d33a4bc6aaee300d1142671331c24a444cefecee9580ba74763da

"""Support vector machines with scikit-learn: the same Circles, without a network.

A support vector machine separates two classes by the line (plane, hyperplane) with the widest margin. Where no line
will do, a kernel stands for inner products in a space of more dimensions, and a line there is a curve here. Nothing is
learned about that space: kernel, C and degree are chosen by you, and this exercise is about choosing them. A small C
buys a wide margin with training errors; a large C does the reverse.

Shapes: `X` (n, features), float; `y` (n,), integer labels, which may be any integers and any number of classes of at
least two; both NumPy arrays. None of the functions changes them.

Allowed here: all of NumPy and scikit-learn.

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks", bonus.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC


def fit_svm(X: NDArray, y: NDArray, kernel: str = "rbf", C: float = 1.0, degree: int = 3) -> SVC:
    """A support vector classifier, fitted on exactly these examples.

    Args:
        X: (n, features), inputs. They are used as they are: not scaled, shuffled, split or cast to another dtype.
        y: (n,), labels.
        kernel: "linear", "rbf", "poly" or "sigmoid".
        C: what a training error costs, above 0.
        degree: of the polynomial kernel; the others ignore it.

    Returns:
        A fitted `sklearn.svm.SVC`. All that is no argument here keeps scikit-learn's default.

    Errors: none are asked for.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([5, 5, 7, 7])
    >>> fit_svm(X, y, kernel="linear").predict(np.array([[-1.0], [9.0]]))
    array([5, 7])
    """
    # TODO: an SVC with the three settings, fitted on (n, features) and (n,). Which settings does SVC have, and what are
    # their names?
    raise NotImplementedError("fit_svm is still to be written")


def accuracy(classifier: SVC, X: NDArray, y: NDArray) -> float:
    """How many of these examples a fitted classifier gets right.

    Args:
        classifier: as `fit_svm` returns it. It is used, and not fitted again.
        X: (n, features), inputs, which need not be those that it was fitted on.
        y: (n,), their labels.

    Returns:
        The accuracy, a fraction in [0, 1].

    Errors: none are asked for.

    >>> classifier = fit_svm(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([5, 5, 7, 7]))
    >>> float(accuracy(classifier, np.array([[0.2], [0.4], [2.8], [2.9]]), np.array([5, 5, 7, 5])))
    0.75
    """
    # TODO: predictions (n,), and how often they are equal to the labels.
    raise NotImplementedError("accuracy is still to be written")


def sweep(
    Xtrain: NDArray, ytrain: NDArray, Xval: NDArray, yval: NDArray, kernels: Sequence[str], Cs: Sequence[float]
) -> dict[tuple[str, float], tuple[float, float]]:
    """Every kernel with every C, each fitted on the training set and measured on both sets.

    Args:
        Xtrain: (n, features), the training set.
        ytrain: (n,), its labels.
        Xval: (m, features), the validation set. Nothing is fitted on it.
        yval: (m,), its labels.
        kernels: names of kernels, as in `fit_svm`.
        Cs: values of C.

    Returns:
        A dict with a key `(kernel, C)` for each pair and the value `(train_accuracy, validation_accuracy)`, fractions
        in [0, 1]. The degree is the default.

    Errors: none are asked for.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    >>> sweep(X, y, np.array([[0.5], [0.6]]), np.array([0, 1]), ["linear", "rbf"], [1.0])
    {('linear', 1.0): (1.0, 0.5), ('rbf', 1.0): (1.0, 0.5)}
    """
    # TODO: for each pair a classifier and its two accuracies. Which of the two sets may it see while it is fitted?
    raise NotImplementedError("sweep is still to be written")


def best_kernel(results: dict[tuple[str, float], tuple[float, float]]) -> str:
    """The kernel to choose after a sweep.

    Args:
        results: as `sweep` returns it, with at least one entry; in any order, and with any names of kernels.

    Returns:
        The name of the kernel of the entry with the best validation accuracy. Of several such entries the one with the
        smallest C counts; of several of those, any.

    Errors: none are asked for.

    >>> best_kernel({("linear", 1.0): (0.7, 0.6), ("rbf", 10.0): (0.9, 0.8), ("poly", 1.0): (1.0, 0.8)})
    'poly'
    """
    # TODO: the best of the entries, by two criteria. Which accuracy is a forecast for new data?
    raise NotImplementedError("best_kernel is still to be written")
