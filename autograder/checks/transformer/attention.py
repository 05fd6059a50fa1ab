"""Checks of an attention layer: its properties first, then its values against torch's own attention.

Parameters are random: with small or zero ones a mistake may not show. For the scale, the values and the gradients,
`attention_roles` finds out which number of the parameters is which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor, expect_close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer import attention_weights, modules
from autograder.checks.transformer.attention_overflow import what_is_subtracted
from autograder.checks.transformer.attention_roles import OneHead, Roles, find_roles
from autograder.checks.transformer.attention_scale import expect_right_scale, is_right
from autograder.checks.transformer.attention_views import ByView, find_view
from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.repeatable import expect_repeatable as expect_module_repeatable
from autograder.checks.transformer.value_path import NoRoles, find_value_path
from autograder.sandbox.host.student_module import Handle, StudentModule

MEASURED = 1e-8
"""Tolerance in float64. The expected output uses the measured scale, whose error was 2e-10 in the worst of 4800 layers."""
LARGE = 300.0
"""The largest score in float32 for which the output has to be right; e to the power of 89 is infinite there."""


@dataclass(frozen=True)
class Attention:
    """A student's attention class; `make(embed_dim, num_heads)` calls its constructor."""

    student: StudentModule
    draw: Draw
    make: Callable[[int, int], Any]

    def new(self, C: int, num_heads: int, dtype: torch.dtype = torch.float64) -> Handle:
        """A new layer in eval mode, with random parameters that are neither small nor large."""
        example = torch.ones(2, 3, C)
        return modules.new_model("the new layer", self.make(C, num_heads), self.draw, dtype, C**-0.5, example)

    def output(self, model: Handle, x: Tensor) -> Tensor:
        """The output of the layer, in the shape of x."""
        return as_tensor("the output", model(x), tuple(x.shape), x.dtype)

    def roles(self, model: Handle, C: int, num_heads: int) -> Roles:
        """The roles of the parameters of such a layer, in float64. Raises CheckFailed if it is no attention."""
        try:
            return find_roles(self.student, self.draw, model, C, num_heads)
        except OneHead:
            self._expect_heads_used(model, C, num_heads)
            raise

    def _expect_heads_used(self, model: Handle, C: int, num_heads: int) -> None:
        """Fails if the layer gives the same output as one with a single head and the same parameters."""
        single = self.new(C, 1)
        values, of_single = ([value for _, value in one.parameters()] for one in (model, single))
        if [value.shape for value in values] != [value.shape for value in of_single]:
            return
        single.set_parameters(values)
        x = self.draw.normal(2, 4, C)
        if same(self.output(single, x), self.output(model, x)):
            seen = f"num_heads={num_heads} gives the same output as num_heads=1"
            raise CheckFailed(
                f"with embed_dim={C} and the same parameters, {seen}, but each head should compare its own features of "
                "queries and keys: is num_heads used in forward?",
                mistake=seen,
            )


def expect_shapes(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output has the input's shape (B, N, C) and dtype for any B and N."""
    for dtype in (torch.float32, torch.float64):
        model = layer.new(C, num_heads, dtype)
        for batch, tokens in ((3, C - 1), (1, 1), (4, 1), (1, C), (2, C + 3)):
            layer.output(model, layer.draw.normal(batch, tokens, C, dtype=dtype))


def expect_repeatable(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output is the same each time, whatever was called before, and the input is left as it is."""
    model = layer.new(C, num_heads, torch.float32)
    x, other = (layer.draw.normal(*size, C, dtype=torch.float32) for size in ((3, 5), (2, 4)))
    if expect_module_repeatable(layer.student, "the layer", model, x, (3, 5, C), other):
        modules.expect_input_kept(layer.student, "the layer", model, x)


def expect_samples_apart(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output for each sequence of a batch is the same as for the sequence alone."""
    model = layer.new(C, num_heads)
    for tokens in (4, 1):
        modules.expect_apart("the layer", model, layer.draw.normal(3, tokens, C), (tokens, C))


def expect_tokens_alike(layer: Attention, C: int, num_heads: int, tokens: int = 5) -> None:
    """Fails unless every output depends on every token, whatever their order."""
    model = layer.new(C, num_heads)
    x = layer.draw.normal(1, tokens, C)
    try:
        modules.expect_every_token("the layer", lambda x: layer.output(model, x), x, layer.draw)
    except CheckFailed:
        if num_heads > 1 and (view := _view(layer, model, num_heads, x)):
            keeps = "A view keeps the order of the numbers in memory, so this mixes tokens and heads"
            raise CheckFailed(f"{view.mistake}. {keeps}: {view.advice}", mistake=view.mistake) from None
        raise


def _view(layer: Attention, model: Handle, num_heads: int, x: Tensor) -> ByView | None:
    try:
        path = find_value_path(layer.student, layer.draw, model, x.shape[2])
    except NoRoles:
        return None
    return find_view(model, lambda tokens: layer.output(model, tokens), path, num_heads, x)


def expect_one_token(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output for a single token is the final projection of its value."""
    find_value_path(layer.student, layer.draw, layer.new(C, num_heads), C)


def expect_weights_sum_to_one(layer: Attention, C: int, num_heads: int, tokens: int = 4) -> None:
    """Fails unless the weights that a token gives sum to 1."""
    model = layer.new(C, num_heads)
    path = find_value_path(layer.student, layer.draw, model, C)
    x = layer.draw.normal(1, tokens, C)
    attention_weights.expect_weights_sum_to_one(model, lambda x: layer.output(model, x), path, x)


def expect_scale(layer: Attention, size: tuple[int, int], other: tuple[int, int]) -> None:
    """Fails unless the scores, which go into the softmax, are QKᵀ / √d in each head.

    size, other: pairs (embed_dim, num_heads). The second is looked at only if the first is wrong, to find out why.
    """
    roles = layer.roles(layer.new(*size), *size)
    if not is_right(roles):
        expect_right_scale(roles, [layer.roles(layer.new(*other), *other)])


def expect_values(layer: Attention, cases: tuple[tuple[int, int], ...]) -> None:
    """Fails unless the output is that of torch's attention with the same parameters, in float64 and float32.

    cases: pairs (embed_dim, num_heads).
    """
    for C, num_heads in cases:
        model = layer.new(C, num_heads, torch.float32)
        inputs = [layer.draw.normal(*size, C, dtype=torch.float32) for size in ((1, 1), (3, C - 1), (2, C + 5))]
        in_float32 = [layer.output(model, x) for x in inputs]
        model.double()
        roles = layer.roles(model, C, num_heads)
        expect_right_scale(roles)
        numbers = roles.gather([value for _, value in model.parameters()])
        for x, found in zip(inputs, in_float32):
            expected = reference(roles, numbers, x.double())
            what = (
                f"the output for embed_dim={C}{f', num_heads={num_heads}' if num_heads > 1 else ''}, x of shape "
                f"{tuple(x.shape)}"
            )
            expect_close(what, layer.output(model, x.double()), expected, rtol=MEASURED)
            expect_close(f"{what} in float32", found, expected, rtol=1e-4)


def expect_large_scores(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output is right in float32 where scores reach LARGE."""
    model = layer.new(C, num_heads)
    values = [value for _, value in model.parameters()]
    roles = layer.roles(model, C, num_heads)
    numbers = roles.gather(values)
    x = layer.draw.normal(2, 4, C)
    x[:, 0] *= 0.1  # the scores of one query are much smaller than those of the others
    x[1] *= 0.3  # and those of one sequence than those of the other
    for _ in range(20):  # because of the biases, scores are not just a square
        x = x * (LARGE / float(_scores(roles, numbers, x).abs().max())) ** 0.5
    x = x.float().double()
    single = layer.new(C, num_heads, torch.float32)
    single.set_parameters([value.float() for value in values])
    expected = reference(roles, numbers, x)
    found = layer.output(single, x.float())
    size = f"where scores QKᵀ/√d reach ±{LARGE:.0f}"
    if not found.isfinite().all():
        wrong = int((~found.isfinite()).sum())
        in_float64 = layer.output(model, x)
        contrast = ", but in float64 all are right" if same(in_float64, expected, 1e-6) else ""
        seen = f"{size}, {wrong} of {found.numel()} numbers of the output are NaN or infinite in float32{contrast}"
        limits = "The exponential of a number above 88 is infinite there, and that of one below −104 is 0"
        if mistake := what_is_subtracted(_scores(roles, numbers, x), ~found.isfinite().all(-1)):
            raise CheckFailed(f"{seen}: {mistake}. {limits}", mistake=mistake)
        raise CheckFailed(
            f"{seen}. {limits}. What can be subtracted from all scores of a query without changing their softmax?"
        )
    expect_close(f"{size}, the output in float32", found, expected, rtol=2e-3)


def _projected(roles: Roles, numbers: Tensor, x: Tensor, cut: str = "") -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values (B, heads, N, d); those in `cut`, such as "QK", are computed from x.detach()."""
    blocks = roles.blocks(numbers)
    heads = (*x.shape[:2], roles.num_heads, roles.embed_dim // roles.num_heads)
    of_q, of_k, of_v = (x.detach() if name in cut else x for name in "QKV")
    Q, K, V = (part.reshape(heads).transpose(1, 2) for part in (
        of_q @ blocks["Wq"] + blocks["bq"], of_k @ blocks["Wk"], of_v @ blocks["Wv"] + blocks["bv"],
    ))  # fmt: skip
    return Q, K, V


def _scores(roles: Roles, numbers: Tensor, x: Tensor) -> Tensor:
    Q, K, _ = _projected(roles, numbers, x)
    return Q @ K.mT * roles.scale


def reference(roles: Roles, numbers: Tensor, x: Tensor, cut: str = "") -> Tensor:
    """The output (B, N, C) of torch's attention with the student's parameters and the scale of the student's layer."""
    blocks = roles.blocks(numbers)
    attended = F.scaled_dot_product_attention(*_projected(roles, numbers, x, cut), scale=roles.scale)
    return attended.transpose(1, 2).flatten(2) @ blocks["Wo"] + blocks["bo"]


def expect_gradients(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the right gradient reaches the input and every trainable parameter."""
    model = layer.new(C, num_heads)
    x, upstream = layer.draw.normal(2, 4, C), layer.draw.normal(2, 4, C)
    of_input, of_parameters, parameters = modules.gradients_of(layer.student, model, x, upstream)
    roles = layer.roles(model, C, num_heads)
    leaves = [roles.gather([value for _, value in parameters]).requires_grad_(), x.clone().requires_grad_()]
    output = reference(roles, leaves[0], leaves[1])
    for_numbers, for_input = torch.autograd.grad(output, leaves, upstream)
    expected = torch.split(for_numbers[roles.index], [value.numel() for _, value in parameters])
    for (name, value), right in zip(parameters, expected):
        expect_close(f"the gradient for {name}", of_parameters[name], right.reshape(value.shape), rtol=1e-8)
    context = AnswerContext(others=lambda: _with_cuts(roles, leaves[0].detach(), x, upstream))
    expect_close("the gradient for the input x", of_input, for_input, rtol=1e-8, context=context)


def _with_cuts(roles: Roles, numbers: Tensor, x: Tensor, upstream: Tensor) -> dict[str, Tensor]:
    """The gradient for x if x is detached on the way to queries, keys or values, by words."""
    found = {}
    for cut, through in {"QK": "queries and keys", "Q": "the queries", "K": "the keys", "V": "the values"}.items():
        leaf = x.clone().requires_grad_()
        words = f"lacks the part through {through}, although their parameters get theirs: is x detached on that way?"
        (found[words],) = torch.autograd.grad(reference(roles, numbers, leaf, cut), [leaf], upstream)
    return found
