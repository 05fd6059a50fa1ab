"""Channel statistics, standardization, L1 and L2 normalization and ZCA whitening, compared by value.

ZCA is checked by what it does to images. The grader finds W without eigenvectors, by Newton's iteration for the inverse
square root of a matrix, so only the symmetric W passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor, expect_close, expect_unchanged
from autograder.checks.convolution.whitening import (
    both_covariances,
    close,
    covariance_of,
    inverse_root,
    why_not_centred,
    wrong_spread,
)
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.loss_accuracy import as_pair

EXERCISE = ExerciseSpec(public=("channel_statistics", "standardize", "lp_normalize", "zca_fit", "zca_apply"))
DTYPES = ((torch.float64, 1e-9), (torch.float32, 2e-5))
# Allows a guard of about 1e-8 against division by zero, next to a standard deviation of 0.1 or a norm of 0.5.
GUARDED = ((torch.float64, 1e-6), (torch.float32, 2e-5))
# batch, channels, height, width: unequal, or with as many channels as images, rows or columns, where a wrong axis raises
# no error; one, three and four channels; a batch of one.
SIZES = ((5, 3, 4, 6), (1, 3, 5, 4), (4, 1, 3, 5), (2, 4, 3, 5), (6, 3, 4, 3), (3, 3, 5, 2), (4, 3, 3, 7))
# batch, channels, height, width, eps: more images than coordinates or fewer, one channel or three.
ZCA = ((60, 1, 3, 4, 1e-3), (50, 3, 2, 3, 0.02), (6, 3, 3, 2, 1e-2), (40, 2, 3, 1, 0.3))
ZCA_RTOL = 1e-7


def _images(draw, batch, channels, height, width):
    """Images in [0, 1] whose brightness and contrast differ from channel to channel and from image to image."""
    uniform = draw.rng.uniform
    base = uniform(0.0, 0.3, (1, channels, 1, 1)) + uniform(0.0, 0.2, (batch, channels, 1, 1))
    contrast = uniform(0.3, 0.5, (batch, channels, 1, 1))
    return torch.from_numpy(base + contrast * uniform(0.0, 1.0, (batch, channels, height, width)))


@check(points=0.5)
def test_channel_means(student, draw):
    """channel_statistics returns the mean of each channel over all pixels of all images"""
    _check_statistics(student, draw, 0)


@check(points=0.5, needs=[test_channel_means])
def test_channel_deviations(student, draw):
    """channel_statistics returns the standard deviation of each channel over all pixels of all images"""
    _check_statistics(student, draw, 1)


def _check_statistics(student, draw, which):
    for shape in SIZES:
        images = _images(draw, *shape)
        for dtype, rtol in DTYPES:
            x = images.to(dtype)
            what = "channel_statistics should return (mean, std)"
            value = as_pair(what, student.channel_statistics(x))[which]
            got = _per_channel(("mean", "std")[which], value, shape)
            # A batch norm keeps these as its running statistics: the mean, and the variance divided by n - 1.
            expected = torch.zeros(shape[1]).double(), torch.ones(shape[1]).double()
            F.batch_norm(x.double(), *expected, training=True, momentum=1.0)
            if which == 0:
                _expect_means(got, expected[0], x.double(), rtol)
            else:
                _expect_deviations(got, expected[1], x.double(), rtol)


def _per_channel(name: str, value, shape: tuple[int, ...]) -> Tensor:
    batch, channels, height, width = shape
    why = {
        (batch, channels): "there is one for each image, but all images count together",
        (batch,): "there is one for each image, but there should be one for each channel",
        (channels, height, width): "there is one for each pixel, but all pixels of a channel count together",
        (): "there is one for all channels, but each channel needs its own",
        (1, channels, 1, 1): "leave out the axes of size 1",
    }
    found = tuple(value.shape) if isinstance(value, Tensor) else None
    if found in why and found != (channels,):
        raise CheckFailed(f"{name} should have shape {(channels,)}, but has {found}: {why[found]}")
    return as_tensor(name, value, (channels,)).double()


def _expect_means(got: Tensor, means: Tensor, images: Tensor, rtol: float) -> None:
    if len(means) > 1 and close(got, means.mean().expand_as(got), 1e-4):
        raise CheckFailed("mean is that of all pixels together: each channel needs its own")
    if got.shape[0] == images.shape[0] != 1 and close(got, images.flatten(1).mean(1), 1e-4):
        raise CheckFailed("mean is that of each image, but should be that of each channel")
    for ddof in (0, 1):
        if close(got, images.std((0, 2, 3), correction=ddof), 1e-4):
            raise CheckFailed(
                "mean is the standard deviation: channel_statistics should return (mean, std), in this order"
            )
    expect_close(
        "mean", got, means, rtol=rtol, context=AnswerContext(others=lambda: _of_part(images, lambda x: x.mean(1)))
    )


def _of_part(images: Tensor, statistic) -> dict[str, Tensor]:
    """Wrong values of a statistic, (channels,) each: the statistic of a part of the pixels, and other statistics."""
    channels = images.double().transpose(0, 1)  # channels, batch, height, width
    parts = {
        "is that of the first image alone: all images count": channels[:, 0],
        "is that of the last image alone: all images count": channels[:, -1],
        "ignores the last image": channels[:, :-1],
        "ignores the first image": channels[:, 1:],
        "is that of the first row of pixels alone": channels[:, :, 0],
        "is that of the first column of pixels alone": channels[:, :, :, 0],
        "is that of one pixel of each image": channels[:, :, 0, 0],
    }
    found = {words: statistic(part.flatten(1)) for words, part in parts.items() if part.flatten(1).shape[1] > 1}
    whole = channels.flatten(1)
    return found | {
        "is the median": whole.median(1).values,
        "is the median, half-way between the two middle values": whole.quantile(0.5, dim=1),
        "is the largest value": whole.amax(1),
        "is the smallest value": whole.amin(1),
        "is half-way between the smallest and the largest value": (whole.amin(1) + whole.amax(1)) / 2,
        "is the difference between the largest and the smallest value": whole.amax(1) - whole.amin(1),
        "is the root of the mean square": whole.square().mean(1).sqrt(),
    }


def _expect_deviations(got: Tensor, variances: Tensor, images: Tensor, rtol: float) -> None:
    """Fails with the likeliest mistake if the standard deviations are wrong. `variances` are divided by n - 1."""
    n = images.numel() // images.shape[1]
    expected = variances.sqrt()
    if close(got, expected, rtol) or close(got, expected * ((n - 1) / n) ** 0.5, rtol):
        return
    channels = images.transpose(0, 1).flatten(2)  # channels, batch, pixels
    others = {
        "the variance: take its square root": lambda ddof: channels.flatten(1).var(1, correction=ddof),
        "the mean of the standard deviations of the single images, which ignores differences between images": (
            lambda ddof: channels.std(2, correction=ddof).mean(1)
        ),
        "the root of the mean variance of the single images, which ignores differences between images": (
            lambda ddof: channels.var(2, correction=ddof).mean(1).sqrt()
        ),
        "the standard deviation of the images' means": lambda ddof: channels.mean(2).std(1, correction=ddof),
        "the mean of the standard deviations of each pixel over the batch": (
            lambda ddof: channels.std(1, correction=ddof).mean(1)
        ),
        "that of all channels together: each channel needs its own": (
            lambda ddof: images.std(correction=ddof).expand(len(channels))
        ),
        "that of each image, but should be that of each channel": (
            lambda ddof: images.flatten(1).std(1, correction=ddof)
        ),
        "the root of the mean square: subtract the mean first": lambda ddof: channels.pow(2).mean((1, 2)).sqrt(),
        "the mean absolute deviation": (
            lambda ddof: (channels - channels.mean((1, 2), keepdim=True)).abs().mean((1, 2))
        ),
    }
    for words, other in others.items():
        for ddof in (0, 1) if images.shape[0] > 1 else (0,):
            if close(got, other(ddof), 1e-4):
                raise CheckFailed(f"std is {words}")
    expect_close(
        "std", got, expected, rtol=rtol, context=AnswerContext(others=lambda: _of_part(images, lambda x: x.std(1)))
    )


@check(points=0.5)
def test_standardize(student, draw):
    """standardize subtracts the given mean of each channel and divides by its given standard deviation"""
    for shape in SIZES:
        images = _images(draw, *shape)
        channels = shape[1]
        # Statistics of other images, so that statistics of these images are noticed.
        mean = torch.from_numpy(draw.rng.uniform(-0.5, 1.0, channels))
        std = torch.from_numpy(draw.rng.uniform(0.15, 2.0, channels))
        for dtype, rtol in GUARDED:
            x, m, s = (value.to(dtype) for value in (images, mean, std))
            got = as_tensor("standardize(images, mean, std)", student.standardize(x, m, s), shape).double()
            expected = F.batch_norm(x.double(), m.double(), s.double() ** 2, eps=0.0)
            if not close(got, expected, rtol):
                _explain_standardized(got, x.double(), m.double()[:, None, None], s.double()[:, None, None])
                expect_close("standardize(images, mean, std)", got, expected, rtol=rtol)


def _explain_standardized(got: Tensor, x: Tensor, mean: Tensor, std: Tensor) -> None:
    others = {
        "divides the images by 255 first, but mean and std are in units of the given pixels": (x / 255 - mean) / std,
        "divides by the variance, but should divide by the standard deviation": (x - mean) / std**2,
        "divides by the square root of the standard deviation": (x - mean) / std.sqrt(),
        "multiplies by the standard deviation, but should divide by it": (x - mean) * std,
        "divides before it subtracts the mean": x / std - mean,
        "adds the mean, but should subtract it": (x + mean) / std,
        "subtracts the mean, but does not divide": x - mean,
        "divides, but does not subtract the mean": x / std,
        "uses one mean and one standard deviation for all channels": (x - mean.mean()) / std.mean(),
        "subtracts the standard deviation and divides by the mean": (x - std) / mean,
        "uses the statistics of the channels in reverse order": (x - mean.flip(0)) / std.flip(0),
    }
    for guard in (1e-2, 1e-3, 1e-4, 1e-5):
        if close(got, (x - mean) / (std + guard), 1e-5) or close(got, (x - mean) / (std**2 + guard).sqrt(), 1e-5):
            raise CheckFailed(
                f"standardize(images, mean, std) guards against division by zero with about {guard:g}, which changes the "
                "result: 1e-8 is enough"
            )
    if x.shape[1] > 1 and x.shape[1] == x.shape[3]:
        others["uses a mean and a standard deviation for each column of pixels: mean[0] belongs to channel 0"] = (
            x - mean.flatten()
        ) / std.flatten()
    for words, other in [*_own_standardized(x), *others.items()]:
        if close(got, other, 1e-4):
            raise CheckFailed(f"standardize(images, mean, std) {words}")


def _own_standardized(x: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Images standardized by their own statistics, with the variance divided by n or n - 1."""
    whose = {
        "uses the statistics of the images themselves: use the given ones": (0, 2, 3),
        "uses the statistics of each image and channel: use the given ones": (2, 3),
        "uses the statistics of each image: use the given ones": (1, 2, 3),
    }
    for (words, axes), correction in itertools.product(whose.items(), (0, 1)):
        yield words, (x - x.mean(axes, keepdim=True)) / x.std(axes, correction=correction, keepdim=True)


@check(points=0.5)
def test_l1_norm(student, draw):
    """lp_normalize with p = 1 divides each image by the sum of its absolute values"""
    _check_normalized(student, draw, 1)


@check(points=0.5, needs=[test_l1_norm])
def test_l2_norm(student, draw):
    """lp_normalize with p = 2 divides each image by its Euclidean length"""
    _check_normalized(student, draw, 2)


def _check_normalized(student, draw, p):
    for shape in SIZES:
        positive = _images(draw, *shape)
        # Positive pixels, and pixels of both signs, as after standardization; images with very different norms.
        scale = torch.from_numpy(draw.rng.uniform(0.5, 5.0, (shape[0], 1, 1, 1)))
        signed = (positive - 0.4) * scale
        for images, (dtype, rtol) in ((positive, GUARDED[0]), (signed, GUARDED[0]), (signed, GUARDED[1])):
            x = images.to(dtype)
            got = as_tensor(f"lp_normalize(images, {p})", student.lp_normalize(x, p), shape).double()
            _expect_unit_norms(got, x.double(), p, rtol)


def _expect_unit_norms(got: Tensor, images: Tensor, p: int, rtol: float) -> None:
    """Fails unless each image was divided by its norm: the direction is the same, and the norm is 1."""
    call = f"lp_normalize(images, {p})"
    if not torch.isfinite(got).all():
        raise CheckFailed(f"{call} gives NaN or infinite pixels for images without zeros: is a norm 0?")
    if p == 2 and close(got.flatten(1).abs().sum(1), torch.ones(len(got)).double(), 1e-4):
        raise CheckFailed(f"{call} divides by the sum of the absolute values, which is p = 1")
    if p == 1 and close(got.flatten(1).pow(2).sum(1), torch.ones(len(got)).double(), 1e-4):
        raise CheckFailed(f"{call} divides by the Euclidean length, which is p = 2")
    ratio = got / images  # no pixel is exactly 0
    if bool((ratio < 0).any()):
        raise CheckFailed(f"{call} changes the signs of pixels{_why_signs(got, images)}")
    if not close(ratio, ratio[:, :1, :1, :1].expand_as(ratio), 1e-3):
        raise CheckFailed(
            f"{call} divides the pixels of one image by different numbers{_parts(got, p) or _shifted(got, images)}"
        )
    sums = got.flatten(1).abs().pow(p).sum(1)
    name = "absolute values" if p == 1 else "squares"
    wrong = ((sums - 1).abs() > (2e-6 if rtol < 1e-5 else 1e-4)).nonzero().flatten()
    if len(wrong):
        i = int(wrong[0])
        raise CheckFailed(
            f"the {name} of image {i} of {len(got)} sum to {float(sums[i]):.4g} after {call}, but should sum to 1"
            f"{_what_is_one(got, images, sums, p)}"
        )
    norms = images.abs().flatten(1).pow(p).sum(1).pow(1 / p)[:, None, None, None]
    expect_close(call, got * norms, images, rtol=rtol)


def _why_signs(got: Tensor, images: Tensor) -> str:
    if bool((got > 0).all()):
        return ": all results are positive, so the absolute values of the pixels are divided, not the pixels"
    if close(got.flatten(1).sum(1), torch.ones(len(got)).double(), 1e-4):
        return ": it divides by the sum of the pixels, not of their absolute values"
    return _shifted(got, images) or ", but dividing by a norm, which is positive, keeps them"


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


@check(points=0.5)
def test_zca_whitens(student, draw):
    """ZCA makes the images of the fit centred and uncorrelated, with variances λ / (λ + eps)"""
    for *shape, eps in ZCA:
        images = _correlated(draw, *shape)
        got = _apply(student, images, _fit(student, images, eps)).flatten(1)
        means = got.mean(0)
        if not bool((means.abs() <= 1e-7).all()):
            if bool((means.abs() < 1e-4).all()):
                raise CheckFailed(
                    "the whitened images are only right to a few digits: is something computed in float32?"
                )
            raise CheckFailed(
                f"after whitening, the means of the coordinates are not 0 but up to {float(means.abs().max()):.3g}"
                f"{why_not_centred(got, images, eps)}"
            )
        spread = torch.linalg.eigvalsh(covariance_of(got))
        for covariance in both_covariances(images):
            variances = torch.linalg.eigvalsh(covariance).clamp(min=0)
            # The fit may divide by n - 1, but `spread` divides by n.
            scale = float(torch.trace(covariance_of(images.flatten(1))) / torch.trace(covariance))
            if close(spread, scale * variances / (variances + eps), ZCA_RTOL):
                break
        else:
            raise CheckFailed(wrong_spread(got, images, eps))


@check(points=0.5, needs=[test_zca_whitens])
def test_zca_of_other_images(student, draw):
    """zca_apply centres other images by the mean of the fit, and multiplies them by the fit's W, which is symmetric"""
    sets = [_correlated(draw, *shape) for *shape, _ in ZCA]
    # All fits come first, so that zca_apply has to use what the right one returned.
    fits = [_fit(student, images, eps) for images, (*_, eps) in zip(sets, ZCA)]
    for images, fitted, (*shape, eps) in zip(sets, fits, ZCA):
        roots = [inverse_root(covariance + eps * torch.eye(len(covariance))) for covariance in both_covariances(images)]
        for batch in (7, 1):
            others = _correlated(draw, batch, *shape[1:]) + 0.1
            got = _apply(student, others, fitted)
            _expect_whitened(got, others, images, roots)


def _expect_whitened(got: Tensor, others: Tensor, images: Tensor, roots: list[Tensor]) -> None:
    """Fails with the likeliest mistake if the whitened images are wrong. `roots`: the two matrices that W may be."""
    mean = images.mean(0).flatten()
    points = others.flatten(1) - mean
    if any(close(got.flatten(1), points @ root, ZCA_RTOL) for root in roots):
        return
    what = "zca_apply(others, *zca_fit(images, eps)), for images that are not those of the fit,"
    if len(others) > 1:
        own = others.flatten(1) - others.flatten(1).mean(0)
        for root in roots:
            if close(got.flatten(1), others.flatten(1) @ root, 1e-4):
                raise CheckFailed(f"{what} does not subtract the mean")
            if close(got.flatten(1), own @ root, 1e-4):
                raise CheckFailed(f"{what} subtracts their own mean: use the mean of the fit")
            if close(got.flatten(1), points @ root + mean, 1e-4):
                raise CheckFailed(f"{what} adds the mean again at the end")
            if close(got.flatten(1), points @ root, 1e-3):
                raise CheckFailed(f"{what} is only right to a few digits: is something computed in float32?")
            if close(got.flatten(1) @ got.flatten(1).T, points @ root @ root @ points.T, 1e-5):
                raise CheckFailed(
                    f"{what} is white, but rotated, as in PCA whitening. Use the symmetric W, "
                    "U (Λ + eps)^(-1/2) Uᵀ, which keeps the images as close to the originals as possible"
                )
    centred = images.flatten(1) - mean
    varying = torch.linalg.pinv(centred) @ centred  # (d, d): projects onto the directions in which the images vary
    if any(close(got.flatten(1) @ varying, points @ root @ varying, 1e-4) for root in roots):
        raise CheckFailed(
            f"{what} is right in the directions in which the images of the fit vary, but wrong in the others. There are "
            "others if there are fewer images than coordinates: W needs all directions, with Λ = 0 for these"
        )
    expect_close(what, got.flatten(1), points @ roots[0], rtol=ZCA_RTOL)


def _correlated(draw, batch: int, *size: int) -> Tensor:
    """Images in [0, 1] whose neighbouring pixels and channels are similar."""
    noise = torch.from_numpy(draw.rng.uniform(0.0, 1.0, (batch, *size)))
    for axis in (1, 2, 3):
        noise = noise + 0.6 * noise.roll(1, axis)
    return noise / 1.6**3


def _fit(student, images: Tensor, eps: float):
    return as_pair("zca_fit should return (mean, W)", student.zca_fit(images, eps))


def _apply(student, images: Tensor, fitted) -> Tensor:
    value = student.zca_apply(images, *fitted)
    return as_tensor("zca_apply(images, mean, W)", value, tuple(images.shape), torch.float64)


VALUES = (
    test_channel_means,
    test_channel_deviations,
    test_standardize,
    test_l1_norm,
    test_l2_norm,
    test_zca_whitens,
    test_zca_of_other_images,
)


@check(points=0.5, needs=VALUES, counts_with=[values.__name__ for values in VALUES])
def test_arguments_and_dtype_are_kept(student, draw):
    """no function changes its arguments, and results keep float32 or float64"""
    for shape in SIZES[:4]:
        images = _images(draw, *shape)
        for dtype, _ in DTYPES:
            x = images.to(dtype)
            channels = (shape[1],)
            pair = as_pair("channel_statistics should return (mean, std)", student.channel_statistics(x))
            mean, std = (as_tensor(name, value, channels, dtype) for name, value in zip(("mean", "std"), pair))
            as_tensor("standardize(images, mean, std)", student.standardize(x, mean, std), shape, dtype)
            for p in (1, 2):
                as_tensor(f"lp_normalize(images, {p})", student.lp_normalize(x, p), shape, dtype)
    images = _correlated(draw, 9, 2, 2, 3)
    _apply(student, _correlated(draw, 4, 2, 2, 3), _fit(student, images, 0.1))
    expect_unchanged(student)
