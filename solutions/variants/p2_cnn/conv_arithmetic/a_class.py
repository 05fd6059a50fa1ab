"""A class for a layer that knows what it does to a shape; the table by running a list of them."""

from dataclasses import dataclass


@dataclass
class Window:
    kernel: int
    stride: int = 1
    padding: int = 0
    ceil: bool = False

    def over(self, size):
        first, end = -self.padding, size + self.padding
        starts = range(first, end, self.stride)
        if self.ceil:
            kept = [s for s in starts if s < size and (s == first or s - self.stride + self.kernel < end)]
            return len(kept)
        if self.kernel > end - first:
            raise ValueError(f"kernel_size={self.kernel} exceeds the padded size {end - first}")
        return len([s for s in starts if s + self.kernel <= end])


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    return Window(kernel_size, stride, padding, ceil_mode).over(size)


def same_padding(kernel_size):
    if not kernel_size & 1:
        raise ValueError(f"kernel_size={kernel_size} is even, and should be odd")
    return kernel_size >> 1


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    count = in_channels * out_channels * kernel_size * kernel_size
    if bias:
        count += out_channels
    return count


def linear_parameter_count(in_features, out_features, bias=True):
    return conv_parameter_count(in_features, out_features, 1, bias)


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    window = Window(kernel_size, stride, padding)
    outputs = window.over(height) * window.over(width)
    return channels * height * width * outputs + outputs


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    window = Window(kernel_size)
    return filters * channels * kernel_size**2 * window.over(height) * window.over(width)


def receptive_fields(layers):
    fields = []
    for depth in range(1, len(layers) + 1):
        field = 1
        for kernel, stride in reversed(layers[:depth]):
            field = (field - 1) * stride + kernel
        fields.append(field)
    return tuple(fields)


def layer_table():
    rows = []
    shape = [3, 32, 32]
    for i, filters in zip("123", (32, 64, 64), strict=True):
        parameters = conv_parameter_count(shape[0], filters, 5)
        side = Window(5, 1, 2).over(shape[1])
        rows.append([f"conv{i}", [filters, side, side], parameters])
        side = Window(2, 2).over(side)
        shape = [filters, side, side]
        rows.append([f"pool{i}", shape, 0])
    rows.append(["fc4", [1000], linear_parameter_count(shape[0] * shape[1] * shape[2], 1000)])
    rows.append(["fc5", [10], linear_parameter_count(1000, 10)])
    return rows
