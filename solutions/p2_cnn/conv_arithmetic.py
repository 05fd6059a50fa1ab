"""The arithmetic of convolutional networks: sizes, parameters, receptive fields.

Before a network is written, it is worth a page of arithmetic: how large is each map, how many weights does each layer
hold, and how much of the image does one neuron see? The answers say where a network spends its memory, where it will
overfit, and whether its layers fit together at all. Here you write that page as functions, and then use them on the
network of this practical.

All arguments and results are numbers, no tensors. Kernels are square, and so are strides and paddings: one number
stands for both axes. A result may be an int, or any number equal to it (a float such as 14.0, a NumPy integer, a 0-d
tensor).

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 1 and 6 to 11.
"""


def conv_output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, ceil_mode: bool = False) -> int:
    """The size of what a convolution or a pooling layer returns, along one axis.

    Args:
        size: of the input along this axis, in pixels.
        kernel_size: of the window.
        stride: from one window to the next; it may be larger than the window.
        padding: pixels added on each of the two sides.
        ceil_mode: what a pooling layer may be told: a last window that does not fit whole counts too, unless it would
            start in the padding on the right. (PyTorch's pooling layers do exactly this.)

    Returns:
        The number of windows.

    Errors: a ValueError where the kernel is larger than the padded input, without ceil_mode.

    >>> conv_output_size(9, 4), conv_output_size(9, 4, stride=2), conv_output_size(9, 4, stride=2, ceil_mode=True)
    (6, 3, 4)
    """
    ### BEGIN SOLUTION
    # TODO: how many windows are there? The first starts at the left end of the padded input; how many steps can it make
    # before it sticks out? Then ceil_mode, and the error.
    room = size + 2 * padding - kernel_size
    if room < 0 and not ceil_mode:
        raise ValueError(f"kernel_size is {kernel_size}: at most {room + kernel_size}, the padded size, was expected")
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    starts_in_the_right_padding = (windows - 1) * stride >= padding + size
    return windows - 1 if starts_in_the_right_padding else windows
    ### END SOLUTION


def same_padding(kernel_size: int) -> int:
    """The padding with which a convolution of stride 1 keeps the size of its input.

    Args:
        kernel_size: of the window, odd.

    Returns:
        The padding on each side.

    Errors: a ValueError where kernel_size is even: then no padding will do, if both sides have the same.

    >>> conv_output_size(20, 9, padding=same_padding(9))
    20
    """
    ### BEGIN SOLUTION
    # TODO: the padding, and the error. What does the formula for the output size say, with the output equal to the
    # input?
    if kernel_size % 2 == 0:
        raise ValueError(f"kernel_size is {kernel_size}: an odd number was expected")
    return (kernel_size - 1) // 2
    ### END SOLUTION


def conv_parameter_count(in_channels: int, out_channels: int, kernel_size: int, bias: bool = True) -> int:
    """The number of trainable parameters of a convolution.

    Args:
        in_channels: of the input.
        out_channels: of the output, which is the number of filters.
        kernel_size: of the square kernel.
        bias: whether it has biases.

    Returns:
        The number of weights, and of biases where it has any.

    Errors: none are asked for.

    >>> conv_parameter_count(2, 3, 4), conv_parameter_count(2, 3, 4, bias=False)
    (99, 96)
    """
    ### BEGIN SOLUTION
    # TODO: the weights of one filter, its bias, and how many filters there are. How deep is a filter?
    return (in_channels * kernel_size**2 + bool(bias)) * out_channels
    ### END SOLUTION


def linear_parameter_count(in_features: int, out_features: int, bias: bool = True) -> int:
    """The number of trainable parameters of a fully-connected layer.

    Args:
        in_features: numbers that go in.
        out_features: numbers that come out.
        bias: whether it has biases.

    Returns:
        The number of weights, and of biases where it has any.

    Errors: none are asked for.

    >>> linear_parameter_count(5, 2), linear_parameter_count(5, 2, bias=False)
    (12, 10)
    """
    ### BEGIN SOLUTION
    # TODO: the weights and the biases of all the neurons.
    return (in_features + bool(bias)) * out_features
    ### END SOLUTION


def equivalent_linear_parameter_count(
    channels: int, height: int, width: int, kernel_size: int, stride: int = 1, padding: int = 0
) -> int:
    """What one filter of a convolution would cost as a fully-connected layer.

    That layer takes all the numbers of the (channels, height, width) input, not the padding, and returns as many
    numbers as one filter does on this input.

    Args:
        channels: of the input.
        height: of the input.
        width: of the input.
        kernel_size: of the filter.
        stride: of the filter.
        padding: of the filter.

    Returns:
        The number of parameters of that layer, biases included.

    Errors: none are asked for.

    >>> equivalent_linear_parameter_count(2, 3, 4, kernel_size=2)  # 24 numbers in, 6 out
    150
    """
    ### BEGIN SOLUTION
    # TODO: how many numbers go in, how many come out? You have written functions for both of what is left.
    inputs = channels * height * width
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(inputs, outputs)
    ### END SOLUTION


def unshared_conv_parameter_count(channels: int, height: int, width: int, filters: int, kernel_size: int) -> int:
    """What a convolution would cost if its weights were not shared: each position has weights of its own.

    Args:
        channels: of the input.
        height: of the input.
        width: of the input.
        filters: the channels of the output.
        kernel_size: of the square window that each output sees. No padding, stride 1.

    Returns:
        The number of weights. There are no biases.

    Errors: none are asked for.

    >>> unshared_conv_parameter_count(2, 3, 4, filters=5, kernel_size=2)  # 6 positions, 40 weights at each
    240
    """
    ### BEGIN SOLUTION
    # TODO: the number of positions, and the weights at each.
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * conv_parameter_count(channels, filters, kernel_size, bias=False)
    ### END SOLUTION


def receptive_fields(layers: list[tuple[int, int]]) -> list[int]:
    """How much of the image a neuron sees, after each layer of a stack of convolutions and pools.

    Args:
        layers: `(kernel_size, stride)` of each layer, from the image on.

    Returns:
        For each layer the receptive field of one of its neurons along one axis: from the first pixel that it depends
        on to the last, both included. It may be larger than the image is.

    Errors: none are asked for.

    >>> receptive_fields([(4, 3), (2, 1), (2, 1)])
    [4, 7, 10]
    """
    ### BEGIN SOLUTION
    # TODO: layer by layer. Two neighbours of one layer: how many pixels of the image lie between their fields?
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(field)
    return fields
    ### END SOLUTION


def layer_table() -> list[tuple[str, tuple[int, ...], int]]:
    """The network of this practical, layer by layer, on a 3×32×32 image.

    conv1, conv2 and conv3 have 32, 64 and 64 filters of 5×5, with biases, stride 1, and the padding that keeps the size
    of the map. After each comes a 2×2 max pool of stride 2: pool1, pool2, pool3. Then come two fully-connected layers
    with biases: fc4 of 1000 neurons and fc5 of 10.

    Returns:
        Eight rows `(name, size, parameters)`, in the order conv1, pool1, conv2, pool2, conv3, pool3, fc4, fc5. `size`
        is that of the layer's output for one image: (channels, height, width), and (features,) from fc4 on;
        `parameters` the number of the layer's trainable parameters. Rows and sizes are tuples or lists.

    Errors: none are asked for.

    >>> table = layer_table()
    >>> len(table), table[0][0], table[-1][1]
    (8, 'conv1', (10,))
    """
    ### BEGIN SOLUTION
    # TODO: the rows, with the functions above. What goes into fc4? Then look at the numbers: which layer holds most of
    # them?
    rows: list[tuple[str, tuple[int, ...], int]] = []
    channels, size = 3, 32
    for number, filters in enumerate((32, 64, 64), start=1):
        parameters = conv_parameter_count(channels, filters, 5)
        channels, size = filters, conv_output_size(size, 5, padding=same_padding(5))
        rows.append((f"conv{number}", (channels, size, size), parameters))
        size = conv_output_size(size, 2, stride=2)
        rows.append((f"pool{number}", (channels, size, size), 0))
    features = channels * size * size
    for name, neurons in (("fc4", 1000), ("fc5", 10)):
        rows.append((name, (neurons,), linear_parameter_count(features, neurons)))
        features = neurons
    return rows
    ### END SOLUTION
