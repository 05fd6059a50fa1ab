"""Images whitened by the mean and W of other images, and what a wrong result is instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import expect_close
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.whitening import close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed

RTOL = 1e-7


def expect_whitened(
    got: Tensor, others: Tensor, images: Tensor, roots: list[Tensor], apply: Callable[[Tensor], Tensor]
) -> None:
    """Fails with the likeliest mistake if the whitened images are wrong.

    Args:
        got: what the student's code makes of `others`.
        others: images that are not those of the fit.
        images: those of the fit.
        roots: the two matrices that W may be.
        apply: whitens images with the student's code and fit.
    """
    mean = images.mean(0).flatten()
    points = others.flatten(1) - mean
    if any(close(got.flatten(1), points @ root, RTOL) for root in roots):
        return
    what = "zca_apply(others, *zca_fit(images, eps)), for images that are not those of the fit,"
    if len(others) > 1:
        own = others.flatten(1) - others.flatten(1).mean(0)
        for root in roots:
            if close(got.flatten(1), others.flatten(1) @ root, 1e-4):
                raise _failed(what, established("does not subtract the mean"))
            if close(got.flatten(1), own @ root, 1e-4):
                raise _failed(what, established("subtracts their own mean", ": use the mean of the fit"))
            if close(got.flatten(1), points @ root + mean, 1e-4):
                raise _failed(what, established("adds the mean again at the end"))
            if close(got.flatten(1), points @ root, 1e-3):
                raise CheckFailed(f"{what} is only right to a few digits: is something computed in float32?")
            if close(got.flatten(1) @ got.flatten(1).T, points @ root @ root @ points.T, 1e-5):
                raise _failed(what, _why_turned(_matrix_of(apply, mean, others.shape[1:]), root))
    centred = images.flatten(1) - mean
    varying = torch.linalg.pinv(centred) @ centred  # (d, d): projects onto the directions in which the images vary
    if any(close(got.flatten(1) @ varying, points @ root @ varying, 1e-4) for root in roots):
        seen = "is right in the directions in which the images of the fit vary, but wrong in the others"
        remedy = ". There are others if there are fewer images than coordinates: W needs all directions, with Λ = 0 for these"
        raise _failed(what, established(seen, remedy))
    expect_close(what, got.flatten(1), points @ roots[0], rtol=RTOL)


def _failed(what: str, why: Finding) -> CheckFailed:
    return CheckFailed(f"{what} {why.words}", mistake=why.mistake)


def expect_right_apply(got: Tensor, images: Tensor, fitted: tuple[Any, Any], roots: list[Tensor]) -> None:
    """Fails if (mean, W) are right, and so what `zca_apply` made of the images, (batch, ...), is wrong.

    Their shapes are free; in other shapes than (d,) or (1, d) and (d, d) nothing is claimed.
    """
    mean, W = fitted
    points = images.flatten(1)
    if not (isinstance(mean, Tensor) and isinstance(W, Tensor)) or mean.numel() != points.shape[1]:
        return
    if not (
        close(mean.double().flatten(), points.mean(0), RTOL) and any(close(W.double(), root, RTOL) for root in roots)
    ):
        return
    mean, W = mean.double().flatten(), W.double()
    centred = points - mean
    others = {
        "multiplies by W twice": centred @ W @ W,
        "does not subtract the mean": points @ W,
        "subtracts the mean after the product with W, but should before": points @ W - mean,
        "adds the mean, but should subtract it": (points + mean) @ W,
        "adds the mean again at the end": centred @ W + mean,
        "does not multiply by W": centred,
        "multiplies by W element by element": centred * W.diagonal(),
        "cuts its result off below 0 and above 1": (centred @ W).clamp(0, 1),
    }
    expect_close(
        "zca_fit returns the right mean and W, but zca_apply(images, mean, W)",
        got.flatten(1),
        centred @ W,
        rtol=RTOL,
        context=AnswerContext(others=lambda: others),
    )


def _matrix_of(apply: Callable[[Tensor], Tensor], mean: Tensor, shape: torch.Size) -> Tensor:
    """The matrix (d, d) that the images are multiplied by: row i is what becomes of coordinate i."""
    points = torch.cat([mean[None], mean + torch.eye(len(mean), dtype=mean.dtype)])
    whitened = apply(points.reshape(-1, *shape)).flatten(1)
    return whitened[1:] - whitened[0]


def _why_turned(W: Tensor, root: Tensor) -> Finding:
    """What a matrix W is that whitens like `root` and is another, (d, d) both."""
    apart = (W[:, :, None] - root[:, None, :]).abs().amax(0)  # column i of W and column j of the right one
    if bool((apart.amin(1) < 1e-6).all()) and len(set(apart.argmin(1).tolist())) == len(W):
        return established(
            "has the right numbers in the wrong places: after the product with W they are put into another order",
            ". `view` and `reshape` keep the order in memory; only transpose and permute exchange axes",
        )
    products = W.T @ W
    if bool((products - torch.diag(products.diagonal())).abs().max() < 1e-6 * products.abs().max()):
        return established(
            "is white, but rotated, as in PCA whitening",
            ". Use the symmetric W, U (Λ + eps)^(-1/2) Uᵀ, which keeps the images as close to the originals as possible",
        )
    return established(
        "is white, but rotated", ": what it is multiplied by is not the symmetric W, U (Λ + eps)^(-1/2) Uᵀ"
    )
