"""Known mistakes of `svm`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (SVC, np, fit_svm and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("fit_svm")
def never_fitted(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier has its settings and has seen no data. A scikit-learn estimator learns when it is told to, and
    not when it is made."""
    return SVC(kernel=kernel, C=C, degree=degree)


@instead_of("fit_svm")
def nothing_returned(X, y, kernel="rbf", C=1.0, degree=3):
    """Your function fits a classifier and then forgets it: it returns None."""
    SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def kernel_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier has the RBF kernel, whatever `kernel` says: it is SVC's default, and nothing tells it
    otherwise."""
    return SVC(C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def cost_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier has C = 1, whatever `C` says, so that a sweep over C would show a flat line."""
    return SVC(kernel=kernel, degree=degree).fit(X, y)


@instead_of("fit_svm")
def degree_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your polynomials are all of degree 3, whatever `degree` says. On Circles that is the difference between good and
    useless: think of which powers of the coordinates a circle needs."""
    return SVC(kernel=kernel, C=C).fit(X, y)


@instead_of("fit_svm")
def degree_and_cost_swapped(X, y, kernel="rbf", C=1.0, degree=3):
    """The degree arrives as C, and C as the degree. Are your arguments in the order that SVC expects? By name they
    cannot go astray."""
    return SVC(kernel=kernel, C=degree, degree=max(1, int(C))).fit(X, y)


@instead_of("fit_svm")
def inverse_of_C(X, y, kernel="rbf", C=1.0, degree=3):
    """Your C is 1 / C. In scikit-learn C is what a training error costs, so it is the inverse of a regularization
    strength already."""
    return SVC(kernel=kernel, C=1 / C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def linear_by_default(X, y, kernel="linear", C=1.0, degree=3):
    """Called without a kernel, your function takes the linear one. The default in the signature is part of what is
    asked."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def gamma_auto(X, y, kernel="rbf", C=1.0, degree=3):
    """You set gamma to "auto", which is one over the number of features. The default, "scale", also takes the variance
    of the inputs into account, and is what is asked for."""
    return SVC(kernel=kernel, C=C, degree=degree, gamma="auto").fit(X, y)


@instead_of("fit_svm")
def inhomogeneous_polynomial(X, y, kernel="rbf", C=1.0, degree=3):
    """You give the polynomial and sigmoid kernels a constant term, coef0. It often helps a polynomial, and yet here it
    is to keep its default."""
    return SVC(kernel=kernel, C=C, degree=degree, coef0=1.0).fit(X, y)


@instead_of("fit_svm")
def balanced_classes(X, y, kernel="rbf", C=1.0, degree=3):
    """You weight the classes, so that rare ones cost more. All examples are to weigh the same here."""
    return SVC(kernel=kernel, C=C, degree=degree, class_weight="balanced").fit(X, y)


@instead_of("fit_svm")
def standardized_inputs(X, y, kernel="rbf", C=1.0, degree=3):
    """You standardize the inputs before the fit, and the classifier that you return does not know of it: whoever
    hands it new points would have to do the same. Here X is used as it is."""
    return SVC(kernel=kernel, C=C, degree=degree).fit((X - X.mean(axis=0)) / X.std(axis=0), y)


@instead_of("fit_svm")
def standardized_in_place(X, y, kernel="rbf", C=1.0, degree=3):
    """You standardize the inputs, and in place at that: `-=` and `/=` write into the array of the caller, who will be
    surprised. Here X is used as it is."""
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def a_part_held_out(X, y, kernel="rbf", C=1.0, degree=3):
    """A fifth of the examples is missing from your fit. Splitting is for the caller, who has done so already: this
    function uses all that it is given."""
    n = len(X) - len(X) // 5
    return SVC(kernel=kernel, C=C, degree=degree).fit(X[:n], y[:n])


@instead_of("fit_svm")
def inputs_shuffled_without_their_labels(X, y, kernel="rbf", C=1.0, degree=3):
    """The inputs are in a new order, the labels in the old one: nearly every example has the label of another. One
    permutation has to serve both; here none is needed."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X[np.random.permutation(len(X))], y)


@instead_of("fit_svm")
def labels_renumbered(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier answers 0, 1, 2, ... where the labels are other numbers. SVC takes any labels, and gives them
    back as they were."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, np.unique(y, return_inverse=True)[1])


@instead_of("fit_svm")
def scaler_in_a_pipeline(X, y, kernel="rbf", C=1.0, degree=3):
    """You return a pipeline that scales its inputs first. That is good practice, and not what is asked for here: an
    SVC, on the inputs as they are."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), SVC(kernel=kernel, C=C, degree=degree)).fit(X, y)


@instead_of("fit_svm")
def another_class_for_a_line(X, y, kernel="rbf", C=1.0, degree=3):
    """For the linear kernel you take LinearSVC. It is faster on large data, and solves another problem: the squared
    hinge loss, a penalized bias, one class against the rest. SVC has a linear kernel too."""
    from sklearn.svm import LinearSVC

    if kernel == "linear":
        return LinearSVC(C=C).fit(X, y)
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def regression(X, y, kernel="rbf", C=1.0, degree=3):
    """You fit SVR, the regression: it predicts quantities, in which label 2 lies between 1 and 3. The classifier has
    another name."""
    from sklearn.svm import SVR

    return SVR(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def predictions_returned(X, y, kernel="rbf", C=1.0, degree=3):
    """You return predictions on the training set. The classifier itself is asked for, so that it can be used on other
    data."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y).predict(X)


@instead_of("accuracy")
def accuracy_as_a_percentage(classifier, X, y):
    """Your accuracy is a hundred times too large: a fraction in [0, 1] is asked for, not a percentage."""
    return 100 * float(np.mean(classifier.predict(X) == y))


@instead_of("accuracy")
def accuracy_as_a_count(classifier, X, y):
    """Your accuracy is the number of right answers. A fraction of the examples is asked for."""
    return int(np.sum(classifier.predict(X) == y))


@instead_of("accuracy")
def errors_counted_in_place_of_hits(classifier, X, y):
    """Your accuracy is 1 minus the right one: the fraction of wrong answers."""
    return float(np.mean(classifier.predict(X) != y))


@instead_of("accuracy")
def fitted_again_before_measuring(classifier, X, y):
    """You fit the classifier on the very examples that it is to be measured on. So the old one is lost, and every
    accuracy is a training accuracy."""
    return float(classifier.fit(X, y).score(X, y))


@instead_of("accuracy")
def sign_as_the_class(classifier, X, y):
    """You take the sign of the decision values for the class. That is right only for two classes named 0 and 1.
    `predict` gives the labels themselves, whatever they are."""
    decisions = classifier.decision_function(X)
    guesses = decisions > 0 if decisions.ndim == 1 else decisions.argmax(axis=1)
    return float(np.mean(guesses == y))


@instead_of("accuracy")
def comparison_not_averaged(classifier, X, y):
    """You return one True or False for each example. Their mean is the accuracy."""
    return classifier.predict(X) == y


@instead_of("accuracy")
def right_only_if_all_are(classifier, X, y):
    """Your accuracy is 1 if all the examples are right, and 0 as soon as one is wrong: arrays are compared as a whole,
    in place of entry by entry."""
    return float(np.array_equal(classifier.predict(X), y))


@instead_of("accuracy")
def divided_by_the_training_size(classifier, X, y):
    """You divide the hits by the number of examples that the classifier was fitted on. What counts is how many are
    given here."""
    return float(np.sum(classifier.predict(X) == y) / classifier.shape_fit_[0])


@instead_of("sweep")
def accuracies_swapped(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your pairs have the validation accuracy first. Read so, a machine that overfits seems to do better on new data
    than on its own."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xval, yval), accuracy(classifier, Xtrain, ytrain)
    return results


@instead_of("sweep")
def fitted_on_both_sets(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your classifiers have learned the validation set too, so their accuracy on it is no forecast for new data. What
    they may learn from is the training set."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(np.vstack([Xtrain, Xval]), np.hstack([ytrain, yval]), kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def fitted_on_the_validation_set(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your classifiers are fitted on the validation set, and it is the training set that they have never seen."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xval, yval, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def a_new_fit_for_each_set(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """For the validation accuracy you fit a second classifier, on the validation set. It is to be the same one, and
    the set one that it has never seen."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            pairs = ((Xtrain, ytrain), (Xval, yval))
            results[kernel, C] = tuple(accuracy(fit_svm(X, y, kernel=kernel, C=C), X, y) for X, y in pairs)
    return results


@instead_of("sweep")
def training_set_measured_twice(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Both of your accuracies are those on the training set. The validation set is never used."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xtrain, ytrain)
    return results


@instead_of("sweep")
def the_last_classifier_everywhere(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """All your entries are equal: those of the last kernel and the last C. You measure after the loops, when only one
    classifier is left."""
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
    pair = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return {(kernel, C): pair for kernel in kernels for C in Cs}


@instead_of("sweep")
def kernel_and_C_paired_off(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your sweep takes the first kernel with the first C, the second with the second. Every kernel with every C is
    asked for: what does `zip` do, and which loops do the other?"""
    results = {}
    for kernel, C in zip(kernels, Cs):
        classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
        results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def C_left_out_of_the_fit(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your entries do not depend on C: it is in the keys, and never reaches the classifier."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def kernel_left_out_of_the_fit(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your entries do not depend on the kernel: it is in the keys, and never reaches the classifier."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def keys_the_other_way_round(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your keys are (C, kernel). Whoever looks up (kernel, C) finds nothing."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[C, kernel] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def one_entry_a_kernel(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your keys are the kernels alone, so that each C overwrites the one before."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("best_kernel")
def chosen_by_training_accuracy(results):
    """You choose by the training accuracy, which rewards whatever learns its examples by heart. Why was a validation
    set kept aside?"""
    return min(results, key=lambda entry: (-results[entry][0], entry[1]))[0]


@instead_of("best_kernel")
def ties_to_the_first(results):
    """Of entries with equal validation accuracy you take the one that happens to come first. The smaller C is to
    decide: the wider margin, the simpler machine."""
    return max(results, key=lambda entry: results[entry][1])[0]


@instead_of("best_kernel")
def ties_to_the_larger_C(results):
    """Of entries with equal validation accuracy you take the one with the largest C. The smaller one is asked for: the
    wider margin, the simpler machine."""
    return max(results, key=lambda entry: (results[entry][1], entry[1]))[0]


@instead_of("best_kernel")
def ties_to_the_better_training_accuracy(results):
    """Of entries with equal validation accuracy you take the one with the best training accuracy. That is the one that
    overfits the most; the smaller C is to decide."""
    return max(results, key=lambda entry: (results[entry][1], results[entry][0]))[0]


@instead_of("best_kernel")
def the_best_on_average(results):
    """You compare the kernels by their mean over all C, so that a kernel suffers for values of C that nobody would
    choose. The best single entry counts."""
    validation = {}
    for (kernel, _), pair in results.items():
        validation.setdefault(kernel, []).append(pair[1])
    return max(validation, key=lambda kernel: np.mean(validation[kernel]))


@instead_of("best_kernel")
def the_worst_in_place_of_the_best(results):
    """You return the kernel with the lowest validation accuracy. A sort begins with the smallest."""
    return sorted(results, key=lambda entry: (results[entry][1], entry[1]))[0][0]


@instead_of("best_kernel")
def kernel_with_its_C(results):
    """You return the whole key, kernel and C. The name of the kernel is asked for."""
    return min(results, key=lambda entry: (-results[entry][1], entry[1]))


@instead_of("best_kernel")
def sum_of_both_accuracies(results):
    """You add the training accuracy to that on the validation set, so that learning by heart is rewarded after all."""
    return min(results, key=lambda entry: (-sum(results[entry]), entry[1]))[0]


@instead_of("best_kernel")
def best_C_before_best_accuracy(results):
    """You look for the smallest C first, and for the accuracy among those only. It is the other way round: the
    accuracy decides, and C where that is equal."""
    return min(results, key=lambda entry: (entry[1], -results[entry][1]))[0]


@instead_of("best_kernel")
def nothing_found_where_all_is_zero(results):
    """Your search begins at an accuracy of 0 and takes only what is better, so that it finds nothing where the best is
    0. Begin with an entry of the results, or below every accuracy."""
    best, best_accuracy, best_C = None, 0.0, float("inf")
    for (kernel, C), (_, validation) in results.items():
        if validation > best_accuracy or (validation == best_accuracy > 0 and C < best_C):
            best, best_accuracy, best_C = kernel, validation, C
    return best


@instead_of("best_kernel")
def results_emptied_on_the_way(results):
    """The answer is right, and the caller's results are gone: `pop` and `del` change the dict that you were given.
    Look at its entries without taking them out."""
    best = min(results, key=lambda entry: (-results[entry][1], entry[1]))
    for entry in list(results):
        results.pop(entry)
    return best[0]
