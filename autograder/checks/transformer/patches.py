"""What a patch embedding does with each pixel, and what its gradients show of the images that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.sandbox.host.student_module import Handle, StudentModule

EXACT = 1e-9
"""The rounding error of float64 sums of a few hundred products of numbers near 1. Smaller responses count as zero."""


@dataclass(frozen=True)
class Case:
    """The arguments of a PatchEmbed, and the rows and columns of patches in its images."""

    in_chan: int
    patch_size: int
    embed_dim: int
    rows: int
    columns: int

    @property
    def made(self) -> tuple[int, int, int]:
        return self.in_chan, self.patch_size, self.embed_dim

    @property
    def pixels(self) -> int:
        """The count of numbers in a patch, over all channels."""
        return self.in_chan * self.patch_size**2

    @property
    def tokens(self) -> int:
        return self.rows * self.columns

    @property
    def image(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return self.in_chan, self.rows * self.patch_size, self.columns * self.patch_size

    @property
    def named(self) -> str:
        return f"PatchEmbed(in_chan={self.in_chan}, patch_size={self.patch_size}, embed_dim={self.embed_dim})"

    def patches(self, images: Tensor) -> Tensor:
        """(B, C, H, W) → (B, N, C, p, p), the patches in row-major order."""
        p = self.patch_size
        places = [(row * p, column * p) for row in range(self.rows) for column in range(self.columns)]
        return torch.stack([images[:, :, top : top + p, left : left + p] for top, left in places], dim=1)


def patches_seen(case: Case, found: Tensor) -> Tensor:
    """(patches, C·p·p, N): whether a pixel of a patch changes a token."""
    reached = (found.abs() > EXACT).any(-1).movedim(-1, 0)  # N, C, H, W
    return case.patches(reached).flatten(2).permute(1, 2, 0)


def responses(student: StudentModule, case: Case, module: Handle) -> tuple[Tensor, Tensor]:
    """(N, D): the tokens of a black image; (C, H, W, N, D): the responses to each pixel, set to 1 alone."""
    channels, height, width = case.image
    numbers = channels * height * width
    impulses = torch.cat([torch.zeros(1, numbers), torch.eye(numbers)]).double().reshape(-1, *case.image)
    found = student.probe("modules.one_by_one", module, impulses)
    shape = 1, case.tokens, case.embed_dim
    what = f"the result of {case.named} for one image of shape {case.image}"
    tokens = torch.cat([as_tensor(what, value, shape, torch.float64) for value in found])
    return tokens[0], (tokens[1:] - tokens[0]).reshape(*case.image, *shape[1:])


RUNS_OF_NUMBERS = "each token is made from numbers that are next to each other in memory, instead of a square"


def are_runs(case: Case, found: Tensor) -> bool:
    """Whether the tokens read the image one after the other, each the next numbers in memory, although patches do not."""
    reached = (found.abs() > EXACT).any(-1).flatten(0, 2)  # C·H·W, N
    reader = torch.arange(len(reached)) // case.pixels
    return case.tokens > 1 and torch.equal(reached, reader[:, None] == torch.arange(case.tokens))


UNFOLDED = "the numbers of the patches are viewed or reshaped from (B, numbers, N) to (B, N, numbers)"


def are_unfolded(case: Case, seen: Tensor) -> bool:
    """Whether each token reads the next numbers in memory of what F.unfold returns, although patches are on its last axis.

    seen: (patches, numbers, N), as `patches_seen` returns it.
    """
    reader = torch.arange(case.pixels * case.tokens).reshape(case.pixels, case.tokens).T // case.pixels
    return case.tokens > 1 and torch.equal(seen, reader[..., None] == torch.arange(case.tokens))


def unread_side(case: Case, unread: Tensor) -> str:
    """Which row or column of patches at a side no token depends on; "" if those that are not read (N) are not just that."""
    grid = unread.reshape(case.rows, case.columns)
    for axis, (word, count) in enumerate((("row", case.rows), ("column", case.columns))):
        for which, place in (("first", 0), ("last", count - 1)):
            expected = torch.zeros_like(grid)
            expected.select(axis, place).fill_(True)
            if count > 1 and torch.equal(grid, expected):
                return f"no token depends on the {which} {word} of patches"
    return ""


def agree(got: Tensor, expected: Tensor, tolerance: float = EXACT) -> bool:
    """Whether tensors agree, relative to the largest expected number; NaN never agrees."""
    return bool(((got - expected).abs() <= tolerance * (1 + expected.abs().max())).all())


def what_is_lost(case: Case, matrix: Tensor) -> str:
    """What a projection (embed_dim, numbers of a patch) with too small a rank does not tell apart; "" if it is not known."""
    weights = matrix.reshape(case.embed_dim, case.in_chan, -1)
    if case.in_chan > 1 and agree(weights, weights[:, :1].expand_as(weights)):
        return "all channels have the same weights"
    if agree(weights, weights[:, :, :1].expand_as(weights)):
        return "all pixels of a channel have the same weights"
    return ""


def explain_gradients(case: Case, got: Tensor, images: Tensor, upstream: Tensor, biases: bool) -> str:
    """The change of the images that explains the gradients; "" if there is none."""
    for factor, offset in _changes(case, got, images, upstream, biases):
        if not agree(got, gradients_of_patches(case, factor * images + offset, upstream, biases), 1e-6):
            continue
        if abs(offset) > 1e-6:
            return f"they are those of (x − {-offset / factor:.4g}) / {1 / factor:.4g} instead of the images x"
        change = f"x / {1 / factor:.5g}" if abs(factor) < 1 else f"{factor:.5g} · x"
        return f"they are those of {change} instead of the images x"
    return ""


def _changes(case: Case, got: Tensor, images: Tensor, upstream: Tensor, biases: bool) -> Iterator[tuple[float, float]]:
    """The factors a and offsets b for which a · images + b gives gradients with this sum and this sum of squares."""
    of_biases = upstream.sum((0, 1))
    weights = _of_weights(case, images, upstream)
    total, squares = (float(got.pow(k).sum() - biases * of_biases.pow(k).sum()) for k in (1, 2))
    ones = of_biases[:, None].expand_as(weights)  # what the gradients of the weights would be for an image of ones
    sum_w, sum_1 = float(weights.sum()), float(ones.sum())
    ww, w1, oo = float(weights.square().sum()), float((weights * ones).sum()), float(ones.square().sum())
    # a = (total − b · sum_1) / sum_w, put into a² · ww + 2 a b · w1 + b² · oo = squares
    u, v = total / sum_w, sum_1 / sum_w
    quadratic = (ww * v**2 - 2 * w1 * v + oo, 2 * (w1 * u - ww * u * v), ww * u**2 - squares)
    for b in np.roots(quadratic):
        if abs(b.imag) < 1e-6:
            yield u - float(b.real) * v, float(b.real)


def gradients_of_patches(case: Case, images: Tensor, upstream: Tensor, biases: bool) -> Tensor:
    """All numbers of the parameters' gradients, sorted, so that the layout of the parameters does not matter."""
    weights = _of_weights(case, images, upstream).flatten()
    every = torch.cat([weights, upstream.sum((0, 1))]) if biases else weights
    return every.sort().values


def _of_weights(case: Case, images: Tensor, upstream: Tensor) -> Tensor:
    """The gradients for the weights (embed_dim, numbers of a patch)."""
    return torch.einsum("bnd,bnx->dx", upstream, case.patches(images).flatten(2))
