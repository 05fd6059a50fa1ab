# GENERATED from solutions/p3_vit/timm_transfer.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k timm_transfer
# sha256 as generated: 4167bed40094120463cadb4260cd4e1304472a9151800fe189677efa06719c4c

"""Transfer with timm: a vision transformer that others have trained, made to look at your images.

Transformers want much data; a few thousand images are not enough to train one. But one that was trained on millions of
photographs has learned features that serve for other images too. Three things are needed: images of the size and with
the channels that it was trained on, a new classifier for your classes, and, where data are scarce, all that it knows
kept as it is while only the classifier learns.

Shapes: images (B, channels, H, W), float, in [0, 1], with one channel (grey) or three (RGB).

Allowed here: everything. `timm.create_model` is the door to the library. `pretrained=True` downloads weights the first
time; without a network leave it False.

Source: the Sorbonne RDFIA practicals, "Transformers"; R. Wightman, "PyTorch Image Models" (timm).
"""

import timm
import torch
from torch import nn
from torch.nn import functional as F


def adapt_images(images: torch.Tensor, size: int = 224) -> torch.Tensor:
    """Images as a network expects them that was trained on photographs.

    Args:
        images: (B, 1, H, W) or (B, 3, H, W); any H and W, equal or not, smaller or larger than `size`. Not modified.
        size: height and width of the result in pixels.

    Returns:
        (B, 3, size, size), of the same dtype: grey images with the same picture in each channel, RGB with their own
        three. Both axes are resized to `size` by bilinear interpolation with align_corners=False, with or without
        antialiasing. Nothing else is done to the values: they are not normalized here.

    Errors: none are asked for.

    >>> adapt_images(torch.rand(5, 1, 28, 28)).shape
    torch.Size([5, 3, 224, 224])
    >>> adapt_images(torch.tensor([[[[0.0, 1.0]]]]), size=2)[0, 2]
    tensor([[0., 1.],
            [0., 1.]])
    """
    # TODO: height and width (H, W) -> (size, size), then three channels. Which modes does torch's interpolation have?
    raise NotImplementedError("adapt_images is still to be written")


def build_classifier(name: str = "vit_tiny_patch16_224", num_classes: int = 10, pretrained: bool = False) -> nn.Module:
    """A timm model with a classifier for your classes.

    Args:
        name: the model's name in timm.
        num_classes: scores that it is to return for each image.
        pretrained: whether it starts from the weights that timm offers for it, all but those of the new classifier, or
            from random ones.

    Returns:
        The model: (B, 3, H, W) -> (B, num_classes) scores; H and W are 224 for the default name.

    Errors: with `pretrained`, the one that timm raises where weights cannot be had: an untrained model in their place
    would go unnoticed.

    >>> build_classifier(num_classes=7)(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 7])
    """
    # TODO: one call of timm.
    raise NotImplementedError("build_classifier is still to be written")


def freeze_backbone(model: nn.Module) -> nn.Module:
    """A model of which only the classifier learns.

    Args:
        model: a vision transformer of timm, as `build_classifier` returns it. Some of its parameters, or all, may be
            frozen already. May be modified in place.

    Returns:
        The model with the values of its parameters as they were. Those of its classifier are trainable, all the others
        are not.

    Errors: none are asked for.

    >>> model = freeze_backbone(build_classifier())
    >>> [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    ['head.weight', 'head.bias']
    """
    # TODO: all parameters off, those of the classifier on. How does a timm model tell which layer that is?
    raise NotImplementedError("freeze_backbone is still to be written")
