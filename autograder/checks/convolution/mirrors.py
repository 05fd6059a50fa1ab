"""Which images of a batch were mirrored, and what a wrong one is instead."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.failure import CheckFailed


def mirrored_of(images: Tensor, value: Any, p: float) -> Tensor:
    """(batch,): whether each image was mirrored. Fails if one is neither mirrored nor unchanged."""
    what = f"random_horizontal_flip(images, p={p:g})"
    got = as_tensor(what, value, tuple(images.shape)).double()
    # The mirror images, column by column from right to left.
    mirror = torch.stack([images[..., column] for column in reversed(range(images.shape[3]))], dim=3)
    mirrored, same = _equal(got, mirror), _equal(got, images)
    wrong = (~(mirrored | same)).nonzero().flatten()
    if len(wrong):
        i = int(wrong[0])
        why = _why_no_mirror(images, mirror, got, i)
        raise CheckFailed(
            f"image {i} of {what} is neither the original image nor its mirror image{why.after_colon}",
            mistake=why.mistake,
        )
    return mirrored


def _why_no_mirror(images: Tensor, mirror: Tensor, got: Tensor, index: int) -> Finding:
    image, result = images[index].double(), got[index]
    turned = {
        "turned upside down": image.flip(1),
        "turned by 180°, so that its rows are in reverse order too": image.flip(1, 2),
        "with its channels in reverse order": image.flip(0),
        "mirrored, with its channels in reverse order too": image.flip(0, 2),
    }
    if image.shape[1] == image.shape[2]:
        turned["with rows and columns exchanged"] = image.transpose(1, 2)
    for words, other in turned.items():
        if torch.allclose(result, other, rtol=0, atol=1e-5):
            return established(f"it is the image {words}")
    everything = torch.cat([images.double(), mirror.double()])
    others = _equal(everything, result.expand(len(everything), -1, -1, -1)).nonzero().flatten()
    if len(others):
        which = int(others[0]) % len(images)
        return established(f"it is made of image {which}", ", but each image should keep its place in the batch")
    for name, axis in (("channel", 0), ("row", 1)):
        pairs = zip(result.movedim(axis, 0), image.movedim(axis, 0))
        if all(torch.allclose(a, b, atol=1e-5) or torch.allclose(a, b.flip(-1), atol=1e-5) for a, b in pairs):
            return established(f"some of its {name}s are mirrored and some are not")
    if float(result.max() - result.min()) < 1e-9:
        return Finding(f"it is {float(result.max()):g} everywhere")
    columns = (result[..., :, None] - image[..., None, :]).abs().amax((0, 1)) < 1e-5  # (new, old)
    if bool(columns.any(1).all()) and len(set(columns.int().argmax(1).tolist())) == len(columns):
        order = ", ".join(str(old) for old in columns.int().argmax(1).tolist())
        return established(f"its columns come in the order {order}", ", but should be in reverse order")
    other = mirror[index].double()
    share = ((result - image) * (other - image)).sum() / (other - image).square().sum()
    if torch.allclose(result, image + share * (other - image), atol=1e-5):
        return established(
            f"it is a mixture, {1 - float(share):.2f} times the image plus {float(share):.2f} times its mirror image"
        )
    values = result.flatten().sort().values, image.flatten().sort().values
    if torch.allclose(*values, atol=1e-5):
        return Finding("it has the pixels of the image, but in another order")
    return Finding("it has values that are not pixels of the image")


def _equal(a: Tensor, b: Tensor) -> Tensor:
    """(batch,): whether two batches have the same images. Sums with masks of 0 and 1 may round."""
    return (a.double() - b.double()).abs().flatten(1).amax(1) <= 1e-5
