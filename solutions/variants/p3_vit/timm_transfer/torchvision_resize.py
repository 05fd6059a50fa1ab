"""torchvision resizes; the head is a new linear layer."""

import torch
from timm import create_model
from torch import nn
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as TF


def adapt_images(images, size=224):
    images = TF.resize(images, [size, size], interpolation=InterpolationMode.BILINEAR, antialias=True)
    return torch.cat([images] * 3, dim=1) if images.size(1) == 1 else images


def build_classifier(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    model = create_model(name, pretrained)
    model.head = nn.Linear(model.num_features, num_classes)
    return model


def freeze_backbone(model):
    for p in model.parameters():
        p.requires_grad = False
    for p in model.head.parameters():
        p.requires_grad = True
    return model
