"""The mean and the standard deviation of each channel, and what a wrong one is instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor, expect_close
from autograder.checks.convolution.whitening import close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed

Again = Callable[[], tuple[Tensor, Tensor] | None]
"""Other images of the same shape, in float64, and the student's statistic of them, or None if there is none."""


def per_channel(name: str, value: Any, images: Tensor) -> Tensor:
    """The statistic "mean" or "std" as float64 (channels,); fails if it is anything else."""
    batch, channels, height, width = images.shape
    why = {
        (batch, channels): "there is one for each image, but all images count together",
        (channels, height, width): "there is one for each pixel, but all pixels of a channel count together",
        (): "there is one for all channels, but each channel needs its own",
        (1, channels, 1, 1): "leave out the axes of size 1",
    }
    found = tuple(value.shape) if isinstance(value, Tensor) else None
    if isinstance(value, Tensor) and value.ndim == 1 and found != (channels,):
        of_part = _of_other_parts(name, value.double(), images.double())
        if of_part:
            mistake = of_part.partition(". ")[0]
            raise CheckFailed(f"{name} should have shape {(channels,)}, but has {found}: {of_part}", mistake=mistake)
        if found == (1,):
            raise CheckFailed(f"{name} should have shape {(channels,)}, one number for each channel, but has {found}")
    if found in why and found != (channels,):
        raise CheckFailed(f"{name} should have shape {(channels,)}, but has {found}: {why[found]}")
    return as_tensor(name, value, (channels,)).double()


def _of_other_parts(name: str, got: Tensor, images: Tensor) -> str:
    """What the numbers (n,) belong to instead of the channels, or to which channels; "" if that cannot be seen."""

    def is_of(parts: Tensor) -> bool:
        """Whether `got` has the statistic of each of these (n, ...)."""
        flat = parts.flatten(1)
        statistics = [flat.mean(1)] if name == "mean" else [flat.std(1, correction=ddof) for ddof in (0, 1)]
        return any(close(got, statistic, 1e-4) for statistic in statistics)

    channels = images.transpose(0, 1)
    if len(got) < len(channels) and is_of(channels[: len(got)]):
        only = "that of the first channel alone" if len(got) == 1 else f"those of the first {len(got)} channels alone"
        return f"it has {only}. Does a loop end too early, for instance with a return inside it?"
    for words, axis in (("image", 0), ("row of pixels", 2), ("column of pixels", 3)):
        if is_of(images.transpose(0, axis)):
            return f"there is one for each {words}, but there should be one for each channel, which is axis 1"
    return ""


def expect_means(got: Tensor, means: Tensor, images: Tensor, rtol: float) -> None:
    if len(means) > 1 and close(got, means.mean().expand_as(got), 1e-4):
        mistake = "mean is that of all pixels together"
        raise CheckFailed(f"{mistake}: each channel needs its own", mistake=mistake)
    if got.shape[0] == images.shape[0] != 1 and close(got, images.flatten(1).mean(1), 1e-4):
        mistake = "mean is that of each image, but should be that of each channel"
        raise CheckFailed(mistake, mistake=mistake)
    for ddof in (0, 1):
        if close(got, images.std((0, 2, 3), correction=ddof), 1e-4):
            mistake = "mean is the standard deviation"
            raise CheckFailed(
                f"{mistake}: channel_statistics should return (mean, std), in this order", mistake=mistake
            )
    expect_close(
        "mean",
        got,
        means,
        rtol=rtol,
        context=AnswerContext(factors=_counts(images), others=lambda: _of_part(images, lambda x: x.mean(1))),
    )


def _counts(images: Tensor) -> dict[str, float]:
    """What a sum may be divided by too little, by name."""
    batch, _, height, width = images.shape
    counts = {
        "the number of pixels of an image, height · width": height * width,
        "the number of images": batch,
        "the number of all pixels of a channel, so it is a sum": batch * height * width,
    }
    return {words: float(count) for words, count in counts.items() if count > 1}


def _of_part(images: Tensor, statistic: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
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
    for size in range(2, len(images)):
        if len(images) % size:
            pieces = [statistic(channels[:, i : i + size].flatten(1)) for i in range(0, len(images), size)]
            found[f"is a mean over batches of {size} images, of which the last is smaller but counts as much"] = (
                torch.stack(pieces).mean(0)
            )
    whole = channels.flatten(1)
    in_memory = images.reshape(len(whole), -1)
    if images.shape[0] > 1:
        found[
            "is that of the pixels in the order in memory, cut into one piece for each channel, as by reshape(channels, "
            "−1): only transpose and permute move axes, and a piece has pixels of several channels"
        ] = statistic(in_memory)
    return found | {
        "is the median": whole.median(1).values,
        "is the median, half-way between the two middle values": whole.quantile(0.5, dim=1),
        "is the largest value": whole.amax(1),
        "is the smallest value": whole.amin(1),
        "is half-way between the smallest and the largest value": (whole.amin(1) + whole.amax(1)) / 2,
        "is the difference between the largest and the smallest value": whole.amax(1) - whole.amin(1),
        "is the root of the mean square": whole.square().mean(1).sqrt(),
    }


def expect_deviations(got: Tensor, variances: Tensor, images: Tensor, rtol: float, again: Again = lambda: None) -> None:
    """Fails with the likeliest mistake if the standard deviations are wrong. `variances` are divided by n - 1.

    `again` gives other images of the same shape and the student's answer for them, or None: a mistake is named only if it
    gives that answer, too.
    """
    n = images.numel() // images.shape[1]
    expected = variances.sqrt()
    if close(got, expected, rtol) or close(got, expected * ((n - 1) / n) ** 0.5, rtol):
        return
    second = again()
    for words, value in _wrong_deviations(images).items():
        if not close(got, value, 1e-4) or close(value, expected, 2e-4):
            continue  # with one image or one channel, some mistakes change nothing
        if second is None or close(second[1], _wrong_deviations(second[0])[words], 1e-4):
            mistake = f"std is {words.partition(_BY_ONE_LESS)[0]}"
            raise CheckFailed(mistake, mistake=mistake)
    expect_close(
        "std", got, expected, rtol=rtol, context=AnswerContext(others=lambda: _of_part(images, lambda x: x.std(1)))
    )


_BY_ONE_LESS = " (divided by n − 1)"


def _wrong_deviations(images: Tensor) -> dict[str, Tensor]:
    """Standard deviations (channels,) as likely mistakes give them, by words."""
    channels = images.transpose(0, 1).flatten(2)  # channels, batch, pixels
    others: dict[str, Callable[[int], Tensor]] = {
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
        "the root of the mean of the squares minus the mean: subtract the square of the mean": (
            lambda ddof: (channels.pow(2).mean((1, 2)) - channels.mean((1, 2))).abs().sqrt()
        ),
        "made with the square of the sum of the pixels instead of the sum of their squares": (
            lambda ddof: channels.mean((1, 2)).abs() * (channels[0].numel() - 1) ** 0.5
        ),
        "the root of the sum of the squared deviations: divide it by their number": (
            lambda ddof: (channels - channels.mean((1, 2), keepdim=True)).pow(2).sum((1, 2)).sqrt()
        ),
        "the mean absolute deviation": (
            lambda ddof: (channels - channels.mean((1, 2), keepdim=True)).abs().mean((1, 2))
        ),
    }
    found = {
        words + _BY_ONE_LESS * ddof: other(ddof)
        for words, other in others.items()
        for ddof in ((0, 1) if images.shape[0] > 1 else (0,))
    }
    return found | _around_other_means(images)


def _around_other_means(images: Tensor) -> dict[str, Tensor]:
    """The root of the mean squared deviation of each channel from something else than its mean, by words."""
    means = images.mean((0, 2, 3))
    count = len(means)
    from_what = {
        f"taken around the mean of channel {number}, {place} of {count}, in every channel": mean
        for number, mean in enumerate(means)
        for place in ("the first" if number == 0 else "the last" if number == count - 1 else "counted from 0, one",)
    }
    from_what |= {
        "taken around the mean of all channels together": images.mean(),
        "taken around the mean of the channel before, not of its own": means.roll(1).reshape(-1, 1, 1),
        "taken around the mean of the channel after, not of its own": means.roll(-1).reshape(-1, 1, 1),
        "taken around the mean of the first image alone, not of all images": images[:1].mean((2, 3), keepdim=True),
        "taken around the mean of the last image alone, not of all images": images[-1:].mean((2, 3), keepdim=True),
        "taken around the mean of each image over all its channels": images.mean((1, 2, 3), keepdim=True),
        "taken around the mean image, with a mean for each pixel": images.mean(0, keepdim=True),
        "taken around the mean over the channels at each pixel": images.mean(1, keepdim=True),
        "taken around the mean of each row of pixels": images.mean(3, keepdim=True),
        "taken around the mean of each column of pixels": images.mean(2, keepdim=True),
        "taken around the median of the channel": (
            images.transpose(0, 1).flatten(1).median(1).values.reshape(-1, 1, 1)
        ),
    }
    n = images.numel() // count
    should = ": it should be taken around the mean of the channel itself, over all images"
    found = {}
    for words, centre in from_what.items():
        deviation = (images - centre).square().mean((0, 2, 3)).sqrt()
        found[words + should] = deviation
        if n > 1:
            found[words + should + _BY_ONE_LESS] = deviation * (n / (n - 1)) ** 0.5
    return found
