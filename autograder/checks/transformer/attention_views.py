"""Recognises heads that are split or joined by a view alone, which moves numbers between tokens and heads.

If all queries and keys are zero, each token gives all tokens the same weight, so the output is known from the values and the
final projection, for a right layer and for one with such a view.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.value_path import ValuePath, joined
from autograder.sandbox.host.student_module import Handle


@dataclass(frozen=True)
class ByView:
    """What is done by a view alone, and what to do instead."""

    mistake: str
    advice: str


_SPLIT = ByView(
    "the values are split into heads by a view or reshape from (B, N, embed_dim) to (B, heads, N, d)",
    "view them as (B, N, heads, d) and then exchange the axes 1 and 2. The same goes for queries and keys",
)
_JOINED = ByView(
    "the heads are joined by a view or reshape from (B, heads, N, d) to (B, N, embed_dim)",
    "exchange the axes 1 and 2 first",
)
_BOTH = ByView(
    "the heads are split and joined by views or reshapes alone, between (B, N, embed_dim) and (B, heads, N, d)",
    "view them as (B, N, heads, d), exchange the axes 1 and 2, and exchange them again before the heads are joined",
)


def find_view(
    model: Handle, output: Callable[[Tensor], Tensor], path: ValuePath, num_heads: int, x: Tensor
) -> ByView | None:
    """The views that stand where axes should be exchanged; None if that is not so. Keeps the model's parameters.

    Args:
        path: the values and the final projection, which a single token shows.
        x: tokens (B, N, C).
    """
    B, N, C = x.shape
    values = [value for _, value in model.parameters()]
    known = torch.tensor([place is not None for place in path.places])
    numbers = torch.split(joined(values) * known, [value.numel() for value in values])
    model.set_parameters([part.reshape(value.shape) for part, value in zip(numbers, values)])
    found = output(x)
    model.set_parameters(values)
    for split, together in itertools.product((True, False), repeat=2):
        shape = (B, num_heads, N, C // num_heads)
        all_values = path.values(x)
        heads = all_values.reshape(B, N, num_heads, -1).transpose(1, 2) if split else all_values.reshape(shape)
        means = heads.mean(2, keepdim=True).expand(shape)
        merged = means.transpose(1, 2).flatten(2) if together else means.reshape(x.shape)
        if same(found, merged @ path.Wo + path.bo, 1e-6):
            return {(True, True): None, (False, True): _SPLIT, (True, False): _JOINED, (False, False): _BOTH}[
                split, together
            ]
    return None
