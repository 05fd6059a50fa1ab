"""torchvision's own crops and flips, image by image; its random numbers are global, so the generator lends its state."""

from contextlib import contextmanager

import torch
from torchvision.transforms import RandomCrop
from torchvision.transforms import functional as TF


@contextmanager
def drawing_from(generator):
    if generator is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator.get_state())
        yield
        generator.set_state(torch.get_rng_state())


def random_crop(images, size, generator=None):
    with drawing_from(generator):
        places = [RandomCrop.get_params(image, (size, size)) for image in images]
    return torch.stack([TF.crop(image, *place) for image, place in zip(images, places)])


def center_crop(images, size):
    if any(side < size for side in images.shape[2:]):
        raise ValueError(f"size={size}, but the images are {list(images.shape[2:])}")
    return TF.center_crop(images, [size, size])


def random_horizontal_flip(images, p=0.5, generator=None):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"p={p} is no probability")
    with drawing_from(generator):
        draws = torch.rand(images.shape[0])
    return torch.stack([TF.hflip(image) if u < p else image for image, u in zip(images, draws)])
