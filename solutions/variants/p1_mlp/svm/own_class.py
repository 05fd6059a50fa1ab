"""An SVC of one's own with an extra attribute, whose constructor hides the settings, and errors counted as zeros."""

import numpy as np
from sklearn.svm import SVC


class Machine(SVC):
    def __init__(self, name="machine", **settings):
        super().__init__(**settings)
        self.name = name

    def errors(self, X, y):
        return np.count_nonzero(self.predict(X) - y)


def fit_svm(X, y, kernel="rbf", C=1.0, degree=3):
    machine = Machine(f"{kernel} {C}", kernel=kernel, C=C, degree=degree)
    machine.fit(np.asarray(X, dtype=float), np.ravel(y))
    return machine


def accuracy(classifier, X, y):
    wrong = np.count_nonzero(classifier.predict(X) - y)
    return np.float32(1.0) - np.float32(wrong / y.size)


def sweep(Xtrain, ytrain, Xval, yval, kernels, Cs):
    table = {}
    for kernel in kernels:
        for C in map(np.float64, Cs):
            machine = fit_svm(Xtrain, ytrain, kernel=np.str_(kernel), C=C)
            shares = [1 - machine.errors(X, y) / len(X) for X, y in ((Xtrain, ytrain), (Xval, yval))]
            table[np.str_(kernel), C] = np.array(shares)
    return table


def best_kernel(results):
    keys = list(results)
    validation = np.array([results[key][1] for key in keys])
    Cs = np.array([key[1] for key in keys])
    return keys[np.lexsort((Cs, -validation))[0]][0]
