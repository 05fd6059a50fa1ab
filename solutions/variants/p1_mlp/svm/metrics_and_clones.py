"""accuracy_score, cloned estimators, settings given by set_params, and the degree only where it matters."""

from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import ParameterGrid
from sklearn.svm import SVC


def fit_svm(X, y, kernel="rbf", C=1.0, degree=3):
    blank = SVC().set_params(kernel=kernel, C=C)
    if kernel == "poly":
        blank.set_params(degree=degree)
    return clone(blank).fit(X, y)


def accuracy(classifier, X, y):
    return accuracy_score(y_true=y, y_pred=classifier.predict(X))


def sweep(Xtrain, ytrain, Xval, yval, kernels, Cs):
    results = dict()
    for point in ParameterGrid({"kernel": list(kernels), "C": list(Cs)}):
        machine = SVC(**point)
        machine.fit(Xtrain, ytrain)
        pair = accuracy(machine, Xtrain, ytrain), accuracy(machine, Xval, yval)
        results[point["kernel"], point["C"]] = pair
    return results


def best_kernel(results):
    top = max(validation for _, validation in results.values())
    candidates = {key: value for key, value in results.items() if value[1] == top}
    return sorted(candidates, key=lambda key: key[1])[0][0]
