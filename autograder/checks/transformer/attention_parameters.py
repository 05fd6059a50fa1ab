"""Whether an attention layer has the weights of its four linear layers, and uses them all."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer import attention_weights, modules
from autograder.checks.transformer.attention import Attention
from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.value_path import NO_PROJECTION, NoRoles, find_value_path
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import Handle

C_OF_COUNTS = 10
"""embed_dim when parameters are counted: large enough that biases cannot be mistaken for a weight."""


def expect_four_maps(layer: Attention, num_heads: int) -> None:
    """Fails unless there are 4 C² trainable weights, with or without biases, and the output depends on each.

    In float32, as unregistered layers stay in float32 if the others are converted.
    """
    C = C_OF_COUNTS
    model = layer.new(C, num_heads, torch.float32)
    parameters = model.parameters()
    total = sum(value.numel() for _, value in parameters)
    allowed = [4 * C * C + k * C for k in range(4 + num_heads)]  # each head may have a bias of the final projection
    if total not in allowed:
        _run_with_equal_parameters(layer, model, C)
        mistake = _whole_heads(num_heads, C) if _has_whole_heads(total, C, num_heads) else ""
        raise CheckFailed(
            f"for embed_dim={C} there should be {4 * C * C} trainable weights, {C}² each for queries, keys, values and the "
            f"final projection{', for all heads together' * (num_heads > 1)}, and {C} more for each bias. There are "
            f"{total} trainable numbers: {_listing(parameters)}. {_explain_count(total, C, num_heads)}",
            mistake=mistake,
        )
    x = layer.draw.normal(2, 4, C, dtype=torch.float32)
    unused = _without_effect(layer, model, x)
    if sum(value.numel() for _, value in unused) > C:  # a bias of the keys, C numbers, cancels out in the softmax
        seen, mistake, advice = _unused(layer, model, x, num_heads, [name for name, _ in unused])
        raise CheckFailed(f"{seen}{mistake}{advice}", mistake=mistake)


def _run_with_equal_parameters(layer: Attention, model: Handle, C: int) -> None:
    """Calls the layer with parameters that are all equal, so that their arrangement does not matter.

    Nothing is expected of the output. It is for the diagnosis: different mistakes may lead to equally many parameters.
    """
    model.set_parameters([torch.full_like(value, 0.2) for _, value in model.parameters()])
    with contextlib.suppress(StudentProblem):
        model(layer.draw.normal(2, 4, C, dtype=torch.float32))


def _has_whole_heads(total: int, C: int, num_heads: int) -> bool:
    """Whether there are as many parameters as with a whole attention for each head."""
    return num_heads > 1 and 0 <= total - (3 * num_heads + 1) * C * C <= (3 * num_heads + 1) * C


def _whole_heads(num_heads: int, C: int) -> str:
    return f"each of the {num_heads} heads had queries, keys and values of all {C} features"


def _explain_count(total: int, C: int, num_heads: int) -> str:
    if _has_whole_heads(total, C, num_heads):
        return (
            f"That is as many as if {_whole_heads(num_heads, C)}: a head has embed_dim / num_heads = {C // num_heads} of its "
            "own"
        )
    if num_heads > 1 and 0 <= total - (3 * C * C // num_heads + C * C) <= 4 * C:
        return (
            f"That is as many as if queries, keys and values were {C} → {C // num_heads} once for all heads, or "
            f"{C // num_heads} → {C // num_heads} for each: each head needs its own, from all {C} features"
        )
    if num_heads > 1 and 0 <= total - (3 * C * C + C * C // num_heads) <= 4 * C:
        return (
            f"That is as many as if the final projection had {C * C // num_heads} weights, such as {C // num_heads} → {C}, "
            f"or {C // num_heads} → {C // num_heads} for each head: it maps the {C} features of all heads, side by side, to "
            f"{C}"
        )
    if total <= 2 * C * C:
        return modules.NOT_FOUND
    if total <= 3 * (C * C + C):
        return "Is one of the four missing, or frozen?"
    return f"Which of the four does not have {C}² weights, or what else is there?"


def _unused(
    layer: Attention, model: Handle, x: Tensor, num_heads: int, without_effect: list[str]
) -> tuple[str, str, str]:
    """Tells parameters that are not used from those that are cancelled later: only the latter are part of the graph.

    Returns what is seen, the mistake that this establishes, if any, and where to look.
    """
    seen = f"the output does not depend on {', '.join(without_effect)}"
    try:
        _, gradients = layer.student.probe("modules.gradients", model, x, torch.ones_like(x))
    except (StudentProblem, TypeError, ValueError):  # then the gradients show nothing
        return seen, "", ""
    if not isinstance(gradients, dict) or all(gradient is None for gradient in gradients.values()):
        return seen, "", ""
    not_in_graph = [name for name in without_effect if gradients.get(name) is None]
    if not_in_graph:
        names = ", ".join(not_in_graph)
        if _one_layer_is_passed(layer, x.shape[2], num_heads):
            return f"the output does not depend on {names}, which forward does not use: ", ONE_LAYER, ""
        seen = f"the output does not depend on {names}: forward does not use it for its result"
        order = (
            "Queries and keys give the scores, their softmax weights the values, and the final projection comes last"
        )
        return "", seen, f". {order}"
    if _weights_are_one(layer, model, x, num_heads):
        mistake = "every value has the weight 1, whatever the scores are"
        return (
            f"{seen}, although forward uses it: ",
            mistake,
            ", as after a softmax over an axis of length 1. Over which axis does yours run?",
        )
    question = "which step after it cancels it, or has the same result for all its numbers?"
    return f"{seen}, although forward uses it: {question}", "", ""


ONE_LAYER = "a token passes one linear layer, but should pass two, that of the values and the final projection"


def _one_layer_is_passed(layer: Attention, C: int, num_heads: int) -> bool:
    """Whether the output for a single token is one linear layer of it."""
    try:
        find_value_path(layer.student, layer.draw, layer.new(C, num_heads), C)
    except NoRoles as problem:
        return NO_PROJECTION in problem.message
    return False


def _weights_are_one(layer: Attention, model: Handle, x: Tensor, num_heads: int) -> bool:
    """Whether a token alone has the weight 1, and no other token or score changes that."""
    try:
        find_value_path(layer.student, layer.draw, layer.new(x.shape[2], num_heads), x.shape[2])
    except CheckFailed:
        return False
    return attention_weights.are_one(lambda tokens: layer.output(model, tokens), x)


def _without_effect(layer: Attention, model: Handle, x: Tensor) -> list[tuple[str, Tensor]]:
    """The parameters on which the output for x does not depend, up to rounding in float32."""
    parameters = model.parameters()
    values = [value for _, value in parameters]
    output = layer.output(model, x)
    unused = []
    for i, (name, value) in enumerate(parameters):
        other = layer.draw.normal(*value.shape, scale=x.shape[2] ** -0.5, dtype=value.dtype)
        model.set_parameters([*values[:i], other, *values[i + 1 :]])
        if same(layer.output(model, x), output, 1e-5):
            unused.append((name, value))
    model.set_parameters(values)
    return unused


def _listing(parameters: list[tuple[str, Tensor]]) -> str:
    shown = ", ".join(f"{name} {tuple(value.shape)}" for name, value in parameters[:12])
    return f"{shown}{', and more' if len(parameters) > 12 else ''}" or "none"
