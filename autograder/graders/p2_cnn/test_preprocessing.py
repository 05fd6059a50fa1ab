"""Channel statistics, standardization, L1 and L2 normalization and ZCA whitening, compared by value.

ZCA is checked by what it does to images. The grader finds W without eigenvectors, by Newton's iteration for the inverse
square root of a matrix, so only the symmetric W passes.
"""

from __future__ import annotations

import functools
from contextlib import suppress

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor, expect_close, expect_unchanged
from autograder.checks.convolution.channel_statistics import expect_deviations, expect_means, per_channel
from autograder.checks.convolution.image_norms import expect_unit_norms
from autograder.checks.convolution.standardized import explain_standardized
from autograder.checks.convolution.whitened_others import expect_right_apply, expect_whitened
from autograder.checks.convolution.whitening import (
    both_covariances,
    close,
    covariance_of,
    inverse_root,
    why_not_centred,
    wrong_spread,
)
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.sandbox.host.errors import Raised, StudentProblem

EXERCISE = ExerciseSpec(public=("channel_statistics", "standardize", "lp_normalize", "zca_fit", "zca_apply"))
DTYPES = ((torch.float64, 1e-9), (torch.float32, 2e-5))
# Allows a guard of about 1e-8 against division by zero, next to a standard deviation of 0.1 or a norm of 0.5.
GUARDED = ((torch.float64, 1e-6), (torch.float32, 2e-5))
# batch, channels, height, width: unequal, or with as many channels as images, rows or columns, where a wrong axis raises
# no error; one, three and four channels; a batch of one.
SIZES = ((5, 3, 4, 6), (1, 3, 5, 4), (4, 1, 3, 5), (2, 4, 3, 5), (6, 3, 4, 3), (3, 3, 5, 2), (4, 3, 3, 7))
# batch, channels, height, width, eps: more images than coordinates or fewer, one channel or three. The first has several
# channels, so that mistakes of the channels differ from others there.
ZCA = ((50, 3, 2, 3, 0.02), (60, 1, 3, 4, 1e-3), (6, 3, 3, 2, 1e-2), (40, 2, 3, 1, 0.3))
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
        again = functools.partial(_statistic_of_others, student, which, lambda shape=shape: _images(draw, *shape))
        for dtype, rtol in DTYPES:
            x = images.to(dtype)
            got = _statistic(student, which, x)
            # A batch norm keeps these as its running statistics: the mean, and the variance divided by n - 1.
            expected = torch.zeros(shape[1]).double(), torch.ones(shape[1]).double()
            F.batch_norm(x.double(), *expected, training=True, momentum=1.0)
            if which == 0:
                expect_means(got, expected[0], x.double(), rtol)
            else:
                expect_deviations(got, expected[1], x.double(), rtol, again)


def _statistic(student, which, images):
    value = as_pair("channel_statistics should return (mean, std)", student.channel_statistics(images))[which]
    return per_channel(("mean", "std")[which], value, images)


def _statistic_of_others(student, which, draw_images):
    """Other images, and their statistic as the student's code gives it; None if that fails."""
    images = draw_images()
    with suppress(CheckFailed, StudentProblem):
        return images, _statistic(student, which, images)


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
                explain_standardized(got, x.double(), m.double()[:, None, None], s.double()[:, None, None])
                expect_close("standardize(images, mean, std)", got, expected, rtol=rtol)


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
        signed[0] *= 0.6 / torch.linalg.vector_norm(signed[0], ord=p)  # a norm below 1
        for images, (dtype, rtol) in ((positive, GUARDED[0]), (signed, GUARDED[0]), (signed, GUARDED[1])):
            x = images.to(dtype)
            got = as_tensor(f"lp_normalize(images, {p})", student.lp_normalize(x, p), shape).double()
            try:
                expect_unit_norms(got, x.double(), p, rtol)
            except CheckFailed:
                with suppress(StudentProblem):  # the other norm of the same images tells mistakes apart
                    student.lp_normalize(x, 3 - p)
                raise


@check(points=0.5)
def test_zca_whitens(student, draw):
    """ZCA makes the images of the fit centred and uncorrelated, with variances λ / (λ + eps)"""
    for *shape, eps in ZCA:
        images = _correlated(draw, *shape)
        fitted = _fit(student, images, eps)
        got = _apply(student, images, fitted).flatten(1)
        if not bool(torch.isfinite(got).all()):
            raise CheckFailed("the whitened images have NaN or infinite pixels: is there a root of a negative number?")
        expect_right_apply(got, images, fitted, _roots(images, eps))
        means = got.mean(0)
        if not bool((means.abs() <= 1e-7).all()):
            if bool((means.abs() < 1e-4).all()):
                raise CheckFailed(
                    "the whitened images are only right to a few digits: is something computed in float32?"
                )
            why = why_not_centred(got, images, eps)
            raise CheckFailed(
                f"after whitening, the means of the coordinates are not 0 but up to {float(means.abs().max()):.3g}: "
                f"{why.words}",
                mistake=why.mistake,
            )
        spread = torch.linalg.eigvalsh(covariance_of(got))
        for covariance in both_covariances(images):
            variances = torch.linalg.eigvalsh(covariance).clamp(min=0)
            # The fit may divide by n - 1, but `spread` divides by n.
            scale = float(torch.trace(covariance_of(images.flatten(1))) / torch.trace(covariance))
            if close(spread, scale * variances / (variances + eps), ZCA_RTOL):
                break
        else:
            why = wrong_spread(got, images, eps)
            raise CheckFailed(why.words, mistake=why.mistake)


@check(points=0.5, needs=[test_zca_whitens])
def test_zca_of_other_images(student, draw):
    """zca_apply centres other images by the mean of the fit, and multiplies them by the fit's W, which is symmetric"""
    sets = [_correlated(draw, *shape) for *shape, _ in ZCA]
    # All fits come first, so that zca_apply has to use what the right one returned.
    fits = [_fit(student, images, eps) for images, (*_, eps) in zip(sets, ZCA)]
    for images, fitted, (*shape, eps) in zip(sets, fits, ZCA):
        roots = _roots(images, eps)
        for batch in (7, 1):
            others = _correlated(draw, batch, *shape[1:]) + 0.1
            got = _apply(student, others, fitted)
            expect_whitened(got, others, images, roots, functools.partial(_apply, student, fitted=fitted))


def _correlated(draw, batch: int, *size: int) -> Tensor:
    """Images in [0, 1] whose neighbouring pixels and channels are similar."""
    noise = torch.from_numpy(draw.rng.uniform(0.0, 1.0, (batch, *size)))
    for axis in (1, 2, 3):
        noise = noise + 0.6 * noise.roll(1, axis)
    return noise / 1.6**3


def _fit(student, images: Tensor, eps: float):
    return as_pair("zca_fit should return (mean, W)", student.zca_fit(images, eps))


def _roots(images: Tensor, eps: float) -> list[Tensor]:
    """The two matrices that W may be, by n and by n - 1."""
    return [inverse_root(covariance + eps * torch.eye(len(covariance))) for covariance in both_covariances(images)]


def _apply(student, images: Tensor, fitted) -> Tensor:
    try:
        value = student.zca_apply(images, *fitted)
    except Raised:
        n, d = images.flatten(1).shape
        if isinstance(fitted[1], Tensor) and tuple(fitted[1].shape) == (n, n) != (d, d):
            mistake = f"zca_fit returns a W of shape {(n, n)} for {n} images"
            raise CheckFailed(
                f"{mistake}, and zca_apply fails with it: W should be the root of the covariance of the {d} coordinates, "
                f"({d}, {d}), not of the images",
                mistake=mistake,
            ) from None
        raise
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
