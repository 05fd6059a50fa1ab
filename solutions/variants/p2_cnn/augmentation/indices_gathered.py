"""Fancy indexing: a grid of rows and one of columns for each image; flips by gathering columns."""

import torch


def _check(images, size):
    B, C, H, W = images.shape
    assert size <= min(H, W), f"size={size} is larger than {H}x{W}"
    return B, C, H, W


def random_crop(images, size, generator=None):
    B, C, H, W = _check(images, size)
    span = torch.arange(size)
    rows = torch.randint(0, H - size + 1, (B, 1), generator=generator) + span
    cols = torch.randint(0, W - size + 1, (B, 1), generator=generator) + span
    return images[
        torch.arange(B)[:, None, None, None],
        torch.arange(C)[None, :, None, None],
        rows[:, None, :, None],
        cols[:, None, None, :],
    ]


def center_crop(images, size):
    _, _, H, W = _check(images, size)
    rows = torch.arange(size) + round((H - size) / 2)
    cols = torch.arange(size) + round((W - size) / 2)
    return images.index_select(2, rows).index_select(3, cols)


def random_horizontal_flip(images, p=0.5, generator=None):
    assert 0 <= p <= 1
    B, C, H, W = images.shape
    heads = torch.bernoulli(torch.full((B, 1), float(p)), generator=generator).long()
    forward, backward = torch.arange(W), torch.arange(W - 1, -1, -1)
    columns = heads * backward + (1 - heads) * forward
    return images.gather(3, columns[:, None, None, :].expand(B, C, H, W))
