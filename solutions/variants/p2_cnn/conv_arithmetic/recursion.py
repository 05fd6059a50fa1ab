"""Functions that call themselves: a window is placed, and the rest is a smaller question. A large kernel is always refused."""


def conv_output_size(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    assert kernel_size <= size + 2 * padding, "the kernel does not fit into the padded input"

    def windows(start):
        """How many windows there are from this one on, which starts `start` pixels from the left end of the padding."""
        end = start + kernel_size
        whole = end <= size + 2 * padding
        if whole:
            return 1 + windows(start + stride)
        sticks_out_first = end - stride < size + 2 * padding
        return int(ceil_mode and sticks_out_first and start < size + padding)

    return windows(0)


def same_padding(kernel_size):
    assert kernel_size % 2 == 1, "an odd kernel is needed"
    return 0 if kernel_size == 1 else 1 + same_padding(kernel_size - 2)


def conv_parameter_count(in_channels, out_channels, kernel_size, bias=True):
    if out_channels == 0:
        return 0
    return (
        in_channels * kernel_size**2
        + int(bias)
        + conv_parameter_count(in_channels, out_channels - 1, kernel_size, bias)
    )


def linear_parameter_count(in_features, out_features, bias=True):
    return in_features * out_features + (out_features if bias else 0)


def equivalent_linear_parameter_count(channels, height, width, kernel_size, stride=1, padding=0):
    h, w = (conv_output_size(n, kernel_size, stride=stride, padding=padding) for n in (height, width))
    return linear_parameter_count(channels * height * width, h * w)


def unshared_conv_parameter_count(channels, height, width, filters, kernel_size):
    if channels > 1:
        first = unshared_conv_parameter_count(1, height, width, filters, kernel_size)
        return first + unshared_conv_parameter_count(channels - 1, height, width, filters, kernel_size)
    return (height - kernel_size + 1) * (width - kernel_size + 1) * filters * kernel_size * kernel_size


def receptive_fields(layers):
    if not layers:
        return []
    *before, (kernel_size, _) = layers
    step = 1
    for _, stride in before:
        step *= stride
    fields = receptive_fields(before)
    return fields + [(fields[-1] if fields else 1) + (kernel_size - 1) * step]


def layer_table(names=("conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "fc4", "fc5"), shape=(3, 32, 32)):
    if not names:
        return ()
    name, *rest = names
    if name.startswith("conv"):
        filters = 32 if name == "conv1" else 64
        row = name, (filters, *shape[1:]), conv_parameter_count(shape[0], filters, 5)
    elif name.startswith("pool"):
        row = name, (shape[0], shape[1] // 2, shape[2] // 2), 0
    else:
        features = 1
        for size in shape:
            features *= size
        neurons = 1000 if name == "fc4" else 10
        row = name, (neurons,), linear_parameter_count(features, neurons)
    return (row, *layer_table(rest, row[1]))
