"""Linear classifiers in the worker, whose scores show in which mode a student's loop runs them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.convolution.findings import Finding
from autograder.checks.convolution.training_loops import (
    CLASSES,
    CLOSE,
    Build,
    Descent,
    State,
    distance,
    draw_batches,
    load,
    replay,
    state_of,
)
from autograder.checks.convolution.wrong_descents import Batch
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.probes import loops
from autograder.sandbox.host.student_module import Handle, StudentModule

NOTHING = torch.zeros(CLASSES)
MODE_ETA = 0.3
"""The rate of the trainings that show the mode of a model."""
Train = Callable[[Handle, Sequence[Batch]], None]


def _draw_linear(draw: Draw) -> State:
    return {"1.0.weight": draw.normal(CLASSES, 6, dtype=torch.float32), "1.0.bias": draw.normal(CLASSES).float()}


def linear_classifier(student: StudentModule, draw: Draw, in_training: Tensor = NOTHING) -> tuple[Handle, Build]:
    """A linear classifier in the worker, in eval mode, and a function that builds the same one here."""
    state = _draw_linear(draw)
    handle = student.probe("loops.linear", state, in_training, NOTHING)
    return handle, lambda: loops.linear(state, in_training, NOTHING).double()


def _shifted(draw: Draw) -> tuple[State, Tensor, State]:
    """The state of a classifier, a shift of its scores, and the state of a classifier with this shift in its bias."""
    state, shift = _draw_linear(draw), draw.normal(CLASSES, scale=3.0, dtype=torch.float32)
    return state, shift, state | {"1.0.bias": state["1.0.bias"] + shift}


def descent_optimizer(student: StudentModule, model: Handle, descent: Descent) -> Handle:
    """Plain SGD, with the descent's momentum, in the worker. It counts its steps."""
    made: Handle = student.probe("loops.optimizer", model, descent.eta, descent.momentum)
    return made


def expect_blind(student: StudentModule, draw: Draw, position: int, problem: Finding) -> None:
    """Fails if a model that shifts its scores, in train mode or while gradients are recorded, is evaluated differently."""
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
        raise CheckFailed("an evaluation gives the same loss for two models with different scores")
    if not abs(seen - plain) < 1e-5:
        where = "" if abs(seen - wrong) < 1e-5 else "in a part of the evaluation "
        raise CheckFailed(where + problem.words, mistake=where + problem.mistake)


def expect_train_mode(student: StudentModule, draw: Draw, train: Train, what: str, epochs: int) -> None:
    """Fails unless a model that shifts its scores in train mode is trained like one that always shifts them.

    `train` trains for this number of epochs with the rate MODE_ETA.
    """
    batches = draw_batches(draw)
    state, shift, shifted_for_good = _shifted(draw)
    ends = []
    for start, added in ((state, shift), (shifted_for_good, NOTHING), (state, NOTHING)):
        model = student.probe("loops.linear", start, added, NOTHING)
        train(model, batches)
        ends.append(state_of(student, model))
    found, in_train_mode, in_eval_mode = ends
    with_shift = found | {"1.0.bias": found["1.0.bias"] + shift}
    still = loops.linear(state, NOTHING, NOTHING)
    if distance(with_shift, load(loops.linear(state, NOTHING, NOTHING), in_train_mode)) < CLOSE:
        if distance(found, still) < CLOSE:
            raise CheckFailed(f"{what} the weights have not changed")
        return
    if distance(found, load(loops.linear(state, NOTHING, NOTHING), in_eval_mode)) < CLOSE:
        mistake = "the weights are those of a model that was always in eval mode"
        raise CheckFailed(f"{what} {mistake}", mistake=mistake)
    for modes in itertools.product((True, False), repeat=epochs):
        network = loops.linear(state, shift, NOTHING).double()
        by_step = [mode for mode in modes for _ in batches]
        replay(network, batches * epochs, [MODE_ETA] * len(by_step), train_mode=by_step)
        if distance(found, network) < CLOSE:
            wrong = " and ".join(str(number) for number, mode in enumerate(modes, 1) if not mode)
            mistake = (
                f"the weights are those of a model that was in eval mode while it trained in epoch {wrong} of {epochs}"
            )
            raise CheckFailed(f"{what} {mistake}: put it in train mode each time before you train", mistake=mistake)
    raise CheckFailed(
        f"{what} the weights are not those of a model that trained in train mode. They are also not those of one that was "
        "in eval mode during whole epochs: look at where the mode changes, and at the steps"
    )
