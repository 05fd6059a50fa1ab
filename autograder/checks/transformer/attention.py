"""Checks of an attention layer: its properties first, then its values against torch's own attention.

Parameters are random: with small or zero ones a mistake may not show. For the scale, the values and the gradients,
`attention_roles` finds out which number of the parameters is which.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor, expect_close
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.checks.transformer.attention_roles import Roles, find_roles, find_value_path, joined
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

_NOT_FOUND = "are they layers or nn.Parameters? nn.Module does not find those in a plain Python list"
MEASURED = 1e-8
"""Tolerance in float64. The expected output uses the measured scale, whose error was 2e-10 in the worst of 4800 layers."""
C_OF_COUNTS = 10
"""embed_dim when parameters are counted: large enough that biases cannot be mistaken for a weight."""


@dataclass(frozen=True)
class Attention:
    """A student's attention class; `make(embed_dim, num_heads)` calls its constructor."""

    student: StudentModule
    draw: Draw
    make: Callable[[int, int], Any]

    def new(self, C: int, num_heads: int, dtype: torch.dtype = torch.float64) -> Handle:
        """A new layer in eval mode, with random parameters that are neither small nor large."""
        model = as_model("the new layer", self.make(C, num_heads))
        model.eval()
        values = [value for _, value in model.parameters()]
        if not values:
            raise CheckFailed(f"the layer has no trainable parameters: {_NOT_FOUND}")
        model.set_parameters([self.draw.normal(*value.shape, scale=C**-0.5, dtype=value.dtype) for value in values])
        if dtype == torch.float64:
            model.double()
        return model

    def output(self, model: Handle, x: Tensor) -> Tensor:
        """The output of the layer, in the shape of x."""
        return as_tensor("the output", model(x), tuple(x.shape), x.dtype)


def expect_shapes(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output has the input's shape (B, N, C) and dtype for any B and N, and the input is unchanged."""
    model = as_model("the new layer", layer.make(C, num_heads))
    for name, value in model.parameters():
        if value.dtype != torch.float32:
            raise CheckFailed(
                f"the parameter {name} of a new layer has dtype {value.dtype}, but torch.float32 is expected"
            )
    for dtype in (torch.float32, torch.float64):
        model = layer.new(C, num_heads, dtype)
        for batch, tokens in ((3, C - 1), (1, 1), (4, 1), (1, C), (2, C + 3)):
            layer.output(model, layer.draw.normal(batch, tokens, C, dtype=dtype))
    if layer.student.probe("modules.unchanged", model, layer.draw.normal(2, 3, C)) is not True:
        raise CheckFailed("the layer changes its input x, which belongs to the caller: compute a new tensor instead")


def expect_repeatable(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output is the same each time, in train mode and in eval mode."""
    model = layer.new(C, num_heads)
    x = layer.draw.normal(3, 5, C)
    in_evaluation = [layer.output(model, x) for _ in range(2)]
    model.train()
    in_training = [layer.output(model, x) for _ in range(2)]
    for mode, (first, second) in (("eval", in_evaluation), ("train", in_training)):
        if not _same(first, second):
            raise CheckFailed(
                f"two calls with the same input give different outputs in {mode} mode: this layer should have no "
                "dropout or anything else that is random"
            )
    if not _same(in_evaluation[0], in_training[0]):
        raise CheckFailed("the outputs in train mode and in eval mode differ: nothing here should depend on the mode")


def expect_samples_apart(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output for each sequence of a batch is the same as for the sequence alone."""
    model = layer.new(C, num_heads)
    for tokens in (4, 1):
        x = layer.draw.normal(3, tokens, C)
        together = layer.output(model, x)
        alone = torch.cat([layer.output(model, one[None]) for one in x])
        if not _same(together, alone):
            raise CheckFailed(
                f"a sequence of {tokens} token{'s' * (tokens > 1)} has another output in a batch of 3 than alone: does the "
                "softmax or a sum run over the batch axis, does a `view` move numbers between sequences, or does something "
                "depend on the batch size?"
            )


def expect_four_maps(layer: Attention, num_heads: int) -> None:
    """Fails unless there are 4 C² trainable weights, with or without biases, and the output depends on each."""
    C = C_OF_COUNTS
    model = layer.new(C, num_heads)
    parameters = model.parameters()
    total = sum(value.numel() for _, value in parameters)
    allowed = [4 * C * C + k * C for k in range(4 + num_heads)]  # each head may have a bias of the final projection
    if total not in allowed:
        raise CheckFailed(
            f"for embed_dim={C} there should be {4 * C * C} trainable weights, {C}² each for queries, keys, values and the "
            f"final projection{', for all heads together' * (num_heads > 1)}, and {C} more for each bias. There are "
            f"{total} trainable numbers: {_listing(parameters)}. {_explain_count(total, C, num_heads)}"
        )
    x = layer.draw.normal(2, 4, C)
    unused = _without_effect(layer, model, x)
    if sum(value.numel() for _, value in unused) > C:  # a bias of the keys, C numbers, cancels out in the softmax
        most = max(unused, key=lambda pair: pair[1].numel())[0]
        raise CheckFailed(
            f"the output does not depend on {most}: does forward use it? Queries and keys give the scores, their softmax "
            "weights the values, and the final projection comes last"
        )


def _explain_count(total: int, C: int, num_heads: int) -> str:
    if num_heads > 1 and 0 <= total - (3 * C * C // num_heads + C * C) <= 4 * C:
        return "Does each head have its own queries, keys and values?"
    if total <= 2 * C * C:
        return _NOT_FOUND
    if total <= 3 * (C * C + C):
        return "Is one of the four missing, or frozen?"
    return f"Which of the four does not have {C}² weights, or what else is there?"


def expect_one_token(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the output for a single token is the final projection of its value."""
    find_value_path(layer.student, layer.draw, layer.new(C, num_heads), C)


def expect_tokens_alike(layer: Attention, C: int, num_heads: int, tokens: int = 5) -> None:
    """Fails unless every output depends on every token, whatever their order."""
    model = layer.new(C, num_heads)
    x = layer.draw.normal(1, tokens, C)
    output = layer.output(model, x)
    influence = torch.stack([_changed_by(layer, model, x, output, token) for token in range(tokens)], 1)
    diagonal = torch.eye(tokens, dtype=torch.bool)
    if _same(output, output[:, :1].expand_as(output)):
        raise CheckFailed("the outputs for all tokens are the same, but each token should have its own")
    if torch.equal(influence, diagonal):
        raise CheckFailed(
            "the output for a token depends on that token alone, but tokens should be compared with each other. Which axes "
            "of queries and keys does your product compare, and is a transpose missing?"
        )
    if torch.equal(influence, torch.ones_like(influence).tril()):
        raise CheckFailed(
            "the output for a token does not depend on later tokens, as with a causal mask for text: patches of an image "
            "should all see each other"
        )
    mixed = (
        "is a `view` or `reshape` used to exchange axes? They keep the order of the numbers in memory and so mix tokens; "
        "use a transpose to exchange the axes of heads and tokens"
    )
    if not influence.all():
        i, j = (~influence).nonzero()[0].tolist()
        raise CheckFailed(f"with {tokens} tokens, the output for token {i} does not depend on token {j}: {mixed}")
    order = torch.arange(tokens).roll(2)
    if not _same(layer.output(model, x[:, order]), output[:, order]):
        raise CheckFailed(
            "the same tokens in another order should give the same outputs in that order, but do not: "
            f"{mixed}. Positions should not matter, either"
        )


def _changed_by(layer: Attention, model: Handle, x: Tensor, output: Tensor, token: int) -> Tensor:
    changed = x.clone()
    changed[0, token] += layer.draw.normal(x.shape[2])
    return (layer.output(model, changed) - output)[0].abs().amax(1) > 1e-9


def expect_weights_sum_to_one(layer: Attention, C: int, num_heads: int, tokens: int = 4) -> None:
    """Fails unless the weights that a token gives sum to 1, shown by tokens that differ but have the same value."""
    model = layer.new(C, num_heads)
    path = find_value_path(layer.student, layer.draw, model, C)
    keep = torch.tensor([place is None or place[0] != "Wv" or place[1][0] == 0 for place in path.places])
    parameters = [value for _, value in model.parameters()]
    numbers = torch.split(joined(parameters) * keep, [value.numel() for value in parameters])
    model.set_parameters([part.reshape(value.shape) for part, value in zip(numbers, parameters)])
    x = layer.draw.normal(1, tokens, C)
    x[:, :, 0] = 1.5  # the only feature that the values depend on now
    value = 1.5 * path.Wv[0] + path.bv
    sums = (path.before_projection(layer.output(model, x)) / value)[0]  # (tokens, C)
    if _same(sums, torch.ones_like(sums)):
        return
    shown = f"the weights that a token gives to {tokens} tokens should sum to 1"
    if _same(sums, torch.full_like(sums, tokens)):
        raise CheckFailed(f"{shown}, but are 1 each: does the softmax run over an axis of length 1?")
    if _same(sums.mean(0), torch.ones(C)):
        raise CheckFailed(
            f"{shown}, but the weights that a token gets from all others do: does the softmax run over the queries "
            "instead of the keys, or are the weights transposed before they are multiplied by the values?"
        )
    raise CheckFailed(f"{shown}, but sum to {float(sums[0, 0]):.4g} for one of them: are they a softmax over the keys?")


def expect_scale(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the scores, which go into the softmax, are QKᵀ / √d in each head."""
    expect_right_scale(find_roles(layer.student, layer.draw, layer.new(C, num_heads), C, num_heads))


def expect_right_scale(roles: Roles) -> None:
    """Fails unless the scores are divided by the root of the number of features of a head."""
    C, d = roles.embed_dim, roles.embed_dim // roles.num_heads
    if math.isclose(roles.scale, d**-0.5, rel_tol=1e-6):  # a root that was rounded to float32 is fine
        return
    dim = "embed_dim" if d == C else "d"
    known = {
        "they are not scaled": 1.0,
        "they are divided by the root, cut to a whole number": 1 / int(d**0.5),
        f"they are multiplied by √{dim}": d**0.5,
        f"they are divided by {dim}, without the root": 1 / d,
        "they are divided by √embed_dim, but a head has fewer features": C**-0.5,
        "they are divided by embed_dim, without the root": 1 / C,
        "they are not scaled, and have the wrong sign": -1.0,
        "they have the wrong sign": -(d**-0.5),
        "they are divided by √2, perhaps the root of the number of tokens or heads": 2**-0.5,
    }
    explanation = next((text for text, scale in known.items() if math.isclose(roles.scale, scale, rel_tol=1e-6)), "")
    of = f"embed_dim={C}" if d == C else f"embed_dim={C} and {roles.num_heads} heads, d={d}"
    raise CheckFailed(
        f"the scores QKᵀ should be multiplied by 1/√{dim} = {d**-0.5:.4g} for {of}, but are multiplied by {roles.scale:.4g}"
        + (f": {explanation}" if explanation else "")
    )


def expect_values(layer: Attention, cases: tuple[tuple[int, int], ...]) -> None:
    """Fails unless the output is that of torch's attention with the same parameters, in float64 and float32.

    cases: pairs (embed_dim, num_heads).
    """
    for C, num_heads in cases:
        model = layer.new(C, num_heads, torch.float32)
        inputs = [layer.draw.normal(*size, C, dtype=torch.float32) for size in ((1, 1), (3, C - 1), (2, C + 5))]
        in_float32 = [layer.output(model, x) for x in inputs]
        model.double()
        roles = find_roles(layer.student, layer.draw, model, C, num_heads)
        expect_right_scale(roles)
        numbers = roles.gather([value for _, value in model.parameters()])
        for x, found in zip(inputs, in_float32):
            expected = reference(roles, numbers, x.double())
            what = (
                f"the output for embed_dim={C}{f', num_heads={num_heads}' if num_heads > 1 else ''}, x {list(x.shape)},"
            )
            expect_close(what, layer.output(model, x.double()), expected, rtol=MEASURED)
            expect_close(f"{what} in float32", found, expected, rtol=1e-4)


def reference(roles: Roles, numbers: Tensor, x: Tensor) -> Tensor:
    """The output (B, N, C) of torch's attention with the student's parameters and the scale of the student's layer."""
    blocks = roles.blocks(numbers)
    heads = (*x.shape[:2], roles.num_heads, roles.embed_dim // roles.num_heads)
    Q, K, V = (part.reshape(heads).transpose(1, 2) for part in (
        x @ blocks["Wq"] + blocks["bq"], x @ blocks["Wk"], x @ blocks["Wv"] + blocks["bv"],
    ))  # fmt: skip
    attended = F.scaled_dot_product_attention(Q, K, V, scale=roles.scale)
    return attended.transpose(1, 2).flatten(2) @ blocks["Wo"] + blocks["bo"]


def expect_gradients(layer: Attention, C: int, num_heads: int) -> None:
    """Fails unless the right gradient reaches the input and every trainable parameter."""
    model = layer.new(C, num_heads)
    x, upstream = layer.draw.normal(2, 4, C), layer.draw.normal(2, 4, C)
    found = layer.student.probe("modules.gradients", model, x, upstream)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], dict):
        raise Refused("the gradients cannot be read")
    of_input, of_parameters = found
    parameters = model.parameters()
    if of_input is None:
        raise CheckFailed(f"no gradient reaches the input x: {_CUT}")
    unused = {name for name, _ in _without_effect(layer, model, x)}
    for name, _ in parameters:
        if of_parameters.get(name) is None:
            cause = "is it used in forward?" if name in unused else f"but the output depends on it: {_CUT}"
            raise CheckFailed(f"no gradient reaches the parameter {name}{':' if name in unused else ','} {cause}")
    roles = find_roles(layer.student, layer.draw, model, C, num_heads)
    leaves = [roles.gather([value for _, value in parameters]).requires_grad_(), x.clone().requires_grad_()]
    output = reference(roles, leaves[0], leaves[1])
    for_numbers, for_input = torch.autograd.grad(output, leaves, upstream)
    expected = torch.split(for_numbers[roles.index], [value.numel() for _, value in parameters])
    for (name, value), right in zip(parameters, expected):
        got = as_tensor(f"the gradient for {name}", of_parameters[name], tuple(value.shape))
        expect_close(f"the gradient for {name}", got, right.reshape(value.shape), rtol=1e-8)
    expect_close(
        "the gradient for the input x", as_tensor("the gradient for x", of_input, tuple(x.shape)), for_input, rtol=1e-8
    )


_CUT = "is something cut out of the graph by .detach(), .data, .item(), torch.tensor(...) or no_grad?"


def _without_effect(layer: Attention, model: Handle, x: Tensor) -> list[tuple[str, Tensor]]:
    """The parameters on which the output does not depend."""
    parameters = model.parameters()
    values = [value for _, value in parameters]
    output = layer.output(model, x)
    unused = []
    for i, (name, value) in enumerate(parameters):
        other = layer.draw.normal(*value.shape, scale=x.shape[2] ** -0.5)
        model.set_parameters([*values[:i], other, *values[i + 1 :]])
        if _same(layer.output(model, x), output):
            unused.append((name, value))
    model.set_parameters(values)
    return unused


def _same(a: Tensor, b: Tensor) -> bool:
    return bool(((a - b).abs() <= 1e-9 * (1 + b.abs())).all())


def _listing(parameters: list[tuple[str, Tensor]]) -> str:
    shown = ", ".join(f"{name} {tuple(value.shape)}" for name, value in parameters[:12])
    return f"{shown}{', and more' if len(parameters) > 12 else ''}" or "none"
