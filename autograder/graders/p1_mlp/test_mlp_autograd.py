"""The two-layer network with autograd: leaf tensors, gradients through forward and loss, and steps that clear them."""

import torch
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close, expecting_unchanged
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import LAYERS, OPTIMIZERS, combine
from autograder.checks.two_layer_net.as_dict import (
    FORWARD_SIZES,
    NAMES,
    accuracy_on_circles,
    as_network,
    as_parameters,
    as_trained,
    equal_numbers,
    expect_accuracy,
    expect_forward,
    expect_initial_distribution,
    expect_initial_shapes,
    expect_loss,
    expect_loss_of_zeros,
    expect_outputs,
    new_training,
    random_parameters,
)
from autograder.checks.two_layer_net.descent import (
    expect_defaults,
    expect_every_example_once,
    expect_gradient_steps,
    expect_start,
    expect_unseeded,
    expect_updated,
)
from autograder.checks.two_layer_net.loss_accuracy import BATCHES, as_pair, sizes_by_name
from autograder.checks.two_layer_net.steps import Step, expect_steps

EXERCISE = ExerciseSpec(
    public=("init_params", "forward", "loss_accuracy", "sgd", "train"),
    forbidden=combine(LAYERS, OPTIMIZERS),
    imports=("scipy",),
)
NOT_A_LEAF = {
    "constant": "does not require a gradient",
    "computed": "is computed from another tensor, so it is not a leaf and backward does not fill its .grad",
}


@check(points=0.5)
def test_initial_parameters(student, draw):
    """init_params returns float32 leaf tensors with requires_grad, of the right sizes, drawn from N(0, 0.3²)"""
    expect_initial_shapes(student, draw)
    _expect_leaves(
        "init_params", student.probe("gradients.kinds", student.init_params, [3, 5, 4], what="init_params(3, 5, 4)")
    )
    expect_initial_distribution(student, draw)


def _expect_leaves(what, kinds):
    for name in NAMES:
        kind = kinds.get(name) if isinstance(kinds, dict) else None
        if kind != "leaf":
            mistake = f"{what} returns a {name} that {NOT_A_LEAF.get(kind, 'is missing')}"
            raise CheckFailed(f"{mistake}: compute its value first, then call requires_grad_()", mistake=mistake)


@check(points=0.5)
def test_forward(student, draw):
    """forward returns the class probabilities ŷ and the outputs X, htilde, h, ytilde and yhat"""
    with expecting_unchanged(student):
        expect_forward(student, draw)
        expect_outputs(student, draw)


@check(points=0.5, needs=[test_forward])
def test_forward_stays_in_the_graph(student, draw):
    """gradients flow through forward from ŷ to every parameter"""
    for batch, sizes in FORWARD_SIZES:
        for dtype, rtol in TOLERANCE.items():
            parameters, X = random_parameters(student, draw, sizes, dtype), draw.normal(batch, sizes[0], dtype=dtype)
            upstream = draw.normal(batch, sizes[2], dtype=dtype)
            found = student.probe(
                "gradients.pull_back",
                student.forward,
                [parameters, X],
                0,
                upstream,
                what="the backward pass through forward(params, X)",
            )
            network = as_network(parameters)
            leaves = [block.clone().requires_grad_() for block in network.blocks]
            expected = torch.autograd.grad(type(network)(*leaves)(X).softmax(1), leaves, upstream.double())
            for name, gradient in zip(("Wh", "bh", "Wy", "by"), expected):
                if found[name] is None:
                    mistake = f"no gradient reaches {name} through forward"
                    raise CheckFailed(f"{mistake}: what cuts the graph (detach, item, NumPy)?", mistake=mistake)
                expect_close(f"the gradient for {name}", found[name].reshape(gradient.shape), gradient, rtol=rtol)


@check(points=0.5)
def test_loss(student, draw):
    """the loss L is the mean cross-entropy of the probabilities, and is finite if a probability is 0"""
    with expecting_unchanged(student):
        expect_loss(student, draw)
        expect_loss_of_zeros(student, draw)


@check(points=0.5, needs=[test_loss])
def test_loss_stays_in_the_graph(student, draw):
    """gradients flow through loss_accuracy, and the gradient of L is that of the mean cross-entropy"""
    for batch, classes in BATCHES:
        for dtype in TOLERANCE:
            Yhat, Y = draw.distribution(batch, classes, dtype), draw.one_hot(batch, classes, dtype)
            found = student.probe(
                "gradients.pull_back",
                student.loss_accuracy,
                [Yhat, Y],
                0,
                None,
                what="the backward pass through loss_accuracy(Yhat, Y)",
            )
            if found is None:
                mistake = "L is cut off from the graph"
                raise CheckFailed(
                    f"{mistake}, so no gradient flows back: return L as the tensor that you computed", mistake=mistake
                )
            leaf = Yhat.double().clone().requires_grad_()
            expected = torch.autograd.grad(F.nll_loss(leaf.log(), Y.argmax(1)), leaf)[0]
            got = as_tensor("the gradient of L for ŷ", found, (batch, classes))
            # A softmax ignores a constant added to all scores, so only the gradient along distributions counts.
            expect_close("the gradient of L for ŷ", _along(got.double(), Yhat), _along(expected, Yhat), rtol=2e-3,
                         factors=sizes_by_name(batch, classes))  # fmt: skip


def _along(gradient, Yhat):
    """The gradient for the scores: the part that passes through the softmax."""
    p = Yhat.double()
    return p * (gradient - (gradient * p).sum(1, keepdim=True))


@check(points=0.5)
def test_accuracy_is_a_fraction(student, draw):
    """acc is the fraction of examples whose most probable class is the right one"""
    expect_accuracy(student, draw)


@check(points=0.5)
def test_sgd(student, draw):
    """sgd returns leaf tensors, changed by −eta times their gradients, and clears the gradients"""
    for eta, (_, sizes) in zip((0.3, 0.05, 2, 0.7), FORWARD_SIZES):
        for dtype, rtol in TOLERANCE.items():
            parameters = random_parameters(student, draw, sizes, dtype)
            gradients = {name: draw.normal(*value.shape, dtype=dtype) for name, value in parameters.items()}
            found, (kinds, left) = as_pair(
                "sgd",
                student.probe(
                    "gradients.step", student.sgd, parameters, gradients, eta, what=f"sgd(params, eta={eta})"
                ),
            )
            returned = as_parameters("sgd's result", found, sizes)
            expect_updated("sgd", {name: not equal_numbers(returned[name], old) for name, old in parameters.items()})
            steps = []
            for name, old in parameters.items():
                old = old.detach()
                new = as_tensor(f"{name} after sgd", returned[name], tuple(returned[name].shape), dtype)
                step = new.reshape(old.shape).double() - old.double()
                steps.append(Step(name, step, old, gradients[name], eta))
            expect_steps(steps, rtol=rtol)
            _expect_leaves("sgd", kinds)
            if left:
                mistake = f"after sgd the old gradient is still there, for {left}"
                raise CheckFailed(f"{mistake}: the next backward would add to it", mistake=mistake)


PARTS_OF_TRAINING = [
    test_initial_parameters,
    test_forward,
    test_forward_stays_in_the_graph,
    test_loss,
    test_loss_stays_in_the_graph,
    test_sgd,
]


@check(points=0.5, trains=True, needs=PARTS_OF_TRAINING)
def test_train_takes_gradient_steps(student, draw):
    """train does gradient descent on the mean loss, with the given epochs, eta and nh, or their defaults"""
    with expecting_unchanged(student):
        expect_start(draw, new_training(student), generator_sets_weights=True)
        expect_gradient_steps(draw, new_training(student))
        expect_defaults(student, draw, as_trained)


@check(points=0.5, trains=True, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps])
def test_train_visits_every_example(student, draw):
    """train uses every example once per epoch, even in a short last batch, in a new order drawn from the generator"""
    expect_every_example_once(draw, new_training(student))
    expect_unseeded(draw, lambda X, Y: as_trained(student.train(X, Y, 5, 0.5, 2, 1), (3, 5, 4)))


@accuracy(
    points=0.5, fast=0.88, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps, test_train_visits_every_example]
)
def test_accuracy_on_circles(student, draw, circles):
    """with its defaults, train reaches a good test accuracy on Circles"""
    return accuracy_on_circles(student, draw, circles)
