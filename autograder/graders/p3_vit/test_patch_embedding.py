"""Patch embedding: which pixels a token depends on, and how.

A module that is affine in the pixels is known completely from its *responses*: what each pixel, set to 1 alone, adds to
each token. They show which patch a token belongs to, whether all patches go through one matrix, and the rank of this
matrix, so layers, layouts and names are free. Parameters are random, not the initial ones, and everything but the dtype
is measured in float64.
"""

from __future__ import annotations

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
from autograder.checks.transformer.patches import (
    EXACT,
    RUNS_OF_NUMBERS,
    UNFOLDED,
    Case,
    agree,
    are_runs,
    are_unfolded,
    explain_gradients,
    gradients_of_patches,
    patches_seen,
    responses,
    unread_side,
    what_is_lost,
)
from autograder.checks.transformer.repeatable import expect_repeatable
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("PatchEmbed",))

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
        if not agree(single.double(), _tokens(case, module, images.double()), 1e-5):
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
        if not agree(both - black, first + second - 2 * black):
            why, mistake = (
                ". There should be one projection and nothing else, such as an activation or a normalization",
                "",
            )
            if all((tokens >= 0).all() for tokens in (black, first, second, both)):
                mistake = "none of their numbers is ever negative, as after a ReLU"
                why = f": {mistake}"
            raise CheckFailed(
                f"the tokens of {case.named} are not linear in the pixels: those of the sum of two images are not the sum "
                f"of their tokens{why}",
                mistake=mistake,
            )


@check(points=0.5, needs=[*RUNS, test_batch, test_linear])
def test_own_patch(student, draw):
    """each token depends on the pixels of exactly one patch, and each patch has its own token"""
    for case in CASES:
        module = _embedding(student, draw, case)
        of_pixels = responses(student, case, module)[1]
        seen = patches_seen(case, of_pixels)
        of_patch = seen.any(1)  # patches, N
        readers = of_patch.sum(1)
        if are_runs(case, of_pixels):
            raise CheckFailed(
                f"in {case.named} {RUNS_OF_NUMBERS}. A patch is a square, cut from rows and columns: a reshape or view of "
                "the image keeps the order of its numbers, so exchange axes too",
                mistake=RUNS_OF_NUMBERS,
            )
        if are_unfolded(case, seen):
            raise CheckFailed(
                f"in {case.named} {UNFOLDED}, as after F.unfold: a view keeps the order of the numbers in memory, so "
                "exchange the axes 1 and 2 instead",
                mistake=UNFOLDED,
            )
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
        if where := unread_side(case, readers == 0):
            raise CheckFailed(f"in {case.named} {where}: how far do your loops or slices go?", mistake=where)
        if (readers == 0).any():
            raise CheckFailed(f"in {case.named} there is a patch that no token depends on")


PATCHES = [*RUNS, test_batch, test_linear, test_own_patch]


@check(points=0.5, needs=PATCHES, counts_with=["test_own_patch"])
def test_same_projection(student, draw):
    """every patch goes through the same projection: the token does not depend on the position of the patch"""
    for case in CASES:
        module = _embedding(student, draw, case)
        black = _tokens(case, module, torch.zeros(1, *case.image).double())[0]
        if not agree(black, black[:1].expand_as(black)):
            added = "something is added that depends on the position"
            raise CheckFailed(
                f"the tokens of a black image differ, although its patches are equal: {added}, such as a positional "
                "embedding or a bias for each position. Positions come later, in ViT",
                mistake=added,
            )
        patch = draw.normal(1, case.in_chan, case.patch_size, case.patch_size)
        tokens = _tokens(case, module, patch.repeat(1, 1, case.rows, case.columns))[0]
        if not agree(tokens, tokens[:1].expand_as(tokens)):
            raise CheckFailed(
                f"the same patch, repeated in {case.rows} rows and {case.columns} columns, should give the same token "
                "everywhere, but does not: the projection, or its input, depends on the position"
            )


@check(points=0.5, needs=PATCHES)
def test_order(student, draw):
    """the tokens are in row-major order: the first row of patches from left to right, then the second"""
    for case in CASES:
        module = _embedding(student, draw, case)
        seen = patches_seen(case, responses(student, case, module)[1]).sum(1)  # patches, N
        places = seen.argmax(1).tolist()
        expected = list(range(case.tokens))
        if places == expected:
            continue
        by_column = torch.tensor(expected).reshape(case.columns, case.rows).T.flatten().tolist()
        if places == by_column:
            order = "the tokens are in column-major order"
            raise CheckFailed(
                f"{order}, down the first column of patches, then down the second, but should be in row-major order",
                mistake=order,
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
        of_pixels = responses(student, case, module)[1]
        unseen = (~(of_pixels.abs() > EXACT).flatten(3).any(3)).nonzero()
        if len(unseen):
            channel, row, column = unseen[0].tolist()
            channels = set(range(case.in_chan)) - set(unseen[:, 0].tolist())
            mistake = f"only channel {channels.pop()} is used" if len(channels) == 1 and case.in_chan > 1 else ""
            raise CheckFailed(
                f"{len(unseen)} of the {of_pixels[..., 0, 0].numel()} numbers of an image do not change any token of "
                f"{case.named}, such as channel {channel}, row {row}, column {column}{f': {mistake}' if mistake else ''}",
                mistake=mistake,
            )
        matrix = case.patches(of_pixels.sum(3).movedim(-1, 0))[:, 0].flatten(1)  # D, C·p·p: for the first patch
        scale = torch.linalg.svdvals(matrix)
        rank, full = int((scale > 1e-7 * scale[0]).sum()), min(matrix.shape)
        if rank < full:
            mistake = what_is_lost(case, matrix)
            raise CheckFailed(
                f"a patch of {case.named} has {case.pixels} numbers and a token {case.embed_dim}, so the projection has "
                f"rank {full} with random weights, but its rank is {rank}: "
                + (
                    mistake
                    or "a part of the patch is lost. What happens to its numbers before and after the projection?"
                ),
                mistake=mistake,
            )


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
            seen = f"no gradient reaches any parameter of {case.named}, although the tokens depend on them"
            raise CheckFailed(
                f"{seen}: is something cut out of the graph by .detach(), .data, torch.tensor(...) or no_grad?",
                mistake=seen,
            )
        if missing:
            gradients_of(student, module, images, upstream)  # says why
            raise CheckFailed(f"no gradient reaches {missing[0]} of {case.named}")
        got = torch.cat([value.flatten() for value in found.values()]).double().sort().values
        if len(got) not in (case.pixels * case.embed_dim, (case.pixels + 1) * case.embed_dim):
            raise CheckFailed(f"{case.named} has {len(got)} trainable numbers, which does not fit one projection")
        biases = len(got) > case.pixels * case.embed_dim
        if not agree(got, gradients_of_patches(case, images, upstream, biases)):
            mistake = explain_gradients(case, got, images, upstream, biases)
            where = "What happens to the images before the projection, and to the parameters on the way to it?"
            raise CheckFailed(
                f"the gradients of {case.named} are not the pixels of the patches, weighted by the gradients of the tokens"
                f"{f': {mistake}' if mistake else f'. {where}'}",
                mistake=mistake,
            )
