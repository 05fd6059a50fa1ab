"""NumPy: its integers, its arrays for the fields and the sizes, its cumulated products."""

import numpy as np


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    starts = np.arange(0, size + 2 * padding, stride)
    ends = starts + kernel_size
    fits = ends <= size + 2 * padding
    if ceil_mode:
        begun = np.concatenate([[True], ends[:-1] < size + 2 * padding])
        return np.count_nonzero(begun & (starts < size + padding))
    if not fits.any():
        raise ValueError(f"a kernel of {kernel_size} on {size + 2 * padding} pixels")
    return fits.sum()


def same_padding(kernel_size):
    half, rest = np.divmod(np.int64(kernel_size), 2)
    if rest == 0:
        raise ValueError("even kernel")
    return half


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    return np.prod([in_channels, out_channels, kernel_size, kernel_size]) + np.int32(bias) * out_channels


def linear_parameter_count(in_features, out_features, bias=True):
    return np.empty((out_features, in_features + bool(bias)), dtype=np.int8).size


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    outputs = np.prod([conv_output_size(n, kernel_size, stride, padding) for n in (height, width)])
    return np.int64(outputs) * (channels * height * width + 1)


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    window = (channels, kernel_size, kernel_size)
    windows = np.lib.stride_tricks.sliding_window_view(np.zeros((channels, height, width)), window)
    return np.int64(windows.size * filters)


def receptive_fields(layers):
    kernels, strides = np.array(layers).T
    jumps = np.cumprod(np.concatenate([[1], strides[:-1]]))
    return 1 + np.cumsum((kernels - 1) * jumps)


def layer_table():
    filters = np.array([3, 32, 64, 64])
    sides = 32 // 2 ** np.arange(4)
    table = []
    for i in range(3):
        n = conv_parameter_count(filters[i], filters[i + 1], 5)
        table.append((f"conv{i + 1}", np.array([filters[i + 1], sides[i], sides[i]]), n))
        table.append((f"pool{i + 1}", np.array([filters[i + 1], sides[i + 1], sides[i + 1]]), np.int64(0)))
    features = filters[3] * sides[3] ** 2
    return [*table, ("fc4", np.array([1000]), 1000 * (features + 1)), ("fc5", np.array([10]), np.int64(10010))]
