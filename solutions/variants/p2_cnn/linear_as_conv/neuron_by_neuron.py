"""Every weight by itself, in loops; the convolution in float64 by .double()."""

import torch
from torch import nn


def linear_to_conv(linear, in_channels, height, width):
    if linear.in_features - in_channels * height * width != 0:
        raise ValueError("in_features should be in_channels * height * width")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=hasattr(linear.bias, "data"))
    if linear.weight.dtype == torch.float64:
        conv = conv.double()
    conv.requires_grad_(False)
    for neuron in range(linear.out_features):
        feature = 0
        for channel in range(in_channels):
            for row in range(height):
                for column in range(width):
                    conv.weight[neuron, channel, row, column] = linear.weight[neuron, feature]
                    feature += 1
        if conv.bias is not None:
            conv.bias[neuron] = linear.bias[neuron]
    return conv
