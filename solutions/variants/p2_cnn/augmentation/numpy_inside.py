"""NumPy arrays, and NumPy's random numbers, seeded by one number of the generator."""

import numpy as np
import torch


class CropError(ValueError):
    pass


def rng_of(generator):
    return np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))


def random_crop(images, size, generator=None):
    array = images.numpy()
    slack = np.array(array.shape[2:]) - size
    if slack.min() < 0:
        raise CropError(f"{size} > {min(array.shape[2:])}")
    corners = rng_of(generator).integers(0, slack + 1, size=(len(array), 2))
    out = np.empty((*array.shape[:2], size, size), dtype=array.dtype)
    for i in range(len(array)):
        y, x = corners[i]
        out[i] = array[i, :, y : y + size, x : x + size]
    return torch.from_numpy(out)


def center_crop(images, size):
    array = images.numpy()
    height, width = array.shape[-2:]
    if height < size or width < size:
        raise CropError(f"{size} > {min(height, width)}")
    above, before = int(np.ceil((height - size) / 2)), int(np.ceil((width - size) / 2))
    return torch.from_numpy(array[..., above : above + size, before : before + size].copy())


def random_horizontal_flip(images, p=0.5, generator=None):
    if not (p >= 0 and p <= 1):
        raise ValueError(f"p={p}")
    array = images.numpy().copy()
    heads = rng_of(generator).random(len(array)) < p
    array[heads] = array[heads, :, :, ::-1]
    return torch.from_numpy(array)
