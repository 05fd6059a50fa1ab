"""A new head for the whole model; antialiasing; parameters by name."""

import timm
import torch.nn.functional as F


def adapt_images(images, size=224):
    if images.shape[1] == 1:
        images = images.repeat(1, 3, 1, 1)
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)


def build_classifier(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    model = timm.create_model(name, pretrained=pretrained)
    model.reset_classifier(num_classes)
    return model


def freeze_backbone(model):
    for name, param in model.named_parameters():
        param.requires_grad = "head" in name
    return model
