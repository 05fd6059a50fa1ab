"""Checks of a two-layer network that is an nn.Module: what `mlp_nn` and `mlp_optim` share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.cause import Cause, behind, failed
from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model, randomise
from autograder.checks.two_layer_net.descent import NewTraining, Training, expect_updated
from autograder.checks.two_layer_net.network import Sizes, TwoLayers, accuracy_of, expect_count, find_roles
from autograder.data.dataset import Dataset
from autograder.data.jitter import jitter_points
from autograder.sandbox.host.exchanges import SeededGenerator
from autograder.sandbox.host.student_module import Handle, StudentModule

SIZES: Sizes = (3, 5, 4)  # unequal, so that no axis can be confused with another
MakeModel = Callable[[Sizes], Handle]
Parameters = list[tuple[str, Tensor]]
"""The names and values of a model's parameters."""


def run_once(student: StudentModule, model: Handle, sizes: Sizes = SIZES) -> Handle:
    """Runs the model once and returns it: lazy layers make their parameters during the first run."""
    student.probe(
        "execution.first_run", model, torch.zeros(2, sizes[0]), what=f"the model, given X of shape (2, {sizes[0]})"
    )
    return model


def network_of(draw: Draw, model: Handle, sizes: Sizes = SIZES) -> TwoLayers:
    """The network that a model computes with its current parameters."""
    X = draw.normal(6, sizes[0], dtype=torch.float32)
    scores = as_tensor("the model's output", model(X), (6, sizes[2]))
    return find_roles(model.parameters(), sizes, X, scores, rtol=1e-4)


def expect_network(student: StudentModule, draw: Draw, make_model: MakeModel) -> None:
    """Fails unless the model is nx → nh (tanh) → ny with biases and returns scores, in float32 and float64."""
    for sizes in (SIZES, (2, 7, 3), (4, 1, 2)):
        model = randomise(draw, run_once(student, make_model(sizes), sizes))
        _expect_repeatable(student, draw, model, sizes)
        network_of(draw, model, sizes)
        one = draw.normal(1, sizes[0], dtype=torch.float32)
        as_tensor("the model's output for a batch of one", model(one), (1, sizes[2]))
    model = randomise(draw, run_once(student, make_model(SIZES)))
    model.double()
    X = draw.normal(5, SIZES[0])
    scores = as_tensor("the model's output after .double()", model(X), (5, SIZES[2]), torch.float64)
    find_roles(model.parameters(), SIZES, X, scores, rtol=1e-9)


def _expect_repeatable(student: StudentModule, draw: Draw, model: Handle, sizes: Sizes) -> None:
    model.train()
    X = draw.normal(6, sizes[0], dtype=torch.float32)
    first, again = (as_tensor("the model's output", model(X), (6, sizes[2])) for _ in range(2))
    if not torch.equal(first, again):
        why = _why_other_scores(student, draw, model, X)
        raise failed(behind("the model gives other scores when it is called again with the same X: ", why))


def _why_other_scores(student: StudentModule, draw: Draw, model: Handle, X: Tensor) -> str:
    """Whether random numbers decide the scores, and in training mode only, or something that is kept from call to call."""

    def differ(seed: int | None) -> bool:
        found = []
        for _ in range(3):
            with student.random_state(seed or draw.seed()):
                found.append(model(X))
        return not all(isinstance(scores, Tensor) and torch.equal(scores, found[0]) for scores in found)

    if differ(draw.seed()):
        return Cause("even from the same random state, so it keeps something from call to call")
    model.eval()
    if differ(None):
        return Cause("it draws random numbers each time: does a layer make its weights in forward?")
    return Cause("it draws random numbers in training mode, as a dropout does, but the scores should depend on X alone")


def expect_initial_weights(student: StudentModule, draw: Draw, make_model: MakeModel) -> None:
    """Fails unless the weights are float32 and drawn from the global random state."""
    found = []
    for seed in (draw.seed(), draw.seed()):
        with student.random_state(seed):
            model = run_once(student, make_model(SIZES))
        for name, value in model.parameters():
            if value.dtype != torch.float32:
                mistake = f"the parameter {name} has dtype {value.dtype}"
                raise CheckFailed(f"{mistake}, but torch.float32 is expected", mistake=mistake)
            if value.dim() > 1 and min(value.shape) > 1 and bool((value == value.flatten()[0]).all()):
                model(torch.ones(2, SIZES[0]))  # the scores tell one constant from another when a mistake is named
                mistake = f"all numbers of the parameter {name} start as {float(value.flatten()[0]):g}"
                raise CheckFailed(
                    f"{mistake}: draw them at random, since equal hidden units stay equal", mistake=mistake
                )
        expect_count(model.parameters(), SIZES)
        found.append(torch.cat([value.flatten() for _, value in model.parameters()]))
    if torch.equal(*found):
        mistake = "two models made from different global random states have the same weights"
        raise CheckFailed(f"{mistake}: let init_model draw them, and set no seed in it", mistake=mistake)


def new_training(student: StudentModule, draw: Draw) -> NewTraining:
    """Makes trainings by the student's train, always from the same global random state and with the same generator."""

    def with_generator(generator: SeededGenerator) -> Training:
        seed = draw.seed()

        def training(X: Tensor, Y: Tensor, nh: int, eta: float, batch_size: int, epochs: int) -> TwoLayers:
            with student.random_state(seed):
                model = as_model(
                    "what train returns", student.train(X, Y, nh, eta, batch_size, epochs, generator=generator)
                )
                sizes = (X.shape[1], nh, Y.shape[1])
                # A lazy layer that has not run yet draws its weights now, from the state in which train would have.
                run_once(student, model, sizes)
            return network_of(draw, model, sizes)

        return training

    return with_generator


def expect_all_updated(function: str, model: Handle, before: Parameters, after: Parameters) -> None:
    """Fails unless a step of `function` has changed every parameter of the model."""
    updated = {name: not torch.equal(old, new) for (name, old), (_, new) in zip(before, after)}
    if not all(updated.values()):
        model(torch.ones(2, SIZES[0]))  # the scores tell one layer from another when a mistake is named
    expect_updated(function, updated)


def gradients_left(student: StudentModule, draw: Draw) -> Callable[[Tensor, Tensor], str]:
    """Looks for gradients in a model that training has left as it was; returns a clause about them."""

    def look(X: Tensor, Y: Tensor) -> str:
        value = student.train(X, Y, 5, 0.5, len(X), 1, generator=draw.generator())
        left = student.probe("gradients.left_in", as_model("what train returns", value))
        if not isinstance(left, list):
            return ""
        if left:
            return ", although backward has left gradients in the model: is a step taken with them, and on this model?"
        call, generator = [X, Y, 5, 0.5, len(X), 3], draw.generator()
        if student.probe("gradients.cleared_before_steps", student.train, call, generator, what="train") is True:
            claim = "the gradients are cleared between backward and the step"
            return Cause(f", since {claim}", claim)
        return (
            ", and no gradient is left in the model: is backward called, and are the gradients still there when the step is "
            "taken?"
        )

    return look


def accuracy_on_circles(student: StudentModule, draw: Draw, circles: Dataset) -> float:
    """The test accuracy on Circles of the model that train returns with its defaults."""
    model = student.train(circles.train_x, circles.train_y, generator=draw.generator())
    network = network_of(draw, as_model("what train returns", model), (2, 10, 2))
    return accuracy_of(network, jitter_points(circles.test_x, draw.rng), circles.test_y.argmax(1))
