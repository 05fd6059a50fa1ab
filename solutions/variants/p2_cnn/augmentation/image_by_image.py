"""Loops; a draw at a time, and plain Python numbers for the places."""

import math

import torch


def draw(generator):
    return torch.rand(1, generator=generator).item()


def cut(image, top, left, size):
    return image[:, top : top + size, left : left + size]


def refuse_if_too_large(images, size):
    for name, side in zip(("high", "wide"), images.shape[-2:]):
        if size > side:
            raise ValueError(f"the images are only {side} pixels {name}, and size is {size}")


def random_crop(images, size, generator=None):
    refuse_if_too_large(images, size)
    result = torch.zeros(images.shape[0], images.shape[1], size, size).to(images)
    for i in range(images.shape[0]):
        top = math.floor(draw(generator) * (images.shape[2] - size + 1))
        left = math.floor(draw(generator) * (images.shape[3] - size + 1))
        result[i] = cut(images[i], top, left, size)
    return result


def center_crop(images, size):
    refuse_if_too_large(images, size)
    above = (images.shape[2] - size) // 2
    before = (images.shape[3] - size) - (images.shape[3] - size) // 2
    return torch.stack([cut(image, above, before, size) for image in images])


def random_horizontal_flip(images, p=0.5, generator=None):
    if p > 1 or p < 0:
        raise ValueError(f"p should lie in [0, 1], and is {p}")
    result = []
    for image in images.unbind():
        if draw(generator) < p:
            columns = [image[:, :, x] for x in range(image.shape[2])]
            image = torch.stack(columns[::-1], dim=-1)
        result.append(image)
    return torch.stack(result)
