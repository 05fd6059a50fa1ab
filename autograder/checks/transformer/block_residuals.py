"""Whether a transformer block adds the results of its halves to its input."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.explanations.context import shown_factor
from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.block_parts import LARGE, BlockParts, C
from autograder.checks.transformer.norm_kinds import RIGHT_EPS
from autograder.checks.transformer.parameters import Values, same


def expect_residuals(parts: BlockParts) -> None:
    """Fails unless the block returns its input when all parameters are zero."""
    block = parts.block
    x = parts.draw.normal(2, 3, C, scale=2.0) + 1
    zero = [torch.zeros(shape, dtype=torch.float64) for shape in block.shapes]
    found = block.output(zero, x)
    if same(found, x):
        _ = parts.additive  # raises CheckFailed if a bias is changed before it is added
        return
    expected = "with all parameters zero, a Block should return its input x"
    if same(found, torch.zeros_like(x)):
        seen = f"{expected}, but yours returns zeros"
        if _is_constant(block.output(block.only(block.random(parts.draw), parts.vectors), x)):
            if mistake := _missing(parts, x):
                raise CheckFailed(f"{seen}: {mistake}", mistake=mistake)
            raise CheckFailed(f"{seen}: is x + missing before the attention or the MLP?")
        if mistake := _norm_of_the_sum(parts):
            raise CheckFailed(
                f"{seen}: {mistake}. Apply it only to the input of the attention or the MLP", mistake=mistake
            )
        raise CheckFailed(
            f"{seen}: is a norm applied to x itself, after the addition (post-norm) or before it, as in x = norm(x), or is x "
            "multiplied by something?"
        )
    factor = float((found / x).median())
    if same(found, factor * x):
        times = f"yours returns {shown_factor(factor)} times x"
        raise CheckFailed(f"{expected}, but {times}: how often is x added?", mistake=times)
    if any(same(found, F.layer_norm(x, (C,), eps=eps), 1e-6) for eps in RIGHT_EPS):
        seen = "yours returns it normalized"
        raise CheckFailed(f"{expected}, but {seen}: add the attention and the MLP to x, not to norm(x)", mistake=seen)
    raise CheckFailed(f"{expected}, but yours changes it: add only the attention and the MLP to x")


def _is_constant(output: Tensor) -> bool:
    """Whether all tokens (B, N, C) are the same."""
    return same(output, output[:1, :1].expand_as(output))


def _missing(parts: BlockParts, x: Tensor) -> str:
    """Around which half the residual connection is missing, if the block returns zeros for zeros; "" if it is not known.

    If one half adds nothing but its bias, the other one's input still gets through, unless that half lacks the connection.
    """
    block, values = parts.block, parts.block.random(parts.draw)
    mlp = {*parts.matrices, *parts.hidden_bias}
    without_mlp = block.only(values, [i for i in range(len(values)) if i not in mlp])
    without_attention = block.only(values, [*mlp, *parts.vectors])
    lost = [_is_constant(block.output(case, x)) for case in (without_mlp, without_attention)]
    found = {
        (False, True): "around the attention is missing",
        (True, False): "around the MLP is missing",
        (True, True): "is missing around both the attention and the MLP",
    }
    return f"the residual connection {found[lost[0], lost[1]]}" if any(lost) else ""


AFTER = "a norm is applied to x itself, after the addition (post-norm)"
BEFORE = "a norm is applied to x itself before the addition, as in x = norm(x)"


def _norm_of_the_sum(parts: BlockParts) -> str:
    """Whether a norm is applied after an addition or before it, if the block returns zeros for zeros; "" if it is not known.

    What a norm has returned is known by its tokens, whose mean is 0 and whose variance is 1 up to a weight and a bias.
    """
    block, values = parts.block, parts.block.random(parts.draw)
    x = LARGE * parts.draw.normal(2, 3, C)
    mlp, vectors = [*parts.matrices, *parts.hidden_bias], parts.vectors
    if _norm_at_the_end(parts, values, block.output(values, x)) is not None:
        return AFTER
    silent = block.only(values, [i for i in range(len(values)) if i not in mlp])
    norm = _norm_at_the_end(parts, silent, block.output(silent, x))
    if norm is None:
        silent = block.only(values, vectors)
        return BEFORE if _norm_at_the_end(parts, silent, block.output(silent, x)) is not None else ""
    # The norm is that of the MLP's input, or it comes after the addition of the attention. Then the tokens go through the
    # norm of the MLP, which undoes a factor, so what a factor adds to the output does not depend on the MLP.
    others, effects = block.random(parts.draw), []
    for case in (values, [others[i] if i in parts.matrices else value for i, value in enumerate(values)]):
        longer = [3 * value if i in norm else value for i, value in enumerate(case)]
        effects.append(block.output(longer, x) - block.output(case, x))
    return AFTER if same(effects[0], effects[1], 1e-3) else BEFORE


def _norm_at_the_end(parts: BlockParts, values: Values, output: Tensor) -> tuple[int, ...] | None:
    """The places of the weight and the bias of the norm that has made this output, with other biases added or not."""
    flat = {i: values[i].reshape(-1) for i in parts.vectors}
    for weight in flat:
        others = [i for i in flat if i != weight]
        for count in range(4):
            for added in itertools.combinations(others, count):
                normed = (output - sum(flat[i] for i in added)) / flat[weight]
                if same(normed.mean(-1), torch.zeros(()), 1e-6) and same(
                    normed.var(-1, correction=0), torch.ones(()), 1e-3
                ):
                    return (weight, *added)
    return None
