"""Images that should be divided by their norms, and what they are divided by instead."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.closeness import expect_close
from autograder.checks.convolution.whitening import close
from autograder.checks.failure import CheckFailed


def expect_unit_norms(got: Tensor, images: Tensor, p: int, rtol: float) -> None:
    """Fails unless each image was divided by its norm: the direction is the same, and the norm is 1."""
    call = f"lp_normalize(images, {p})"
    if not torch.isfinite(got).all():
        raise CheckFailed(f"{call} gives NaN or infinite pixels for images without zeros: is a norm 0?")
    if p == 2 and close(got.flatten(1).abs().sum(1), torch.ones(len(got)).double(), 1e-4):
        mistake = f"{call} divides by the sum of the absolute values, which is p = 1"
        raise CheckFailed(mistake, mistake=mistake)
    if p == 1 and close(got.flatten(1).pow(2).sum(1), torch.ones(len(got)).double(), 1e-4):
        mistake = f"{call} divides by the Euclidean length, which is p = 2"
        raise CheckFailed(mistake, mistake=mistake)
    if close(got.flatten(1), images.flatten(1).softmax(1), 1e-6):
        mistake = f"{call} is a softmax over the pixels of each image, but should divide them by a norm"
        raise CheckFailed(mistake, mistake=mistake)
    ratio = got / images  # no pixel is exactly 0
    if bool((ratio < 0).any()):
        why = _why_signs(got, images)
        keeps = ", but dividing by a norm, which is positive, keeps them"
        raise CheckFailed(f"{call} changes the signs of pixels{why or keeps}", mistake=_clause(why))
    if not close(ratio, ratio[:, :1, :1, :1].expand_as(ratio), 1e-3):
        why = _parts(got, p) or _shifted(got, images)
        raise CheckFailed(f"{call} divides the pixels of one image by different numbers{why}", mistake=_clause(why))
    sums = got.flatten(1).abs().pow(p).sum(1)
    name = "absolute values" if p == 1 else "squares"
    wrong = ((sums - 1).abs() > (2e-6 if rtol < 1e-5 else 1e-4)).nonzero().flatten()
    if len(wrong):
        i = int(wrong[0])
        why = _what_is_one(got, images, sums, p)
        raise CheckFailed(
            f"the {name} of image {i} of {len(got)} sum to {float(sums[i]):.4g} after {call}, but should sum to 1{why}",
            mistake=_clause(why),
        )
    norms = images.abs().flatten(1).pow(p).sum(1).pow(1 / p)[:, None, None, None]
    expect_close(call, got * norms, images, rtol=rtol)


def _clause(why: str) -> str:
    """An explanation without the ": " or ", " that connects it with the sentence before."""
    return why.lstrip(":, ")


def _some_images_alone(ratio: Tensor, sums: Tensor) -> str:
    """Which images of several have norm 1, if the others are as they were or 0; "" otherwise.

    ratio: what each image was multiplied by. sums: what should be 1.
    """
    count, right = len(sums), (sums - 1).abs() < 1e-4
    unchanged, zero = (ratio - 1).abs() < 1e-4, ratio == 0
    others = "unchanged" if bool((right | unchanged).all()) else "0" if bool((right | zero).all()) else ""
    if count < 3 or not others or not bool(right.any()):
        return ""
    done = right.nonzero().flatten().tolist()
    left = [number for number in range(count) if number not in done]
    if done == [0]:
        of_loop = ", as after a return inside the loop over the images"
        return f": only image 0, the first, is divided by its norm, and the others are {others}{of_loop}"
    if done == [count - 1]:
        return f": only image {count - 1}, the last, is divided by its norm, and the others are {others}"
    if count > 3 and done == list(range(0, count, 2)):
        return f": every second image is {others}; the others, from image 0 on, are right"
    listed = f"image{'s' * (len(left) > 1)} {', '.join(map(str, left[:6]))}{', …' * (len(left) > 6)} of {count}"
    place = ", the first," if left == [0] else ", the last," if left == [count - 1] else ""
    return f": {listed}{place} {'are' if len(left) > 1 else 'is'} {others}; the others are right"


def _why_signs(got: Tensor, images: Tensor) -> str:
    factor = (got / images).abs()
    if bool((got > 0).all()) and close(factor, factor[:, :1, :1, :1].expand_as(factor), 1e-3):
        return ": all results are positive, so the absolute values of the pixels are divided, not the pixels"
    if close(got.flatten(1).sum(1), torch.ones(len(got)).double(), 1e-4):
        return ": it divides by the sum of the pixels, not of their absolute values"
    return _shifted(got, images)


def _shifted(got: Tensor, images: Tensor) -> str:
    """Whether something was added to the pixels of each image besides dividing them, in words; "" if not."""
    before, after = images.flatten(1), got.flatten(1)
    x, y = (values - values.mean(1, keepdim=True) for values in (before, after))
    slope = (x * y).sum(1, keepdim=True) / x.square().sum(1, keepdim=True)
    if not close(y, slope * x, 1e-4) or close(after, slope * before, 1e-4):
        return ""
    zeros = torch.zeros(len(got)).double()
    if close(after.mean(1), zeros, 1e-6):
        return ": the mean of each image is subtracted first"
    if close(after.amin(1), zeros, 1e-6):
        return ": the smallest pixel of each image is subtracted first"
    return ": a number is added to all pixels of an image, besides dividing them"


def _what_is_one(got: Tensor, original: Tensor, sums: Tensor, p: int) -> str:
    """What is 1 instead of an image's norm, in words; "" if that cannot be seen."""
    images = got.flatten(1)
    ones = torch.ones(len(got)).double()
    powers = original.flatten(1).abs().pow(p).sum(1)
    norms, divisors = powers.pow(1 / p), (original / got).flatten(1)[:, 0]
    if bool((sums == 0).any()):
        return _some_images_alone(1 / divisors, sums)
    if p == 2 and len(got) > 1 and close(sums * powers, ones, 1e-4):
        return ": each image is divided by the square of its length, so a root is missing"
    if len(got) > 1 and abs(float(sums.sum()) - 1) < 1e-4:
        return ", and those of all images together sum to 1: each image has its own norm"
    if p == 1 and close(images.sum(1), ones, 1e-4):
        return ": the pixels themselves do, but some are negative"
    if close(sums, ones * images.shape[1], 1e-4):
        return ": that is the number of its pixels, so a mean is used instead of a sum"
    if close(images.abs().amax(1), ones, 1e-4):
        return ": the largest pixel is 1"
    return (
        _as_a_matrix(divisors, original, p)
        or _guarded(divisors, norms)
        or _some_images_alone(1 / divisors, sums)
        or _other_divisor(divisors, norms, original.flatten(1), p)
    )


def _other_divisor(divisors: Tensor, norms: Tensor, images: Tensor, p: int) -> str:
    """What each image was divided by instead of its norm, both (batch,); "" if that cannot be seen."""
    sums, squares = images.abs().sum(1), images.square().sum(1)
    also = "the number of its pixels" if p == 1 else "the root of the number of its pixels"
    others = {
        ": the images are unchanged": torch.ones_like(norms),
        ": each image is multiplied by its norm, but should be divided by it": 1 / norms,
        ": every image is divided by the norm of the first": norms[:1].expand_as(norms),
        ": every image is divided by the norm of the last": norms[-1:].expand_as(norms),
        ": each image is divided by the root of the sum of its absolute values": sums.sqrt(),
        ": each image is divided by the sum of its squares": squares,
        ": each image is divided by the square of the sum of its absolute values": sums.square(),
        ": each image is divided by its standard deviation": images.std(1),
        ": each image is divided by its mean": images.mean(1),
        ": each image is divided by the number of its pixels": torch.full_like(norms, images.shape[1]),
        f": each image is divided by its norm and by {also}": norms * images.shape[1] ** (1 / p),
    }
    for words, other in others.items():
        if len(norms) > 1 and close(divisors, other, 1e-5) and not close(other, norms, 1e-3):
            return words
    return ""


def _as_a_matrix(divisors: Tensor, images: Tensor, p: int) -> str:
    """Whether each image was divided by its norm as a matrix; "" if not."""
    for words, matrices in (
        ("(channels, height · width)", images.flatten(2)),
        ("(channels · height, width)", images.flatten(1, 2)),
    ):
        if close(divisors, torch.linalg.matrix_norm(matrices, ord=p), 1e-5):
            return f": each image is divided by its norm as a matrix {words}, but its pixels should be one vector"
    return ""


def _guarded(divisors: Tensor, norms: Tensor) -> str:
    """Whether a guard against division by zero is too large. Both (batch,): what was divided by, and the right norms."""
    added = divisors - norms
    if len(norms) > 1 and float(added.min()) > 0 and close(added, added.mean().expand_as(added), 1e-6):
        return f": {float(added.mean()):.3g} is added to every norm, but 1e-8 is enough against division by zero"
    wrong = added.abs() > 1e-6 * norms
    if not bool(wrong.any()):
        return ""
    least = float(divisors[wrong].min())
    alike = close(divisors[wrong], torch.full_like(divisors[wrong], least), 1e-7)
    plain = abs(least * 1000 - round(least * 1000)) < 1e-5
    if (
        alike
        and (plain or int(wrong.sum()) > 1)
        and bool((norms[wrong] < least).all() and (norms[~wrong] >= least).all())
    ):
        return (
            f": {least:.4g} is the least that an image is divided by, also where its norm is smaller. 1e-8 is enough against "
            "division by zero"
        )
    return ""


def _parts(got: Tensor, p: int) -> str:
    """What has norm 1 instead of the image, in words."""
    for part, axes in (
        ("each channel of an image", (2, 3)),
        ("each pixel, over its channels", (1,)),
        ("each row of pixels", (3,)),
        ("each column of pixels", (2,)),
        ("each position, over the batch", (0,)),
        ("each channel, over the batch", (0, 2, 3)),
    ):
        sums = got.abs().pow(p).sum(axes)
        if close(sums, torch.ones_like(sums), 1e-4):
            return f": {part}, has norm 1, but the image as a whole should" if "," in part else f": {part} has norm 1"
    return ""
