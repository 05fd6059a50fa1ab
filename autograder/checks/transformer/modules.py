"""Checks that a transformer's modules share: the input is kept, no mixing within a batch, tokens, gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.checks.transformer.parameters import same
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule


def new_model(
    what: str,
    value: object,
    draw: Draw,
    dtype: torch.dtype = torch.float64,
    scale: float = 0.4,
    example: Tensor | None = None,
) -> Handle:
    """Gives a student's module random parameters and switches it to eval mode: with small ones mistakes may not show.

    `example` is an input in float32, for modules with lazy layers. Raises CheckFailed if `value` is not a module, has no
    parameters, or has some that are not float32.
    """
    model = as_model(what, value)
    if example is not None:
        model.complete(example)
    parameters = model.parameters()
    if not parameters:
        seen = f"{what} has no trainable parameters"
        raise CheckFailed(f"{seen}. {NOT_FOUND}", mistake=seen)
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


NOT_FOUND = "nn.Module finds layers and nn.Parameters, but not those in a plain Python list or dict, nor plain tensors"


def called(model: Handle, x: Tensor) -> str:
    """How a message names a call of the student's module."""
    return f"the {model.type_name}, given x of shape {tuple(x.shape)} and dtype {x.dtype},"


def expect_input_kept(student: StudentModule, what: str, model: Handle, x: Tensor) -> None:
    """Fails if the module writes into its input."""
    if student.probe("modules.unchanged", model, x, what=called(model, x)) is not True:
        seen = f"{what} changes its input x"
        raise CheckFailed(
            f"{seen}, which belongs to the caller: compute a new tensor instead (x + y, not x += y)", mistake=seen
        )


def expect_apart(what: str, model: Handle, x: Tensor, shape: tuple[int, ...]) -> None:
    """Fails unless each item of the batch x has the output, of this shape, that it has alone."""

    def output(items: Tensor) -> Tensor:
        return as_tensor(f"the output of {what}", model(items), (len(items), *shape), x.dtype)

    together = output(x)
    if same(together, torch.cat([output(one[None]) for one in x])):
        return
    seen = f"an item in a batch of {len(x)} has another output than alone"
    mixed = [i for i in range(len(x)) if not same(output(_with_others_changed(x, i))[i], together[i])]
    if mixed:
        raise CheckFailed(
            f"{seen}: what item {mixed[0]} gives depends on the others. Does a softmax, a mean or a product run over the "
            "batch axis, or does a view or reshape move numbers between items?"
        )
    unmoved = f"{seen}, although the numbers in the others do not matter"
    copies = output(x[:1].expand(len(x), *x.shape[1:]).contiguous())
    by_place = not same(copies, copies[:1].expand_as(copies))
    by_size = not same(output(x[:-1]), together[:-1])
    if by_place != by_size:
        mistake = (
            f"the output of an item depends on {'its place in the batch' if by_place else 'the size of the batch'}"
        )
        raise CheckFailed(f"{unmoved}: {mistake}", mistake=mistake)
    raise CheckFailed(f"{unmoved}: does something depend on the size of the batch or on the place in it?")


def _with_others_changed(x: Tensor, kept: int) -> Tensor:
    changed = -2 * x - 1
    changed[kept] = x[kept]
    return changed


def gradients_of(
    student: StudentModule, model: Handle, x: Tensor, upstream: Tensor
) -> tuple[Tensor, dict[str, Tensor], list[tuple[str, Tensor]]]:
    """The gradient for x, the gradients for the parameters by name, and the parameters with their names.

    Raises CheckFailed if a gradient is missing.
    """
    what = f"the backward pass through {called(model, x).removesuffix(',')}"
    found = student.probe("modules.gradients", model, x, upstream, what=what)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], dict):
        raise Refused("the gradients cannot be read")
    of_input, of_parameters = found
    if not isinstance(of_input, Tensor):
        raise CheckFailed(f"no gradient reaches the input x: {_CUT}")
    parameters = model.parameters()
    for place, (name, value) in enumerate(parameters):
        if of_parameters.get(name) is None:
            used = _depends_on(model, x, place)
            seen = f"no gradient reaches the parameter {name}"
            if not used:
                raise CheckFailed(f"{seen}, and the output does not depend on it")
            mistake = f"{seen}, although the output depends on it"
            raise CheckFailed(f"{mistake}: {_CUT}", mistake=mistake)
        as_tensor(f"the gradient for {name}", of_parameters[name], tuple(value.shape))
    return as_tensor("the gradient for the input", of_input, tuple(x.shape)), of_parameters, parameters


_CUT = "is something cut out of the graph by .detach(), .data, .item(), torch.tensor(...) or no_grad?"


def _depends_on(model: Handle, x: Tensor, place: int) -> bool:
    """Whether the output for x depends on the parameter at this place."""
    before = model(x)
    values = [value for _, value in model.parameters()]
    model.set_parameters([*values[:place], values[place] * -1.5 - 0.5, *values[place + 1 :]])
    after = model(x)
    model.set_parameters(values)
    return isinstance(before, Tensor) and isinstance(after, Tensor) and not same(after, before)


def expect_every_token(what: str, output: Callable[[Tensor], Tensor], x: Tensor, draw: Draw) -> None:
    """Fails unless every output depends on every token of x (1, N, C), whatever their order."""
    count = x.shape[1]
    before = output(x)
    if same(before, before[:, :1].expand_as(before)):
        raise CheckFailed(f"the outputs of {what} for all tokens are the same, but each token should have its own")
    influence = torch.stack([_changed_by(output, x, before, token, draw) for token in range(count)], 1)
    if not influence.all():
        seen, advice, established = _missing_influence(influence)
        raise CheckFailed(f"with {count} tokens, {seen}{advice}", mistake=seen if established else "")
    order = torch.arange(count).roll(2)
    if not same(output(x[:, order]), before[:, order]):
        raise CheckFailed(
            f"the same tokens in another order should give the same outputs of {what}, in that order, but do not. Look at "
            "every view and reshape, which keep the order of the numbers in memory and cannot exchange axes, and at what "
            "depends on the position of a token"
        )


def _changed_by(output: Callable[[Tensor], Tensor], x: Tensor, before: Tensor, token: int, draw: Draw) -> Tensor:
    changed = x.clone()
    changed[0, token] += draw.normal(x.shape[2])
    moved: Tensor = (output(changed) - before)[0].abs().amax(1) > 1e-9
    return moved


def _missing_influence(influence: Tensor) -> tuple[str, str, bool]:
    """What is missing if output i depends on token j only where `influence[i, j]`.

    Returns what is seen, what it may come from, and whether only one thing can be its cause.
    """
    count = len(influence)
    own = torch.eye(count, dtype=torch.bool)
    if torch.equal(influence, own):
        return (
            "the output for a token depends on that token alone",
            ", but tokens should be compared with each other. Which axes of queries and keys does your product compare, and "
            "over which axis does the softmax run?",
            False,
        )
    if torch.equal(influence, torch.ones_like(influence).tril()):
        return (
            "the output for a token does not depend on later tokens, as with a causal mask for text",
            ": patches of an image should all see each other",
            True,
        )
    if torch.equal(influence, torch.ones_like(influence).triu()):
        return (
            "the output for a token does not depend on earlier tokens, as with a mask",
            ": patches of an image should all see each other",
            True,
        )
    ignored = [j for j in range(count) if not (influence & ~own)[:, j].any()]
    if ignored and (influence | own)[:, [j for j in range(count) if j not in ignored]].all():
        listed = " and ".join(f"token {j}" for j in ignored)
        last = " (the last)" if ignored == [count - 1] else " (the first)" if ignored == [0] else ""
        return (
            f"no other output depends on {listed}{last}",
            ": is it left out of the keys and values, as by a slice?",
            True,
        )
    i, j = (~influence).nonzero()[0].tolist()
    return (
        f"the output for token {i} does not depend on token {j}",
        ", but every token should attend to all. Which tokens do the scores compare: is there a mask, or a view or reshape "
        "that moves numbers between tokens?",
        False,
    )
