"""nn.LazyConv2d and nn.LazyLinear in one Sequential, convolutions without a bias where batch norm follows."""

from torch import nn


class ConvNet(nn.Sequential):
    def __init__(self, dropout=0.0, batch_norm=False):
        layers = []
        for number, channels in enumerate((32, 64, 64), start=1):
            layers.append(nn.LazyConv2d(channels, 5, padding=2, bias=not batch_norm))
            if batch_norm:
                layers.append(nn.LazyBatchNorm2d())
            layers.append(nn.ReLU())
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=number == 3))
        layers += [nn.Flatten(), nn.LazyLinear(1000), nn.ReLU(), nn.Dropout(p=dropout), nn.LazyLinear(10)]
        super().__init__(*layers)
