"""Whether a transformer block adds the results of its halves to its input."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from autograder.checks.explanations.context import shown_factor
from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.block_parts import BlockParts, C
from autograder.checks.transformer.norm_kinds import RIGHT_EPS
from autograder.checks.transformer.parameters import same


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
        without_matrices = block.output(block.only(block.random(parts.draw), parts.vectors), x)
        if same(without_matrices, without_matrices[:1, :1].expand_as(x)):
            raise CheckFailed(f"{expected}, but yours returns zeros: is x + missing before the attention or the MLP?")
        raise CheckFailed(
            f"{expected}, but yours returns zeros: a norm is applied to x itself, after the addition (post-norm) or "
            "before it, as in x = norm(x). Apply it only to the input of the attention or the MLP"
        )
    factor = float((found / x).median())
    if same(found, factor * x):
        raise CheckFailed(f"{expected}, but yours returns {shown_factor(factor)} times x: how often is x added?")
    if any(same(found, F.layer_norm(x, (C,), eps=eps), 1e-6) for eps in RIGHT_EPS):
        raise CheckFailed(
            f"{expected}, but yours returns it normalized: add the attention and the MLP to x, not to norm(x)"
        )
    raise CheckFailed(f"{expected}, but yours changes it: add only the attention and the MLP to x")
