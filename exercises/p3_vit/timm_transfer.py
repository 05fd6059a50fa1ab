# GENERATED from solutions/p3_vit/timm_transfer.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise timm_transfer
# sha256 as generated: 4b64d9e5d62eb3a50c0329a4e97402066d021feed9e4c8d732497c3a818cf646

"""Transfer with timm: a vision transformer that others have trained, used for your images.

Transformers need a lot of data; a few thousand images are not enough to train one. But a model that was trained on
millions of photographs has learned features that are useful for other images too. You need three things: images with the
size and the channels that it was trained on, a new classifier for your classes, and, if you have little data, a frozen
backbone, so that only the classifier learns.

Shapes: images (B, channels, H, W), float, in [0, 1], with one channel (grey) or three (RGB).

Allowed here: everything. Start with `timm.create_model`. `pretrained=True` downloads weights the first
time; without a network connection leave it False.

Source: the Sorbonne RDFIA practicals, "Transformers"; R. Wightman, "PyTorch Image Models" (timm).
"""

import timm
import torch
from torch import nn
from torch.nn import functional as F


def adapt_images(images: torch.Tensor, size: int = 224) -> torch.Tensor:
    """Resizes images to what a network expects that was trained on photographs.

    Args:
        images: (B, 1, H, W) or (B, 3, H, W); any H and W, equal or not, smaller or larger than `size`. Not modified.
        size: height and width of the result in pixels.

    Returns:
        (B, 3, size, size), of the same dtype: grey images are repeated in each channel, RGB images keep their
        channels. Both axes are resized to `size` by bilinear interpolation with align_corners=False, with or without
        antialiasing. The values do not change otherwise: they are not normalized here.

    Errors: the arguments need not be checked.

    >>> adapt_images(torch.rand(5, 1, 28, 28)).shape
    torch.Size([5, 3, 224, 224])
    >>> adapt_images(torch.tensor([[[[0.0, 1.0]]]]), size=2)[0, 2]
    tensor([[0., 1.],
            [0., 1.]])
    """
    # TODO: resize (H, W) -> (size, size), then make three channels. Which modes does torch's interpolation have?
    raise NotImplementedError("adapt_images is still to be written")


def build_classifier(name: str = "vit_tiny_patch16_224", num_classes: int = 10, pretrained: bool = False) -> nn.Module:
    """A timm model with a classifier for your classes.

    Args:
        name: the model's name in timm.
        num_classes: the number of scores for each image.
        pretrained: whether the model starts from timm's pretrained weights (except for the new classifier) or from random
            ones.

    Returns:
        The model: (B, 3, H, W) -> (B, num_classes) scores; H and W are 224 for the default name.

    Errors: with `pretrained`, the error that timm raises if it cannot get the weights. Do not return an untrained model
    instead: nobody would notice.

    >>> build_classifier(num_classes=7)(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 7])
    """
    # TODO: call timm once.
    raise NotImplementedError("build_classifier is still to be written")


def freeze_backbone(model: nn.Module) -> nn.Module:
    """Freezes all parameters of a model except for its classifier.

    Args:
        model: a vision transformer of timm, as `build_classifier` returns it. Some or all of its parameters may
            already be frozen. May be modified in place.

    Returns:
        The model, with unchanged values of its parameters. Those of its classifier are trainable, all others are not.

    Errors: the arguments need not be checked.

    >>> model = freeze_backbone(build_classifier())
    >>> [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    ['head.weight', 'head.bias']
    """
    # TODO: freeze all parameters, and make those of the classifier trainable. How do you get a timm model's classifier?
    raise NotImplementedError("freeze_backbone is still to be written")
