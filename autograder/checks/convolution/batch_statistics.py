"""Which mean and variance a batch norm uses in training, where they are not those of its batch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

CHANNEL = (0, 2, 3)
Statistics = tuple[Tensor, Tensor]
"""A mean and a variance that broadcast to x."""


@dataclass(frozen=True)
class Normalized:
    """A batch x (batch, channels, height, width), the output y, and the running statistics (channels,) before and after."""

    x: Tensor
    y: Tensor
    before: Statistics
    after: Statistics


@dataclass(frozen=True)
class Scale:
    """What a batch norm has besides its statistics: weight and bias (channels, 1, 1), and eps."""

    weight: Tensor
    bias: Tensor
    eps: float

    def output(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return torch.addcmul(self.bias, x - mean, self.weight * torch.rsqrt(variance + self.eps))


def wrong_statistics(batch: Normalized) -> dict[str, Statistics]:
    """Means and variances as likely mistakes take them, by words. Where one of them is wrong, the other is right."""
    x, mean = batch.x, batch.x.mean(CHANNEL, keepdim=True)
    variance = x.var(CHANNEL, keepdim=True, correction=0)
    start, end = "is divided by the root of ", ": its variance should be that of the channel over the whole batch"
    found = {f"{start}{words}{end}": (mean, value) for words, value in _variances(batch, mean)}
    start, end = "has ", " subtracted, instead of the mean of the channel over the whole batch"
    found |= {f"{start}{words}{end}": (value, variance) for words, value in _means(batch, mean)}
    for words, part in (("first", x[:1]), ("last", x[-1:])):
        found[f"is normalized by mean and variance of the {words} image alone, but all images of the batch count"] = (
            part.mean(CHANNEL, keepdim=True),
            part.var(CHANNEL, keepdim=True, correction=0),
        )
    return found


def _variances(batch: Normalized, mean: Tensor) -> Iterator[tuple[str, Tensor]]:
    x = batch.x
    for correction, by in ((0, ""), (1, ", unbiased")):
        yield (
            f"the mean of the variances inside the single images{by}, each around its image's own mean",
            _variance(x, (2, 3), correction).mean(0).reshape(1, -1, 1, 1),
        )
        yield (
            f"the variance of the images' means{by}",
            _variance(x.mean((2, 3)), (0,), correction).reshape(1, -1, 1, 1),
        )
        yield (
            f"the mean over the pixels of the variance at each pixel over the batch{by}",
            _variance(x, (0,), correction).mean((1, 2)).reshape(1, -1, 1, 1),
        )
        yield (
            f"the variance of all channels together{by}",
            _variance(x, (0, 1, 2, 3), correction).reshape(1, 1, 1, 1),
        )
    yield (
        "the squared mean of the standard deviations of the single images",
        _squared(x.std((2, 3), correction=0).mean(0)),
    )
    yield "the squared mean absolute deviation", _squared((x - mean).abs().mean(CHANNEL))
    for words, centre in _means(batch, mean):
        yield f"the mean squared deviation from {words}", (x - centre).square().mean(CHANNEL, keepdim=True)
    for words, part in (("first", x[:1]), ("last", x[-1:])):
        yield f"the variance of the {words} image alone", part.var(CHANNEL, keepdim=True, correction=0)
    yield "the running variance before its update", batch.before[1].reshape(1, -1, 1, 1)
    yield "the running variance after its update", batch.after[1].reshape(1, -1, 1, 1)


def _variance(x: Tensor, axes: tuple[int, ...], correction: int) -> Tensor:
    """The variance; NaN if it is that of one number and unbiased."""
    count = math.prod(x.shape[axis] for axis in axes)
    factor = count / (count - correction) if count > correction else math.nan
    return factor * x.var(axes, correction=0)


def _squared(values: Tensor) -> Tensor:
    return values.square().reshape(1, -1, 1, 1)


def _means(batch: Normalized, mean: Tensor) -> Iterator[tuple[str, Tensor]]:
    x = batch.x
    yield "the mean of all channels together", x.mean().reshape(1, 1, 1, 1)
    for number in range(x.shape[1]):
        yield f"the mean of channel {number}, in every channel, counted from 0,", mean[:, number : number + 1]
    yield "the mean of the channel before", mean.roll(1, 1)
    yield "the mean of the channel after", mean.roll(-1, 1)
    yield "the mean of the first image alone", x[:1].mean((2, 3), keepdim=True)
    yield "the mean of the last image alone", x[-1:].mean((2, 3), keepdim=True)
    yield "the mean of each image by itself", x.mean((2, 3), keepdim=True)
    yield "the mean image, with a mean for each pixel,", x.mean(0, keepdim=True)
    yield "the median of the channel", x.transpose(0, 1).flatten(1).median(1).values.reshape(1, -1, 1, 1)
    yield "the running mean before its update", batch.before[0].reshape(1, -1, 1, 1)
    yield "the running mean after its update", batch.after[0].reshape(1, -1, 1, 1)


def used_statistics(batches: Sequence[Normalized], scale: Scale) -> str:
    """Which of mean and variance is wrong, with an example, as a predicate; "" if that cannot be seen.

    Each channel of an output that is normalized, whatever by, is a line in x, whose slope and height tell mean and variance.
    A wrong weight or bias would change the output of a channel in the same way in every batch: then nothing is said.
    """
    used = [_used(batch, scale) for batch in batches]
    right = [(batch.x.mean(CHANNEL), batch.x.var(CHANNEL, correction=0)) for batch in batches]
    pairs = [(ours, theirs) for ours, theirs in zip(used, right) if ours is not None]
    if len(pairs) < len(batches):
        return ""
    means, variances = ([(ours[which], theirs[which]) for ours, theirs in pairs] for which in (0, 1))
    slopes = [scale.weight.flatten() / (ours[1] + scale.eps).sqrt() for ours, _ in pairs]
    shifts = torch.stack([(ours - theirs) * slope for (ours, theirs), slope in zip(means, slopes)])
    ratios = torch.stack([((ours + scale.eps) / (theirs + scale.eps)).sqrt() for ours, theirs in variances])
    mean_is_right, variance_is_right = (bool((off.abs() < 1e-4).all()) for off in (shifts, ratios - 1))
    if mean_is_right == variance_is_right:
        return ""
    off, values, name, other = (
        (ratios, variances, "variance", "mean") if mean_is_right else (shifts, means, "mean", "variance")
    )
    if bool((off.amax(0) - off.amin(0) < 1e-3).all()):
        return ""
    _, number, channel = max(
        (float((ours - theirs)[channel].abs()), number, channel)
        for number, (ours, theirs) in enumerate(values)
        for channel in range(len(ours))
    )
    ours, theirs = (float(value[channel]) for value in values[number])
    return (
        f"is that for another {name} than the batch's, with the right {other}: channel {channel} of a batch of shape "
        f"{tuple(batches[number].x.shape)} has the {name} {theirs:.4g}, but is normalized by {ours:.4g}"
    )


def _used(batch: Normalized, scale: Scale) -> Statistics | None:
    """The mean and the variance (channels,) by which the output is normalized; None if it is not."""
    x, y = (value.double().transpose(0, 1).flatten(1) for value in (batch.x, batch.y))
    centred = x - x.mean(1, keepdim=True)
    slope = (centred * y).sum(1) / centred.square().sum(1)
    height = y.mean(1) - slope * x.mean(1)
    line = slope[:, None] * x + height[:, None]
    weight, bias = scale.weight.flatten(), scale.bias.flatten()
    if not torch.allclose(line, y, rtol=1e-4, atol=1e-4) or not bool((slope * weight > 0).all()):
        return None
    return (bias - height) / slope, (weight / slope).square() - scale.eps
