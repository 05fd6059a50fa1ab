"""Checks that a transformer's modules share: shapes, no randomness, no mixing within a batch, gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.checks.transformer.parameters import SAME, same
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule


def new_model(what: str, value: object, draw: Draw, dtype: torch.dtype = torch.float64, scale: float = 0.4) -> Handle:
    """Gives a student's module random parameters and switches it to eval mode: with small ones mistakes may not show.

    Raises CheckFailed if `value` is not a module, has no parameters, or has some that are not float32.
    """
    model = as_model(what, value)
    parameters = model.parameters()
    if not parameters:
        raise CheckFailed(f"{what} has no trainable parameters")
    for name, parameter in parameters:
        if parameter.dtype != torch.float32:
            raise CheckFailed(
                f"the parameter {name} of {what} has dtype {parameter.dtype}, but torch.float32 is expected"
            )
    model.set_parameters(
        [draw.normal(*parameter.shape, scale=scale, dtype=torch.float32) for _, parameter in parameters]
    )
    model.eval()
    if dtype == torch.float64:
        model.double()
    return model


def expect_repeatable(what: str, model: Handle, x: Tensor, shape: tuple[int, ...]) -> None:
    """Fails unless the output is the same each time, in train mode and in eval mode."""
    tolerance = SAME if x.dtype == torch.float64 else 1e-5  # memory alignment can change how a sum rounds
    outputs = {}
    for mode, switch in (("train", model.train), ("eval", model.eval)):
        switch()
        first, second = (as_tensor(f"the output of {what}", model(x), shape, x.dtype) for _ in range(2))
        if not same(first, second, tolerance):
            raise CheckFailed(
                f"two calls with the same input give different outputs in {mode} mode: there should be no dropout or "
                "anything else that is random"
            )
        outputs[mode] = first
    if not same(outputs["train"], outputs["eval"], tolerance):
        raise CheckFailed("the outputs in train mode and in eval mode differ: nothing here should depend on the mode")


def expect_apart(what: str, model: Handle, x: Tensor, shape: tuple[int, ...]) -> None:
    """Fails unless each item of the batch x has the output, of this shape, that it has alone."""
    together = as_tensor(f"the output of {what}", model(x), (len(x), *shape), x.dtype)
    alone = torch.cat([as_tensor(f"the output of {what}", model(one[None]), (1, *shape)) for one in x])
    if not same(together, alone):
        raise CheckFailed(
            f"an item in a batch of {len(x)} has another output than alone: does a sum or softmax run over the batch axis, "
            "does a reshape move numbers between items, or does something depend on the batch size?"
        )


def gradients_of(
    student: StudentModule, model: Handle, x: Tensor, upstream: Tensor
) -> tuple[Tensor, dict[str, Tensor], list[tuple[str, Tensor]]]:
    """The gradient for x, the gradients for the parameters by name, and the parameters with their names.

    Raises CheckFailed if a gradient is missing.
    """
    found = student.probe("modules.gradients", model, x, upstream)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], dict):
        raise Refused("the gradients cannot be read")
    of_input, of_parameters = found
    if not isinstance(of_input, Tensor):
        raise CheckFailed(f"no gradient reaches the input: {_CUT}")
    parameters = model.parameters()
    for name, value in parameters:
        if of_parameters.get(name) is None:
            raise CheckFailed(f"no gradient reaches the parameter {name}: is it used, and {_CUT}")
        as_tensor(f"the gradient for {name}", of_parameters[name], tuple(value.shape))
    return as_tensor("the gradient for the input", of_input, tuple(x.shape)), of_parameters, parameters


_CUT = "is something cut out of the graph by .detach(), .data, .item(), torch.tensor(...) or no_grad?"


def expect_every_token(what: str, output: Callable[[Tensor], Tensor], x: Tensor, draw: Draw) -> None:
    """Fails unless every output depends on every token of x (1, N, C), whatever their order."""
    count = x.shape[1]
    before = output(x)
    for token in range(count):
        changed = x.clone()
        changed[0, token] += draw.normal(x.shape[2])
        moved = (output(changed) - before)[0].abs().amax(1) > 1e-9
        if not moved.all():
            other = int((~moved).nonzero()[0])
            raise CheckFailed(
                f"with {count} tokens, the output of {what} for token {other} does not depend on token {token}: does the "
                "attention compare all tokens, along the token axis?"
            )
    order = torch.arange(count).roll(2)
    if not same(output(x[:, order]), before[:, order]):
        raise CheckFailed(
            f"the same tokens in another order should give the same outputs of {what}, in that order, but do not: are "
            "axes mixed up by a view, or does something depend on the position?"
        )
