"""Predictions from the decision values by hand, gamma as the number that "scale" stands for, a stable sort twice."""

from itertools import combinations

import numpy as np
import sklearn.svm


def fit_svm(X, y, kernel="rbf", C=1.0, degree=3):
    width = 1 / (X.shape[1] * X.var())
    return sklearn.svm.SVC(kernel=kernel, C=C, degree=degree, gamma=width).fit(X, y)


def predictions(classifier, X):
    classes = classifier.classes_
    if len(classes) == 2:
        return np.where(classifier.decision_function(X) > 0, classes[1], classes[0])
    shape = classifier.decision_function_shape
    duels = classifier.set_params(decision_function_shape="ovo").decision_function(X)
    classifier.set_params(decision_function_shape=shape)
    votes = np.zeros((len(X), len(classes)), dtype=int)
    for duel, (first, second) in zip(duels.T, combinations(range(len(classes)), 2), strict=True):
        votes[:, first] += duel > 0
        votes[:, second] += duel <= 0
    return classes[votes.argmax(axis=1)]


def accuracy(classifier, X, y):
    return np.array(predictions(classifier, X) == y, dtype=float).sum() / X.shape[0]


def sweep(Xtrain, ytrain, Xval, yval, kernels, Cs):
    results = {}
    for kernel in kernels:
        machines = [fit_svm(Xtrain, ytrain, kernel=kernel, C=C) for C in Cs]
        for C, machine in zip(Cs, machines, strict=True):
            results[kernel, C] = (accuracy(machine, Xtrain, ytrain), accuracy(machine, Xval, yval))
    return results


def best_kernel(results):
    entries = sorted(results.items(), key=lambda entry: entry[0][1])
    entries.sort(key=lambda entry: entry[1][1], reverse=True)
    return entries[0][0][0]
