"""The two-layer network by hand: each function, compared with autograd and torch's losses, and training, step by step."""

import torch

from autograder.checks.attempts import attempted
from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close, expect_unchanged, expecting_unchanged
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import AUTOGRAD, LAYERS, combine
from autograder.checks.two_layer_net.as_dict import (
    FORWARD_SIZES,
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
    outputs_of,
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
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.checks.two_layer_net.network_contexts import backward_context
from autograder.checks.two_layer_net.steps import Step, expect_steps
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Opaque

EXERCISE = ExerciseSpec(
    public=("init_params", "forward", "loss_accuracy", "backward", "sgd", "train"),
    forbidden=combine(AUTOGRAD, LAYERS),
    imports=("scipy",),
)


@check(points=1, counts_with=["test_initial_distribution"])
def test_initial_shapes(student, draw):
    """init_params returns Wh (nh, nx), Wy (ny, nh) and the biases bh (nh numbers) and by (ny numbers), in float32"""
    expect_initial_shapes(student, draw)


@check(points=1, needs=[test_initial_shapes])
def test_initial_distribution(student, draw):
    """init_params draws the weights from N(0, 0.3²), using the generator if there is one"""
    expect_initial_distribution(student, draw)


VALUES = ["test_forward", "test_loss", "test_gradients_of_the_output_layer", "test_gradients_of_the_hidden_layer"]


@check(points=1, counts_with=VALUES)
def test_arguments_and_dtype_are_kept(student, draw):
    """forward, loss_accuracy and backward do not change their arguments"""
    questions = []
    for batch, sizes in FORWARD_SIZES:
        parameters, X = random_parameters(student, draw, sizes, torch.float64), draw.normal(batch, sizes[0])
        Y = draw.one_hot(batch, sizes[2])
        questions += [
            lambda parameters=parameters, X=X, Y=Y: _gradients(student, parameters, X, Y),
            lambda Y=Y: student.loss_accuracy(draw.distribution(*Y.shape), Y),
        ]
    attempted(questions)
    expect_unchanged(student)


@check(points=1, needs=[test_arguments_and_dtype_are_kept])
def test_forward(student, draw):
    """forward returns the class probabilities ŷ"""
    expect_forward(student, draw)


@check(points=1, needs=[test_forward])
def test_outputs(student, draw):
    """forward's outputs contain X, htilde, h, ytilde and yhat"""
    expect_outputs(student, draw)


@check(points=1, needs=[test_arguments_and_dtype_are_kept])
def test_loss(student, draw):
    """the loss L is the mean cross-entropy of the probabilities"""
    expect_loss(student, draw)


@check(points=1, needs=[test_loss])
def test_loss_of_zeros(student, draw):
    """with probabilities of 0 the loss L is right for a wrong class, and finite but at least 10 for the right class"""
    with expecting_unchanged(student):
        expect_loss_of_zeros(student, draw)


@check(points=1)
def test_accuracy_is_a_fraction(student, draw):
    """acc is the fraction of examples whose most probable class is the right one"""
    expect_accuracy(student, draw)


@check(points=1, needs=[test_arguments_and_dtype_are_kept])
def test_gradients_of_the_output_layer(student, draw):
    """backward returns the gradients of the mean loss for Wy and by"""
    _check_backward(student, draw, ("Wy", "by"))


@check(points=1, needs=[test_gradients_of_the_output_layer])
def test_gradients_of_the_hidden_layer(student, draw):
    """backward returns the gradients of the mean loss for Wh and bh"""
    _check_backward(student, draw, ("Wh", "bh"))


def _check_backward(student, draw, names):
    for batch, sizes in FORWARD_SIZES:
        for dtype, rtol in TOLERANCE.items():
            parameters, X = random_parameters(student, draw, sizes, dtype), draw.normal(batch, sizes[0], dtype=dtype)
            Y = draw.one_hot(batch, sizes[2], dtype)
            found = _gradients(student, parameters, X, Y)
            network = as_network(parameters)
            for name, expected in zip(("Wh", "bh", "Wy", "by"), network.gradient(X, Y).blocks):
                if name in names:
                    got = as_tensor(f"the gradient {name}", found[name], tuple(found[name].shape), dtype)
                    context = backward_context(network, X, Y, name)
                    expect_close(
                        f"the gradient {name}", got.reshape(expected.shape), expected, rtol=rtol, context=context
                    )


def _gradients(student, parameters, X, Y):
    """The result of backward for correct outputs, together with extra outputs of the student's own forward."""
    sizes = (X.shape[1], parameters["Wh"].shape[0], Y.shape[1])
    outputs = {}
    try:
        _, own = as_pair("forward should return (yhat, outputs)", student.forward(parameters, X))
        outputs = (
            {key: value for key, value in own.items() if not isinstance(value, Opaque)} if isinstance(own, dict) else {}
        )
    except (StudentProblem, CheckFailed):
        pass  # other checks test forward
    right = {name: value.to(X.dtype) for name, value in outputs_of(as_network(parameters), X).items()}
    return as_parameters("backward's result", student.backward(parameters, outputs | right, Y), sizes)


@check(points=1)
def test_sgd(student, draw):
    """sgd returns the parameters changed by −eta times the gradients, and does not change the gradients"""
    for eta, (_, sizes) in zip((0.3, 0.05, 2, 0.7), FORWARD_SIZES):
        for dtype, rtol in TOLERANCE.items():
            parameters = random_parameters(student, draw, sizes, dtype)
            gradients = {name: draw.normal(*value.shape, dtype=dtype) for name, value in parameters.items()}
            returned = as_parameters("sgd's result", student.sgd(parameters, gradients, eta), sizes)
            _expect_gradients_kept(student)
            expect_updated("sgd", {name: not equal_numbers(returned[name], old) for name, old in parameters.items()})
            steps = []
            for name, old in parameters.items():
                new = as_tensor(f"{name} after sgd", returned[name], tuple(returned[name].shape), dtype)
                step = new.reshape(old.shape).double() - old.double()
                steps.append(Step(name, step, old, gradients[name], eta))
            expect_steps(steps, rtol=rtol)


def _expect_gradients_kept(student):
    if any(not name.startswith("#0") for call in student.calls if call.function == "sgd" for name in call.changed):
        mistake = "sgd changes the gradients that it gets"
        raise CheckFailed(f"{mistake}: only the parameters may be changed in place", mistake=mistake)


PARTS_OF_TRAINING = [
    test_initial_shapes,
    test_initial_distribution,
    test_arguments_and_dtype_are_kept,
    test_forward,
    test_outputs,
    test_loss,
    test_gradients_of_the_output_layer,
    test_gradients_of_the_hidden_layer,
    test_sgd,
]


@check(points=1, trains=True, needs=PARTS_OF_TRAINING)
def test_train_takes_gradient_steps(student, draw):
    """train does gradient descent on the mean loss, with the given epochs, eta and nh, or their defaults"""
    with expecting_unchanged(student):
        expect_start(draw, new_training(student), generator_sets_weights=True)
        expect_gradient_steps(draw, new_training(student))
        expect_defaults(student, draw, as_trained)


@check(points=1, trains=True, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps])
def test_train_visits_every_example(student, draw):
    """train uses every example once per epoch, even in a short last batch, in a new order drawn from the generator"""
    expect_every_example_once(draw, new_training(student))
    expect_unseeded(draw, lambda X, Y: as_trained(student.train(X, Y, 5, 0.5, 2, 1), (3, 5, 4)))


@accuracy(
    points=1, fast=0.88, needs=[*PARTS_OF_TRAINING, test_train_takes_gradient_steps, test_train_visits_every_example]
)
def test_accuracy_on_circles(student, draw, circles):
    """with its defaults, train reaches a good test accuracy on Circles"""
    return accuracy_on_circles(student, draw, circles)
