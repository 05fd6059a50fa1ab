"""What a wrong standardization is instead."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from torch import Tensor

from autograder.checks.convolution.whitening import close
from autograder.checks.failure import CheckFailed


def explain_standardized(got: Tensor, x: Tensor, mean: Tensor, std: Tensor) -> None:
    """Fails with the likeliest mistake if the result is a known wrong one. `mean` and `std`: (channels, 1, 1)."""
    z = (x - mean) / std
    others = {
        "divides the images by 255 first, but mean and std are in units of the given pixels": (x / 255 - mean) / std,
        "divides by the variance, but should divide by the standard deviation": (x - mean) / std**2,
        "divides by the square root of the standard deviation": (x - mean) / std.sqrt(),
        "multiplies by the standard deviation, but should divide by it": (x - mean) * std,
        "divides before it subtracts the mean": x / std - mean,
        "divides only the mean by the standard deviation, as without parentheses around the difference": x - mean / std,
        "scales its result to numbers from 0 to 1 at the end": (z - z.min()) / (z.max() - z.min()),
        "adds the mean, but should subtract it": (x + mean) / std,
        "subtracts the mean, but does not divide": x - mean,
        "divides, but does not subtract the mean": x / std,
        "uses one mean and one standard deviation for all channels": (x - mean.mean()) / std.mean(),
        "subtracts the standard deviation and divides by the mean": (x - std) / mean,
        "divides every channel by the standard deviation of the first": (x - mean) / std[0],
        "subtracts the mean of the first channel from every channel": (x - mean[0]) / std,
        "uses the mean and the standard deviation of the first channel for every channel": (x - mean[0]) / std[0],
        "uses the mean and the standard deviation of the last channel for every channel": (x - mean[-1]) / std[-1],
        "uses the statistics of the channels in reverse order": (x - mean.flip(0)) / std.flip(0),
    }
    for guard in (1e-2, 1e-3, 1e-4, 1e-5):
        if close(got, (x - mean) / (std + guard), 1e-5) or close(got, (x - mean) / (std**2 + guard).sqrt(), 1e-5):
            mistake = f"guards against division by zero with about {guard:g}, which changes the result"
            raise CheckFailed(f"standardize(images, mean, std) {mistake}: 1e-8 is enough", mistake=mistake)
    if x.shape[1] > 1 and x.shape[1] == x.shape[3]:
        others["uses a mean and a standard deviation for each column of pixels: mean[0] belongs to channel 0"] = (
            x - mean.flatten()
        ) / std.flatten()
    kept = (got - x).flatten(1).abs().amax(1) < 1e-6
    if bool(kept.any()) and close(got[~kept], z[~kept], 1e-4):
        which = f"image{'s' * (int(kept.sum()) > 1)} {', '.join(str(i) for i in kept.nonzero().flatten().tolist())}"
        mistake = f"standardize(images, mean, std) leaves {which} of {len(x)} unchanged; the others are right"
        raise CheckFailed(mistake, mistake=mistake)
    slope, offset = _affine(got, x)
    if len(mean) > 1 and close(got, slope * x + offset, 1e-6):
        mistake = (
            f"standardize(images, mean, std) is {slope:.4g} · images {'+' if offset > 0 else '−'} {abs(offset):.4g} in every "
            "channel"
        )
        raise CheckFailed(f"{mistake}, but each channel has its own mean and standard deviation", mistake=mistake)
    for words, other in [*_own_standardized(x), *others.items()]:
        # With one channel, what the first has is right.
        if close(got, other, 1e-4) and not close(other, z, 1e-3):
            mistake = f"standardize(images, mean, std) {words}"
            raise CheckFailed(mistake, mistake=mistake)


def _affine(got: Tensor, x: Tensor) -> tuple[float, float]:
    """The numbers a and b with which ax + b is closest to `got`."""
    centred = x - x.mean()
    slope = float((centred * (got - got.mean())).sum() / centred.square().sum())
    return slope, float(got.mean()) - slope * float(x.mean())


def _own_standardized(x: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Images standardized by their own statistics, with the variance divided by n or n - 1."""
    whose = {
        "uses the statistics of the images themselves: use the given ones": (0, 2, 3),
        "uses the statistics of each image and channel: use the given ones": (2, 3),
        "uses the statistics of each image: use the given ones": (1, 2, 3),
    }
    for (words, axes), correction in itertools.product(whose.items(), (0, 1)):
        yield words, (x - x.mean(axes, keepdim=True)) / x.std(axes, correction=correction, keepdim=True)
