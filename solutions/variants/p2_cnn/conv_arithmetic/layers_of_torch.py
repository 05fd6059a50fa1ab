"""Nothing computed: PyTorch's layers are made and run, without memory where that can be."""

import torch
from torch import nn


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    row = torch.zeros(1, 1, size)
    if ceil_mode:
        return nn.MaxPool1d(kernel_size, stride, padding, ceil_mode=True)(row).shape[-1]
    try:
        return nn.Conv1d(1, 1, kernel_size, stride, padding)(row).shape[-1]
    except RuntimeError as error:
        raise ValueError(f"size {size}, kernel_size {kernel_size}, padding {padding}: {error}") from None


def same_padding(kernel_size):
    for padding in range(kernel_size):
        if conv_output_size(100, kernel_size, padding=padding) == 100:
            return padding
    raise ValueError(f"no padding keeps the size with kernel_size {kernel_size}: give an odd one")


def count(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    return count(nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias, device="meta"))


def linear_parameter_count(in_features, out_features, bias=True):
    return count(nn.Linear(in_features, out_features, bias=bias, device="meta"))


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    x = torch.zeros(channels, height, width)
    y = nn.Conv2d(channels, 1, kernel_size, stride, padding)(x)
    return linear_parameter_count(x.numel(), y.numel())


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    x = torch.zeros(channels, height, width)
    windows = x.unfold(1, kernel_size, 1).unfold(2, kernel_size, 1)
    return windows.numel() * filters


def receptive_fields(layers):
    found = []
    for depth in range(1, len(layers) + 1):
        x = y = torch.zeros(1, 1, 20000, dtype=torch.float64, requires_grad=True)
        for kernel_size, stride in layers[:depth]:
            y = nn.functional.avg_pool1d(y, kernel_size, stride)
        y[0, 0, 1].backward()
        seen = torch.nonzero(x.grad[0, 0])
        found.append((seen.max() - seen.min() + 1).item())
    return found


def layer_table():
    names = ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "fc4", "fc5"]
    layers = [
        nn.Conv2d(3, 32, 5, padding="same"), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding="same"), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 5, padding="same"), nn.MaxPool2d(2), nn.LazyLinear(1000), nn.Linear(1000, 10),
    ]  # fmt: skip
    x, rows = torch.zeros(1, 3, 32, 32), []
    for name, layer in zip(names, layers, strict=True):
        x = layer(x.flatten(1) if name == "fc4" else x)
        rows.append((name, x.shape[1:], count(layer)))
    return rows
