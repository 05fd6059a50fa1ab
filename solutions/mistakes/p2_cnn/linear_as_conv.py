"""Known mistakes of `linear_as_conv`.

Each takes the place of the reference solution's function. Its name is the mistake, its docstring the hint that a student
reads.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("linear_to_conv")
def weights_not_copied(linear, in_channels, height, width):
    """Your convolution has the right shape and its own random weights. Those of `linear` never reach it."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)


@instead_of("linear_to_conv")
def biases_not_copied(linear, in_channels, height, width):
    """Your convolution has the weights of `linear` and its own random biases, so that every score of a neuron is off by
    the same number."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv


@instead_of("linear_to_conv")
def biases_left_out(linear, in_channels, height, width):
    """Your convolution has no biases, where `linear` has."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=False).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv


@instead_of("linear_to_conv")
def a_bias_taken_for_granted(linear, in_channels, height, width):
    """A `Linear` made with bias=False has None in place of its bias, and you use it as a tensor."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def a_random_bias_where_there_was_none(linear, in_channels, height, width):
    """Where `linear` has no bias, your convolution keeps the random one that it was born with. Make it without one
    too."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def always_float32(linear, in_channels, height, width):
    """Your convolution is float32, whatever `linear` is: a new layer is, unless it is told otherwise."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view_as(conv.weight))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


@instead_of("linear_to_conv")
def linear_made_float32(linear, in_channels, height, width):
    """You call .float() on `linear`, which changes that layer itself, and it is the caller's. A module's .float(),
    .double() and .to() all work in place."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    linear = linear.float()
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def channels_last(linear, in_channels, height, width):
    """You read the weights of a neuron as (height, width, channels). A map is flattened channel by channel."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, height, width, in_channels).permute(0, 3, 1, 2).contiguous()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def height_and_width_swapped(linear, in_channels, height, width):
    """Your kernel is (width, height). PyTorch says the height first, everywhere."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (width, height), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def columns_before_rows(linear, in_channels, height, width):
    """You read each channel of a neuron's weights column by column. It is flattened row by row."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, in_channels, width, height).transpose(2, 3).contiguous()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def weights_taken_for_in_by_out(linear, in_channels, height, width):
    """You transpose the weights of `linear` before you reshape them. They are (out_features, in_features) already: a
    row for each neuron, as a convolution has a filter for each."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.T.reshape(conv.weight.shape)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def kernels_flipped(linear, in_channels, height, width):
    """You flip the kernels, as the convolution of mathematics does. PyTorch's does not: it is a correlation, so the
    weights go in as they are."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight).flip(2, 3)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def windows_side_by_side(linear, in_channels, height, width):
    """Your stride is as large as the map, so that on a larger one you skip most windows. A map of scores has one for
    each."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    size = height, width
    conv = nn.Conv2d(in_channels, linear.out_features, size, size, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def padding_that_keeps_the_size(linear, in_channels, height, width):
    """Your convolution has padding, so that on a map of the size that `linear` takes it has many places, where it
    should have one."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), padding="same", bias=bias).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if bias:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def one_by_one_on_the_flattened_map(linear, in_channels, height, width):
    """Your convolution is 1×1 and takes every feature for a channel. It wants a map that is flattened already, and sees
    no windows in a larger one."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def weight_reshaped_in_linear_itself(linear, in_channels, height, width):
    """You reshape the weight of `linear` itself, and afterwards it cannot be used any more. A view of the weight is
    another tensor, that shares its memory: give that to the convolution."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    linear.weight.data = linear.weight.data.view_as(conv.weight)
    conv.weight = linear.weight
    conv.bias = linear.bias
    return conv


@instead_of("linear_to_conv")
def linear_frozen(linear, in_channels, height, width):
    """You switch off the gradients of `linear` so as to copy its weights, and never switch them on again. torch.no_grad
    does that for as long as it is needed."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    linear.requires_grad_(False)
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def numbers_in_place_of_a_layer(linear, in_channels, height, width):
    """You return the weights in their new shape. The layer that uses them is asked for."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return linear.weight.detach().view(-1, in_channels, height, width)


@instead_of("linear_to_conv")
def flatten_and_linear(linear, in_channels, height, width):
    """You return `linear` behind a Flatten. That gives the right numbers on one size of map, and is no convolution:
    a larger map does not fit."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return nn.Sequential(nn.Flatten(), linear, nn.Unflatten(1, (linear.out_features, 1, 1)))


@instead_of("linear_to_conv")
def nothing_returned(linear, in_channels, height, width):
    """Your function makes a convolution and forgets it: it returns None."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)


@instead_of("linear_to_conv")
def reshape_left_to_refuse(linear, in_channels, height, width):
    """Where the features do not agree, your reshape fails with a RuntimeError of PyTorch. Look first, and raise a
    ValueError that says what is wrong."""
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def multiples_let_through(linear, in_channels, height, width):
    """You refuse features that cannot be divided by the size of the map, and let those through that can: with twice as
    many features you get twice as many filters, each half a neuron."""
    size = in_channels * height * width
    if linear.in_features % size:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, in_channels, height, width)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def features_cut_off(linear, in_channels, height, width):
    """Where `linear` has more features than the map has numbers, you cut off the rest. What those weights were for is
    lost: refuse."""
    size = in_channels * height * width
    if linear.in_features < size:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data[:, :size].reshape(conv.weight.shape)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def only_square_maps(linear, in_channels, height, width):
    """You refuse maps that are not square. Nothing here needs them to be."""
    if linear.in_features != in_channels * height * height:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, height, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv
