"""Crops and flips as products with matrices of zeros and ones."""

import torch


def selector(first, size, side, like):
    """(batch, size, side): row k of image i is one at first[i] + k."""
    wanted = first.reshape(-1, 1) + torch.arange(size)
    return torch.nn.functional.one_hot(wanted, side).to(like)


def crop_at(images, tops, lefts, size):
    height, width = images.shape[2:]
    rows, columns = selector(tops, size, height, images), selector(lefts, size, width, images)
    return torch.einsum("nyh,nchw,nxw->ncyx", rows, images, columns)


def room(images, size):
    left_over = [side - size for side in images.shape[2:]]
    if min(left_over) < 0:
        raise ValueError(f"size={size} is too large for images of {images.shape[2]} x {images.shape[3]}")
    return left_over


def random_crop(images, size, generator=None):
    tops, lefts = ((torch.rand(len(images), generator=generator) * (r + 1)).long() for r in room(images, size))
    return crop_at(images, tops, lefts, size)


def center_crop(images, size):
    tops, lefts = (torch.full((len(images),), r // 2) for r in room(images, size))
    return crop_at(images, tops, lefts, size)


def random_horizontal_flip(images, p=0.5, generator=None):
    if abs(p - 0.5) > 0.5:
        raise ValueError(f"p={p} is not in [0, 1]")
    identity = torch.eye(images.shape[3]).to(images)
    mirrored = (torch.rand(len(images), generator=generator) < p)[:, None, None]
    return torch.einsum("nchw,nwx->nchx", images, torch.where(mirrored, identity.flip(0), identity))
