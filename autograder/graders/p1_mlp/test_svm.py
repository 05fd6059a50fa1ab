"""Support vector machines: fitting, accuracy, the sweep over kernels and C, and the choice of a kernel.

A fitted SVC is checked by its numbers: its support vectors, dual coefficients and intercepts must solve the given
problem. Accuracies are compared on points for which every solution predicts the same.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.checks.closeness import as_number, expect_unchanged
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.kernel_choice import how_chosen
from autograder.checks.support_vectors import expect_rows, read_fitted
from autograder.data.jitter import jitter_points
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("fit_svm", "accuracy", "sweep", "best_kernel"), bonus=True)

# Mean accuracies on Circles, ours and the published one, over 200 draws of the jitter and C from 0.1 to 100: RBF 0.933
# to 0.955, polynomial of degree 2 0.933 to 0.956, linear 0.621 to 0.649, degree 3 0.515 to 0.601, sigmoid 0.470 to
# 0.620.
# For a single C and draw, the lowest of RBF was 0.930 and the highest of linear 0.655.
MIN_GOOD, MAX_POOR = 0.88, 0.75

KERNELS = (("rbf", 2.5, 3), ("linear", 0.3, 3), ("poly", 0.7, 2), ("poly", 2, 4), ("sigmoid", 0.6, 3))  # C, degree
LABELS = ((4, -3), (2, 11, 5), (0, 1, 2, 3))
NAMES = ("rbf", "linear", "poly", "sigmoid", "laplacian", "chi2")
# Settings that change a classifier's answers or when its fit stops. For some only the effect counts: gamma may be the
# number that "scale" stands for. `random_state`, `cache_size` and `verbose` change nothing.
ANSWERS = ("decision_function_shape", "break_ties", "probability", "tol")
EFFECTS = ("gamma", "coef0", "class_weight", "tol", "shrinking", "max_iter")


def _svc(X, y, kernel="rbf", C=1.0, degree=3):
    """A classifier of our own. scikit-learn takes a second to import, so it is imported only when needed."""
    from sklearn.svm import SVC

    return SVC(kernel=kernel, C=C, degree=degree, decision_function_shape="ovo").fit(X, y)


def _defaults():
    from sklearn.svm import SVC

    return SVC().get_params()


def _data(draw, n, labels, features=3):
    """Overlapping clouds. Each feature has its own mean and scale, so that scaling the inputs is noticed."""
    y = draw.rng.permutation(np.resize(np.array(labels), n))
    centres = {label: draw.rng.normal(size=features) for label in labels}
    points = np.stack([centres[label] + draw.rng.normal(size=features) for label in y.tolist()])
    return points * np.linspace(0.6, 2.5, features) + np.linspace(0.8, -0.5, features), y


def _sure(draw, X, y, kernel, C, points):
    """Whether all classifiers that solve the problem predict the same, for each point.

    The order of the examples and the rounding of sums decide which solution is found.
    """
    orders = [np.arange(len(X)), *(draw.rng.permutation(len(X)) for _ in range(3))]
    found = np.stack([_svc(X[order], y[order], kernel, C).decision_function(points) for order in orders])
    found = found.reshape(len(orders), len(points), -1)
    spread, nearest = np.ptp(found, axis=0).max(), np.abs(found).min((0, 2))
    return nearest > 2 * spread + 1e-6


def _classifier(student, value):
    """The handle of an SVC, and its settings."""
    forgot = ": is a return missing?" if value is None else ""
    settings = student.probe("svms.settings", value) if isinstance(value, Handle) else None
    if not isinstance(settings, dict):
        raise CheckFailed(f"fit_svm should return an sklearn.svm.SVC, but returned {describe_value(value)}{forgot}")
    return value, settings


def _expect_settings(what, settings, kernel, C, degree):
    asked = {"kernel": kernel, "C": C} | ({"degree": degree} if kernel == "poly" else {})
    for name, expected in asked.items():
        got = settings.get(name)
        if _differs(got, expected):
            raise CheckFailed(f"after {what} the classifier's {name} should be {expected!r}, but is {_show(got)}")


def _differs(setting, expected):
    """Compares any two values that a worker may send; an array is never equal."""
    return not isinstance(setting, (str, int, float, type(None))) or setting != expected


def _show(value):
    return repr(value)[:60] if isinstance(value, (str, int, float)) else describe_value(value)


def _expect_fitted(student, value, X, y, kernel, C, degree):
    """Fails unless the classifier is fitted on exactly (X, y)."""
    classifier, settings = _classifier(student, value)
    fitted = read_fitted(student, classifier, X)
    if not np.array_equal(fitted.classes, np.unique(y)):
        raise CheckFailed(f"the labels are {np.unique(y).tolist()}, but the classifier's are {fitted.classes.tolist()}")
    expect_rows(fitted.vectors, X)
    solved, usual = fitted.solves(X, y, kernel, C, degree), _defaults()
    for name in ANSWERS if solved else EFFECTS:
        if _differs(settings.get(name), usual[name]):
            raise CheckFailed(f"{name} should keep its default {usual[name]!r}, but is {_show(settings.get(name))}")
    if not fitted.keeps_labels(X, y):
        raise CheckFailed(
            "some support vectors are rows of X with another label than in y: fit on X and y in the same order, and use each "
            "example once"
        )
    if not solved:
        raise CheckFailed(
            f"the decision values are not those of SVC(kernel={kernel!r}, C={C:g}, degree={degree}) fitted on X and y, "
            "although the settings and the labels of the support vectors are right: look at what else reaches SVC and fit"
        )


@check(points=1, apart_from_values=True)
def test_settings(student, draw):
    """fit_svm returns an sklearn.svm.SVC with the given kernel, C and degree"""
    for (kernel, C, degree), labels in zip(KERNELS, itertools.cycle(LABELS)):
        X, y = _data(draw, 24, labels)
        _, settings = _classifier(student, student.fit_svm(X, y, kernel=kernel, C=C, degree=degree))
        _expect_settings(f"fit_svm(X, y, kernel={kernel!r}, C={C}, degree={degree})", settings, kernel, C, degree)
    expect_unchanged(student)


@check(points=1, needs=[test_settings], apart_from_values=True)
def test_fitted_on_the_data(student, draw):
    """fit_svm fits on all of X and y, unchanged, with scikit-learn's defaults for the other settings"""
    sizes = ((23, 3), (31, 2), (40, 4), (27, 5), (36, 3))
    for (n, features), (kernel, C, degree), labels in zip(sizes, KERNELS, itertools.cycle(LABELS)):
        X, y = _data(draw, n, labels, features)
        value = student.fit_svm(X, y, kernel=kernel, C=C, degree=degree)
        _expect_fitted(student, value, X, y, kernel, C, degree)
    expect_unchanged(student)


@check(points=0.5, needs=[test_settings, test_fitted_on_the_data], apart_from_values=True)
def test_defaults(student, draw):
    """by default fit_svm uses the RBF kernel and C = 1, and degree 3 for a polynomial kernel"""
    X, y = _data(draw, 26, LABELS[0])
    for given, expected in (
        ({}, ("rbf", 1.0, 3)),
        ({"C": 4.0}, ("rbf", 4.0, 3)),
        ({"kernel": "poly"}, ("poly", 1.0, 3)),
        ({"kernel": "poly", "degree": 2}, ("poly", 1.0, 2)),
    ):
        call = ", ".join(["X", "y", *(f"{name}={value!r}" for name, value in given.items())])
        value = student.fit_svm(X, y, **given)
        _expect_settings(f"fit_svm({call})", _classifier(student, value)[1], *expected)
        _expect_fitted(student, value, X, y, *expected)
    expect_unchanged(student)


@check(points=1)
def test_accuracy(student, draw):
    """accuracy is the fraction of the given examples that the classifier gets right"""
    for labels, batch, kernel in ((LABELS[0], 8, "linear"), (LABELS[1], 11, "rbf"), (LABELS[2], 1, "rbf")):
        X, y, points = _data_and_points(draw, batch, labels, kernel)
        classifier = student.probe("svms.fit", X, y, kernel, 1.5)
        predicted = _svc(X, y, kernel, 1.5).predict(points)
        for right in dict.fromkeys((batch // 3, batch, 0)):
            truth = _with_right(draw, predicted, right, labels)
            value = student.accuracy(classifier, points, truth)
            after = student.probe("svms.fitted_arrays", classifier)
            if not isinstance(after, dict) or after.get("shape_fit_") != X.shape:
                raise CheckFailed("accuracy fits the classifier again: it should only measure it")
            got = as_number("the accuracy", value)
            if not abs(got - right / batch) <= 1e-6:
                again = _with_right(draw, predicted, 2 * batch // 3, labels)
                second = as_number("the accuracy", student.accuracy(classifier, points, again))
                why = _why_wrong([(got, right), (second, 2 * batch // 3)], batch, len(X))
                of_labels = f"with {right} of {batch} examples right, their labels among {sorted(labels)},"
                raise CheckFailed(f"{of_labels} the accuracy is {got:.4g}{why}")
    expect_unchanged(student)


def _data_and_points(draw, batch, labels, kernel):
    """30 examples, and `batch` other points whose predictions are certain."""
    while True:
        X, y = _data(draw, 30, labels)
        points = _data(draw, 3 * batch + 5, labels)[0]
        points = points[_sure(draw, X, y, kernel, 1.5, points)][:batch]
        if len(points) == batch:
            return X, y, points


def _with_right(draw, predicted, right, labels):
    """Labels for which exactly `right` of the predictions are right, at random places."""
    truth = predicted.copy()
    for index in draw.rng.permutation(len(truth))[right:]:
        truth[index] = draw.rng.choice([label for label in labels if label != truth[index]])
    return truth


def _why_wrong(found, batch, training):
    """The only wrong count that gives both of two accuracies, each (got, number of right examples)."""
    counts = {
        "return a fraction in [0, 1], not a percentage": lambda right: 100 * right / batch,
        "that is the number of right ones, so divide by the number of examples": lambda right: right,
        f"divide by the {batch} examples given, not by the {training} that the classifier was fitted on": (
            lambda right: right / training
        ),
        "that is the fraction of wrong ones": lambda right: 1 - right / batch,
        "it is 0 unless all are right: is there a whole-number division (//) or a rounding?": (
            lambda right: float(right == batch)
        ),
        "it is 1 whatever is right": lambda right: 1.0,
    }
    fitting = [words for words, count in counts.items() if all(abs(got - count(right)) <= 1e-6 for got, right in found)]
    return f": {fitting[0]}" if len(fitting) == 1 else ""


@check(points=1, needs=[test_settings, test_fitted_on_the_data, test_accuracy])
def test_sweep(student, draw):
    """sweep returns (train_accuracy, validation_accuracy) for every (kernel, C), fitted on the training set only"""
    for sizes, labels, kernels, Cs in (
        ((37, 29), LABELS[0], ["rbf", "linear", "poly"], [8.0, 0.05, 1]),
        ((26, 41), LABELS[1], ["poly", "rbf"], [0.3, 20.0]),
        ((30, 12), LABELS[0], ["rbf"], [50.0]),
    ):
        sets = _sets(draw, sizes, labels, kernels, Cs)
        got = _table(student.sweep(*sets, kernels, Cs), kernels, Cs)
        expected = _table_of(*sets, kernels, Cs)
        if not _equal(got, expected):
            raise CheckFailed(_wrong_table(got, expected, sets, kernels, Cs))
    expect_unchanged(student)


def _sets(draw, sizes, labels, kernels, Cs):
    """A training and a validation set on which every entry of a sweep is certain."""
    n = sizes[0]
    while True:
        X, y = _data(draw, sum(sizes), labels)
        if all(_sure(draw, X[:n], y[:n], kernel, C, X).all() for kernel, C in itertools.product(kernels, Cs)):
            return X[:n], y[:n], X[n:], y[n:]


def _table_of(Xtrain, ytrain, Xval, yval, kernels, Cs):
    table = {}
    for kernel, C in itertools.product(kernels, Cs):
        own = _svc(Xtrain, ytrain, kernel, C)
        table[kernel, C] = own.score(Xtrain, ytrain), own.score(Xval, yval)
    return table


def _table(value: Any, kernels, Cs) -> dict[tuple[str, float], tuple[float, float]]:
    """The result of sweep with plain numbers; fails if it is not a table of accuracies."""
    if not isinstance(value, dict):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"sweep should return a dict, but returned {describe_value(value)}{forgot}")
    wanted = set(itertools.product(kernels, Cs))
    if set(value) != wanted:
        if set(value) == {(C, kernel) for kernel, C in wanted}:
            raise CheckFailed("sweep's keys are (C, kernel), but the kernel should come first")
        shown = ", ".join(repr(key)[:40] for key in list(value)[:3])
        raise CheckFailed(
            f"sweep over kernels {kernels} and Cs {Cs} should have one key (kernel, C) for each pair, such as "
            f"{(kernels[0], Cs[0])}, but has {len(value)}: {shown}{', …' if len(value) > 3 else ''}"
        )
    table = {}
    for key, pair in value.items():
        pair = pair.tolist() if isinstance(pair, np.ndarray) else pair
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise CheckFailed(
                f"sweep's value at {key} should be (train_accuracy, validation_accuracy), but is {describe_value(pair)}"
            )
        train, validation = (as_number(f"the accuracy at {key}", item) for item in pair)
        table[key] = train, validation
    return table


def _equal(a, b):
    return all(abs(x - y) <= 1e-6 for key in a for x, y in zip(a[key], b[key]))


def _wrong_table(got, expected, sets, kernels, Cs):
    """What is wrong with the table, in words: the likeliest mistake if one explains it."""
    Xtrain, ytrain, Xval, yval = sets
    together = np.concatenate([Xtrain, Xval]), np.concatenate([ytrain, yval])
    on_validation = _table_of(Xval, yval, Xtrain, ytrain, kernels, Cs)
    others = {
        "sweep's accuracies are swapped: the training accuracy should come first": lambda a, b, key: (b, a),
        "sweep's accuracies are percentages: return fractions in [0, 1]": lambda a, b, key: (100 * a, 100 * b),
        "both of sweep's accuracies are measured on the training set": lambda a, b, key: (a, a),
        "both of sweep's accuracies are measured on the validation set": lambda a, b, key: (b, b),
        "sweep's classifiers are fitted on the validation set: fit on the training set only": (
            lambda a, b, key: on_validation[key][::-1]
        ),
        "sweep's validation accuracies are those of classifiers fitted on the validation set: use the classifiers that "
        "were fitted on the training set": lambda a, b, key: (a, on_validation[key][0]),
        "sweep's classifiers are fitted on both sets together: fit on the training set only": (
            lambda a, b, key: tuple(_svc(*together, *key).score(X, y) for X, y in (sets[:2], sets[2:]))
        ),
        "sweep's accuracies are those of C = 1, whatever C is": (
            lambda a, b, key: _table_of(*sets, key[:1], [1.0])[key[0], 1.0]
        ),
        "sweep's accuracies are those of the RBF kernel, whatever the kernel is": (
            lambda a, b, key: _table_of(*sets, ["rbf"], key[1:])["rbf", key[1]]
        ),
    }
    fitting = [
        words
        for words, other in others.items()
        if _equal(got, {key: other(*pair, key) for key, pair in expected.items()})
    ]
    if len(fitting) == 1:
        return fitting[0]
    wrong = [key for key in expected if not _equal({key: got[key]}, expected)]
    shown, right = (tuple(round(value, 4) for value in table[wrong[0]]) for table in (got, expected))
    if len(set(got.values())) == 1 < len(set(expected.values())):
        return (
            f"all {len(got)} of sweep's values are {shown}, but they should differ: measure the classifier of each key"
        )
    return f"{len(wrong)} of sweep's {len(got)} values are wrong: for {wrong[0]} expected {right}, got {shown}"


@check(points=0.5, apart_from_values=True)
def test_best_by_validation(student, draw):
    """best_kernel returns the kernel with the best validation accuracy, whatever the training accuracies are"""
    tables = [
        {("rbf", 10.0): (1.0, 0.6), ("linear", 1.0): (0.7, 0.65), ("poly", 0.1): (0.8, 0.5)},
        {("linear", 1.0): (0.8, 0.8), ("rbf", 1.0): (0.7, 0.2), ("rbf", 9.0): (0.9, 0.85)},
        {("wave", 3): (0.4, 0.0)},
        {("sigmoid", 0.5): [0.2, 0.1], ("laplacian", 2.0): [0.1, 0.05]},
    ]
    for _ in range(15):
        keys = _keys(draw)
        validation = draw.rng.permutation(len(keys)) / (len(keys) + 3)  # all different
        training = draw.rng.permutation(len(keys)) / len(keys)
        tables.append({key: (float(a), float(b)) for key, a, b in zip(keys, training, validation)})
    _expect_best(student, tables)
    expect_unchanged(student)


@check(points=0.5, needs=[test_best_by_validation], apart_from_values=True)
def test_best_of_a_tie(student, draw):
    """if validation accuracies are equal, best_kernel prefers the smaller C"""
    tables = [
        {("rbf", 10.0): (1.0, 0.9), ("linear", 2.0): (0.9, 0.9), ("poly", 0.1): (0.9, 0.8)},
        {("linear", 0.1): (0.7, 0.9), ("rbf", 1.0): (1.0, 0.9)},
        {("linear", 1.0): (0.5, 0.5), ("rbf", 1.0): (0.7, 0.5), ("poly", 1.0): (0.6, 0.4)},
    ]
    for _ in range(25):
        keys = _keys(draw)
        coarse = draw.rng.integers(0, 3, (len(keys), 2)) / 4
        tables.append({key: (float(a), float(b)) for key, (a, b) in zip(keys, coarse)})
    _expect_best(student, tables)
    expect_unchanged(student)


def _keys(draw):
    """Three kernels with four values of C, in random order, with some pairs missing."""
    kernels = draw.rng.permutation(NAMES)[:3].tolist()
    pairs = list(itertools.product(kernels, [0.01, 0.5, 2.0, 10.0]))
    return [pairs[i] for i in draw.rng.permutation(len(pairs))[:9]]


def _expect_best(student, tables):
    """Gets all choices before it checks any, since all choices together show how they are made."""
    choices = [(results, student.best_kernel(results)) for results in tables]
    for results, got in choices:
        _judge_best(results, got, choices)


def _judge_best(results, got, choices):
    best = max(validation for _, validation in results.values())
    tied = {kernel: C for kernel, C in results if results[kernel, C][1] == best and _smallest(results, best) == C}
    if isinstance(got, str) and got in tied:
        return
    kernel, C = next(iter(tied.items()))
    why = f"the best validation accuracy is {best:.3g}, at {kernel!r} with C = {C:g}"
    if not isinstance(got, str):
        forgot = "; is a return missing?" if got is None and best > 0 else ""
        raise CheckFailed(
            f"best_kernel should return the name of a kernel, but returned {describe_value(got)}: {why}{forgot}"
        )
    if got not in {name for name, _ in results}:
        raise CheckFailed(f"best_kernel returned {got[:40]!r}, which is not a kernel of the results: {why}")
    elsewhere = [other for name, other in results if name == got and results[name, other][1] == best]
    if elsewhere:
        raise CheckFailed(
            f"best_kernel returned {got!r}, which reaches the best validation accuracy, {best:.3g}, with C = "
            f"{min(elsewhere):g}, but {kernel!r} reaches it with the smaller C = {C:g}{how_chosen(choices)}"
        )
    raise CheckFailed(f"best_kernel returned {got!r}, but {why}{how_chosen(choices)}")


def _smallest(results, best):
    return min(C for (_, C), (_, validation) in results.items() if validation == best)


@check(
    points=0.5,
    needs=[
        test_settings,
        test_fitted_on_the_data,
        test_defaults,
        test_accuracy,
        test_sweep,
        test_best_by_validation,
        test_best_of_a_tie,
    ],
)
def test_kernels_on_circles(student, draw, circles):
    """on Circles, the kernel that sweep and best_kernel choose is good on the test points, and the linear one is not"""
    X, y = circles.train_x.double().numpy(), circles.train_y.argmax(1).numpy()
    kernels, Cs = ["linear", "sigmoid", "rbf", "poly"], [0.1, 1.0, 10.0]
    results = student.sweep(X[::2], y[::2], X[1::2], y[1::2], kernels, Cs)
    chosen = student.best_kernel(_table(results, kernels, Cs))
    if chosen not in kernels:
        raise CheckFailed(f"best_kernel should return one of {kernels}, but returned {_show(chosen)}")
    points, truth = jitter_points(circles.test_x.double(), draw.rng).numpy(), circles.test_y.argmax(1).numpy()
    reached = {}
    for kernel in (chosen, "linear"):
        value, settings = _classifier(student, student.fit_svm(X, y, kernel=kernel))
        _expect_settings(f"fit_svm(X, y, kernel={kernel!r})", settings, kernel, 1.0, 3)
        second = read_fitted(student, value, X).decisions(points, kernel, 3)[:, 0] > 0
        reached[kernel] = float((second == (truth == 1)).mean())
    if reached[chosen] < MIN_GOOD:
        raise CheckFailed(
            f"the chosen kernel, {chosen!r}, gets {reached[chosen]:.1%} of the test points of Circles right; one of "
            f"{kernels} reaches the required {MIN_GOOD:.0%}"
        )
    if reached["linear"] > MAX_POOR:
        raise CheckFailed(
            f"the linear kernel gets {reached['linear']:.1%} of Circles' test points right, more than any line can "
            f"({MAX_POOR:.0%})"
        )
