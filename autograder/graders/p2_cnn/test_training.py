"""The training loop: what an epoch measures, how it trains and evaluates, and whether fit is plain descent."""

import functools
import itertools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_number, expect_close, expect_unchanged
from autograder.checks.convolution.training_loops import (
    CLASSES,
    CLOSE,
    Descent,
    distance,
    draw_batches,
    ends_at,
    expect_descent,
    expect_measures,
    label,
    load,
    replay,
    state_of,
)
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.data.jitter import jitter_images
from autograder.probes import loops
from autograder.sandbox.host.student_module import describe_value

EXERCISE = ExerciseSpec(public=("epoch", "exponential_lr", "fit"))
NOTHING = torch.zeros(CLASSES)


def _draw_linear(draw):
    return {"1.0.weight": draw.normal(CLASSES, 6, dtype=torch.float32), "1.0.bias": draw.normal(CLASSES).float()}


def _linear(student, draw, in_training=NOTHING):
    """A linear classifier in the worker, in eval mode, and what builds the same one here."""
    state = _draw_linear(draw)
    handle = student.probe("loops.linear", state, in_training, NOTHING)
    return handle, lambda: loops.linear(state, in_training, NOTHING).double()


def _shifted(draw):
    """The state of a classifier, numbers to be added to its scores, and the state of one that has them in its bias."""
    state, shift = _draw_linear(draw), draw.normal(CLASSES, scale=3.0, dtype=torch.float32)
    return state, shift, state | {"1.0.bias": state["1.0.bias"] + shift}


def _optimizer(student, model, descent):
    return student.probe("loops.optimizer", model, descent.eta, descent.momentum)


@check(points=0.5)
def test_epoch_measures(student, draw):
    """epoch returns the mean loss over the examples and the fraction of them that is right, in training and without"""
    criterion = student.probe("loops.cross_entropy", 0.0)
    for sizes, eta in (((5, 2, 4, 3), 0.0), ((1, 6), 0.0), ((4,), 0.5)):
        model, build = _linear(student, draw)
        batches = label(build(), draw_batches(draw, sizes), draw)
        measured = replay(build(), batches)
        shown = f"with batches of {', '.join(map(str, sizes))}" if len(sizes) > 1 else "with a single batch"
        expect_measures(f"of an evaluation {shown}", student.epoch(batches, model, criterion), measured)
        trained = student.epoch(batches, model, criterion, _optimizer(student, model, Descent(eta)))
        # Before its only step, or with steps of length 0, a model in training is what it was.
        before = ", with a learning rate of 0," if eta == 0 else ", measured before its step,"
        expect_measures(f"of an epoch of training {shown}{before}", trained, measured)
    model, build = _linear(student, draw)
    batches, descent = draw_batches(draw), Descent(0.5)
    value = student.epoch(batches, model, criterion, _optimizer(student, model, descent))
    if ends_at(state_of(student, model), build, [batches], descent):  # whether it does is another check's
        _expect_on_the_way("of an epoch of training", value, build(), batches, descent.eta)


def _expect_on_the_way(what, value, network, batches, eta):
    """Fails unless the scores before each step are what was measured; the network is trained."""
    loss = as_number(f"the loss {what}", as_pair("epoch should return (loss, accuracy)", value)[0])
    before = replay(network, batches)
    expected = replay(network, batches, [eta] * len(batches))
    for when, measured in (("before", before), ("after", replay(network, batches))):
        if abs(loss - measured.loss) < 1e-5 < abs(loss - expected.loss):
            raise CheckFailed(
                f"the loss {what} is that of the model {when} the epoch: what each batch gives on the way is asked for, "
                "with the scores that its step is made from"
            )
    expect_measures(f"{what}, measured on the way,", value, expected)


def _expect_blind(student, draw, position, problem):
    """Fails unless an evaluation is the same for a model that adds to its scores in train mode, or with gradients."""
    criterion, batches = student.probe("loops.cross_entropy", 0.0), draw_batches(draw)
    state, shift, shifted_for_good = _shifted(draw)
    shifts = [NOTHING, NOTHING]
    shifts[position] = shift
    losses = []
    for of_model, added in ((state, (NOTHING, NOTHING)), (state, shifts), (shifted_for_good, (NOTHING, NOTHING))):
        model = student.probe("loops.linear", of_model, *added)
        model.train()
        pair = as_pair("epoch should return (loss, accuracy)", student.epoch(batches, model, criterion))
        losses.append(as_number("the loss", pair[0]))
    plain, seen, wrong = losses
    if plain == wrong:
        raise CheckFailed("an evaluation gives the same loss for two models: does it depend on the model's scores?")
    if not abs(seen - plain) < 1e-5:
        raise CheckFailed(problem if abs(seen - wrong) < 1e-5 else f"in part of the evaluation {problem}")


@check(points=0.5)
def test_evaluation_mode(student, draw):
    """epoch without an optimizer evaluates in eval mode, and leaves parameters and statistics as they were"""
    _expect_blind(
        student,
        draw,
        0,
        "the model is in train mode while it is evaluated: it is to be in eval mode, with all its layers",
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
            raise CheckFailed(f"an evaluation changes {name} of the model, and nothing of it may change")


@check(points=0.5)
def test_evaluation_without_gradients(student, draw):
    """epoch without an optimizer evaluates without recording gradients"""
    problem = (
        "autograd records the model while it is evaluated: that costs memory and time, and eval mode does not stop it"
    )
    _expect_blind(student, draw, 1, problem)


@check(points=0.5)
def test_training_steps(student, draw):
    """epoch with an optimizer takes one step of it for each batch, in order, down the gradient of the criterion"""
    for descent, smoothing in ((Descent(0.3), 0.0), (Descent(0.2, momentum=0.8), 0.0), (Descent(0.4), 0.3)):
        descent = Descent(
            descent.eta,
            momentum=descent.momentum,
            criterion=functools.partial(F.cross_entropy, label_smoothing=smoothing),
        )
        batches = draw_batches(draw)
        model, build = _linear(student, draw)
        student.epoch(
            batches, model, student.probe("loops.cross_entropy", smoothing), _optimizer(student, model, descent)
        )
        expect_descent(state_of(student, model), "after an epoch", build, [batches], descent)
    expect_unchanged(student)


@check(points=0.5)
def test_training_mode(student, draw):
    """epoch with an optimizer trains in train mode, whatever mode the model comes in"""
    criterion = student.probe("loops.cross_entropy", 0.0)

    def train(model, batches):
        optimizer = _optimizer(student, model, Descent(0.3))
        student.epoch(batches, model, criterion, optimizer)
        student.epoch(batches, model, criterion)
        student.epoch(batches, model, criterion, optimizer)

    _expect_train_mode(student, draw, train, "after an epoch, an evaluation and an epoch")


def _expect_train_mode(student, draw, train, what):
    """Fails unless a model that adds to its scores in train mode is trained like one that always does."""
    batches = draw_batches(draw)
    state, shift, shifted_for_good = _shifted(draw)
    ends = []
    for start, added in ((state, shift), (shifted_for_good, NOTHING), (state, NOTHING)):
        model = student.probe("loops.linear", start, added, NOTHING)
        train(model, batches)
        ends.append(state_of(student, model))
    found, in_train_mode, in_eval_mode = ends
    found["1.0.bias"] = found["1.0.bias"] + shift
    if distance(found, load(loops.linear(state, NOTHING, NOTHING), in_train_mode)) < CLOSE:
        if distance(found, load(loops.linear(state, NOTHING, NOTHING), shifted_for_good)) < CLOSE:
            raise CheckFailed(f"{what} the weights are as they were")
        return
    found["1.0.bias"] = found["1.0.bias"] - shift
    if distance(found, load(loops.linear(state, NOTHING, NOTHING), in_eval_mode)) < CLOSE:
        raise CheckFailed(f"{what} the weights are those of a model that was in eval mode all the time")
    raise CheckFailed(
        f"{what} the weights are those of a model that was in eval mode for some of its steps: who trains puts it in "
        "train mode, each time"
    )


@check(points=0.25)
def test_any_loader(student, draw):
    """epoch takes any loader: a list, a DataLoader, whatever gives batches when iterated over; and any criterion"""
    batches = draw_batches(draw, (4, 4, 3))
    images, labels = (torch.cat(parts) for parts in zip(*batches))
    loaders = {
        "a list of lists": [list(batch) for batch in batches],
        "a tuple of batches": tuple(batches),
        "a DataLoader": student.probe("loops.data_loader", images, labels, 4),
        "a loader that has nothing but __iter__": student.probe("loops.passes", batches, False),
    }
    criterion, descent = student.probe("loops.cross_entropy_function"), Descent(0.3)
    for name, loader in loaders.items():
        model, build = _linear(student, draw)
        value = student.epoch(loader, model, criterion)
        expect_measures(f"of an evaluation with {name}", value, replay(build(), batches))
        student.epoch(loader, model, criterion, _optimizer(student, model, descent))
        expect_descent(state_of(student, model), f"after an epoch with {name}", build, [batches], descent)


@check(points=0.5)
def test_exponential_lr(student, draw):
    """exponential_lr gives the learning rate of each epoch: eta0 in the first, times gamma from each to the next"""
    for eta0, gamma, epochs in ((0.1, 0.95, 6), (2.0, 0.5, 4), (0.3, 1.0, 3), (0.7, 0.2, 1), (0.1, 0.9, 0)):
        asked = f"exponential_lr({eta0}, {gamma}, {epochs})"
        found = _as_numbers(asked, student.exponential_lr(eta0, gamma, epochs))
        expected = eta0 * gamma ** torch.arange(epochs, dtype=torch.float64)
        if len(found) != epochs:
            raise CheckFailed(f"{asked} gives {len(found)} numbers, and one for each of {epochs} epochs is asked for")
        if gamma != 1 and epochs > 1 and torch.allclose(found, expected * gamma, rtol=1e-5):
            raise CheckFailed(f"{asked} begins with {float(found[0]):.4g}: the first epoch has eta0, {eta0}")
        context = AnswerContext(others=functools.partial(_other_decays, eta0, gamma, epochs))
        expect_close(asked, found, expected, rtol=1e-6, context=context)


def _other_decays(eta0, gamma, epochs):
    """(epochs,) each: decays that are none by a factor."""
    t = torch.arange(epochs, dtype=torch.float64)
    return {
        "falls by the same amount each epoch, down to eta0 · gamma or to 0, and should fall by the same factor": (
            eta0 * (1 - (1 - gamma) * t)
        ),
        "falls by the same amount each epoch, and reaches 0 after the last: it should fall by the same factor": (
            eta0 * (1 - t / epochs)
        ),
        "is multiplied by gamma and by the number of the epoch: the factor is to be a power": eta0 * gamma * t,
        "falls as exp(−gamma · t): gamma itself is the factor from each epoch to the next": eta0 * (-gamma * t).exp(),
        "falls as one over the number of the epoch: it should fall by the same factor each time": (
            eta0 / (1 + gamma * t)
        ),
        "falls as one over the number of the epoch, without gamma": eta0 / (1 + t),
        "is a power of eta0: the powers are those of gamma": eta0**t,
        "is eta0 times a power of eta0, and gamma is left out": eta0 ** (t + 1),
        "has eta0 and gamma exchanged": gamma * eta0**t,
        "is the power of both together: eta0 itself takes no power": (eta0 * gamma) ** t,
        "is divided by gamma each epoch, and should be multiplied": eta0 * gamma**-t,
        "grows by 1 + gamma each epoch": eta0 * (1 + gamma) ** t,
        "shrinks by 1 − gamma each epoch: it should be gamma": eta0 * (1 - gamma) ** t,
        "lacks eta0: it is the power of gamma alone": gamma**t,
        "falls twice as fast: gamma is applied twice an epoch": eta0 * gamma ** (2 * t),
        "falls faster from epoch to epoch: gamma is applied to what it has changed, with a power that grows as well": (
            eta0 * gamma ** (t * (t + 1) / 2)
        ),
        "falls only every other epoch": eta0 * gamma ** (t // 2),
    }


def _as_numbers(what, value):
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1:
        return torch.as_tensor(value).double()
    if not isinstance(value, (list, tuple)):
        raise CheckFailed(f"{what} should be a list of numbers, and is {describe_value(value)}")
    return torch.tensor([as_number(f"item {i} of {what}", item) for i, item in enumerate(value)], dtype=torch.float64)


@check(points=0.5)
def test_fit_steps(student, draw):
    """fit is plain descent on the cross-entropy: rate eta in the first epoch, times gamma after each, all batches"""
    # Rates that stay, that fall to nothing, and that rise.
    for eta, gamma, epochs in ((0.4, 0.5, 3), (0.2, 1.0, 2), (0.5, 0.4, 12), (0.1, 1.5, 3)):
        batches = draw_batches(draw)
        model, build = _linear(student, draw)
        student.fit(model, batches, epochs, eta=eta, gamma=gamma)
        what = f"after fit with epochs={epochs}, eta={eta}, gamma={gamma}"
        expect_descent(state_of(student, model), what, build, [batches] * epochs, Descent(eta, gamma))
    batches = draw_batches(draw)
    model, build = _linear(student, draw)
    student.fit(model, batches, 2)
    what = "after fit with its defaults, eta=0.1 and gamma=1.0,"
    expect_descent(state_of(student, model), what, build, [batches] * 2, Descent(0.1))
    _expect_all_epochs(student, draw)
    _expect_new_passes(student, draw)
    expect_unchanged(student)


def _expect_all_epochs(student, draw):
    """Fails where fit stops, or goes back, when the loss rises: with a rate that is too large it does."""
    eta, losses = 2.5, [0.0, 0.0]
    while losses[1] < losses[0] + 0.05:
        batches, (model, build) = draw_batches(draw), _linear(student, draw)
        network, losses = build(), []
        for _ in range(2):
            replay(network, batches, [eta] * len(batches))
            losses.append(replay(network, batches).loss)
    student.fit(model, batches, 2, eta=eta)
    if distance(state_of(student, model), network) > 1e-2:
        raise CheckFailed(
            f"two epochs of fit with eta={eta}, with which the loss rises, do not end where two epochs end: fit takes all "
            "epochs that are asked for, and leaves the last weights"
        )


def _expect_new_passes(student, draw):
    """Whoever goes through the loader more than once an epoch, to count it, is right as well."""
    batches = draw_batches(draw)
    model, build = _linear(student, draw)
    student.fit(model, student.probe("loops.passes", batches, True), 2, eta=0.3, gamma=0.5)
    found, descent = state_of(student, model), Descent(0.3, 0.5)
    orders = [batches[first:] + batches[:first] for first in range(len(batches))]
    if not any(ends_at(found, build, two, descent) for two in itertools.combinations(orders, 2)):
        what = "after two epochs of fit with a loader that has another order each time"
        expect_descent(found, what, build, orders[:2], descent)


@check(points=0.25)
def test_fit_mode(student, draw):
    """fit trains in train mode in each of its epochs"""
    _expect_train_mode(
        student, draw, lambda model, batches: student.fit(model, batches, 3, eta=0.3), "after three epochs of fit"
    )


@check(points=0.5)
def test_fit_history(student, draw):
    """fit returns the history, a (loss, accuracy) of each epoch as measured in training; epochs=0 gives [], untrained"""
    model, build = _linear(student, draw)
    batches = label(build(), draw_batches(draw), draw)
    for number, pair in enumerate(_as_history(student.fit(model, batches, 3, eta=0.0), 3)):
        expect_measures(f"of epoch {number + 1} of fit, with eta=0,", pair, replay(build(), batches))
    model, build = _linear(student, draw)
    batches, descent = draw_batches(draw), Descent(0.5, 0.7)
    history = _as_history(student.fit(model, batches, 3, eta=descent.eta, gamma=descent.gamma), 3)
    if ends_at(state_of(student, model), build, [batches] * 3, descent):  # whether it does is another check's
        network = build()
        for number, pair in enumerate(history):
            eta = descent.eta * descent.gamma**number
            _expect_on_the_way(f"of epoch {number + 1} of fit", pair, network, batches, eta)
    model, build = _linear(student, draw)
    _as_history(student.fit(model, batches, 0), 0)
    if distance(state_of(student, model), build()) > 0:
        raise CheckFailed("fit with epochs=0 changes the model, and should not train it")


def _as_history(value, epochs):
    if not isinstance(value, (list, tuple)):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"fit should return a list of (loss, accuracy), and returned {describe_value(value)}{forgot}")
    if len(value) != epochs:
        raise CheckFailed(f"the history has {len(value)} entries after {epochs} epochs: one for each is asked for")
    for pair in value:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise CheckFailed(f"the history should hold pairs (loss, accuracy), and has {describe_value(pair)} in it")
    return value


@accuracy(points=0.5, fast=0.83, full=0.93)
def test_accuracy_on_digits(student, draw, mnist):
    """fit reaches a good test accuracy on handwritten digits, with a small network"""
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
