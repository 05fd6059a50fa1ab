"""A Conv2d of one's own that slides the layer over the windows of the map."""

import torch.nn.functional as F
from torch import nn


class SlidLinear(nn.Conv2d):
    def __init__(self, linear, in_channels, height, width):
        super().__init__(in_channels, linear.out_features, (height, width), dtype=linear.weight.dtype)
        self.linear = linear

    def forward(self, x):
        windows = F.unfold(x, self.kernel_size)
        scores = self.linear(windows.transpose(1, 2)).transpose(1, 2)
        rows = x.shape[2] - self.kernel_size[0] + 1
        return scores.unflatten(2, (rows, -1))


class WrongSize(ValueError):
    pass


def linear_to_conv(linear, in_channels, height, width):
    if linear.in_features != in_channels * height * width:
        raise WrongSize(linear.in_features)
    return SlidLinear(linear, in_channels, height, width)
