"""Practical 2: the network's inputs. Preprocessing is the same in each epoch, augmentation is random."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torchvision.transforms import v2  # type: ignore[import-untyped]  # it ships no types

from autograder.experiments import figures
from autograder.experiments.batches import Transform
from autograder.experiments.data import Data
from autograder.experiments.findings import higher, not_higher
from autograder.experiments.recipe import Lab, Recipe, Variant
from autograder.experiments.recipes.convnets import IMAGES, NEEDS, Cnn, standardized

ZCA_EPS = 0.01
CROP = 28
"""Height and width in pixels of a crop from 32 × 32."""


def L1(lab: Lab, data: Data) -> Data:
    """The images, each divided by the sum of its absolute values."""
    return _normalized(lab, data, 1)


def L2(lab: Lab, data: Data) -> Data:
    """The images, each divided by its Euclidean norm."""
    return _normalized(lab, data, 2)


def _normalized(lab: Lab, data: Data, p: int) -> Data:
    normalize = lab.code["p2_cnn/preprocessing"].lp_normalize
    return data.map(normalize(data.train.x, p), normalize(data.test.x, p))


def ZCA(lab: Lab, data: Data) -> Data:
    """The images with uncorrelated pixels of equal variance, by the training set's covariance (3,072 × 3,072)."""
    code = lab.code["p2_cnn/preprocessing"]
    mean, W = code.zca_fit(data.train.x, ZCA_EPS)
    return data.map(*(code.zca_apply(part.x, mean, W) for part in (data.train, data.test)))


def preprocessing(lab: Lab) -> Iterator[Variant]:
    for name, cnn in {
        "baseline": Cnn(),
        "standardized": Cnn(inputs=standardized),
        "L1": Cnn(inputs=L1),
        "L2": Cnn(inputs=L2),
        "ZCA": Cnn(inputs=ZCA),
    }.items():
        yield Variant(name, cnn, cnn.settings(lab))


def crops(lab: Lab) -> Transform:
    code = lab.code["p2_cnn/augmentation"]
    return lambda images: code.random_crop(images, CROP)


def flips(lab: Lab) -> Transform:
    code = lab.code["p2_cnn/augmentation"]
    return lambda images: code.random_horizontal_flip(images)


def crops_and_flips(lab: Lab) -> Transform:
    crop, flip = crops(lab), flips(lab)
    return lambda images: flip(crop(images))


def middle(lab: Lab) -> Transform:
    """The crop for test images, which must not be random."""
    code = lab.code["p2_cnn/augmentation"]
    return lambda images: code.center_crop(images, CROP)


def each(transform: Callable[[Tensor], Tensor]) -> Callable[[Lab], Transform]:
    """Applies a torchvision transform to each image on its own, since on a batch it would draw only once."""
    return lambda lab: lambda images: torch.stack([transform(image) for image in images])


ROTATION = v2.RandomRotation(degrees=15, interpolation=v2.InterpolationMode.BILINEAR)
BLUR = v2.GaussianBlur(kernel_size=3, sigma=(0.1, 1.0))  # standard deviation in pixels
AUGMENTATIONS: dict[str, Cnn] = {
    "standardized": Cnn(inputs=standardized),
    "crops": Cnn(inputs=standardized, augment=crops, crop=middle),
    "flips": Cnn(inputs=standardized, augment=flips),
    "crops and flips": Cnn(inputs=standardized, augment=crops_and_flips, crop=middle),
    "rotation": Cnn(inputs=standardized, augment=each(ROTATION)),
    "blur": Cnn(inputs=standardized, augment=each(BLUR)),
}


def augmentation(lab: Lab) -> Iterator[Variant]:
    for name, cnn in AUGMENTATIONS.items():
        yield Variant(name, cnn, cnn.settings(lab))


RECIPES = (
    Recipe(
        "preprocessing",
        "Standardization, L1, L2 and ZCA",
        "Does it help to normalize the pixels, and with which method?",
        "p2, questions 19 to 21",
        (*NEEDS, "p2_cnn/preprocessing"),
        IMAGES,
        preprocessing,
        (
            higher("standardized", "baseline", "standardization helps"),
            not_higher("L1", "baseline", "L1 does not help"),
            not_higher("L2", "baseline", "L2 does not help"),
        ),
    ),
    Recipe(
        "augmentation",
        "Crops, flips, rotation and blur",
        "Which augmentations help the network to classify images that it has not seen?",
        "p2, questions 22 to 25",
        (*NEEDS, "p2_cnn/preprocessing", "p2_cnn/augmentation"),
        IMAGES,
        augmentation,
        (
            higher("crops and flips", "standardized", "crops and flips help"),
            higher("rotation", "standardized", "rotation helps"),
            higher("blur", "standardized", "3 × 3 blur helps"),
        ),
        {"draws": figures.draws({name: cnn.augment for name, cnn in AUGMENTATIONS.items() if cnn.augment})},
    ),
)
