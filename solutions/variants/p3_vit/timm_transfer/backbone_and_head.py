"""The backbone without a head, and a head in a Sequential; images one by one; children frozen, and what is no child."""

import timm.models as zoo
import torch
from torch import nn


def adapt_images(images, size=224):
    resize = nn.Upsample(size=(size, size), mode="bilinear", align_corners=False)
    out = []
    for image in images:
        image = resize(image[None])
        out.append(image.expand(1, 3, size, size) if image.shape[1] == 1 else image)
    return torch.cat(out)


def build_classifier(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    backbone = zoo.create_model(name, pretrained=pretrained, num_classes=0)
    return nn.Sequential(backbone, nn.Linear(backbone.num_features, num_classes))


def freeze_backbone(model):
    keep = model.get_classifier()
    for child in model.children():
        child.requires_grad_(child is keep)
    for parameter in model._parameters.values():
        if parameter is not None:
            parameter.requires_grad = False
    return model
