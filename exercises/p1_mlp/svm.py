# GENERATED from solutions/p1_mlp/svm.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise svm
# sha256 as generated: 23705a72d348ace85832ba06412501814a95b37c5d6f9f4c201f87247d9327e4

"""Support vector machines with scikit-learn: the same Circles, without a network.

A support vector machine separates two classes by the line (plane, hyperplane) with the widest margin. If no line
separates them, a kernel replaces inner products by those of a space with more dimensions, where a line corresponds to a
curve here. That space is not learned: you choose the kernel, C and the degree, which is what this exercise is about. A
small C allows training errors for a wider margin; a large C does the opposite.

Shapes: `X` (n, features), float; `y` (n,), labels: any integers, with at least two
classes; both are NumPy arrays. No function changes its arguments.

Allowed here: all of NumPy and scikit-learn.

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks", bonus.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC


def fit_svm(X: NDArray, y: NDArray, kernel: str = "rbf", C: float = 1.0, degree: int = 3) -> SVC:
    """A support vector classifier fitted on exactly these examples.

    Args:
        X: (n, features), inputs. Use them unchanged: do not scale, shuffle, split or cast them.
        y: (n,), labels.
        kernel: "linear", "rbf", "poly" or "sigmoid".
        C: the cost of a training error, above 0.
        degree: the degree of the polynomial kernel; other kernels ignore it.

    Returns:
        A fitted `sklearn.svm.SVC`. All other settings keep scikit-learn's defaults.

    Errors: the arguments need not be checked.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([5, 5, 7, 7])
    >>> fit_svm(X, y, kernel="linear").predict(np.array([[-1.0], [9.0]]))
    array([5, 7])
    """
    # TODO: create an SVC with the three settings, and fit it on (n, features) and (n,). What are the settings called in
    # SVC?
    raise NotImplementedError("fit_svm is still to be written")


def accuracy(classifier: SVC, X: NDArray, y: NDArray) -> float:
    """The fraction of these examples that a fitted classifier gets right.

    Args:
        classifier: as `fit_svm` returns it. Do not fit it again.
        X: (n, features), inputs, possibly others than those of the fit.
        y: (n,), their labels.

    Returns:
        The accuracy, a fraction in [0, 1].

    Errors: the arguments need not be checked.

    >>> classifier = fit_svm(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([5, 5, 7, 7]))
    >>> float(accuracy(classifier, np.array([[0.2], [0.4], [2.8], [2.9]]), np.array([5, 5, 7, 5])))
    0.75
    """
    # TODO: compute the predictions (n,), and how often they equal the labels.
    raise NotImplementedError("accuracy is still to be written")


def sweep(
    Xtrain: NDArray, ytrain: NDArray, Xval: NDArray, yval: NDArray, kernels: Sequence[str], Cs: Sequence[float]
) -> dict[tuple[str, float], tuple[float, float]]:
    """Fits a classifier for every kernel and every C on the training set, and measures it on both sets.

    Args:
        Xtrain: (n, features), the training set.
        ytrain: (n,), its labels.
        Xval: (m, features), the validation set. Do not fit on it.
        yval: (m,), its labels.
        kernels: names of kernels, as in `fit_svm`.
        Cs: values of C.

    Returns:
        A dict with a key `(kernel, C)` for each pair, and values `(train_accuracy, validation_accuracy)`, fractions in
        [0, 1]. The degree is the default.

    Errors: the arguments need not be checked.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    >>> sweep(X, y, np.array([[0.5], [0.6]]), np.array([0, 1]), ["linear", "rbf"], [1.0])
    {('linear', 1.0): (1.0, 0.5), ('rbf', 1.0): (1.0, 0.5)}
    """
    # TODO: for each pair, fit a classifier and compute its two accuracies. Which of the two sets may the fit use?
    raise NotImplementedError("sweep is still to be written")


def best_kernel(results: dict[tuple[str, float], tuple[float, float]]) -> str:
    """The best kernel of a sweep.

    Args:
        results: as `sweep` returns it, with at least one entry, in any order, and with any kernel names.

    Returns:
        The name of the kernel with the best validation accuracy. If several entries have it, the smallest C decides; if
        they have the same C too, any of them.

    Errors: the arguments need not be checked.

    >>> best_kernel({("linear", 1.0): (0.7, 0.6), ("rbf", 10.0): (0.9, 0.8), ("poly", 1.0): (1.0, 0.8)})
    'poly'
    """
    # TODO: find the best entry by the two criteria. Which accuracy predicts the one on new data?
    raise NotImplementedError("best_kernel is still to be written")
