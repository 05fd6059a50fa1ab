"""Checks of a two-layer network whose parameters are a dict of tensors: what `mlp_by_hand` and `mlp_autograd` share.

Students may choose the shape of a bias: (n,), (1, n) or (n, 1). Their init_params shows their choice.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_number, as_tensor, expect_close, expect_number, is_close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.shapes import explain_shape
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.descent import NewTraining, Training
from autograder.checks.two_layer_net.loss_accuracy import (
    BATCHES,
    as_pair,
    expect_fraction,
    expect_loss_first,
    loss_and_accuracy,
)
from autograder.checks.two_layer_net.loss_contexts import loss_of_probabilities
from autograder.checks.two_layer_net.network import Sizes, TwoLayers, accuracy_of
from autograder.checks.two_layer_net.network_contexts import forward_contexts
from autograder.data.dataset import Dataset
from autograder.data.jitter import jitter_points
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import SeededGenerator, StudentModule, describe_value

NAMES = ("Wh", "bh", "Wy", "by")
SIGMA = 0.3
# Unequal sizes, so that no axis can be confused with another; a batch of one; one hidden neuron; nh = ny, so that swapped
# biases fit.
FORWARD_SIZES: tuple[tuple[int, Sizes], ...] = ((6, (3, 5, 4)), (1, (2, 7, 3)), (4, (5, 1, 2)), (3, (2, 4, 4)))


def shapes_of(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, by name."""
    nx, nh, ny = sizes
    return {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}


def as_parameters(what: str, value: Any, sizes: Sizes) -> dict[str, Tensor]:
    """The four tensors that a student returned, biases in the student's own shape.

    Raises CheckFailed if the value is not a dict, or if a parameter is missing or has another shape.
    """
    if not isinstance(value, dict):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(
            f"{what} should be a dict with the keys {', '.join(NAMES)} but is {describe_value(value)}{forgot}"
        )
    missing = [name for name in NAMES if name not in value]
    if missing:
        there = ", ".join(repr(key) for key in value)
        raise CheckFailed(f"{what} lacks the key {missing[0]!r}; its keys are {there or 'none'}")
    found = {}
    for name, shape in shapes_of(sizes).items():
        label = f"{what}[{name!r}]"
        if len(shape) == 2:
            found[name] = as_tensor(label, value[name], shape)
            continue
        bias = value[name]
        if not isinstance(bias, Tensor) or bias.numel() != shape[0] or max((*bias.shape, 1)) != shape[0]:
            explanation = explain_shape(tuple(bias.shape), shape) if isinstance(bias, Tensor) else ""
            raise CheckFailed(
                f"{label} should be a tensor of {shape[0]} numbers but is {describe_value(bias)}"
                f"{f': {explanation}' if explanation else ''}"
            )
        found[name] = bias.detach()
    return found


def as_network(parameters: dict[str, Tensor]) -> TwoLayers:
    """The network with these parameters."""
    Wh, bh, Wy, by = (parameters[name].detach().double() for name in NAMES)
    return TwoLayers(Wh, bh.reshape(-1), Wy, by.reshape(-1))


def random_parameters(student: StudentModule, draw: Draw, sizes: Sizes, dtype: torch.dtype) -> dict[str, Tensor]:
    """Large random parameters. Biases have the shapes of the student's init_params, or (n,) if that does not work."""
    shapes = shapes_of(sizes)
    try:
        own = as_parameters("init_params", student.init_params(*sizes), sizes)
        shapes |= {name: tuple(own[name].shape) for name in ("bh", "by")}
    except (StudentProblem, CheckFailed):
        pass  # init_params has its own checks; its mistakes must not fail the others
    return {name: draw.normal(*shape, scale=0.7, dtype=dtype) for name, shape in shapes.items()}


def expect_initial_shapes(student: StudentModule, draw: Draw) -> None:
    """Fails unless init_params returns four float32 tensors in the shapes for nx, nh and ny."""
    for sizes in ((3, 5, 4), (2, 7, 3), (4, 1, 2)):
        for options in ({}, {"generator": draw.generator()}):
            found = as_parameters(f"init_params{sizes}", student.init_params(*sizes, **options), sizes)
            for name, value in found.items():
                if value.dtype != torch.float32:
                    raise CheckFailed(f"init_params' {name} has dtype {value.dtype}, but torch.float32 is expected")


def expect_initial_distribution(student: StudentModule, draw: Draw) -> None:
    """Fails unless weights are drawn from N(0, 0.3²) at each call, with the generator if one is given.

    Biases may be drawn in the same way or be zero. The bounds are at least six standard deviations of the statistics, so
    correct code fails less than once in a million times.
    """
    sizes = (30, 700, 800)
    generators = (draw.generator(), draw.generator())
    drawn = [
        _drawn(student, sizes, generator) for generator in (generators[0], generators[0], generators[1], None, None)
    ]
    for name in ("Wh", "Wy"):
        _expect_normal(name, drawn[0][name].double().flatten())
        _expect_normal(name, drawn[3][name].double().flatten())
    for name in ("bh", "by"):
        values = drawn[0][name].double().flatten()
        if values.any():
            _expect_normal(name, values)
    first, again, other, free, free_again = (found["Wh"] for found in drawn)
    if not torch.equal(first, again):
        raise CheckFailed(
            "init_params draws different weights with generators of the same seed: is the generator used?"
        )
    if torch.equal(first, other) or torch.equal(free, free_again):
        raise CheckFailed(
            "init_params returns the same weights each time: draw new ones at each call, and set no seed in it"
        )
    for name in NAMES:
        if not torch.equal(drawn[0][name], drawn[1][name]):
            raise CheckFailed(
                f"init_params draws {name} without the generator: generators of the same seed give different numbers"
            )


def _drawn(student: StudentModule, sizes: Sizes, generator: Any) -> dict[str, Tensor]:
    options = {} if generator is None else {"generator": generator}
    return as_parameters("init_params", student.init_params(*sizes, **options), sizes)


def _expect_normal(name: str, values: Tensor) -> None:
    mean, sigma = float(values.mean()), float(values.std())
    if abs(mean) > 6 * SIGMA / math.sqrt(len(values)):
        positive = ": no number is negative" if bool((values >= 0).all()) and sigma else ""
        positive = positive or (f": all its numbers are {mean:.3g}" if not sigma else "")
        raise CheckFailed(f"init_params' {name} has mean {mean:.3g}, but 0 is expected{positive}")
    if abs(sigma / SIGMA - 1) > 6 / math.sqrt(2 * len(values)):
        raise CheckFailed(
            f"init_params' {name} has standard deviation {sigma:.3g}, but 0.3 is expected{_explain_spread(values, sigma)}"
        )
    fourth = float(((values - mean) / sigma).pow(4).mean())
    if not 2.45 < fourth < 3.75:  # 3 for a normal distribution, 1.8 for a uniform one
        raise CheckFailed(f"init_params' {name} has standard deviation 0.3, but is not normally distributed")


def _explain_spread(values: Tensor, sigma: float) -> str:
    if sigma == 0:
        return ": all its numbers are equal"
    fourth = float(((values - values.mean()) / sigma).pow(4).mean())
    if fourth < 2.3:
        return f": the distribution looks uniform, from {values.min():.3g} to {values.max():.3g}, but should be normal"
    for known, words in (
        (1.0, "randn has 1"),
        (SIGMA**2, "that is close to 0.3²"),
        (SIGMA**0.5, "that is close to √0.3"),
    ):
        if abs(sigma / known - 1) < 0.08:
            return f": {words}. To get a standard deviation of 0.3, multiply standard normal numbers by 0.3"
    return ""


def expect_forward(student: StudentModule, draw: Draw) -> None:
    """Fails unless forward's first value is ŷ, in float64 and float32."""
    for batch, sizes in FORWARD_SIZES:
        for dtype, rtol in TOLERANCE.items():
            parameters, X = random_parameters(student, draw, sizes, dtype), draw.normal(batch, sizes[0], dtype=dtype)
            yhat, outputs = _forward(student, parameters, X)
            network = as_network(parameters)
            expected = outputs_of(network, X)
            got = as_tensor("forward's yhat", yhat, tuple(expected["yhat"].shape), dtype)
            context = forward_contexts(network, X)
            if not is_close(got, expected["yhat"], rtol=rtol):
                _expect_steps(outputs, expected, context, rtol)
            expect_close("forward's yhat", got, expected["yhat"], rtol=rtol, context=context["yhat"])


def _expect_steps(
    outputs: dict[Any, Any], expected: dict[str, Tensor], context: dict[str, AnswerContext], rtol: float
) -> None:
    """Fails at the first wrong one of the intermediate results that forward returned."""
    for name in ("htilde", "h", "ytilde"):
        value, right = outputs.get(name), expected[name]
        if isinstance(value, Tensor) and value.shape == right.shape:
            what = f"forward's yhat is wrong, and its first wrong intermediate result is outputs[{name!r}], which"
            expect_close(what, value, right, rtol=rtol, context=context[name])


def expect_outputs(student: StudentModule, draw: Draw) -> None:
    """Fails unless forward's second value has all intermediate results, in float64 and float32."""
    for batch, sizes in FORWARD_SIZES:
        for dtype, rtol in TOLERANCE.items():
            parameters, X = random_parameters(student, draw, sizes, dtype), draw.normal(batch, sizes[0], dtype=dtype)
            _, outputs = _forward(student, parameters, X)
            network = as_network(parameters)
            context = forward_contexts(network, X)
            for name, expected in outputs_of(network, X).items():
                if name not in outputs:
                    there = ", ".join(repr(key) for key in outputs)
                    raise CheckFailed(f"forward's outputs lack the key {name!r}; their keys are {there or 'none'}")
                label = f"forward's outputs[{name!r}]"
                got = as_tensor(label, outputs[name], tuple(expected.shape), dtype)
                expect_close(label, got, expected, rtol=rtol, context=context[name])


def _forward(student: StudentModule, parameters: dict[str, Tensor], X: Tensor) -> tuple[Any, dict[Any, Any]]:
    yhat, outputs = as_pair("forward should return (yhat, outputs)", student.forward(parameters, X))
    if not isinstance(outputs, dict):
        raise CheckFailed(f"forward's second value should be the dict outputs but is {describe_value(outputs)}")
    return yhat, outputs


def outputs_of(network: TwoLayers, X: Tensor) -> dict[str, Tensor]:
    """All results of forward, float64: X (batch, nx), htilde and h (batch, nh), ytilde and yhat (batch, ny)."""
    htilde = X.double() @ network.Wh.T + network.bh
    h = htilde.tanh()
    ytilde = h @ network.Wy.T + network.by
    return {"X": X.double(), "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": ytilde.softmax(1)}


def expect_loss(student: StudentModule, draw: Draw) -> None:
    """Fails unless L is the mean cross-entropy of probabilities.

    A guard of up to 1e-5 in the logarithm is allowed: with probabilities of at least 0.02 it changes L by at most 5e-4.
    """
    for batch, classes in BATCHES:
        for dtype in TOLERANCE:
            Yhat, Y = draw.distribution(batch, classes, dtype), draw.one_hot(batch, classes, dtype)
            L, acc = loss_and_accuracy(student.loss_accuracy(Yhat, Y))
            expected = float(F.nll_loss(Yhat.double().log(), Y.argmax(1)))
            expect_loss_first(L, acc, expected)
            expect_number("the loss L", L, expected, rtol=6e-4, context=loss_of_probabilities(Yhat, Y))


def expect_loss_of_zeros(student: StudentModule, draw: Draw) -> None:
    """Fails unless L is right if a wrong class has probability 0, and large but finite if the true class has."""
    for batch, classes in ((6, 4), (1, 3)):
        for dtype in TOLERANCE:
            Y = draw.one_hot(batch, classes, dtype)
            Yhat = draw.distribution(batch, classes, dtype)
            wrong = (Y.argmax(1) + 1) % classes
            Yhat[torch.arange(batch), wrong] = 0.0
            Yhat /= Yhat.sum(1, keepdim=True)
            what = "the loss L, if a wrong class has probability 0,"
            L, _ = loss_and_accuracy(student.loss_accuracy(Yhat, Y))
            losses = F.nll_loss(Yhat.double().log(), Y.argmax(1), reduction="none")
            expect_number(what, L, float(losses.mean()), rtol=6e-4, context=loss_of_probabilities(Yhat, Y))
            Yhat[0] = torch.eye(classes, dtype=dtype)[wrong[0]]  # the true class of the first example has probability 0
            L, _ = loss_and_accuracy(student.loss_accuracy(Yhat, Y))
            value = as_number("the loss L", L)
            if not math.isfinite(value):
                raise CheckFailed(f"the loss L is {value} if the true class has probability 0: guard the logarithm")
            of_first = batch * value - float(losses[1:].sum())
            if of_first < 9.99:
                raise CheckFailed(
                    f"an example whose true class has probability 0 has the loss {of_first:.3g}, but should have at least "
                    "10: the guard of the logarithm is too large and hides how wrong the prediction is"
                )


def expect_accuracy(student: StudentModule, draw: Draw) -> None:
    """Fails unless acc is the fraction of examples whose most probable class is the true one."""
    expect_fraction(draw, lambda scores, Y: student.loss_accuracy(scores.softmax(1), Y))


def as_trained(value: Any, sizes: Sizes) -> TwoLayers:
    """The network that train returned."""
    return as_network(as_parameters("what train returns", value, sizes))


def new_training(student: StudentModule) -> NewTraining:
    """Makes trainings by the student's train: the generator sets weights and order, the global random state differs."""

    def with_generator(generator: SeededGenerator) -> Training:
        def training(X: Tensor, Y: Tensor, nh: int, eta: float, batch_size: int, epochs: int) -> TwoLayers:
            found = student.train(X, Y, nh, eta, batch_size, epochs, generator=generator)
            return as_trained(found, (X.shape[1], nh, Y.shape[1]))

        return training

    return with_generator


def accuracy_on_circles(student: StudentModule, draw: Draw, circles: Dataset) -> float:
    """The test accuracy on Circles of the parameters that train returns with its defaults."""
    found = student.train(circles.train_x, circles.train_y, generator=draw.generator())
    return accuracy_of(as_trained(found, (2, 10, 2)), jitter_points(circles.test_x, draw.rng), circles.test_y.argmax(1))
