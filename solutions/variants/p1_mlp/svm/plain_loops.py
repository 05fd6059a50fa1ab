"""Counted in loops, accuracies in lists, the best found by comparing one entry after the other."""

from sklearn import svm


def fit_svm(X, y, kernel="rbf", C=1.0, degree=3):
    classifier = svm.SVC(C=C, kernel=kernel, degree=degree, gamma="scale")
    classifier.fit(X, y)
    return classifier


def accuracy(classifier, X, y):
    right = 0
    for guess, label in zip(classifier.predict(X).tolist(), y.tolist(), strict=True):
        if guess == label:
            right += 1
    return right / len(y)


def sweep(Xtrain, ytrain, Xval, yval, kernels, Cs):
    results = {}
    for C in sorted(Cs):
        for kernel in kernels:
            model = fit_svm(Xtrain, ytrain, kernel, C)
            results[(kernel, C)] = [accuracy(model, Xtrain, ytrain), accuracy(model, Xval, yval)]
    return results


def best_kernel(results):
    best, best_validation, best_C = None, None, None
    for (kernel, C), (_, validation) in results.items():
        better = best is None or validation > best_validation
        if better or (validation == best_validation and C < best_C):
            best, best_validation, best_C = kernel, validation, C
    return best
