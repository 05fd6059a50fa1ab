"""Small vision transformers of a student's class, which the checks of `vit` look at."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor
from autograder.checks.inputs import Draw
from autograder.checks.transformer.modules import new_model
from autograder.checks.transformer.parameters import Tried, Values
from autograder.sandbox.host.student_module import Handle, StudentModule

C, PATCH, CLASSES, SIZE, CHANNELS, HEADS = 12, 2, 5, 6, 2, 3
"""No default values. 4 heads would also divide it, so that a model that ignores num_heads does not raise an error."""
IMAGE = (CHANNELS, SIZE, SIZE)
ROWS = SIZE // PATCH
HUGE = 1e8
"""A factor that makes a vector so large that what is added to it does not count."""


def make(student: StudentModule, nb_blocks: int) -> Any:
    """What the student's ViT returns."""
    return student.ViT(C, nb_blocks, PATCH, nb_classes=CLASSES, img_size=SIZE, in_chan=CHANNELS, num_heads=HEADS)


def new_vit(student: StudentModule, draw: Draw, nb_blocks: int, dtype: torch.dtype = torch.float64) -> Handle:
    """A vision transformer in eval mode, with random parameters."""
    return new_model("the result of ViT", make(student, nb_blocks), draw, dtype, example=torch.zeros(1, *IMAGE))


def scores_of(model: Handle, images: Tensor, classes: int = CLASSES) -> Tensor:
    return as_tensor("the result of ViT", model(images), (len(images), classes), images.dtype)


def run(tried: Tried, values: Values, images: Tensor) -> Tensor:
    """The scores with these parameters."""
    return tried.outputs([values], images, (len(images), CLASSES))[0]


def times(values: Values, place: int, factor: float) -> list[Tensor]:
    """The values, of which one is multiplied."""
    return [factor * value if i == place else value for i, value in enumerate(values)]


def exchanged(images: Tensor, first: int, second: int) -> Tensor:
    """The images with two patches exchanged."""
    patches = F.unfold(images, PATCH, stride=PATCH)  # B, numbers, N
    order = list(range(ROWS * ROWS))
    order[first], order[second] = second, first
    return F.fold(patches[:, :, order], (SIZE, SIZE), PATCH, stride=PATCH)
