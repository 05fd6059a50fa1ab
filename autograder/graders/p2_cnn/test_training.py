"""The training loop: what an epoch measures, how it trains and evaluates, and whether fit does plain gradient descent."""

import functools
import itertools

import torch
from torch.nn import functional as F

from autograder.checks.closeness import expect_close, expect_unchanged
from autograder.checks.convolution.classifiers import (
    MODE_ETA,
    descent_optimizer,
    expect_blind,
    expect_train_mode,
    linear_classifier,
)
from autograder.checks.convolution.findings import established
from autograder.checks.convolution.histories import Fitted, as_history
from autograder.checks.convolution.learning_rates import as_numbers, other_decays
from autograder.checks.convolution.measured import expect_measures, expect_own_epochs
from autograder.checks.convolution.seen_in_training import expect_moved, heard_in_an_evaluation, rates_seen, steps_seen
from autograder.checks.convolution.training_loops import (
    CLASSES,
    SIZES,
    Descent,
    distance,
    draw_batches,
    draw_telling,
    ends_at,
    expect_descent,
    expect_on_the_way,
    label,
    load,
    on_the_way,
    replay,
    state_of,
)
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.data.jitter import jitter_images
from autograder.probes import loops

EXERCISE = ExerciseSpec(public=("epoch", "exponential_lr", "fit"))

# Batches with which a wrong loss or accuracy is measured again. The last is a single one, on which all answers are right.
TELLING_ETA = 1.0
"""A rate with which the model changes so much in an epoch that accuracies before and after the steps differ."""
OTHER_SIZES = ((3, 5, 4), (4, 4, 3), (4,))


@check(points=0.5)
def test_epoch_measures(student, draw):
    """epoch returns the mean loss and the accuracy over all examples, in training and in evaluation"""
    criterion = student.probe("loops.cross_entropy", 0.0)

    def measure(sizes, eta=None):
        """What epoch returns for new batches, and what it should be made of; without `eta`, for an evaluation."""
        model, build = linear_classifier(student, draw)
        batches = label(build(), draw_batches(draw, sizes), draw)
        optimizer = () if eta is None else (descent_optimizer(student, model, Descent(eta)),)
        # Before its only step, or with a learning rate of 0, a model in training has not changed.
        value = student.epoch(batches, model, criterion, *optimizer)
        if eta is None and distance(state_of(student, model), build()) > 0:
            mistake = "an evaluation changes the parameters of the model"
            raise CheckFailed(f"{mistake}, but may not change anything", mistake=mistake)
        return value, replay(build(), batches)

    evaluations, trainings = (functools.partial(map, measure, OTHER_SIZES, etas) for etas in ([None] * 3, [0.0] * 3))

    def expect_all(sizes, eta):
        shown = f"with batches of {', '.join(map(str, sizes))}" if len(sizes) > 1 else "with a single batch"
        look = functools.partial(heard_in_an_evaluation, student, draw)
        expect_measures(f"of an evaluation {shown}", *measure(sizes), evaluations, look)
        before = ", with a learning rate of 0," if eta == 0 else ", measured before its step,"
        expect_measures(f"of an epoch of training {shown}{before}", *measure(sizes, eta), trainings)

    expect_all((5, 2, 4, 3), 0.0)
    expect_all((1, 6), 0.0)

    def on_the_way_again():
        for _ in range(2):
            model, build = linear_classifier(student, draw)
            batches, measured = draw_telling(draw, build, TELLING_ETA)
            optimizer = descent_optimizer(student, model, Descent(TELLING_ETA))
            yield student.epoch(batches, model, criterion, optimizer), measured

    # With several batches, a loss after each step differs from one after the epoch; with one batch it does not.
    model, build = linear_classifier(student, draw)
    descent = Descent(TELLING_ETA)
    batches, _ = draw_telling(draw, build, descent.eta)
    value = student.epoch(batches, model, criterion, descent_optimizer(student, model, descent))
    if ends_at(state_of(student, model), build, [batches], descent):  # another check tests this
        expect_on_the_way("of an epoch of training", value, build(), batches, descent.eta, on_the_way_again)
    expect_all((4,), 0.5)


@check(points=0.5, needs=[test_epoch_measures])
def test_evaluation_mode(student, draw):
    """epoch without an optimizer evaluates in eval mode, and does not change parameters or running statistics"""
    expect_blind(
        student,
        draw,
        0,
        established("the model is in train mode while it is evaluated", ": put it in eval mode, with all its layers"),
    )
    state = {"1.weight": draw.normal(5, 6), "1.bias": draw.normal(5), "2.weight": draw.normal(5)}
    state |= {"2.bias": draw.normal(5), "2.running_mean": draw.normal(5), "2.running_var": draw.normal(5).exp()}
    state |= {"4.weight": draw.normal(CLASSES, 5), "4.bias": draw.normal(CLASSES)}
    state = {name: value.float() for name, value in state.items()} | {"2.num_batches_tracked": torch.tensor(7)}
    model = student.probe("loops.normalized", state)
    model.train()
    student.epoch(draw_batches(draw), model, student.probe("loops.cross_entropy", 0.0))
    after = state_of(student, model)
    distance(after, loops.normalized(state))
    for name, value in state.items():
        if not torch.equal(after[name].double(), value.double()):
            statistics = "running" in name or "tracked" in name
            changed = "the running statistics of a batch norm" if statistics else "the parameters"
            mistake = f"an evaluation changes {changed} of the model"
            raise CheckFailed(f"{mistake}, but may not change anything", mistake=mistake)


@check(points=0.5, needs=[test_epoch_measures, test_evaluation_mode])
def test_evaluation_without_gradients(student, draw):
    """epoch without an optimizer records no gradients, and leaves the recording on afterwards"""
    problem = established(
        "autograd records gradients during the evaluation",
        ", which costs memory and time; eval mode does not prevent it",
    )
    expect_blind(student, draw, 1, problem)
    model, _ = linear_classifier(student, draw)
    arguments = [draw_batches(draw), model, student.probe("loops.cross_entropy", 0.0)]
    if student.probe("functions.keeps_recording", student.epoch, arguments) is not True:
        mistake = "after an evaluation autograd no longer records gradients"
        raise CheckFailed(
            f"{mistake}, so nothing that runs next can be trained: recording should be off only during the evaluation",
            mistake=mistake,
        )
    frozen = student.probe("loops.frozen", model)
    if frozen:
        mistake = f"after an evaluation {frozen} of the model's 2 parameters require no gradients any more"
        raise CheckFailed(
            f"{mistake}, so training cannot change them: an evaluation should leave them as they were", mistake=mistake
        )


@check(points=0.5, needs=[test_epoch_measures], apart_from_values=True)
def test_training_steps(student, draw):
    """epoch with an optimizer takes one step for each batch, in order, along the gradient of the criterion"""
    for descent, smoothing in ((Descent(0.3), 0.0), (Descent(0.2, momentum=0.8), 0.0), (Descent(0.4), 0.3)):
        descent = Descent(
            descent.eta,
            momentum=descent.momentum,
            criterion=functools.partial(F.cross_entropy, label_smoothing=smoothing),
        )
        batches = draw_batches(draw)
        model, build = linear_classifier(student, draw)
        optimizer = descent_optimizer(student, model, descent)
        student.epoch(batches, model, student.probe("loops.cross_entropy", smoothing), optimizer)
        expect_moved(student, model, optimizer, build)
        look = functools.partial(steps_seen, student, optimizer, len(batches))
        expect_descent(state_of(student, model), "after an epoch", build, [batches], descent, look)
    expect_unchanged(student)


@check(points=0.5, needs=[test_evaluation_without_gradients, test_training_steps], apart_from_values=True)
def test_training_mode(student, draw):
    """epoch with an optimizer trains in train mode, even if the model comes in eval mode"""
    criterion = student.probe("loops.cross_entropy", 0.0)

    def train(model, batches):
        optimizer = descent_optimizer(student, model, Descent(MODE_ETA))
        student.epoch(batches, model, criterion, optimizer)
        student.epoch(batches, model, criterion)
        student.epoch(batches, model, criterion, optimizer)

    expect_train_mode(student, draw, train, "after an epoch, an evaluation and an epoch", 2)


@check(points=0.25, needs=[test_epoch_measures, test_training_steps])
def test_any_loader(student, draw):
    """epoch accepts any iterable of batches as the loader, such as a list or a DataLoader, and any criterion"""
    batches = draw_batches(draw, (4, 4, 3))
    images, labels = (torch.cat(parts) for parts in zip(*batches))
    loaders = {
        "a list of lists": [list(batch) for batch in batches],
        "a tuple of batches": tuple(batches),
        "a DataLoader": student.probe("loops.data_loader", images, labels, 4),
        "a loader that only has __iter__": student.probe("loops.passes", batches, False),
    }
    criterion, descent = student.probe("loops.cross_entropy_function"), Descent(0.3)
    for name, loader in loaders.items():
        model, build = linear_classifier(student, draw)
        value = student.epoch(loader, model, criterion)
        expect_measures(f"of an evaluation with {name}", value, replay(build(), batches))
        student.epoch(loader, model, criterion, descent_optimizer(student, model, descent))
        expect_descent(state_of(student, model), f"after an epoch with {name}", build, [batches], descent)


@check(points=0.5)
def test_exponential_lr(student, draw):
    """exponential_lr returns the learning rate of each epoch: eta0 first, then multiplied by gamma each time"""
    for eta0, gamma, epochs in (
        (0.1, 0.95, 6),
        (2.0, 0.5, 4),
        (0.3, 1.0, 3),
        (0.7, 0.2, 1),
        (0.1, 0.9, 0),
        (2, 0.6, 3),
    ):
        asked = f"exponential_lr({eta0}, {gamma}, {epochs})"
        found = as_numbers(asked, student.exponential_lr(eta0, gamma, epochs))
        expected = eta0 * gamma ** torch.arange(epochs, dtype=torch.float64)
        if len(found) != epochs:
            raise CheckFailed(f"{asked} should return one number for each of {epochs} epochs, but returns {len(found)}")
        if gamma != 1 and epochs > 1 and torch.allclose(found, expected * gamma, rtol=1e-5):
            mistake = f"{asked} starts with {float(found[0]):.4g}"
            raise CheckFailed(f"{mistake}: the first epoch should have eta0, {eta0}", mistake=mistake)
        if isinstance(eta0, int) and torch.equal(found, found.trunc()):
            mistake = f"{asked} returns whole numbers only"
            raise CheckFailed(f"{mistake}: eta0 may be an int, but the rates are not", mistake=mistake)
        context = AnswerContext(others=functools.partial(other_decays, eta0, gamma, epochs))
        expect_close(asked, found, expected, rtol=1e-6, context=context)


@check(points=0.5, needs=[test_training_steps, test_exponential_lr], apart_from_values=True)
def test_fit_steps(student, draw):
    """fit does plain gradient descent on the cross-entropy, with rate eta, multiplied by gamma after each epoch"""
    # Rates that fall, that are constant, that fall to almost 0, and that rise; and one that is an int. The first have no
    # simple ratio, so that no two mistakes end alike.
    for eta, gamma, epochs in ((0.43, 0.6, 3), (0.2, 1.0, 2), (0.5, 0.4, 12), (0.1, 1.5, 3), (1, 0.7, 2)):
        batches = draw_batches(draw)
        model, build = linear_classifier(student, draw)
        student.fit(model, batches, epochs, eta=eta, gamma=gamma)
        what = f"after fit with epochs={epochs}, eta={eta}, gamma={gamma}"
        descent, look = Descent(eta, gamma), functools.partial(rates_seen, student, draw, eta, gamma, epochs)
        expect_descent(state_of(student, model), what, build, [batches] * epochs, descent, look)
    batches = draw_batches(draw)
    model, build = linear_classifier(student, draw)
    student.fit(model, batches, 2)
    what = "after fit with its defaults, eta=0.1 and gamma=1.0,"
    expect_descent(state_of(student, model), what, build, [batches] * 2, Descent(0.1))
    _expect_all_layers(student, draw)
    _expect_all_epochs(student, draw)
    _expect_third_epoch(student, draw)
    _expect_new_passes(student, draw)
    expect_unchanged(student)


def _expect_all_layers(student, draw):
    """Fails unless fit trains both layers of a network that has two."""
    sizes = {"1.weight": (5, 6), "1.bias": (5,), "3.weight": (CLASSES, 5), "3.bias": (CLASSES,)}
    state = {name: draw.normal(*size, dtype=torch.float32) for name, size in sizes.items()}
    batches, model = draw_batches(draw), student.probe("loops.two_layers", state)
    student.fit(model, batches, 2, eta=0.3, gamma=0.7)
    what = "after fit with epochs=2, eta=0.3, gamma=0.7, of a network with two layers,"
    expect_descent(
        state_of(student, model), what, lambda: loops.two_layers(state).double(), [batches] * 2, Descent(0.3, 0.7)
    )


def _expect_all_epochs(student, draw):
    """Fails if fit stops or goes back when the loss rises, as it does with too large a rate."""
    eta, losses = 2.5, [0.0, 0.0]
    while losses[1] < losses[0] + 0.05:
        batches, (model, build) = draw_batches(draw), linear_classifier(student, draw)
        network, losses = build(), []
        for _ in range(2):
            replay(network, batches, [eta] * len(batches))
            losses.append(replay(network, batches).loss)
    student.fit(model, batches, 2, eta=eta)
    if distance(state_of(student, model), network) > 1e-2:
        raise CheckFailed(
            f"two epochs of fit with eta={eta}, with which the loss rises, do not end with the right weights: run all "
            "epochs, and keep the last weights"
        )


def _expect_third_epoch(student, draw):
    """Fails if fit stops after two epochs, since the second had a larger loss than the first."""
    eta = 20.0
    for _ in range(20):
        batches, (model, build) = draw_batches(draw), linear_classifier(student, draw)
        network = build()
        first, second = (replay(network, batches, [eta] * len(batches)).loss for _ in range(2))
        if second > first:
            student.fit(model, batches, 3, eta=eta)
            if distance(state_of(student, model), network) < 1e-2:
                mistake = (
                    f"after fit with epochs=3 and eta={eta:g}, with which the loss rises in the second epoch, the weights "
                    "are those of two epochs"
                )
                raise CheckFailed(f"{mistake}: run all epochs, whatever the loss", mistake=mistake)
            return


def _expect_new_passes(student, draw):
    """Accepts an extra pass over the loader in an epoch, for instance to count the batches."""
    batches = draw_batches(draw)
    model, build = linear_classifier(student, draw)
    student.fit(model, student.probe("loops.passes", batches, True), 2, eta=0.3, gamma=0.5)
    found, descent = state_of(student, model), Descent(0.3, 0.5)
    orders = [batches[first:] + batches[:first] for first in range(len(batches))]
    if not any(ends_at(found, build, two, descent) for two in itertools.combinations(orders, 2)):
        what = "after two epochs of fit with a loader that has another order each time"
        expect_descent(found, what, build, orders[:2], descent)


@check(points=0.25, needs=[test_training_mode, test_fit_steps], apart_from_values=True)
def test_fit_mode(student, draw):
    """fit trains in train mode in every epoch"""

    def train(model, batches):
        student.fit(model, batches, 3, eta=MODE_ETA)

    expect_train_mode(student, draw, train, "after three epochs of fit", 3)


@check(points=0.5, needs=[test_epoch_measures, test_fit_steps])
def test_fit_history(student, draw):
    """fit returns the (loss, accuracy) of each epoch, measured in training; with epochs=0 it returns [] and trains nothing"""

    def history_of(model, batches, epochs, **options):
        return as_history(student, draw, Fitted(student.fit(model, batches, epochs, **options), epochs, batches))

    def measure(sizes, epochs=1):
        """The history of new batches with a rate of 0, and what each epoch should be made of."""
        model, build = linear_classifier(student, draw)
        batches = label(build(), draw_batches(draw, sizes), draw)
        return history_of(model, batches, epochs, eta=0.0), replay(build(), batches)

    def again():
        for sizes in OTHER_SIZES:
            (pair,), measured = measure(sizes)
            yield pair, measured

    def on_the_way_again():
        for _ in range(2):
            model, build = linear_classifier(student, draw)
            batches, measured = draw_telling(draw, build, TELLING_ETA)
            yield history_of(model, batches, 1, eta=TELLING_ETA)[0], measured

    history, measured = measure(SIZES, 3)
    for number, pair in enumerate(history):
        expect_measures(f"of epoch {number + 1} of fit, with eta=0,", pair, measured, again)
    model, build = linear_classifier(student, draw)
    descent = Descent(TELLING_ETA, 0.7)
    batches, _ = draw_telling(draw, build, descent.eta)
    history = history_of(model, batches, 3, eta=descent.eta, gamma=descent.gamma)
    if ends_at(state_of(student, model), build, [batches] * 3, descent):  # another check tests this
        expect_own_epochs(history, on_the_way(build(), batches, [descent.eta * descent.gamma**n for n in range(3)]))
        network = build()
        for number, pair in enumerate(history):
            eta = descent.eta * descent.gamma**number
            expect_on_the_way(f"of epoch {number + 1} of fit", pair, network, batches, eta, on_the_way_again)
    model, build = linear_classifier(student, draw)
    history_of(model, batches, 0)
    if distance(state_of(student, model), build()) > 0:
        mistake = "fit with epochs=0 changes the model"
        raise CheckFailed(f"{mistake}, but should not train it", mistake=mistake)


@accuracy(points=0.5, fast=0.83, full=0.93, needs=[test_fit_steps, test_fit_mode], apart_from_values=True)
def test_accuracy_on_digits(student, draw, mnist):
    """fit trains a small network to a good test accuracy on handwritten digits"""
    whole = len(mnist.train_x) > 10_000
    count, batch_size, epochs = (60_000, 50, 3) if whole else (2_000, 50, 6)
    images, labels = mnist.train_x[:count], mnist.train_y[:count]
    model = student.probe("loops.digits")
    loader = student.probe("loops.shuffled", images, labels, batch_size, draw.generator())
    student.fit(model, loader, epochs, eta=0.2, gamma=0.8)
    network = load(loops.digits(), state_of(student, model))
    with torch.no_grad():
        scores = network(jitter_images(mnist.test_x, draw.rng))
    return float((scores.argmax(1) == mnist.test_y).double().mean())
