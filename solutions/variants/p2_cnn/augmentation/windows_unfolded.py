"""All windows by unfold, one of them chosen for each image by a single random number; flips as a blend with a mask."""

import torch


def all_windows(images, size):
    if images.shape[-1] < size or images.shape[-2] < size:
        raise ValueError(f"a crop of {size} does not fit into {tuple(images.shape[-2:])}")
    return images.unfold(2, size, 1).unfold(3, size, 1)


def random_crop(images, size, generator=None):
    windows = all_windows(images, size)
    flat = windows.flatten(2, 3)
    chosen = torch.randint(flat.size(2), (flat.size(0),), generator=generator)
    return flat[torch.arange(flat.size(0)), :, chosen]


def center_crop(images, size):
    windows = all_windows(images, size)
    return windows[:, :, windows.size(2) // 2, windows.size(3) // 2]


def random_horizontal_flip(images, p=0.5, generator=None):
    if p < 0.0 or p > 1.0:
        raise ValueError("p must be between 0 and 1, got " + str(p))
    mask = torch.empty(images.size(0), 1, 1, 1).uniform_(generator=generator).lt(p).to(images.dtype)
    return mask * images.flip([-1]) + (1 - mask) * images
