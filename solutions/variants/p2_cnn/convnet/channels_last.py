"""Memory in channels_last, maps flattened with the channels last, blocks made by a function, a sequence that shrinks."""

import torch
from torch import nn


def block(inputs, outputs, norm, **pooling):
    layers = [
        nn.Conv2d(inputs, outputs, kernel_size=5, padding=2, bias=not norm),
        nn.BatchNorm2d(outputs) if norm else None,
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2, **pooling),
    ]
    return nn.Sequential(*filter(None, layers))


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.conv1_block = block(3, 32, batch_norm)
        self.conv2_block = block(32, 64, batch_norm)
        self.conv3_block = block(64, 64, batch_norm, ceil_mode=True)
        self.head = nn.Sequential(
            nn.Linear(1024, 1000), nn.ReLU(inplace=True), nn.Dropout(dropout), nn.Linear(1000, 10)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, images):
        maps = images.to(memory_format=torch.channels_last)
        maps = self.conv3_block(self.conv2_block(self.conv1_block(maps)))
        return self.head(maps.permute(0, 2, 3, 1).reshape(images.shape[0], 1024))
