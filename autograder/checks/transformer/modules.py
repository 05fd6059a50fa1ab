"""What a transformer's modules have in common: tokens or images in a batch stay apart, and nothing is random."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.checks.transformer.block_roles import SAME, same
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule


def new_model(what: str, value: object, draw: Draw, dtype: torch.dtype = torch.float64, scale: float = 0.4) -> Handle:
    """A student's module with random parameters, in eval mode; small and zero ones would hide what is wrong."""
    model = as_model(what, value)
    parameters = model.parameters()
    if not parameters:
        raise CheckFailed(f"{what} has no trainable parameter")
    for name, parameter in parameters:
        if parameter.dtype != torch.float32:
            raise CheckFailed(f"the parameter {name} of {what} is {parameter.dtype} at first, and float32 is expected")
    model.set_parameters(
        [draw.normal(*parameter.shape, scale=scale, dtype=torch.float32) for _, parameter in parameters]
    )
    model.eval()
    if dtype == torch.float64:
        model.double()
    return model


def expect_repeatable(what: str, model: Handle, x: Tensor, shape: tuple[int, ...]) -> None:
    """Fails unless the output is the same each time, in train mode and in eval mode."""
    tolerance = (
        SAME if x.dtype == torch.float64 else 1e-5
    )  # where its numbers lie in memory can change how a sum rounds
    outputs = {}
    for mode, switch in (("train", model.train), ("eval", model.eval)):
        switch()
        first, second = (as_tensor(f"the output of {what}", model(x), shape, x.dtype) for _ in range(2))
        if not same(first, second, tolerance):
            raise CheckFailed(
                f"two calls with the same input give different outputs in {mode} mode: there is a dropout, or something "
                "else that is random, but none is expected"
            )
        outputs[mode] = first
    if not same(outputs["train"], outputs["eval"], tolerance):
        raise CheckFailed("the output in train mode is another one than in eval mode: nothing here depends on the mode")


def expect_apart(what: str, model: Handle, x: Tensor, shape: tuple[int, ...]) -> None:
    """Fails unless each item of the batch x comes out as if it were alone, and x stays as it is. shape: of one output."""
    together = as_tensor(f"the output of {what}", model(x), (len(x), *shape), x.dtype)
    alone = torch.cat([as_tensor(f"the output of {what}", model(one[None]), (1, *shape)) for one in x])
    if not same(together, alone):
        raise CheckFailed(
            f"one of a batch of {len(x)} comes out differently than alone: something runs over the batch axis, a "
            "reshape carries numbers from one to another, or a number is used that depends on the size of the batch"
        )


def gradients_of(
    student: StudentModule, model: Handle, x: Tensor, upstream: Tensor
) -> tuple[Tensor, dict[str, Tensor], list[tuple[str, Tensor]]]:
    """The gradient for x, those for the parameters by name, and the parameters; a failed check where one is missing."""
    found = student.probe("modules.gradients", model, x, upstream)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], dict):
        raise Refused("the gradients cannot be read")
    of_input, of_parameters = found
    if not isinstance(of_input, Tensor):
        raise CheckFailed(f"no gradient reaches the input: {_CUT}")
    parameters = model.parameters()
    for name, value in parameters:
        if of_parameters.get(name) is None:
            raise CheckFailed(f"no gradient reaches the parameter {name}: it is made and never used, or {_CUT}")
        as_tensor(f"the gradient for {name}", of_parameters[name], tuple(value.shape))
    return as_tensor("the gradient for the input", of_input, tuple(x.shape)), of_parameters, parameters


_CUT = "something on the way is cut out of the graph, by .detach(), .data, .item(), torch.tensor(...) or no_grad"


def expect_every_token(what: str, output: Callable[[Tensor], Tensor], x: Tensor, draw: Draw) -> None:
    """Fails unless every token of x (1, N, C) counts for every other one, whatever their order."""
    count = x.shape[1]
    before = output(x)
    for token in range(count):
        changed = x.clone()
        changed[0, token] += draw.normal(x.shape[2])
        moved = (output(changed) - before)[0].abs().amax(1) > 1e-9
        if not moved.all():
            other = int((~moved).nonzero()[0])
            raise CheckFailed(
                f"with {count} tokens, what {what} makes of token {other} does not depend on token {token}: does its "
                "attention look at all of them, in the axis of the tokens?"
            )
    order = torch.arange(count).roll(2)
    if not same(output(x[:, order]), before[:, order]):
        raise CheckFailed(
            f"the same tokens in another order should come out of {what} the same, in that order, and they do not: are "
            "axes mixed up by a view, or does something depend on the position?"
        )
