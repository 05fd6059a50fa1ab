"""0-d tensors, integer and float, and a tensor of the fields."""

import torch


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    room = torch.tensor(size + 2 * padding - kernel_size)
    if ceil_mode:
        windows = torch.ceil(room / stride) + 1
        return torch.where((windows - 1) * stride >= size + padding, windows - 1, windows)
    if room < 0:
        raise ValueError("kernel too large")
    return torch.div(room, stride, rounding_mode="floor") + 1


def same_padding(kernel_size):
    if kernel_size % 2 != 1:
        raise ValueError("kernel_size must be odd")
    return torch.tensor(kernel_size // 2)


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    shapes = [(out_channels, in_channels, kernel_size, kernel_size)] + [(out_channels,)] * bool(bias)
    return sum(torch.tensor(shape).prod() for shape in shapes)


def linear_parameter_count(in_features, out_features, bias=True):
    return conv_parameter_count(in_features, out_features, 1, bias).double()


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    out = [conv_output_size(n, kernel_size, stride, padding) for n in (height, width)]
    return linear_parameter_count(channels * height * width, int(out[0] * out[1]))


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    out = [conv_output_size(n, kernel_size) for n in (height, width)]
    return out[0] * out[1] * conv_parameter_count(channels, filters, kernel_size, bias=False)


def receptive_fields(layers):
    kernels, strides = torch.tensor(layers).unbind(1)
    jumps = torch.cat([torch.ones(1, dtype=torch.int64), strides.cumprod(0)[:-1]])
    return ((kernels - 1) * jumps).cumsum(0) + 1


def layer_table():
    x = torch.empty(3, 32, 32, device="meta")
    rows = []
    for i, filters in enumerate((32, 64, 64), 1):
        count = conv_parameter_count(x.shape[0], filters, 5)
        x = x.new_empty(filters, *x.shape[1:])
        rows.append((f"conv{i}", x.size(), count))
        x = x[:, ::2, ::2]
        rows.append((f"pool{i}", x.size(), torch.tensor(0)))
    for name, neurons in (("fc4", 1000), ("fc5", 10)):
        rows.append((name, torch.tensor([neurons]), linear_parameter_count(x.numel(), neurons)))
        x = x.new_empty(neurons)
    return rows
