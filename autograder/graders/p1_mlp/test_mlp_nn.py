"""A two-layer network with torch.nn: what it computes, and whether training is gradient descent on mini-batches.

Training is followed exactly: with the initial parameters known, the parameters after an epoch must be those that one of
the orders in which the examples can be visited gives. Only then is there an accuracy.
"""

import itertools

import torch
from torch.nn import functional as F

from autograder.checks.closeness import as_number, as_tensor, expect_close, expect_number, expect_unchanged
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import OPTIMIZERS
from autograder.checks.networks import find_roles
from autograder.data.jitter import jitter_points
from autograder.sandbox.host.student import Handle, SeededGenerator, describe_value

EXERCISE = ExerciseSpec(public=("init_model", "loss_accuracy", "sgd", "train"), forbidden=OPTIMIZERS)
SIZES = (3, 5, 4)  # nx, nh, ny: unequal, so that no axis can stand for another
# 200 trainings of the reference on the Circles made here: mean 0.946, sd 0.009, lowest 0.930 (published: 0.915).
MIN_ACCURACY = 0.88


def _pair(value):
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"init_model should return (model, loss), and returned {describe_value(value)}")
    model, loss = value
    return _model("init_model's first value", model), loss


def _model(what, value):
    if not isinstance(value, Handle) or value.kind != "module":
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"{what} should be the model, an nn.Module, and is {describe_value(value)}{forgot}")
    return value


def _random_model(student, draw, sizes=SIZES):
    """A model with large random parameters, so that no part of it hides behind small numbers."""
    model, loss = _pair(student.init_model(*sizes))
    values = [draw.normal(*value.shape, scale=0.7, dtype=value.dtype) for _, value in model.parameters()]
    model.set_parameters(values)
    return model, loss


def _network(student, draw, model, sizes=SIZES):
    """The network that the model is, with its parameters as they are now."""
    X = draw.normal(6, sizes[0], dtype=torch.float32)
    scores = as_tensor("the model's output", model(X), (6, sizes[2]))
    return find_roles(model.parameters(), sizes, X, scores, rtol=1e-4)


@check(points=0.5)
def test_network(student, draw):
    """init_model builds nx → nh (tanh) → ny with biases, and the model returns scores"""
    for sizes in (SIZES, (2, 7, 3), (4, 1, 2)):
        model, _ = _random_model(student, draw, sizes)
        _network(student, draw, model, sizes)
        one = draw.normal(1, sizes[0], dtype=torch.float32)
        as_tensor("the model's output for a batch of one", model(one), (1, sizes[2]))
    model, _ = _random_model(student, draw)
    model.double()
    X = draw.normal(5, SIZES[0])
    scores = as_tensor("the model's output after .double()", model(X), (5, SIZES[2]), torch.float64)
    find_roles(model.parameters(), SIZES, X, scores, rtol=1e-9)


@check(points=0.5)
def test_initial_weights(student, draw):
    """init_model draws float32 weights from the global random state"""
    found = []
    for seed in (draw.seed(), draw.seed()):
        with student.random_state(seed):
            model, _ = _pair(student.init_model(*SIZES))
        for name, value in model.parameters():
            if value.dtype != torch.float32:
                raise CheckFailed(f"the parameter {name} is {value.dtype}, and float32 is expected")
        found.append(torch.cat([value.flatten() for _, value in model.parameters()]))
    if torch.equal(*found):
        raise CheckFailed(
            "two models made from different random states have the same weights: draw them at random (equal hidden "
            "units stay equal for ever), and set no seed inside init_model"
        )


@check(points=0.5)
def test_loss(student, draw):
    """loss_accuracy's L is the mean cross-entropy of the scores, for one-hot Y"""
    for batch, classes in ((7, 4), (1, 3), (5, 2), (3, 6)):
        _, loss = _pair(student.init_model(3, 5, classes))
        for dtype, rtol in ((torch.float32, 2e-5), (torch.float64, 1e-9)):
            scores, Y = draw.normal(batch, classes, scale=2.0, dtype=dtype), draw.one_hot(batch, classes, dtype)
            value = _loss_and_accuracy(student, loss, scores, Y)[0]
            factors = {"the batch size": batch, "the number of classes": classes, "batch × classes": batch * classes}
            expected = float(F.cross_entropy(scores.double(), Y.double()))
            expect_number("the loss", value, expected, rtol=rtol, factors=factors)


@check(points=0.5)
def test_accuracy_is_a_fraction(student, draw):
    """loss_accuracy's acc is the fraction of examples whose highest score is at the true class"""
    for batch, classes in ((8, 4), (1, 3), (6, 2), (9, 5)):
        _, loss = _pair(student.init_model(3, 5, classes))
        scores = draw.normal(batch, classes, dtype=torch.float32)
        for right in {0, batch // 3, batch}:
            labels = scores.argmax(1)
            labels[right:] = (
                labels[right:] + 1 + torch.from_numpy(draw.rng.integers(0, classes - 1, batch - right))
            ) % classes
            got = as_number("acc", _loss_and_accuracy(student, loss, scores, torch.eye(classes)[labels])[1])
            if abs(got - right / batch) > 1e-5:
                percent = (
                    ": a fraction in [0, 1] is asked for, no percentage"
                    if abs(got - 100 * right / batch) < 1e-3
                    else ""
                )
                count = ": that is their number, so divide by the batch size" if got == right and not percent else ""
                raise CheckFailed(f"with {right} of {batch} examples right, acc is {got:.4g}{percent or count}")


def _loss_and_accuracy(student, loss, scores, Y):
    value = student.loss_accuracy(loss, scores, Y)
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"loss_accuracy should return (L, acc), and returned {describe_value(value)}")
    return value


@check(points=0.5)
def test_sgd(student, draw):
    """sgd takes one step against the gradient, for every parameter"""
    for eta in (0.3, 0.05):
        model, _ = _random_model(student, draw)
        before = model.parameters()
        gradients = [draw.normal(*value.shape, dtype=torch.float32) for _, value in before]
        model.set_gradients(gradients)
        after = _model("what sgd returns", student.sgd(model, eta)).parameters()
        if len(after) != len(before):
            raise CheckFailed(f"the model had {len(before)} parameters, and after sgd it has {len(after)}")
        for (name, old), (_, new), gradient in zip(before, after, gradients):
            if torch.equal(old, new):
                raise CheckFailed(
                    f"sgd leaves the parameter {name} as it was: was the result thrown away, or a copy changed?"
                )
            step = as_tensor(f"{name} after sgd", new, tuple(old.shape)).double() - old.double()
            expect_close(f"the step of {name}", step, -eta * gradient.double(), rtol=1e-5, factors={"eta": eta})


@check(points=0.5, trains=True)
def test_train_takes_gradient_steps(student, draw):
    """train descends the gradient of the mean loss, with epochs, eta and nh as asked, from the initial weights"""
    X, Y = draw.normal(6, 3, dtype=torch.float32), draw.one_hot(6, 4, torch.float32)
    _check_start(student, draw, X, Y)
    for nh, eta, epochs in ((5, 0.5, 1), (5, 0.2, 3), (7, 1.0, 2)):
        start, end = _trained(student, draw, X, Y, nh, eta, 6, epochs)
        expected = start
        for _ in range(epochs):
            expected = expected.step(X, Y, eta)
        if end.distance(expected) > 2e-5:
            raise CheckFailed(_wrong_training(start, end, X, Y, eta, epochs))
    _trained(student, draw, X, Y, 5, 0.1, 4, 2)
    expect_unchanged(student)


def _check_start(student, draw, X, Y):
    """`epochs=0` gives the initial weights: they depend on the global random state, and on nothing in the data."""
    seed, other = draw.seed(), draw.seed()
    starts = []
    for state, inputs in ((seed, X), (seed, X + 1), (other, X)):
        with student.random_state(state):
            model = student.train(inputs, Y, 5, 0.5, 2, 0, generator=SeededGenerator(seed))
        starts.append(_network(student, draw, _model("what train returns", model)))
    if starts[0].distance(starts[1]) > 0:
        raise CheckFailed("train with epochs=0 should return the initial weights, and the data has changed them")
    if starts[0].distance(starts[2]) == 0:
        raise CheckFailed(
            "train begins with the same weights whatever the global random state: is a seed set inside, or are the "
            "weights drawn from `generator`, which is there for the order of the examples?"
        )


def _trained(student, draw, X, Y, nh, eta, batch_size, epochs, generator=None):
    """The network before and after `train`, from the same random state."""
    sizes = (X.shape[1], nh, Y.shape[1])
    seed, generator = draw.seed(), generator or draw.generator()
    networks = []
    for count in (0, epochs):
        with student.random_state(seed):
            model = student.train(X, Y, nh, eta, batch_size, count, generator=generator)
        networks.append(_network(student, draw, _model("what train returns", model), sizes))
    return networks


def _wrong_training(start, end, X, Y, eta, epochs):
    what = (
        f"{epochs} epochs with all examples in one batch" if epochs > 1 else "one epoch with all examples in one batch"
    )
    if end.distance(start) < 1e-7:
        return f"train leaves the weights as they were, after {what}"
    if end.distance(start.step(X, Y, -eta)) < 2e-5 and epochs == 1:
        return f"{what} is one step, and it went up the gradient: the sign of the update is wrong"
    for count in range(1, 8):
        network = start
        for _ in range(count):
            network = network.step(X, Y, eta)
        if count != epochs and end.distance(network) < 2e-5:
            return f"{what} should be {epochs} steps, and {count} were taken"
    network, gradients = start, None
    for _ in range(epochs):
        stepped = network.step(X, Y, 1.0)
        fresh = [getattr(network, k) - getattr(stepped, k) for k in ("Wh", "bh", "Wy", "by")]
        gradients = fresh if gradients is None else [a + b for a, b in zip(gradients, fresh)]
        values = [getattr(network, k) - eta * g for k, g in zip(("Wh", "bh", "Wy", "by"), gradients)]
        network = type(start)(*values)
    if epochs > 1 and end.distance(network) < 2e-5:
        return "each step adds the gradients of the steps before: the gradients are never set to zero"
    for factor, name in ((len(X), "the batch size"), (Y.shape[1], "the number of classes")):
        for scale, words in (
            (factor, f"{factor} times too large, {name}"),
            (1 / factor, f"{factor} times too small, {name}"),
        ):
            network = start
            for _ in range(epochs):
                network = network.step(X, Y, eta * scale)
            if end.distance(network) < 1e-4:
                return f"the steps are {words}: the loss is a mean over the batch"
    return (
        f"after {what} the weights are not those of {epochs} steps of gradient descent with eta={eta}: "
        "does each input keep its target, is the loss the cross-entropy of the scores, is eta used as given?"
    )


@check(points=0.5, trains=True)
def test_train_visits_every_example(student, draw):
    """train visits every example once an epoch, in a new order each time that the generator sets, the short batch too"""
    X, Y = draw.normal(5, 3, dtype=torch.float32), draw.one_hot(5, 4, torch.float32)
    same_order = []
    for _ in range(4):
        generator = draw.generator()
        start, first = _trained(student, draw, X, Y, 5, 0.5, 2, 1, generator)
        order = _order_between(start, first, X, Y, 0.5)
        if order is None:
            raise CheckFailed(
                "after one epoch over 5 examples in batches of 2 the weights are not those of steps on 2, 2 and 1 of "
                "them, in any order: is every example visited once, and the last short batch used?"
            )
        if order != _order_between(*_trained(student, draw, X, Y, 5, 0.5, 2, 1, generator), X, Y, 0.5):
            raise CheckFailed("the same generator gives another order of the examples each time: is it used?")
        same_order.append(order)
    if len(set(same_order)) == 1:
        raise CheckFailed("four different generators gave the same order of the examples: is the generator used?")
    repeats = 0
    for _ in range(4):
        seed, generator, networks = draw.seed(), draw.generator(), []
        for epochs in (0, 1, 2):
            with student.random_state(seed):
                model = student.train(X, Y, 5, 0.5, 2, epochs, generator=generator)
            networks.append(_network(student, draw, _model("what train returns", model), (3, 5, 4)))
        orders = [_order_between(a, b, X, Y, 0.5) for a, b in itertools.pairwise(networks)]
        if None in orders:
            raise CheckFailed(
                "the second epoch does not go on from the first: is every example visited once in it too?"
            )
        repeats += orders[0] == orders[1]
    if repeats == 4:
        raise CheckFailed("the second epoch visits the examples in the order of the first: shuffle anew each epoch")


def _order_between(start, end, X, Y, eta):
    """The batches (2, 2, 1 examples) that lead from one network to the other, or None."""
    everyone = frozenset(range(5))
    for first in itertools.combinations(sorted(everyone), 2):
        one = start.step(X[list(first)], Y[list(first)], eta)
        rest = sorted(everyone - set(first))
        for second in itertools.combinations(rest, 2):
            two = one.step(X[list(second)], Y[list(second)], eta)
            last = sorted(set(rest) - set(second))
            if two.step(X[last], Y[last], eta).distance(end) < 2e-5:
                return first, second
    return None


@check(points=0.5, trains=True)
def test_accuracy_on_circles(student, draw, circles):
    """train reaches a good accuracy on the test points of Circles, with its defaults"""
    reached = []
    for _ in range(3):  # a miss is tried again on two fresh seeds
        with student.random_state(draw.seed()):
            model = student.train(circles.train_x, circles.train_y, generator=draw.generator())
        network = _network(student, draw, _model("what train returns", model), (2, 10, 2))
        scores = network(jitter_points(circles.test_x, draw.rng))
        reached.append(float((scores.argmax(1) == circles.test_y.argmax(1)).double().mean()))
        if reached[-1] >= MIN_ACCURACY:
            return
    shown = ", ".join(f"{value:.1%}" for value in reached)
    raise CheckFailed(
        f"the test accuracy on Circles is {shown} in three trainings; at least {MIN_ACCURACY:.0%} is asked for"
    )
