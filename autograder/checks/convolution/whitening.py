"""What is wrong with a ZCA whitening, told from what it makes of the images that it was fitted to.

W may divide the covariance by n or n - 1, and eigenvectors may have any signs. W is found here without eigenvectors.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checks.convolution.findings import Finding, established
from autograder.checks.explanations.context import shown_factor


def close(a: Tensor, b: Tensor, rtol: float) -> bool:
    """Whether all numbers agree up to `rtol`, relative to their size plus 1."""
    return a.shape == b.shape and bool(((a - b).abs() <= rtol * (1 + b.abs())).all())


def why_not_centred(got: Tensor, images: Tensor, eps: float) -> Finding:
    """What was subtracted from the images of the fit instead of their mean; if that cannot be seen, what it means."""
    points = images.flatten(1)
    mean = points.mean(0)
    for covariance in both_covariances(images):
        W = _whitening(covariance, eps)
        others = {
            "the mean is not subtracted": points @ W,
            "the mean is subtracted after the product with W, but belongs before it": points @ W - mean,
            "the mean is added, but should be subtracted": (points + mean) @ W,
            "the mean is added again at the end": (points - mean) @ W + mean,
        }
        for words, other in others.items():
            if close(got, other, 1e-4):
                return established(words)
        scale = float(covariance.trace() / covariance_of(points).trace())
        for words, centre in _other_centres(images).items():
            centred = points - centre
            around = scale * centred.T @ centred / len(points)  # the covariance may have been computed around it, too
            if any(close(got, centred @ matrix, 1e-4) for matrix in (W, _whitening(around, eps))):
                return established(words)
    return Finding(
        "so what is multiplied by W does not have mean 0 in every coordinate, or the result is changed after that"
    )


def _other_centres(images: Tensor) -> dict[str, Tensor]:
    """What may be subtracted from the points (n, d) by mistake, in words."""
    points = images.flatten(1)
    pixels = points.mean(0).reshape(images.shape[1], -1)
    of_channels = pixels.mean(1, keepdim=True).expand_as(pixels).reshape(1, -1)
    centres = {
        "one mean of all coordinates is subtracted, but each coordinate has its own": points.mean().reshape(1, 1),
        "the mean of each image is subtracted, but not that of each coordinate": points.mean(1, keepdim=True),
    }
    if images.shape[1] > 1:
        centres["the mean of each channel is subtracted, but each coordinate has its own"] = of_channels
    return centres


def wrong_spread(got: Tensor, images: Tensor, eps: float) -> Finding:
    """What the variances of the whitened images (n, d) are instead, in words."""
    spread = torch.linalg.eigvalsh(covariance_of(got))
    what = "the variances of the whitened images along their principal axes"
    for covariance in both_covariances(images):
        for words, W in _wrong_matrices(covariance, images, eps):
            whitened = (images.flatten(1) - images.flatten(1).mean(0)) @ W
            if close(spread, torch.linalg.eigvalsh(covariance_of(whitened)), 1e-4):
                return established(f"{what} {words}")
        if _has_eigenvectors_in_rows(got, covariance, images, eps):
            return established(
                f"{what} belong to a W = Uᵀ (Λ + eps)^(-1/2) U", ": the eigenvectors are the columns of U"
            )
    variances = torch.linalg.eigvalsh(covariance_of(images.flatten(1))).clamp(min=0)
    fitted = _scale_and_eps(variances, spread, len(images))
    if fitted:
        return established(f"{what} {_in_words(*fitted, images, eps)}")
    right = variances / (variances + eps)
    return Finding(
        f"{what} should be λ / (λ + {eps:g}), from {float(right.min()):.3g} to {float(right.max()):.3g} here, but are from "
        f"{float(spread.min()):.3g} to {float(spread.max()):.3g}. Look at the covariance, at the place of eps, and at the "
        "exponent"
    )


def _scale_and_eps(variances: Tensor, spread: Tensor, n: int) -> tuple[float, float] | None:
    """The numbers k and e with which the variances are λ / (kλ + e); None if there are none. k is 1 for n and for n - 1."""
    seen = (variances > 1e-6) & (spread > 1e-12)
    if int(seen.sum()) < 4:
        return None
    x, y = variances[seen], variances[seen] / spread[seen]
    k = float(((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum())
    e = float(y.mean() - k * x.mean())
    if not close(y, k * x + e, 1e-6):
        return None
    by_n_minus_1 = abs(k * (n - 1) / n - 1) < 1e-6
    return (1.0 if by_n_minus_1 or abs(k - 1) < 1e-6 else k), e


def _in_words(k: float, e: float, images: Tensor, eps: float) -> str:
    """What variances λ / (kλ + e) mean."""
    if k == 1:
        return f"are λ / (λ + {e:.4g}), but eps is {eps:g}"
    n, d = images.flatten(1).shape
    divisors = {
        f"the number of coordinates, {d}, but should be divided by the number of images": n / d,
        f"the number of numbers in all images, {n * d}, but should be divided by the number of images": 1 / d,
        f"the number of channels, {images.shape[1]}, but should be divided by the number of images": n
        / images.shape[1],
        "the square of the number of images": 1 / n,
    }
    if abs(e / eps - 1) > 1e-3:
        return f"are λ / ({shown_factor(k)} λ + {e:.4g}), but should be λ / (λ + {eps:g})"
    for words, factor in divisors.items():
        if abs(k / factor - 1) < 1e-4:
            return f"belong to a covariance that is divided by {words}"
    return f"belong to {shown_factor(k)} times the covariance: look at what it is divided by"


def _wrong_matrices(covariance: Tensor, images: Tensor, eps: float) -> Iterator[tuple[str, Tensor]]:
    """Matrices that W may be by mistake, (d, d), each with what is wrong with the variances that it leads to."""
    n, points = len(images), images.flatten(1)
    variances, U = torch.linalg.eigh(covariance)
    variances = variances.clamp(min=0)
    roots = {
        "are λ / (√λ + eps)²: add eps to λ, before taking the root": 1 / (variances.sqrt() + eps),
        "are those without eps": (variances > 1e-9) / variances.clamp(min=1e-9).sqrt(),
        "are λ / (λ + eps)²: a square root is missing": 1 / (variances + eps),
        "belong to a W with the exponent +1/2": (variances + eps).sqrt(),
        "belong to a W with the exponent +1": variances + eps,
        "are those of the original images": torch.ones_like(variances),
        "belong to a covariance that is a sum over the images, but should be a mean": 1 / (n * variances + eps).sqrt(),
        "belong to √(Λ − eps): eps should be added": 1 / (variances - eps).clamp(min=1e-12).sqrt(),
        "belong to a W whose Λ are the singular values of the centred images: the variances are their squares, divided by "
        "n": 1 / ((n * variances).sqrt() + eps).sqrt(),
        "belong to a W with the singular values of the centred images in place of (Λ + eps)^(1/2): the variances are their "
        "squares, divided by n": 1 / ((n * variances).sqrt() + eps),
        "belong to a W in which each eigenvalue stands beside another's eigenvector: both have to be sorted alike": (
            (variances.flip(0) + eps).rsqrt()
        ),
        "are 0: all whitened images are equal": torch.zeros_like(variances),
    }
    for words, root in roots.items():
        yield words, U * root @ U.T
    d = torch.eye(len(covariance), dtype=covariance.dtype)
    yield (
        "belong to a W that is computed element by element, not as a root of the matrix",
        (covariance.abs() + eps).rsqrt(),
    )
    yield (
        "belong to a W that is computed element by element, not as a root of the matrix",
        (covariance.abs() + eps).sqrt(),
    )
    shifted, turned = torch.linalg.eigh(covariance + eps)
    yield (
        "belong to a covariance with eps added to all its entries, but it belongs to the diagonal alone",
        turned * shifted.clamp(min=1e-12).rsqrt() @ turned.T,
    )
    deviations = covariance.diagonal().clamp(min=1e-12).sqrt()
    around_zero = covariance + torch.outer(points.mean(0), points.mean(0))
    each = points.std(0).clamp(min=1e-12)  # by n - 1, whatever the covariance is divided by
    correlations = covariance / torch.outer(each, each)
    pixels = images[0, 0].numel()
    blocks = torch.kron(torch.eye(images.shape[1]), torch.ones(pixels, pixels))
    other_covariances = {
        "belong to a covariance of each channel by itself, without the correlations between channels": covariance
        * blocks,
        "belong to images whose coordinates are divided by their standard deviations before the covariance": correlations,
        "belong to images that are not centred when their covariance is computed": around_zero,
        "belong to the products of images that are not centred": points.T @ points / (n - 1),
        "belong to the diagonal of the covariance alone, without the correlations": torch.diag(covariance.diagonal()),
        "belong to the correlations, not to the covariance": covariance / torch.outer(deviations, deviations),
    }
    for words, other in other_covariances.items():
        yield words, inverse_root(other + eps * d)


def _has_eigenvectors_in_rows(got: Tensor, covariance: Tensor, images: Tensor, eps: float) -> bool:
    """Whether W is Uᵀ (Λ + eps)^(-1/2) U for any signs and either order of the eigenvectors, the columns of U."""
    centred = images.flatten(1) - images.flatten(1).mean(0)
    if len(centred) <= centred.shape[1]:
        return False  # W cannot be told from its products with these images
    W = torch.linalg.lstsq(centred, got).solution
    variances, U = torch.linalg.eigh(covariance)
    for values, vectors in ((variances, U), (variances.flip(0), U.flip(1))):
        # The sign of the i-th eigenvector changes the signs of row i and of column i.
        if close(W.abs(), (vectors.T * (values + eps).rsqrt() @ vectors).abs(), 1e-5):
            return True
    return False


def _whitening(covariance: Tensor, eps: float) -> Tensor:
    return inverse_root(covariance + eps * torch.eye(len(covariance), dtype=covariance.dtype))


def inverse_root(matrix: Tensor) -> Tensor:
    """The symmetric inverse square root of a positive definite matrix, by the iteration of Denman and Beavers."""
    root, inverse = matrix, torch.eye(len(matrix), dtype=matrix.dtype)
    for _ in range(40):
        root, inverse = (root + torch.linalg.inv(inverse)) / 2, (inverse + torch.linalg.inv(root)) / 2
    return inverse


def covariance_of(points: Tensor) -> Tensor:
    """The covariance of (n, d) points, (d, d), divided by n."""
    return torch.cov(points.T, correction=0).reshape(points.shape[1], points.shape[1])


def both_covariances(images: Tensor) -> tuple[Tensor, Tensor]:
    """The covariances divided by n and by n - 1."""
    covariance = covariance_of(images.flatten(1))
    return covariance, covariance * len(images) / (len(images) - 1)
