"""A two-layer network with torch.nn: what it computes, and whether train does gradient descent on mini-batches."""

import torch
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expecting_unchanged
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import OPTIMIZERS
from autograder.checks.imports import WITHOUT_RULES
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
from autograder.checks.two_layer_net.loss_accuracy import (
    BATCHES,
    as_pair,
    expect_fraction,
    expect_loss_first,
    loss_and_accuracy,
)
from autograder.checks.two_layer_net.loss_contexts import loss_of_scores
from autograder.checks.two_layer_net.loss_probes import seen_of_a_loss
from autograder.checks.two_layer_net.network import expect_count
from autograder.checks.two_layer_net.steps import Step, expect_steps

EXERCISE = ExerciseSpec(
    public=("init_model", "loss_accuracy", "sgd", "train"), forbidden=OPTIMIZERS, imports=WITHOUT_RULES
)


def _init(student, sizes=SIZES):
    model, loss = as_pair("init_model should return (model, loss)", student.init_model(*sizes))
    return as_model("init_model's first value", model), loss


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
    """the loss L is the mean cross-entropy of the scores, for one-hot Y"""
    with expecting_unchanged(student):
        for batch, classes in BATCHES:
            _, loss = _init(student, (3, 5, classes))
            for dtype, rtol in TOLERANCE.items():

                def ask(batch=batch, classes=classes, dtype=dtype, loss=loss):
                    scores, Y = draw.normal(batch, classes, scale=2.0, dtype=dtype), draw.one_hot(batch, classes, dtype)
                    L, acc = loss_and_accuracy(student.loss_accuracy(loss, scores, Y))
                    expected = _right_loss(scores, Y)
                    expect_loss_first(L, acc, expected)

                    def look():
                        def own(x, y):
                            return loss_and_accuracy(student.loss_accuracy(loss, x, y))[0]

                        return seen_of_a_loss(own, _right_loss, scores, Y, of_scores=True)

                    return Answer(L, expected, loss_of_scores(scores, Y), look)

                expect_number_each_time("the loss", ask, rtol=rtol)


def _right_loss(scores, Y):
    return float(F.cross_entropy(scores.double(), Y.double()))


@check(points=0.5)
def test_accuracy_is_a_fraction(student, draw):
    """acc is the fraction of examples whose highest score is that of the right class"""
    _, loss = _init(student)
    expect_fraction(draw, lambda scores, Y: student.loss_accuracy(loss, scores, Y))


@check(points=0.5, apart_from_values=True)
def test_sgd(student, draw):
    """sgd changes every parameter by −eta times its gradient"""
    for eta in (0.3, 0.05, 2):
        model = randomise(draw, run_once(student, _init(student)[0]))
        before = model.parameters()
        if not before:
            expect_count(before, SIZES)
        gradients = [draw.normal(*value.shape, dtype=torch.float32) for _, value in before]
        model.set_gradients(gradients)
        after = as_model("the result of sgd", student.sgd(model, eta)).parameters()
        if len(after) != len(before):
            raise CheckFailed(f"the model had {len(before)} parameters before sgd, but has {len(after)} after it")
        expect_all_updated("sgd", model, before, after)
        steps = [
            Step(
                name, as_tensor(f"{name} after sgd", new, tuple(old.shape)).double() - old.double(), old, gradient, eta
            )
            for (name, old), (_, new), gradient in zip(before, after, gradients)
        ]
        expect_steps(steps, rtol=1e-5)


PARTS_OF_TRAINING = [test_network, test_initial_weights, test_loss, test_sgd]


@check(points=0.5, trains=True, needs=PARTS_OF_TRAINING)
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
