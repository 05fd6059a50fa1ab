"""The classifier's own score (a NumPy float), itertools.product in a dict comprehension, max of a tuple."""

from itertools import product

from sklearn.svm import SVC


def fit_svm(X, y, kernel="rbf", C=1.0, degree=3):
    return SVC(C=float(C), kernel=kernel, degree=int(degree), random_state=0, cache_size=50).fit(X.copy(), y.copy())


def accuracy(classifier, X, y):
    return classifier.score(X, y)


def sweep(Xtrain, ytrain, Xval, yval, kernels, Cs):
    fitted = {(kernel, C): fit_svm(Xtrain, ytrain, kernel, C) for kernel, C in product(kernels, Cs)}
    return {key: tuple(m.score(X, y) for X, y in ((Xtrain, ytrain), (Xval, yval))) for key, m in fitted.items()}


def best_kernel(results):
    return max((validation, -C, kernel) for (kernel, C), (_, validation) in results.items())[2]
