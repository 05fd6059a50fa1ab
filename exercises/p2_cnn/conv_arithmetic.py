# GENERATED from solutions/p2_cnn/conv_arithmetic.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise conv_arithmetic
# sha256 as generated: ca9107ca55ea60a9aa3163e331119ef3bdd326d514436b20cbd0f26886378437

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
    # TODO: compute the number of windows. The first starts at the left end of the padded input; how many steps can it
    # make before it sticks out? Then add ceil_mode and the error.
    raise NotImplementedError("conv_output_size is still to be written")


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
    # TODO: compute the padding, and raise the error. What does the formula for the output size give if output and input
    # have the same size?
    raise NotImplementedError("same_padding is still to be written")


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
    # TODO: count the weights of one filter, its bias, and the filters. How deep is a filter?
    raise NotImplementedError("conv_parameter_count is still to be written")


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
    # TODO: count the weights and the biases of all neurons.
    raise NotImplementedError("linear_parameter_count is still to be written")


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
    # TODO: how many inputs and outputs does the layer have? You have written functions for the rest.
    raise NotImplementedError("equivalent_linear_parameter_count is still to be written")


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
    # TODO: count the positions, and the weights of each.
    raise NotImplementedError("unshared_conv_parameter_count is still to be written")


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
    # TODO: go layer by layer. By how many pixels are the fields of two neighbouring neurons shifted?
    raise NotImplementedError("receptive_fields is still to be written")


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
    # TODO: compute the rows with the functions above. What is the input of fc4? Then look at the numbers: which layer
    # has most of them?
    raise NotImplementedError("layer_table is still to be written")
