"""Where a crop was cut out of its image, and what a wrong one is instead. The pixels of an image are all different."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.convolution.findings import Finding, established
from autograder.checks.failure import CheckFailed


def _matches(images: Tensor, crops: Tensor) -> Tensor:
    """(batch, rows, columns): whether the crop of each image was cut at this position."""
    size = crops.shape[-1]
    windows = images.double().unfold(2, size, 1).unfold(3, size, 1)  # batch, channels, rows, columns, size, size
    return ((windows - crops.double()[:, :, None, None]).abs() <= 1e-5).all(5).all(4).all(1)


def positions_of(what: str, images: Tensor, crops: Tensor) -> Tensor:
    """(batch, 2): first row and first column of each crop. Fails if one is not a crop of its own image."""
    found = _matches(images, crops)
    missed = (~found.flatten(1).any(1)).nonzero().flatten()
    if len(missed):
        index = int(missed[0])
        why = _why_no_crop(images, crops[index : index + 1], index)
        raise CheckFailed(
            f"crop {index} of {what} is not a square of neighbouring pixels of its image{why.after_colon}",
            mistake=why.mistake,
        )
    flat = found.flatten(1).int().argmax(1)
    return torch.stack([flat // found.shape[2], flat % found.shape[2]], 1)


def _why_no_crop(images: Tensor, crop: Tensor, index: int) -> Finding:
    """What is wrong with a crop (1, channels, size, size)."""
    channels = crop.shape[1]
    own = images[index : index + 1]
    others = _matches(images, crop.expand(len(images), -1, -1, -1)).flatten(1).any(1)
    if others.any():
        return established(
            f"it comes from image {int(others.nonzero()[0])}", ", but each image should keep its place in the batch"
        )
    changed = {
        "turned upside down": crop.flip(2),
        "mirrored": crop.flip(3),
        "turned by 180°": crop.flip(2, 3),
        "with rows and columns exchanged": crop.transpose(2, 3),
        "with its channels in reverse order": crop.flip(1),
    }
    for words, back in changed.items():
        if _matches(own, back).any():
            return established(f"it is one {words}")
    pairs = zip(own.transpose(0, 1), crop.transpose(0, 1))
    if channels > 1 and all(_matches(a[None], b[None]).any() for a, b in pairs):
        return established("each channel is cut at a different place", ", so the colours no longer match")
    reshaped = _why_reshaped(own, crop)
    if reshaped:
        return reshaped
    foreign = ((crop.double().reshape(-1, 1) - own.double().reshape(1, -1)).abs() > 1e-5).all(1)
    if foreign.any():
        return _why_foreign(own.double(), crop.double())
    return Finding("its pixels come from the image, but are not neighbours there or are in another order")


def _why_reshaped(image: Tensor, crop: Tensor) -> Finding:
    """Says if a crop (1, channels, size, size) has the numbers of a square with its axes in another order."""
    names = "channels", "rows", "columns"
    for order in itertools.permutations(range(3)):
        before = [crop.shape[1:][axis] for axis in order]
        back = crop[0].reshape(before).permute([order.index(axis) for axis in range(3)])
        if order != (0, 1, 2) and _matches(image, back[None]).any():
            found = ", ".join(names[axis] for axis in order)
            return established(
                f"in memory it has the numbers of a square in the order ({found})",
                ". Only transpose and permute move axes: `view` and `reshape` keep the order in memory",
            )
    return Finding()


def _why_foreign(image: Tensor, crop: Tensor) -> Finding:
    """Where values come from that are not pixels of the image; both (1, channels, height, width), float64."""
    size = crop.shape[-1]
    if float(crop.max() - crop.min()) < 1e-9:
        return Finding(f"it is {float(crop.max()):g} everywhere")
    windows = image.unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, crop.numel())
    y = crop.flatten()
    if size > 1:
        x, changed = windows - windows.mean(1, keepdim=True), y - y.mean()
        slope = (x * changed).sum(1, keepdim=True) / x.square().sum(1, keepdim=True)
        if bool(((slope * x - changed).abs() <= 1e-5 * changed.abs().max()).all(1).any()):
            return established("it is cut out of the image, but its values are shifted or scaled")
    for mode in ("bilinear", "bicubic", "area"):
        for antialias in (False, True) if mode != "area" else (False,):
            resized = F.interpolate(image, (size, size), mode=mode, antialias=antialias)
            if torch.allclose(resized, crop, rtol=0, atol=1e-4):
                return established("it is the whole image, resized")
    outside = (y[:, None] - image.reshape(1, -1)).abs().amin(1) > 1e-5
    if bool((y[outside] == 0).all()):
        border = F.pad(image, (size,) * 4)
        if _matches(border, crop).any():
            return established("it reaches beyond the edge of the image, into zeros")
        return Finding(f"{int(outside.sum())} of its {y.numel()} values are 0, which no pixel of the image is")
    return Finding("it contains values that are not pixels of the image")


def expect_every_position(what: str, positions: Tensor, rows: int, columns: int) -> None:
    """Fails unless all rows · columns positions occur among these (n, 2)."""
    n = len(positions)
    seen = {(top, left) for top, left in positions.tolist()}
    if len(seen) == 1:
        mistake = f"all {n} crops of {what} are cut at the same place"
        raise CheckFailed(f"{mistake}: draw a random place for each image", mistake=mistake)
    if min(rows, columns) > 1 and all(top == left for top, left in seen):
        mistake = f"the first row of each crop of {what} is also its first column"
        raise CheckFailed(f"{mistake}: draw the two independently", mistake=mistake)
    for axis, (name, count) in enumerate((("row", rows), ("column", columns))):
        missing = sorted(set(range(count)) - set(positions[:, axis].tolist()))
        if len(missing) == count - 1 > 0:
            mistake = f"all {n} crops of {what} begin at the same {name}"
            raise CheckFailed(f"{mistake}: draw the {name} for each image too", mistake=mistake)
        if missing:
            last = " (the last one that fits)" if missing == [count - 1] else ""
            none = f"none of {n} crops of {what} begins at {name} {missing[0]}{last}"
            raise CheckFailed(
                f"{none}: the possible first {name}s are 0 to {count - 1}",
                mistake=none if missing in ([0], [count - 1]) else "",
            )
    missed = [place for place in itertools.product(range(rows), range(columns)) if place not in seen]
    if missed:
        mistake = f"every row and every column occurs in {n} crops of {what}, but not every combination"
        raise CheckFailed(
            f"{mistake}: never row {missed[0][0]} with column {missed[0][1]}. Are the two drawn independently?",
            mistake=mistake,
        )


Rule = Callable[[int, int, int], tuple[float, float]]
"""From the height and the width of an image and the size of the crop to its first row and column, before rounding."""

WRONG_CENTERS: dict[str, Rule] = {
    "the margin of the columns is left out above it, and that of the rows on its left, so the two are swapped": (
        lambda height, width, size: ((width - size) / 2, (height - size) / 2)
    ),
    "the margin of the rows is used for the columns, too": (
        lambda height, width, size: ((height - size) / 2, (height - size) / 2)
    ),
    "the margin of the columns is used for the rows, too": (
        lambda height, width, size: ((width - size) / 2, (width - size) / 2)
    ),
    "the crop begins in the middle of the image, but its own middle should be there": (
        lambda height, width, size: (height / 2, width / 2)
    ),
    "the size of the crop is subtracted from the middle, but half of it should be": (
        lambda height, width, size: (height / 2 - size, width / 2 - size)
    ),
    "it is the upper left corner of the image": lambda height, width, size: (0, 0),
    "it is the lower right corner of the image": lambda height, width, size: (height - size, width - size),
    "half the size of the crop is left out before it, but that should be half of what is cut off": (
        lambda height, width, size: (size / 2, size / 2)
    ),
}
"""Where a crop begins that is not in the middle, by what is wrong."""


ROUNDINGS: tuple[Callable[[float], int], ...] = (math.floor, math.ceil, round)


def begins_at(
    rule: Rule, rounded: Callable[[float], int], height: int, width: int, size: int, positions: Tensor
) -> bool:
    """Whether all crops begin at the row and column of the rule, rounded and moved back into the image."""
    place = [
        min(max(rounded(first), 0), side - size) for first, side in zip(rule(height, width, size), (height, width))
    ]
    return bool((positions == torch.tensor(place)).all())
