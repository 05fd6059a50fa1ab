"""Patch embedding: which pixels a token depends on, and how.

A module that is affine in the pixels is known completely from its *responses*: what each pixel, set to 1 alone, adds to
each token. They show which patch a token belongs to, whether all patches go through one matrix, and the rank of this
matrix, so layers, layouts and names are free. Parameters are random, not the initial ones, and everything but the dtype
is measured in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.modules import as_model
from autograder.checks.transformer.modules import (
    expect_apart,
    expect_input_kept,
    gradients_of,
)
from autograder.checks.transformer.repeatable import expect_repeatable
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("PatchEmbed",))

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


# Fewer or more pixels in a patch than numbers in a token; wide and high images; one, two or three channels.
CASES = (Case(2, 3, 23, 2, 4), Case(3, 2, 5, 4, 3), Case(1, 4, 7, 3, 2))
# Rows and columns of patches: square, high, wide, a single row, a single patch.
SIZES = ((4, 4), (3, 2), (2, 5), (1, 3), (1, 1))


def _new(student, case: Case) -> Handle:
    module = as_model(f"the result of {case.named}", student.PatchEmbed(*case.made))
    module.complete(torch.zeros(1, *case.image))
    return module


def _embedding(student, draw, case: Case) -> Handle:
    """A module in float64 and in eval mode, with random parameters."""
    module = _new(student, case)
    module.eval()
    module.double()
    module.set_parameters([draw.normal(*value.shape) for _, value in module.parameters()])
    return module


def _tokens(case: Case, module: Handle, images: Tensor) -> Tensor:
    """(B, C, H, W) → (B, N, embed_dim). Fails if the result has another shape."""
    batch, _, height, width = images.shape
    shape = batch, (height // case.patch_size) * (width // case.patch_size), case.embed_dim
    what = f"the result of {case.named} for images of shape {tuple(images.shape)}"
    got = module(images)
    if isinstance(got, Tensor) and tuple(got.shape) == (shape[0], shape[2], shape[1]) and shape[1] != shape[2]:
        raise CheckFailed(
            f"{what} should have shape {shape}, but has {tuple(got.shape)}: the tokens come before embed_dim"
        )
    return as_tensor(what, got, shape, images.dtype)


def _responses(student, case: Case, module: Handle) -> tuple[Tensor, Tensor]:
    """(N, D): the tokens of a black image; (C, H, W, N, D): the responses to each pixel, set to 1 alone."""
    channels, height, width = case.image
    numbers = channels * height * width
    impulses = torch.cat([torch.zeros(1, numbers), torch.eye(numbers)]).double().reshape(-1, *case.image)
    found = student.probe("modules.one_by_one", module, impulses)
    shape = 1, case.tokens, case.embed_dim
    what = f"the result of {case.named} for one image of shape {case.image}"
    tokens = torch.cat([as_tensor(what, value, shape, torch.float64) for value in found])
    return tokens[0], (tokens[1:] - tokens[0]).reshape(*case.image, *shape[1:])


def _seen(case: Case, responses: Tensor) -> Tensor:
    """(patches, C·p·p, N): whether a pixel of a patch changes a token."""
    reached = (responses.abs() > EXACT).any(-1).movedim(-1, 0)  # N, C, H, W
    return case.patches(reached).flatten(2).permute(1, 2, 0)


def _agree(got: Tensor, expected: Tensor, tolerance: float = EXACT) -> bool:
    """Whether tensors agree, relative to the largest expected number; NaN never agrees."""
    return bool(((got - expected).abs() <= tolerance * (1 + expected.abs().max())).all())


_NONE = "Create the layer in __init__, as an attribute of self and not in a plain list or dict, and leave it trainable"


@check(points=0.25, apart_from_values=True)
def test_parameters(student, draw):
    """the parameters are the weights of one projection, embed_dim · in_chan · patch_size² numbers, and optional biases"""
    for case in CASES:
        parameters = _new(student, case).parameters()
        have, weights = sum(value.numel() for _, value in parameters), case.pixels * case.embed_dim
        if have not in (weights, weights + case.embed_dim):
            listed = ", ".join(f"{name} {tuple(value.shape)}" for name, value in parameters[:6]) or "none"
            why = f". {_NONE}" if not have else ""
            raise CheckFailed(
                f"{case.named} should have {weights} trainable numbers, {weights + case.embed_dim} with biases, but has "
                f"{have} ({listed}){why}"
            )
        other = [name for name, value in parameters if value.dtype != torch.float32]
        if other:
            raise CheckFailed(f"the parameter {other[0]} of {case.named} should be float32")


@check(points=0.25, needs=[test_parameters], counts_with=["test_own_patch"])
def test_modes_and_dtypes(student, draw):
    """PatchEmbed gives the same tokens in every call, in training and evaluation, in float32 and after .double()"""
    for case in CASES:
        module = _new(student, case)
        images = draw.normal(2, *case.image, dtype=torch.float32)
        module.set_parameters([draw.normal(*v.shape, dtype=torch.float32) for _, v in module.parameters()])
        other = draw.normal(3, case.in_chan, case.patch_size, 2 * case.patch_size, dtype=torch.float32)
        if not expect_repeatable(student, case.named, module, images, (2, case.tokens, case.embed_dim), other):
            return  # test_shape says why
        expect_input_kept(student, case.named, module, images)
        single = _tokens(case, module, images)
        module.double()
        if not _agree(single.double(), _tokens(case, module, images.double()), 1e-5):
            raise CheckFailed(f"{case.named} gives different tokens after .double() than before")


@check(points=0.25, needs=[test_parameters, test_modes_and_dtypes], counts_with=["test_own_patch"])
def test_shape(student, draw):
    """PatchEmbed maps (B, in_chan, H, W) to (B, N, embed_dim), for all H and W that patch_size divides"""
    for case in CASES:
        module = _new(student, case)
        module.eval()
        for rows, columns in SIZES:
            for batch in (2, 1):
                size = rows * case.patch_size, columns * case.patch_size
                _tokens(case, module, draw.normal(batch, case.in_chan, *size, dtype=torch.float32))


RUNS = [test_parameters, test_modes_and_dtypes, test_shape]


@check(points=0.25, needs=RUNS, counts_with=["test_own_patch"])
def test_defaults(student, draw):
    """PatchEmbed() cuts grey images into patches of 7 × 7 pixels and returns tokens of 128 numbers"""
    module = as_model("the result of PatchEmbed()", student.PatchEmbed())
    images = draw.normal(2, 1, 42, 35, dtype=torch.float32)
    as_tensor("the result of PatchEmbed() for images of shape (2, 1, 42, 35)", module(images), (2, 30, 128))


@check(points=0.25, needs=RUNS, counts_with=["test_own_patch"])
def test_batch(student, draw):
    """each image gives the same tokens in a batch as alone"""
    for case in CASES:
        module = _embedding(student, draw, case)
        expect_apart(case.named, module, draw.normal(4, *case.image), (case.tokens, case.embed_dim))


@check(points=0.5, needs=[*RUNS, test_batch])
def test_linear(student, draw):
    """a token is a linear function of the pixels: no activation, no normalization"""
    for case in CASES:
        module = _embedding(student, draw, case)
        images = draw.normal(3, *case.image)
        black, first, second = (_tokens(case, module, x) for x in (images * 0, images, 1.7 * images.roll(1, 0)))
        if float((first - black).abs().max()) <= EXACT:
            raise CheckFailed(f"the tokens of {case.named} do not depend on the image at all")
        both = _tokens(case, module, images + 1.7 * images.roll(1, 0))
        if not _agree(both - black, first + second - 2 * black):
            why = ". There should be one projection and nothing else, such as an activation or a normalization"
            if all((tokens >= 0).all() for tokens in (black, first, second, both)):
                why = ": none of their numbers is ever negative, as after a ReLU"
            raise CheckFailed(
                f"the tokens of {case.named} are not linear in the pixels: those of the sum of two images are not the sum "
                f"of their tokens{why}"
            )


@check(points=0.5, needs=[*RUNS, test_batch, test_linear])
def test_own_patch(student, draw):
    """each token depends on the pixels of exactly one patch, and each patch has its own token"""
    for case in CASES:
        module = _embedding(student, draw, case)
        seen = _seen(case, _responses(student, case, module)[1])
        of_patch = seen.any(1)  # patches, N
        readers = of_patch.sum(1)
        if not (seen.sum(2) <= 1).all():
            reached = int(seen.sum(2).max())
            raise CheckFailed(
                f"in {case.named} a single pixel changes {reached} of {case.tokens} tokens, but should change the token of "
                "its patch alone. How far apart are the patches, and does anything combine tokens?"
            )
        if (readers > 1).any():
            raise CheckFailed(
                f"in {case.named} the pixels of one patch go to {int(readers.max())} tokens. A patch is a square, cut from "
                "rows and columns: which numbers does your code put next to each other? A reshape or view keeps their order "
                "in memory"
            )
        if (of_patch.sum(0) > 1).any():
            raise CheckFailed(f"in {case.named} one token depends on {int(of_patch.sum(0).max())} patches")
        if (readers == 0).any():
            raise CheckFailed(f"in {case.named} there is a patch that no token depends on")


PATCHES = [*RUNS, test_batch, test_linear, test_own_patch]


@check(points=0.5, needs=PATCHES, counts_with=["test_own_patch"])
def test_same_projection(student, draw):
    """every patch goes through the same projection: the token does not depend on the position of the patch"""
    for case in CASES:
        module = _embedding(student, draw, case)
        black = _tokens(case, module, torch.zeros(1, *case.image).double())[0]
        if not _agree(black, black[:1].expand_as(black)):
            raise CheckFailed(
                "the tokens of a black image differ, although its patches are equal: something is added that depends on the "
                "position, such as a positional embedding or a bias for each position. Positions come later, in ViT"
            )
        patch = draw.normal(1, case.in_chan, case.patch_size, case.patch_size)
        tokens = _tokens(case, module, patch.repeat(1, 1, case.rows, case.columns))[0]
        if not _agree(tokens, tokens[:1].expand_as(tokens)):
            raise CheckFailed(
                f"the same patch, repeated in {case.rows} rows and {case.columns} columns, should give the same token "
                "everywhere, but does not: the projection, or its input, depends on the position"
            )


@check(points=0.5, needs=PATCHES)
def test_order(student, draw):
    """the tokens are in row-major order: the first row of patches from left to right, then the second"""
    for case in CASES:
        module = _embedding(student, draw, case)
        seen = _seen(case, _responses(student, case, module)[1]).sum(1)  # patches, N
        places = seen.argmax(1).tolist()
        expected = list(range(case.tokens))
        if places == expected:
            continue
        by_column = torch.tensor(expected).reshape(case.columns, case.rows).T.flatten().tolist()
        if places == by_column:
            raise CheckFailed(
                "the tokens are in column-major order, down the first column of patches, then down the second, but should "
                "be in row-major order"
            )
        wrong = next(k for k in expected if places[k] != k)
        row, column = divmod(wrong, case.columns)
        raise CheckFailed(
            f"of {case.rows} × {case.columns} patches, the one in row {row} and column {column} (from 0) should be token "
            f"{wrong}, but its pixels change token {places[wrong]}"
        )


@check(points=0.5, needs=[*PATCHES, test_same_projection])
def test_every_pixel(student, draw):
    """every pixel of a patch, in every channel, has its own weight in each number of the token"""
    for case in CASES:
        module = _embedding(student, draw, case)
        responses = _responses(student, case, module)[1]
        unseen = (~(responses.abs() > EXACT).flatten(3).any(3)).nonzero()
        if len(unseen):
            channel, row, column = unseen[0].tolist()
            channels = set(range(case.in_chan)) - set(unseen[:, 0].tolist())
            why = f": only channel {channels.pop()} is used" if len(channels) == 1 and case.in_chan > 1 else ""
            raise CheckFailed(
                f"{len(unseen)} of the {responses[..., 0, 0].numel()} numbers of an image do not change any token of "
                f"{case.named}, such as channel {channel}, row {row}, column {column}{why}"
            )
        matrix = case.patches(responses.sum(3).movedim(-1, 0))[:, 0].flatten(1)  # D, C·p·p: for the first patch
        scale = torch.linalg.svdvals(matrix)
        rank, full = int((scale > 1e-7 * scale[0]).sum()), min(matrix.shape)
        if rank < full:
            raise CheckFailed(
                f"a patch of {case.named} has {case.pixels} numbers and a token {case.embed_dim}, so the projection has "
                f"rank {full} with random weights, but its rank is {rank}: {_lost(case, matrix)}"
            )


def _lost(case: Case, matrix: Tensor) -> str:
    """What a projection (embed_dim, numbers of a patch) with too small a rank does not tell apart."""
    weights = matrix.reshape(case.embed_dim, case.in_chan, -1)
    if case.in_chan > 1 and _agree(weights, weights[:, :1].expand_as(weights)):
        return "all channels have the same weights"
    if _agree(weights, weights[:, :, :1].expand_as(weights)):
        return "all pixels of a channel have the same weights"
    return "a part of the patch is lost. What happens to its numbers before and after the projection?"


@check(points=0.25, needs=[*PATCHES, test_same_projection, test_every_pixel])
def test_gradients(student, draw):
    """the gradients of all parameters are those of a projection of the unchanged pixels"""
    for case in CASES:
        module = _embedding(student, draw, case)
        images, upstream = draw.normal(3, *case.image), draw.normal(3, case.tokens, case.embed_dim)
        _tokens(case, module, images)
        what = f"the backward pass through {case.named}"
        found = student.probe("modules.gradients", module, images, upstream, what=what)[1]
        missing = [str(name) for name, value in found.items() if not isinstance(value, Tensor)]
        if len(missing) == len(found):
            raise CheckFailed(
                f"no gradient reaches any parameter of {case.named}, although the tokens depend on them: is something cut "
                "out of the graph by .detach(), .data, torch.tensor(...) or no_grad?"
            )
        if missing:
            gradients_of(student, module, images, upstream)  # says why
            raise CheckFailed(f"no gradient reaches {missing[0]} of {case.named}")
        got = torch.cat([value.flatten() for value in found.values()]).double().sort().values
        if len(got) not in (case.pixels * case.embed_dim, (case.pixels + 1) * case.embed_dim):
            raise CheckFailed(f"{case.named} has {len(got)} trainable numbers, which does not fit one projection")
        biases = len(got) > case.pixels * case.embed_dim
        if not _agree(got, _gradients(case, images, upstream, biases)):
            raise CheckFailed(
                f"the gradients of {case.named} are not the pixels of the patches, weighted by the gradients of the tokens"
                f"{_instead(case, got, images, upstream, biases)}"
            )


def _instead(case: Case, got: Tensor, images: Tensor, upstream: Tensor, biases: bool) -> str:
    """The change of the images that explains the gradients, or where to look."""
    for factor, offset in _changes(case, got, images, upstream, biases):
        if not _agree(got, _gradients(case, factor * images + offset, upstream, biases), 1e-6):
            continue
        if abs(offset) > 1e-6:
            return f": they are those of (x − {-offset / factor:.4g}) / {1 / factor:.4g} instead of the images x"
        change = f"x / {1 / factor:.5g}" if abs(factor) < 1 else f"{factor:.5g} · x"
        return f": they are those of {change} instead of the images x"
    return ". What happens to the images before the projection, and to the parameters on the way to it?"


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


def _gradients(case: Case, images: Tensor, upstream: Tensor, biases: bool) -> Tensor:
    """All numbers of the parameters' gradients, sorted, so that the layout of the parameters does not matter."""
    weights = _of_weights(case, images, upstream).flatten()
    every = torch.cat([weights, upstream.sum((0, 1))]) if biases else weights
    return every.sort().values


def _of_weights(case: Case, images: Tensor, upstream: Tensor) -> Tensor:
    """The gradients for the weights (embed_dim, numbers of a patch)."""
    return torch.einsum("bnd,bnx->dx", upstream, case.patches(images).flatten(2))
