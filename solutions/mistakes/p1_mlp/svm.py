"""Known mistakes of `svm`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (SVC, np, fit_svm and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("fit_svm", title="classifier never fitted")
def never_fitted(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier has its settings but has seen no data. A scikit-learn estimator learns when you fit it, not when
    you make it."""
    return SVC(kernel=kernel, C=C, degree=degree)


@instead_of("fit_svm", title="classifier not returned")
def nothing_returned(X, y, kernel="rbf", C=1.0, degree=3):
    """Your function fits a classifier but returns None: a `return` is missing at the end."""
    SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def kernel_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier always has the RBF kernel, whatever `kernel` says: that is SVC's default. Where do you use the
    argument?"""
    return SVC(C=C, degree=degree).fit(X, y)


@instead_of("fit_svm", title="C ignored")
def cost_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier always has C = 1, whatever `C` says, so a sweep over C would show a flat line."""
    return SVC(kernel=kernel, degree=degree).fit(X, y)


@instead_of("fit_svm")
def degree_ignored(X, y, kernel="rbf", C=1.0, degree=3):
    """Your polynomials always have degree 3, whatever `degree` says. On Circles that makes the difference between good
    and useless: think of which powers of the coordinates describe a circle."""
    return SVC(kernel=kernel, C=C).fit(X, y)


@instead_of("fit_svm", title="degree and C swapped")
def degree_and_cost_swapped(X, y, kernel="rbf", C=1.0, degree=3):
    """The degree arrives as C, and C as the degree. Are your arguments in the order that SVC expects? If you pass them
    by name, the order does not matter."""
    return SVC(kernel=kernel, C=degree, degree=max(1, int(C))).fit(X, y)


@instead_of("fit_svm")
def inverse_of_C(X, y, kernel="rbf", C=1.0, degree=3):
    """You pass 1 / C. In scikit-learn C is the cost of a training error, so it is already the inverse of a
    regularization strength."""
    return SVC(kernel=kernel, C=1 / C, degree=degree).fit(X, y)


@instead_of("fit_svm", title="linear kernel by default")
def linear_by_default(X, y, kernel="linear", C=1.0, degree=3):
    """Called without a kernel, your function uses the linear one. The default value in the signature is part of the
    exercise."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm", title='gamma set to "auto" instead of "scale"')
def gamma_auto(X, y, kernel="rbf", C=1.0, degree=3):
    """You set gamma to "auto", which is one over the number of features. The exercise asks for the default, "scale",
    which also takes the variance of the inputs into account."""
    return SVC(kernel=kernel, C=C, degree=degree, gamma="auto").fit(X, y)


@instead_of("fit_svm", title="constant term coef0 in the kernel")
def inhomogeneous_polynomial(X, y, kernel="rbf", C=1.0, degree=3):
    """You give the polynomial and sigmoid kernels a constant term, coef0. It often helps a polynomial kernel, but here
    it should keep its default."""
    return SVC(kernel=kernel, C=C, degree=degree, coef0=1.0).fit(X, y)


@instead_of("fit_svm", title="class weights used")
def balanced_classes(X, y, kernel="rbf", C=1.0, degree=3):
    """You weight the classes, so errors on rare ones cost more. All examples should have the same weight here."""
    return SVC(kernel=kernel, C=C, degree=degree, class_weight="balanced").fit(X, y)


@instead_of("fit_svm", title="inputs standardized before the fit")
def standardized_inputs(X, y, kernel="rbf", C=1.0, degree=3):
    """You standardize the inputs before the fit, but the classifier that you return does not include this step:
    everyone who passes it new points would have to do the same. Use X as it is."""
    return SVC(kernel=kernel, C=C, degree=degree).fit((X - X.mean(axis=0)) / X.std(axis=0), y)


@instead_of("fit_svm", title="inputs standardized in place")
def standardized_in_place(X, y, kernel="rbf", C=1.0, degree=3):
    """You standardize the inputs, and you do it in place: `-=` and `/=` write into the caller's array. Use X as it
    is."""
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def part_of_the_data_held_out(X, y, kernel="rbf", C=1.0, degree=3):
    """A fifth of the examples is missing from your fit. The caller has already split the data: this function should use
    everything it is given."""
    n = len(X) - len(X) // 5
    return SVC(kernel=kernel, C=C, degree=degree).fit(X[:n], y[:n])


@instead_of("fit_svm")
def inputs_shuffled_without_their_labels(X, y, kernel="rbf", C=1.0, degree=3):
    """The inputs are in a new order but the labels in the old one, so nearly every example has the wrong label. Both
    would need the same permutation; here you need none."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X[np.random.permutation(len(X))], y)


@instead_of("fit_svm")
def labels_renumbered(X, y, kernel="rbf", C=1.0, degree=3):
    """Your classifier answers 0, 1, 2, ... even if the labels are other numbers. SVC accepts any labels and predicts
    them as they were."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, np.unique(y, return_inverse=True)[1])


@instead_of("fit_svm", title="pipeline with a scaler instead of an SVC")
def scaler_in_a_pipeline(X, y, kernel="rbf", C=1.0, degree=3):
    """You return a pipeline that scales its inputs first. That is good practice, but the exercise asks for an SVC on
    the inputs as they are."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), SVC(kernel=kernel, C=C, degree=degree)).fit(X, y)


@instead_of("fit_svm", title="LinearSVC for the linear kernel")
def linear_svc_for_the_linear_kernel(X, y, kernel="rbf", C=1.0, degree=3):
    """For the linear kernel you use LinearSVC. It is faster on large data, but solves another problem: squared hinge
    loss, a penalized bias, one class against the rest. SVC has a linear kernel too."""
    from sklearn.svm import LinearSVC

    if kernel == "linear":
        return LinearSVC(C=C).fit(X, y)
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm")
def regression_instead_of_classification(X, y, kernel="rbf", C=1.0, degree=3):
    """You fit SVR, the regression model: it predicts quantities, where label 2 lies between 1 and 3. Use the
    classifier."""
    from sklearn.svm import SVR

    return SVR(kernel=kernel, C=C, degree=degree).fit(X, y)


@instead_of("fit_svm", title="predictions returned instead of the classifier")
def predictions_returned(X, y, kernel="rbf", C=1.0, degree=3):
    """You return predictions on the training set. Return the classifier itself, so it can be used on other data."""
    return SVC(kernel=kernel, C=C, degree=degree).fit(X, y).predict(X)


@instead_of("accuracy")
def accuracy_as_a_percentage(classifier, X, y):
    """Your accuracy is a hundred times too large: it should be a fraction in [0, 1], not a percentage."""
    return 100 * float(np.mean(classifier.predict(X) == y))


@instead_of("accuracy")
def accuracy_as_a_count(classifier, X, y):
    """Your accuracy is the number of right answers. It should be a fraction of the examples."""
    return int(np.sum(classifier.predict(X) == y))


@instead_of("accuracy", title="accuracy counts the errors")
def errors_counted_instead_of_hits(classifier, X, y):
    """Your accuracy is 1 minus the correct one: you return the fraction of wrong answers."""
    return float(np.mean(classifier.predict(X) != y))


@instead_of("accuracy", title="classifier fitted again before measuring")
def fitted_again_before_measuring(classifier, X, y):
    """You fit the classifier on the same examples that it should be measured on. The original fit is lost, and every
    accuracy is a training accuracy."""
    return float(classifier.fit(X, y).score(X, y))


@instead_of("accuracy", title="class taken from the sign of the decision value")
def sign_as_the_class(classifier, X, y):
    """You take the class from the sign of the decision values. That is right only for two classes named 0 and 1.
    `predict` returns the labels themselves, whatever they are."""
    decisions = classifier.decision_function(X)
    guesses = decisions > 0 if decisions.ndim == 1 else decisions.argmax(axis=1)
    return float(np.mean(guesses == y))


@instead_of("accuracy", title="comparison with the labels not averaged")
def comparison_not_averaged(classifier, X, y):
    """You return one True or False for each example. Their mean is the accuracy."""
    return classifier.predict(X) == y


@instead_of("accuracy", title="accuracy of 1 or 0 for the whole set")
def all_or_nothing(classifier, X, y):
    """Your accuracy is 1 if all the examples are right, and 0 as soon as one is wrong: you compare whole arrays instead
    of their entries."""
    return float(np.array_equal(classifier.predict(X), y))


@instead_of("accuracy", title="hits divided by the size of the training set")
def divided_by_the_training_size(classifier, X, y):
    """You divide the number of hits by the number of examples that the classifier was fitted on. Divide by the number
    of examples given here."""
    return float(np.sum(classifier.predict(X) == y) / classifier.shape_fit_[0])


@instead_of("accuracy", title="accuracy averaged over the classes")
def accuracy_of_each_class_averaged(classifier, X, y):
    """You take the accuracy of each class first and then their mean, so an example of a rare class counts more. Here
    each example should count the same."""
    predicted = classifier.predict(X)
    return float(np.mean([np.mean(predicted[y == label] == label) for label in np.unique(y)]))


@instead_of("sweep", title="training and validation accuracy swapped")
def accuracies_swapped(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your pairs have the validation accuracy first. Read that way, a classifier that overfits seems to do better on
    new data than on its training data."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xval, yval), accuracy(classifier, Xtrain, ytrain)
    return results


@instead_of("sweep", title="classifiers fitted on both sets")
def fitted_on_both_sets(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your classifiers have seen the validation set too, so their accuracy on it says nothing about new data. Fit them
    on the training set only."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(np.vstack([Xtrain, Xval]), np.hstack([ytrain, yval]), kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep", title="classifiers fitted on the validation set")
def fitted_on_the_validation_set(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """You fit your classifiers on the validation set, so the set they have never seen is the training set."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xval, yval, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep")
def second_classifier_for_the_validation_set(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """For the validation accuracy you fit a second classifier, on the validation set. Measure the same classifier on
    both sets."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            pairs = ((Xtrain, ytrain), (Xval, yval))
            results[kernel, C] = tuple(accuracy(fit_svm(X, y, kernel=kernel, C=C), X, y) for X, y in pairs)
    return results


@instead_of("sweep", title="training accuracy instead of validation accuracy")
def training_set_measured_twice(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Both of your accuracies are those on the training set. The validation set is never used."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xtrain, ytrain)
    return results


@instead_of("sweep")
def last_classifier_used_everywhere(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """All your entries are equal: those of the last kernel and the last C. You measure after the loops, when only the
    last classifier is left."""
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
    pair = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return {(kernel, C): pair for kernel in kernels for C in Cs}


@instead_of("sweep", title="kernels and values of C only paired")
def kernels_and_values_of_C_paired(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your sweep combines the first kernel with the first C, the second with the second, and so on. It should try every
    kernel with every C: what does `zip` do, and which loops do you need instead?"""
    results = {}
    for kernel, C in zip(kernels, Cs):
        classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
        results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep", title="C not passed to the classifier")
def C_left_out_of_the_fit(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your entries do not depend on C: it is in the keys, but never reaches the classifier."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep", title="kernel not passed to the classifier")
def kernel_left_out_of_the_fit(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your entries do not depend on the kernel: it is in the keys, but never reaches the classifier."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, C=C)
            results[kernel, C] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep", title="keys of the results reversed")
def keys_the_other_way_round(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your keys are (C, kernel). Looking up (kernel, C) then finds nothing."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[C, kernel] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("sweep", title="only one entry per kernel")
def one_entry_per_kernel(Xtrain, ytrain, Xval, yval, kernels, Cs):
    """Your keys are the kernels alone, so each C overwrites the entry of the one before."""
    results = {}
    for kernel in kernels:
        for C in Cs:
            classifier = fit_svm(Xtrain, ytrain, kernel=kernel, C=C)
            results[kernel] = accuracy(classifier, Xtrain, ytrain), accuracy(classifier, Xval, yval)
    return results


@instead_of("best_kernel", title="kernel chosen by training accuracy")
def chosen_by_training_accuracy(results):
    """You choose by the training accuracy, which rewards memorizing the training examples. What is the validation set
    for?"""
    return min(results, key=lambda entry: (-results[entry][0], entry[1]))[0]


@instead_of("best_kernel", title="first entry wins a tie")
def ties_to_the_first(results):
    """Among entries with equal validation accuracy you take the one that happens to come first. The smaller C should
    win: it gives the wider margin and the simpler classifier."""
    return max(results, key=lambda entry: results[entry][1])[0]


@instead_of("best_kernel", title="larger C wins a tie")
def ties_to_the_larger_C(results):
    """Among entries with equal validation accuracy you take the one with the largest C. The smaller C should win: it
    gives the wider margin and the simpler classifier."""
    return max(results, key=lambda entry: (results[entry][1], entry[1]))[0]


@instead_of("best_kernel", title="better training accuracy wins a tie")
def ties_to_the_better_training_accuracy(results):
    """Among entries with equal validation accuracy you take the one with the best training accuracy. That is the one
    that overfits the most; the smaller C should win."""
    return max(results, key=lambda entry: (results[entry][1], results[entry][0]))[0]


@instead_of("best_kernel", title="kernel chosen by its mean accuracy")
def kernel_chosen_by_mean_accuracy(results):
    """You compare the kernels by their mean over all C, so a kernel is penalized for bad values of C that you would
    never choose. The best single entry counts."""
    validation = {}
    for (kernel, _), pair in results.items():
        validation.setdefault(kernel, []).append(pair[1])
    return max(validation, key=lambda kernel: np.mean(validation[kernel]))


@instead_of("best_kernel", title="worst kernel instead of the best")
def the_worst_instead_of_the_best(results):
    """You return the kernel with the lowest validation accuracy. Sorting puts the smallest value first."""
    return sorted(results, key=lambda entry: (results[entry][1], entry[1]))[0][0]


@instead_of("best_kernel", title="C returned besides the kernel")
def kernel_with_its_C(results):
    """You return the whole key, kernel and C. Return only the name of the kernel."""
    return min(results, key=lambda entry: (-results[entry][1], entry[1]))


@instead_of("best_kernel", title="kernel chosen by the sum of both accuracies")
def sum_of_both_accuracies(results):
    """You add the training accuracy to the validation accuracy, which again rewards memorizing the training
    examples."""
    return min(results, key=lambda entry: (-sum(results[entry]), entry[1]))[0]


@instead_of("best_kernel", title="smallest C preferred over the best accuracy")
def best_C_before_best_accuracy(results):
    """You look for the smallest C first, and for the best accuracy only among its entries. It is the other way round:
    the accuracy decides, and C only breaks ties."""
    return min(results, key=lambda entry: (entry[1], -results[entry][1]))[0]


@instead_of("best_kernel", title="no kernel found if all accuracies are 0")
def nothing_found_where_all_is_zero(results):
    """Your search starts from an accuracy of 0 and only accepts something better, so it finds nothing where the best
    accuracy is 0. Start with one of the entries, or below any accuracy."""
    best, best_accuracy, best_C = None, 0.0, float("inf")
    for (kernel, C), (_, validation) in results.items():
        if validation > best_accuracy or (validation == best_accuracy > 0 and C < best_C):
            best, best_accuracy, best_C = kernel, validation, C
    return best


@instead_of("best_kernel", title="caller's results emptied")
def results_emptied_on_the_way(results):
    """The answer is right, but the caller's results are gone: `pop` and `del` change the dict that you were given. Read
    its entries without removing them."""
    best = min(results, key=lambda entry: (-results[entry][1], entry[1]))
    for entry in list(results):
        results.pop(entry)
    return best[0]
