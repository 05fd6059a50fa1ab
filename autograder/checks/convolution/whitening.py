"""What is wrong with a ZCA whitening, told from what it makes of the images that it was fitted to.

W may divide the covariance by n or n - 1, and eigenvectors may have any signs. W is found here without eigenvectors.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def close(a: Tensor, b: Tensor, rtol: float) -> bool:
    """Whether all numbers agree up to `rtol`, relative to their size plus 1."""
    return a.shape == b.shape and bool(((a - b).abs() <= rtol * (1 + b.abs())).all())


def why_not_centred(got: Tensor, images: Tensor, eps: float) -> str:
    """What was subtracted from the images of the fit instead of their mean, if W is right; else what that means."""
    points = images.flatten(1)
    mean = points.mean(0)
    for covariance in both_covariances(images):
        W = inverse_root(covariance + eps * torch.eye(len(covariance)))
        others = {
            ": the mean is not subtracted": points @ W,
            ": the mean is subtracted after the product with W, but belongs before it": points @ W - mean,
            ": the mean is added, but should be subtracted": (points + mean) @ W,
            ": the mean is added again at the end": (points - mean) @ W + mean,
            ": one mean of all coordinates is subtracted, but each coordinate has its own": (points - mean.mean()) @ W,
            ": the mean of each image is subtracted, but not that of each coordinate": (
                (points - points.mean(1, keepdim=True)) @ W
            ),
        }
        for words, other in others.items():
            if close(got, other, 1e-4):
                return words
    return ": so what is multiplied by W does not have mean 0 in every coordinate, or something is added after that"


def wrong_spread(got: Tensor, images: Tensor, eps: float) -> str:
    """What the variances of the whitened images (n, d) are instead, in words."""
    spread = torch.linalg.eigvalsh(covariance_of(got))
    what = "the variances of the whitened images along their principal axes"
    for covariance in both_covariances(images):
        for words, W in _wrong_matrices(covariance, images, eps):
            whitened = (images.flatten(1) - images.flatten(1).mean(0)) @ W
            if close(spread, torch.linalg.eigvalsh(covariance_of(whitened)), 1e-4):
                return f"{what} {words}"
        if _has_eigenvectors_in_rows(got, covariance, images, eps):
            return f"{what} belong to a W = Uᵀ (Λ + eps)^(-1/2) U: the eigenvectors are the columns of U"
    variances = torch.linalg.eigvalsh(covariance_of(images.flatten(1))).clamp(min=0)
    for divisor in (1.0, len(images) / (len(images) - 1)):
        seen = (variances > 1e-6) & (spread > 1e-12)
        added = variances[seen] / spread[seen] - divisor * variances[seen]
        if int(seen.sum()) > 2 and close(added, added.mean().expand_as(added), 1e-3 * float(added.mean().abs())):
            return f"{what} are λ / (λ + {float(added.mean()):.4g}), but eps is {eps:g}"
    right = variances / (variances + eps)
    return (
        f"{what} should be λ / (λ + {eps:g}), from {float(right.min()):.3g} to {float(right.max()):.3g} here, but are from "
        f"{float(spread.min()):.3g} to {float(spread.max()):.3g}. Look at the covariance, at the place of eps, and at the "
        "exponent"
    )


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
        "are 0: all whitened images are equal": torch.zeros_like(variances),
    }
    for words, root in roots.items():
        yield words, U * root @ U.T
    d = torch.eye(len(covariance), dtype=covariance.dtype)
    deviations = covariance.diagonal().clamp(min=1e-12).sqrt()
    around_zero = covariance + torch.outer(points.mean(0), points.mean(0))
    other_covariances = {
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
