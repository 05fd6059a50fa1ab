"""Floats throughout, each equal to a whole number."""

import math


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    steps = (size + 2.0 * padding - kernel_size) / stride
    if steps < 0 and not ceil_mode:
        raise ValueError(f"kernel_size = {kernel_size} where at most {size + 2 * padding} fits")
    windows = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1.0
    if ceil_mode and (windows - 1) * stride >= size + padding:
        windows -= 1.0
    return windows


def same_padding(kernel_size):
    padding = (kernel_size - 1) / 2
    if not padding.is_integer():
        raise ValueError(f"kernel_size = {kernel_size} is even")
    return padding


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * (in_channels * math.pow(kernel_size, 2) + float(bias))


def linear_parameter_count(in_features, out_features, bias=True):
    return float(out_features * (in_features + (1 if bias else 0)))


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    out_height = conv_output_size(height, kernel_size, stride, padding)
    out_width = conv_output_size(width, kernel_size, stride, padding)
    return (channels * height * width + 1) * out_height * out_width


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return filters * positions * channels * kernel_size**2.0


def receptive_fields(layers):
    fields, previous, log_jump = [], 1.0, 0.0
    for kernel_size, stride in layers:
        previous += (kernel_size - 1) * round(math.exp(log_jump))
        log_jump += math.log(stride)
        fields.append(previous)
    return fields


def layer_table():
    rows, size, channels = [], 32.0, 3.0
    for number, filters in ((1, 32.0), (2, 64.0), (3, 64.0)):
        rows.append((f"conv{number}", (filters, size, size), conv_parameter_count(channels, filters, 5)))
        size, channels = size / 2, filters
        rows.append((f"pool{number}", (filters, size, size), 0.0))
    rows.append(("fc4", (1e3,), linear_parameter_count(channels * size * size, 1e3)))
    return rows + [("fc5", (1e1,), linear_parameter_count(1e3, 1e1))]
