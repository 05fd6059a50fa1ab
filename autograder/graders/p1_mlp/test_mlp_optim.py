"""A two-layer network with torch.nn and torch.optim: plain gradient descent, on Circles and on digits."""

import torch
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expecting_unchanged
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.checks.modules import as_model, randomise
from autograder.checks.two_layer_net.as_module import (
    SIZES,
    accuracy_on_circles,
    expect_all_updated,
    expect_initial_weights,
    expect_network,
    gradients_left,
    network_of,
    new_training,
    run_once,
)
from autograder.checks.two_layer_net.confirmed import Answer, expect_number_each_time
from autograder.checks.two_layer_net.descent import (
    expect_defaults,
    expect_every_example_once,
    expect_gradient_steps,
    expect_start,
    expect_unseeded,
)
from autograder.checks.two_layer_net.loss_accuracy import BATCHES
from autograder.checks.two_layer_net.loss_contexts import loss_of_scores
from autograder.checks.two_layer_net.loss_probes import seen_of_a_loss
from autograder.checks.two_layer_net.network import accuracy_of
from autograder.checks.two_layer_net.steps import Step, expect_steps
from autograder.data.jitter import jitter_images
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("init_model", "train"))


def _init(student, sizes=SIZES, eta=0.1):
    value = student.init_model(*sizes, eta)
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise CheckFailed(f"init_model should return (model, loss, optim), but returned {describe_value(value)}")
    model, loss, optim = value
    return as_model("init_model's first value", model), loss, optim


@check(points=0.5)
def test_network(student, draw):
    """init_model builds a network nx → nh (tanh) → ny with biases, which returns scores"""
    with expecting_unchanged(student):
        expect_network(student, draw, lambda sizes: _init(student, sizes)[0])


@check(points=0.5, apart_from_values=True)
def test_initial_weights(student, draw):
    """init_model draws float32 weights from PyTorch's global random state"""
    expect_initial_weights(student, draw, lambda sizes: _init(student, sizes)[0])


@check(points=0.5)
def test_loss(student, draw):
    """init_model's loss is the mean cross-entropy of the scores"""
    with expecting_unchanged(student):
        for batch, classes in BATCHES:
            _, loss, _ = _init(student, (3, 5, classes))
            for dtype, rtol in TOLERANCE.items():

                def ask(batch=batch, classes=classes, dtype=dtype, loss=loss):
                    scores, Y = draw.normal(batch, classes, scale=2.0, dtype=dtype), draw.one_hot(batch, classes, dtype)

                    def look():
                        return seen_of_a_loss(lambda x, y: _loss_of(loss, x, y), _right_loss, scores, Y, of_scores=True)

                    return Answer(_loss_of(loss, scores, Y), _right_loss(scores, Y), loss_of_scores(scores, Y), look)

                expect_number_each_time("the loss", ask, rtol=rtol)


def _right_loss(scores, Y):
    return float(F.cross_entropy(scores.double(), Y.double()))


def _loss_of(loss, scores, Y):
    """The loss for one-hot targets, or for class labels if the loss only takes labels."""
    if not isinstance(loss, Handle):
        raise CheckFailed(f"init_model's second value should be the loss, a function, but is {describe_value(loss)}")
    try:
        return loss(scores, Y)
    except Raised:
        return loss(scores, Y.argmax(1))


@check(points=1, apart_from_values=True)
def test_optimizer(student, draw):
    """init_model's optimizer changes every parameter of the model by −eta times its gradient"""
    for eta in (0.3, 0.05, 2):
        model, _, optim = _init(student, eta=eta)
        if not isinstance(optim, Handle):
            raise CheckFailed(f"init_model's third value should be the optimizer, but is {describe_value(optim)}")
        randomise(draw, run_once(student, model))
        gradients = [draw.normal(*value.shape, dtype=torch.float32) for _, value in model.parameters()]
        for which in ("first", "second"):
            before = model.parameters()
            model.set_gradients(gradients)
            student.probe("gradients.optimizer_step", optim, what="optim.step()")
            after = model.parameters()
            expect_all_updated("the optimizer's step", model, before, after)
            steps = [
                Step(
                    name,
                    as_tensor(name, new, tuple(old.shape)).double() - old.double(),
                    old,
                    gradient,
                    eta,
                    which == "second",
                )
                for (name, old), (_, new), gradient in zip(before, after, gradients)
            ]
            expect_steps(steps, rtol=1e-5, what=f"the {which} step of {{}} for a fixed gradient")


PARTS_OF_TRAINING = [test_network, test_initial_weights, test_loss, test_optimizer]


@check(points=1, trains=True, needs=PARTS_OF_TRAINING)
def test_train_takes_gradient_steps(student, draw):
    """train does gradient descent on the mean loss, with the given epochs, eta and nh, or their defaults"""
    with expecting_unchanged(student):
        expect_start(draw, new_training(student, draw), generator_sets_weights=False)
        expect_gradient_steps(draw, new_training(student, draw), gradients_left(student, draw))
        expect_defaults(
            student, draw, lambda model, sizes: network_of(draw, as_model("the result of train", model), sizes)
        )


@check(points=0.5, trains=True, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps])
def test_train_visits_every_example(student, draw):
    """train uses every example once per epoch, even in a short last batch, in a new order drawn from the generator"""
    expect_every_example_once(draw, new_training(student, draw))
    expect_unseeded(
        draw, lambda X, Y: network_of(draw, as_model("the result of train", student.train(X, Y, 5, 0.5, 2, 1)))
    )


@accuracy(
    points=0.5, fast=0.88, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps, test_train_visits_every_example]
)
def test_accuracy_on_circles(student, draw, circles):
    """with its defaults, train reaches a good test accuracy on Circles"""
    return accuracy_on_circles(student, draw, circles)


@accuracy(
    points=0.5,
    fast=0.85,
    full=0.93,
    needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps, test_train_visits_every_example],
)
def test_accuracy_on_digits(student, draw, mnist):
    """train reaches a good test accuracy on handwritten digits, as vectors of 784 values"""
    whole = len(mnist.train_x) > 10_000
    nh, batch_size, epochs = (100, 100, 3) if whole else (32, 50, 5)
    X, Y = mnist.train_x.flatten(1), F.one_hot(mnist.train_y, 10).float()
    model = as_model(
        "the result of train", student.train(X, Y, nh, 0.5, batch_size, epochs, generator=draw.generator())
    )
    network = network_of(draw, model, (784, nh, 10))
    return accuracy_of(network, jitter_images(mnist.test_x, draw.rng).flatten(1), mnist.test_y)
