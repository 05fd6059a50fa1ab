"""Explains images that are resized in a wrong way, or whose three channels differ although the image is grey."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.explanations.explain import explain
from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.parameters import same


def _along(n: int, size: int, antialias: bool) -> Tensor:
    """(size, n): the weights of n pixels of a line for each of the `size` pixels that it is resized to."""
    step = n / size
    middles = torch.linspace(step / 2, n - step / 2, size, dtype=torch.float64) - 0.5
    if not antialias:
        middles = middles.clamp(0, n - 1)
    reach = max(step, 1.0) if antialias else 1.0
    weights = (1 - (torch.arange(n) - middles[:, None]).abs() / reach).clamp_min(0)
    return weights / weights.sum(1, keepdim=True)


def _resized(images: Tensor, size: int, antialias: bool) -> Tensor:
    """(B, channels, H, W) → (B, 3, size, size), float64."""
    rows, columns = (_along(n, size, antialias) for n in images.shape[2:])
    return (rows @ images.double() @ columns.T).expand(-1, 3, -1, -1)


def _interpolated(mode: str, align_corners: bool | None = None) -> Callable[[Tensor, int], Tensor]:
    return lambda images, size: F.interpolate(images, (size, size), mode=mode, align_corners=align_corners)


def _cropped(images: Tensor, size: int) -> Tensor:
    """The shorter side resized to `size`, and the square in the middle."""
    height, width = images.shape[2:]
    scale = size / min(height, width)
    sides = max(size, int(height * scale)), max(size, int(width * scale))
    resized = F.interpolate(images, sides, mode="bilinear")
    top, left = ((side - size) // 2 for side in sides)
    return resized[:, :, top : top + size, left : left + size]


def _normalized(mean: tuple[float, ...], std: tuple[float, ...]) -> Callable[[Tensor, int], Tensor]:
    def way(images: Tensor, size: int) -> Tensor:
        center, spread = (torch.tensor(numbers).double()[:, None, None] for numbers in (mean, std))
        return (_resized(images, size, False) - center) / spread

    return way


def _of_bytes(whole: Callable[[Tensor], Tensor]) -> Callable[[Tensor, int], Tensor]:
    return lambda images, size: _resized(whole(images.double() * 255) / 255, size, False)


WAYS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "by nearest-neighbour interpolation, but should be by bilinear interpolation": _interpolated("nearest"),
    "by the mean of an area, but should be by bilinear interpolation": _interpolated("area"),
    "by bicubic interpolation, but should be by bilinear interpolation": _interpolated("bicubic", False),
    "with align_corners=True, but should be with False": _interpolated("bilinear", True),
    "to the shorter side and cropped: resize the whole image, whatever its shape": _cropped,
    "and normalized with ImageNet's mean and standard deviation: do not change the values": _normalized(
        (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    ),
    "and normalized with mean 0.5 and standard deviation 0.5: do not change the values": _normalized(
        (0.5,) * 3, (0.5,) * 3
    ),
    "and divided by 255: the values are already in [0, 1]": lambda images, size: _resized(images, size, False) / 255,
    "with red and blue swapped": lambda images, size: _resized(images, size, False).flip(1),
    "from bytes: multiplied by 255 and made whole numbers, the values are only right to two digits": _of_bytes(
        torch.floor
    ),
    "from bytes: multiplied by 255 and rounded, the values are only right to two digits": _of_bytes(torch.round),
    "but lose their colours: all three channels are their mean": lambda images, size: _resized(
        images.mean(1, keepdim=True), size, False
    ),
}
"""Wrong ways to resize images, by their description, which follows "images are resized to 224 × 224"."""


def expect_right_sizes(images: Tensor, size: int, got: Tensor, rtol: float) -> None:
    """Fails unless the images (B, channels, H, W) are resized to `got` (B, 3, size, size) by bilinear interpolation."""
    rights = [_resized(images, size, antialias) for antialias in (False, True)]
    if any(same(got, right, rtol) for right in rights):
        return
    what = f"images of {images.shape[2]} × {images.shape[3]} pixels{' in colour' if images.shape[1] == 3 else ''}"
    for words, way in WAYS.items():
        if same(got, way(images.double(), size).expand_as(got), max(rtol, 1e-6)):
            mistake = f"resized to {size} × {size} {words}".partition(":")[0]
            raise CheckFailed(f"{what} are resized to {size} × {size} {words}", mistake=mistake)
    expected = rights[0]
    # The channels of a grey image are equal, so one is enough: with three, any error would be the same in all of them.
    shown = (got[:, 0], expected[:, 0]) if images.shape[1] == 1 else (got, expected)
    if mistake := _cut_out(images, got):
        raise CheckFailed(f"{what}: {mistake}: resize the whole image to {size} × {size} instead", mistake=mistake)
    steps = _steps(got)
    if steps and any(float((got - right).abs().max()) <= 2 / steps for right in rights):
        mistake = f"the result has only multiples of 1/{steps}"
        raise CheckFailed(
            f"{what}, resized to {size} × {size}: {mistake}, as in an image of bytes, so the values are off by up to "
            f"{min(float((got - right).abs().max()) for right in rights):.2g}. Resize the floats themselves",
            mistake=mistake,
        )
    if general := explain(*shown, 1e-4):
        raise CheckFailed(f"{what}, resized to {size} × {size}: the result {general}")
    if mistake := _shifted(*shown, max(rtol, 1e-6)):
        advice = ", where x is the right answer: keep the values as they are"
        raise CheckFailed(
            f"{what}, resized to {size} × {size}: the result {mistake}{advice}", mistake=f"the result {mistake}"
        )
    zeros = "; some are 0, but none in the images is" if bool((got == 0).any()) else ""
    whole = f"; all are multiples of 1/{steps}, as in an image of bytes" if steps else ""
    raise CheckFailed(
        f"{what}, resized to {size} × {size}, do not match bilinear interpolation with align_corners=False, "
        f"with or without antialiasing: values differ by up to {float((got - expected).abs().max()):.2g}{zeros}{whole}. Are "
        "both axes resized, each by its own factor, and the values not changed otherwise?"
    )


def _steps(got: Tensor) -> int:
    """255 or 256 if all values, of which there are many different ones, are multiples of a part of this size; 0 if not."""
    if len(set(got.flatten().tolist())) < 10:
        return 0
    return next((n for n in (255, 256) if bool(((got * n).round() - got * n).abs().max() < 1e-3)), 0)


def _cut_out(images: Tensor, got: Tensor) -> str:
    """Whether the result is a part of the images; "" if not."""
    size = got.shape[-1]
    for top in range(images.shape[2] - size + 1):
        for left in range(images.shape[3] - size + 1):
            if same(got, images[:, :, top : top + size, left : left + size].expand_as(got), 1e-6):
                return f"the result is cut out of the images, from row {top} and column {left}, both counted from 0"
    return ""


def _shifted(got: Tensor, expected: Tensor, tolerance: float) -> str:
    """Explains images that are each a factor times the right one plus a number; "" if they are not."""
    found = []
    for image, right in zip(got, expected):
        centred = right - right.mean()
        factor = float((image * centred).sum() / centred.square().sum())
        offset = float(image.mean() - factor * right.mean())
        if not same(image, factor * right + offset, tolerance):
            return ""
        found.append(f"{factor:.4g} · x {'+' if offset >= 0 else '−'} {abs(offset):.4g}")
    return f"is {found[0]} for the first image"


def why_unequal(got: Tensor) -> tuple[str, str]:
    """How the channels of grey images (B, 3, size, size) differ, if that is known, and what to do or to look at."""
    zero = [channel for channel in range(3) if not got[:, channel].any()]
    if zero:
        return f"channel {zero[0]} is 0 everywhere", ""
    for image, other in itertools.permutations(range(len(got)), 2):
        for channel, place in itertools.product(range(3), repeat=2):
            if same(got[image, channel], got[other, place], 1e-6):
                moved = f"channel {channel} of image {image} is channel {place} of image {other}"
                return moved, ", both counted from 0. Along which axis are the images repeated?"
    first = got[:, 0].double()
    for channel in (1, 2):
        x, y = first.flatten(), got[:, channel].double().flatten()
        factor = float(((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum())
        if not same(y, factor * (x - x.mean()) + y.mean(), 1e-4):
            return "", ". How do you make three channels of one? Each should be the whole grey image"
    return "each is another one times a number plus a number", ". Is each channel normalized differently?"
