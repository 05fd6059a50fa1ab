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
    ### BEGIN SOLUTION
    # TODO: an SVC with the three settings, fitted on (n, features) and (n,). Which settings does SVC have, and what are
    # their names?
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    # TODO: predictions (n,), and how often they are equal to the labels.
    return float(np.mean(classifier.predict(X) == y))
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    # TODO: for each pair a classifier and its two accuracies. Which of the two sets may it see while it is fitted?
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    # TODO: the best of the entries, by two criteria. Which accuracy is a forecast for new data?
    kernel, _ = min(results, key=lambda entry: (-results[entry][1], entry[1]))
    return kernel
    ### END SOLUTION
