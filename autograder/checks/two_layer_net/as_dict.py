"""Checks of a two-layer network whose parameters are a dict of tensors: what `mlp_by_hand` and `mlp_autograd` share.

Students may choose the shape of a bias: (n,), (1, n) or (n, 1). Their init_params shows their choice.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_number, as_tensor, expect_close, is_close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.shapes import explain_shape
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.confirmed import Answer, expect_number_each_time
from autograder.checks.two_layer_net.descent import NewTraining, Training
from autograder.checks.two_layer_net.initial_distribution import expect_normal
from autograder.checks.two_layer_net.loss_accuracy import (
    BATCHES,
    as_pair,
    expect_fraction,
    expect_loss_first,
    loss_and_accuracy,
)
from autograder.checks.two_layer_net.loss_contexts import loss_of_probabilities
from autograder.checks.two_layer_net.loss_probes import seen_of_a_loss
from autograder.checks.two_layer_net.network import Sizes, TwoLayers, accuracy_of
from autograder.checks.two_layer_net.network_contexts import forward_contexts
from autograder.data.dataset import Dataset
from autograder.data.jitter import jitter_points
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import SeededGenerator
from autograder.sandbox.host.student_module import StudentModule

NAMES = ("Wh", "bh", "Wy", "by")
LARGE: Sizes = (30, 700, 800)
"""Sizes of a network with enough weights for statistics."""
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
        mistake = f"{what} lacks the key {missing[0]!r}"
        raise CheckFailed(f"{mistake}; its keys are {there or 'none'}", mistake=mistake)
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


def equal_numbers(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same numbers, in whatever shape."""
    return torch.equal(a.detach().flatten().double(), b.detach().flatten().double())


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
                    mistake = f"init_params' {name} has dtype {value.dtype}"
                    raise CheckFailed(f"{mistake}, but torch.float32 is expected", mistake=mistake)


def expect_initial_distribution(student: StudentModule, draw: Draw) -> None:
    """Fails unless weights are drawn from N(0, 0.3²) at each call, with the generator if one is given.

    Biases may be drawn in the same way or be zero. The bounds are at least six standard deviations of the statistics, so
    correct code fails less than once in a million times.
    """
    for generator in (draw.generator(), None):
        expect_normal(_drawn(student, generator))
    _expect_seeded(student, draw)


def _drawn(student: StudentModule, generator: Any = None) -> dict[str, Tensor]:
    options = {} if generator is None else {"generator": generator}
    return as_parameters("init_params", student.init_params(*LARGE, **options), LARGE)


def _expect_seeded(student: StudentModule, draw: Draw) -> None:
    """Fails unless the generator alone, or without one the global random state, decides what init_params draws."""
    generator, other = draw.generator(), draw.generator()
    first, again = _drawn(student, generator), _drawn(student, generator)
    changed = [name for name in NAMES if not torch.equal(first[name], again[name])]
    if changed:
        with student.random_state(draw.seed()):
            one, two = _drawn(student, generator), _drawn(student, other)
        names = " and ".join(changed)
        if all(torch.equal(one[name], two[name]) for name in changed):
            mistake = f"init_params draws {names} from a global random state"
            raise CheckFailed(
                f"{mistake} (PyTorch's, NumPy's or Python's), although it is given a generator", mistake=mistake
            )
        raise CheckFailed(
            f"init_params, given generators of the same seed, returns another {names} each time: draw all numbers with "
            "the generator"
        )
    for name in ("Wh", "Wy"):
        free, free_again, elsewhere = (_drawn(student, given)[name] for given in (None, None, other))
        if torch.equal(free, free_again):
            mistake = f"init_params, called twice without a generator, returns the same {name}"
            raise CheckFailed(f"{mistake}: draw new numbers at each call, and set no seed in it", mistake=mistake)
        if torch.equal(first[name], elsewhere):
            mistake = f"init_params returns the same {name} for generators of different seeds"
            raise CheckFailed(f"{mistake}: draw with the generator that it is given", mistake=mistake)


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
        if isinstance(value, Tensor):
            what = f"forward's yhat is wrong, and the first wrong one of its outputs is outputs[{name!r}], which"
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
                    mistake = f"forward's outputs lack the key {name!r}"
                    raise CheckFailed(f"{mistake}; their keys are {there or 'none'}", mistake=mistake)
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

            def ask(batch: int = batch, classes: int = classes, dtype: torch.dtype = dtype) -> Answer:
                Yhat, Y = draw.distribution(batch, classes, dtype), draw.one_hot(batch, classes, dtype)
                return _loss_answer(student, Yhat, Y)

            expect_number_each_time("the loss L", ask, rtol=6e-4)


def _loss_answer(student: StudentModule, Yhat: Tensor, Y: Tensor) -> Answer:
    L, acc = loss_and_accuracy(student.loss_accuracy(Yhat, Y))
    expected = _right_loss(Yhat, Y)
    expect_loss_first(L, acc, expected)

    def look() -> str:
        def own(x: Tensor, y: Tensor) -> object:
            return loss_and_accuracy(student.loss_accuracy(x, y))[0]

        return seen_of_a_loss(own, _right_loss, Yhat, Y, of_scores=False)

    return Answer(L, expected, loss_of_probabilities(Yhat, Y), look)


def _right_loss(Yhat: Tensor, Y: Tensor) -> float:
    return float(F.nll_loss(Yhat.double().log(), Y.argmax(1)))


def expect_loss_of_zeros(student: StudentModule, draw: Draw) -> None:
    """Fails unless L is right if a wrong class has probability 0, and large but finite if the true class has."""
    for batch, classes in ((6, 4), (1, 3)):
        for dtype in TOLERANCE:

            def ask(batch: int = batch, classes: int = classes, dtype: torch.dtype = dtype) -> Answer:
                return _loss_answer(student, *_with_a_zero(draw, batch, classes, dtype))

            expect_number_each_time("the loss L, if a wrong class has probability 0,", ask, rtol=6e-4)
            Yhat, Y = _with_a_zero(draw, batch, classes, dtype)
            Yhat[0] = (Yhat[0] == 0).to(dtype)  # now the true class of the first example has probability 0
            L, _ = loss_and_accuracy(student.loss_accuracy(Yhat, Y))
            value = as_number("the loss L", L)
            if not math.isfinite(value):
                mistake = f"the loss L is {value} if the true class has probability 0"
                raise CheckFailed(f"{mistake}: guard the logarithm", mistake=mistake)
            of_others = F.nll_loss(Yhat[1:].double().log(), Y[1:].argmax(1), reduction="sum")
            of_first = batch * value - float(of_others)
            if of_first < 9.99:
                raise CheckFailed(
                    f"an example whose true class has probability 0 has the loss {of_first:.3g}, but should have at least "
                    "10: the guard of the logarithm is too large and hides how wrong the prediction is"
                )


def _with_a_zero(draw: Draw, batch: int, classes: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Probabilities and one-hot targets (batch, classes); in each row the probability of one wrong class is 0."""
    Yhat, Y = draw.distribution(batch, classes, dtype), draw.one_hot(batch, classes, dtype)
    Yhat[torch.arange(batch), (Y.argmax(1) + 1) % classes] = 0.0
    return Yhat / Yhat.sum(1, keepdim=True), Y


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
