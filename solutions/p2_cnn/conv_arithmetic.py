"""The arithmetic of convolutional networks: sizes, parameters, receptive fields.

Before you write a network, a page of arithmetic is worth the time: how large is each map, how many weights does each
layer have, and how much of the image does one neuron see? The answers show where a network needs memory, where it may
overfit, and whether its layers fit together at all. Here you write that page as functions, and then use them for the
network of this practical.

All arguments and results are numbers, not tensors. Kernels are square, and one number gives the stride or padding of
both axes. A result may be an int or any number equal to it (a float such as 14.0, a NumPy integer, a 0-d tensor).

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 1 and 6 to 11.
"""


def conv_output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, ceil_mode: bool = False) -> int:
    """The size of the output of a convolution or a pooling layer, along one axis.

    Args:
        size: the size of the input along this axis, in pixels.
        kernel_size: the size of the window.
        stride: the distance from one window to the next; it may be larger than the window.
        padding: pixels added on each of the two sides.
        ceil_mode: an option of pooling layers: a last window that sticks out counts too, unless it would start in the
            padding on the right. (PyTorch's pooling layers do exactly this.)

    Returns:
        The number of windows.

    Errors: a ValueError if the kernel is larger than the padded input, without ceil_mode.

    >>> conv_output_size(9, 4), conv_output_size(9, 4, stride=2), conv_output_size(9, 4, stride=2, ceil_mode=True)
    (6, 3, 4)
    """
    ### BEGIN SOLUTION
    # TODO: compute the number of windows. The first starts at the left end of the padded input; how many steps can it
    # make before it sticks out? Then add ceil_mode and the error.
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
        kernel_size: the size of the window, odd.

    Returns:
        The padding on each side.

    Errors: a ValueError if kernel_size is even: then no equal padding of both sides keeps the size.

    >>> conv_output_size(20, 9, padding=same_padding(9))
    20
    """
    ### BEGIN SOLUTION
    # TODO: compute the padding, and raise the error. What does the formula for the output size give if output and input
    # have the same size?
    if kernel_size % 2 == 0:
        raise ValueError(f"kernel_size is {kernel_size}: an odd number was expected")
    return (kernel_size - 1) // 2
    ### END SOLUTION


def conv_parameter_count(in_channels: int, out_channels: int, kernel_size: int, bias: bool = True) -> int:
    """The number of trainable parameters of a convolution.

    Args:
        in_channels: the channels of the input.
        out_channels: the channels of the output, which is the number of filters.
        kernel_size: the size of the square kernel.
        bias: whether it has biases.

    Returns:
        The number of weights, plus that of biases if it has any.

    Errors: the arguments need not be checked.

    >>> conv_parameter_count(2, 3, 4), conv_parameter_count(2, 3, 4, bias=False)
    (99, 96)
    """
    ### BEGIN SOLUTION
    # TODO: count the weights of one filter, its bias, and the filters. How deep is a filter?
    return (in_channels * kernel_size**2 + bool(bias)) * out_channels
    ### END SOLUTION


def linear_parameter_count(in_features: int, out_features: int, bias: bool = True) -> int:
    """The number of trainable parameters of a fully-connected layer.

    Args:
        in_features: the number of inputs.
        out_features: the number of outputs.
        bias: whether it has biases.

    Returns:
        The number of weights, plus that of biases if it has any.

    Errors: the arguments need not be checked.

    >>> linear_parameter_count(5, 2), linear_parameter_count(5, 2, bias=False)
    (12, 10)
    """
    ### BEGIN SOLUTION
    # TODO: count the weights and the biases of all neurons.
    return (in_features + bool(bias)) * out_features
    ### END SOLUTION


def equivalent_linear_parameter_count(
    channels: int, height: int, width: int, kernel_size: int, stride: int = 1, padding: int = 0
) -> int:
    """The number of parameters of a fully-connected layer that replaces one filter of a convolution.

    This layer takes all numbers of the (channels, height, width) input, without the padding, and returns as many numbers
    as one filter does for this input.

    Args:
        channels: the channels of the input.
        height: the height of the input.
        width: the width of the input.
        kernel_size: the size of the filter.
        stride: the stride of the filter.
        padding: the padding of the convolution.

    Returns:
        The number of parameters of the layer, including biases.

    Errors: the arguments need not be checked.

    >>> equivalent_linear_parameter_count(2, 3, 4, kernel_size=2)  # 24 numbers in, 6 out
    150
    """
    ### BEGIN SOLUTION
    # TODO: how many inputs and outputs does the layer have? You have written functions for the rest.
    inputs = channels * height * width
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(inputs, outputs)
    ### END SOLUTION


def unshared_conv_parameter_count(channels: int, height: int, width: int, filters: int, kernel_size: int) -> int:
    """The number of weights of a convolution if they were not shared: each position has its own weights.

    Args:
        channels: the channels of the input.
        height: the height of the input.
        width: the width of the input.
        filters: the channels of the output.
        kernel_size: the size of the square window that each output sees. No padding, stride 1.

    Returns:
        The number of weights. There are no biases.

    Errors: the arguments need not be checked.

    >>> unshared_conv_parameter_count(2, 3, 4, filters=5, kernel_size=2)  # 6 positions, 40 weights at each
    240
    """
    ### BEGIN SOLUTION
    # TODO: count the positions, and the weights of each.
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * conv_parameter_count(channels, filters, kernel_size, bias=False)
    ### END SOLUTION


def receptive_fields(layers: list[tuple[int, int]]) -> list[int]:
    """How much of the image a neuron sees, after each layer of a stack of convolutions and pools.

    Args:
        layers: `(kernel_size, stride)` of each layer, starting at the image.

    Returns:
        For each layer, the receptive field of one of its neurons along one axis: the number of pixels from the first that
        it depends on to the last. It may be larger than the image.

    Errors: the arguments need not be checked.

    >>> receptive_fields([(4, 3), (2, 1), (2, 1)])
    [4, 7, 10]
    """
    ### BEGIN SOLUTION
    # TODO: go layer by layer. By how many pixels are the fields of two neighbouring neurons shifted?
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
    of the map. A 2×2 max pool with stride 2 follows each: pool1, pool2, pool3. Then come two fully-connected layers
    with biases: fc4 with 1000 neurons and fc5 with 10.

    Returns:
        Eight rows `(name, size, parameters)`, in the order conv1, pool1, conv2, pool2, conv3, pool3, fc4, fc5. `size`
        is the size of the layer's output for one image: (channels, height, width), or (features,) from fc4 on.
        `parameters` is the number of the layer's trainable parameters. Rows and sizes are tuples or lists.

    Errors: none.

    >>> table = layer_table()
    >>> len(table), table[0][0], table[-1][1]
    (8, 'conv1', (10,))
    """
    ### BEGIN SOLUTION
    # TODO: compute the rows with the functions above. What is the input of fc4? Then look at the numbers: which layer
    # has most of them?
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
