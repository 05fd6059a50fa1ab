"""An nn.LazyConv2d, which gets its parameters in a first run on an empty map."""

import torch
from torch import nn


def linear_to_conv(linear, in_channels, height, width):
    assert linear.in_features == in_channels * height * width, "the features do not agree"
    has_bias = linear.bias is not None
    conv = nn.LazyConv2d(linear.out_features, (height, width), bias=has_bias, dtype=linear.weight.dtype)
    with torch.no_grad():
        conv(linear.weight.new_zeros(1, in_channels, height, width))
        conv.weight[:] = torch.unflatten(linear.weight, 1, (in_channels, height, width))
        if has_bias:
            conv.bias[:] = linear.bias
    return conv
