"""Parameters that are views of the layer's own; the class of the layer told what it is by assert."""

from torch import nn
from torch.nn.parameter import Parameter


def linear_to_conv(linear, in_channels, height, width):
    out_features, in_features = linear.weight.shape
    assert in_features == in_channels * height * width, f"{in_features} features cannot be such a map"
    conv = nn.Conv2d(in_channels, out_features, kernel_size=(height, width), bias=False)
    conv.weight = Parameter(linear.weight.data.view(out_features, in_channels, height, width))
    if linear.bias is not None:
        conv.bias = Parameter(linear.bias.data)
    return conv
