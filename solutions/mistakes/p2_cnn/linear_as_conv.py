"""Known mistakes of `linear_as_conv`.

Each takes the place of the reference solution's function. Students read its title, which is its name in plain words
unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("linear_to_conv")
def weights_not_copied(linear, in_channels, height, width):
    """Your convolution has the right shape but its own random weights. You never copy those of `linear`."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)


@instead_of("linear_to_conv")
def biases_not_copied(linear, in_channels, height, width):
    """Your convolution has the weights of `linear` but its own random biases, so all scores of a neuron are off by the
    same number."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv


@instead_of("linear_to_conv")
def biases_left_out(linear, in_channels, height, width):
    """Your convolution has no biases, although `linear` has some."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=False).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv


@instead_of("linear_to_conv", title="missing bias not handled")
def a_bias_taken_for_granted(linear, in_channels, height, width):
    """A `Linear` made with bias=False has None as its bias, and you use it as a tensor."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="random bias where linear has none")
def a_random_bias_where_there_was_none(linear, in_channels, height, width):
    """Where `linear` has no bias, your convolution keeps its random initial one. Make it without a bias too."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="convolution always in float32")
def always_float32(linear, in_channels, height, width):
    """Your convolution is float32, whatever `linear` is: that is the default dtype of a new layer."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view_as(conv.weight))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


@instead_of("linear_to_conv", title="original layer converted to float32")
def linear_made_float32(linear, in_channels, height, width):
    """You call .float() on `linear`, which converts the caller's layer itself: a module's .float(), .double() and .to()
    all work in place."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    linear = linear.float()
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weights read with the channels last")
def channels_last(linear, in_channels, height, width):
    """You read the weights of a neuron as (height, width, channels). PyTorch flattens a map channel by channel."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, height, width, in_channels).permute(0, 3, 1, 2).contiguous()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def height_and_width_swapped(linear, in_channels, height, width):
    """Your kernel is (width, height). PyTorch puts the height first, everywhere."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (width, height), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weights read column by column")
def columns_before_rows(linear, in_channels, height, width):
    """You read each channel of a neuron's weights column by column. A map is flattened row by row."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, in_channels, width, height).transpose(2, 3).contiguous()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weights transposed before the reshape")
def weights_taken_for_in_by_out(linear, in_channels, height, width):
    """You transpose the weights of `linear` before you reshape them. They are already (out_features, in_features): one
    row for each neuron, as a convolution has one filter for each output."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.T.reshape(conv.weight.shape)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv")
def kernels_flipped(linear, in_channels, height, width):
    """You flip the kernels, as a convolution in mathematics does. PyTorch's convolution is a cross-correlation, so the
    weights stay as they are."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight).flip(2, 3)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="stride as large as the map")
def windows_side_by_side(linear, in_channels, height, width):
    """Your stride is as large as the map, so on a larger map you skip most windows. The map of scores should have one
    entry for each window."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    size = height, width
    conv = nn.Conv2d(in_channels, linear.out_features, size, size, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="convolution with padding")
def padding_that_keeps_the_size(linear, in_channels, height, width):
    """Your convolution has padding, so on a map of the size that `linear` takes it has many positions instead of
    one."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), padding="same", bias=bias).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if bias:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="1×1 convolution on the flattened map")
def one_by_one_on_the_flattened_map(linear, in_channels, height, width):
    """Your convolution is 1×1 and treats every feature as a channel. It needs a map that is flattened already, and
    cannot slide over a larger one."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weight of the original layer reshaped")
def weight_reshaped_in_linear_itself(linear, in_channels, height, width):
    """You reshape the weight of `linear` itself, which makes that layer unusable. A view of the weight is a separate
    tensor that shares its memory: use that for the convolution."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    linear.weight.data = linear.weight.data.view_as(conv.weight)
    conv.weight = linear.weight
    conv.bias = linear.bias
    return conv


@instead_of("linear_to_conv", title="original layer frozen")
def linear_frozen(linear, in_channels, height, width):
    """You turn off the gradients of `linear` to copy its weights, and never turn them on again. torch.no_grad turns
    recording off only for as long as you need it."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    linear.requires_grad_(False)
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weights returned instead of a layer")
def numbers_instead_of_a_layer(linear, in_channels, height, width):
    """You return the weights in their new shape. Return the convolution layer that uses them."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return linear.weight.detach().view(-1, in_channels, height, width)


@instead_of("linear_to_conv", title="Flatten and Linear instead of a convolution")
def flatten_and_linear(linear, in_channels, height, width):
    """You return `linear` after a Flatten. That gives the right numbers for one size of map, but it is not a
    convolution: a larger map does not fit."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    return nn.Sequential(nn.Flatten(), linear, nn.Unflatten(1, (linear.out_features, 1, 1)))


@instead_of("linear_to_conv", title="convolution not returned")
def nothing_returned(linear, in_channels, height, width):
    """Your function makes a convolution but returns None: a `return` is missing."""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)


@instead_of("linear_to_conv", title="wrong type of exception for the wrong number of features")
def error_left_to_reshape(linear, in_channels, height, width):
    """Where the number of features does not match, your reshape fails with a RuntimeError from PyTorch. Check first,
    and raise a ValueError that says what is wrong."""
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="multiples of the number of features accepted")
def multiples_let_through(linear, in_channels, height, width):
    """You refuse a number of features that cannot be divided by the size of the map, but accept multiples of it: with
    twice as many features you get twice as many filters, each of them half a neuron."""
    size = in_channels * height * width
    if linear.in_features % size:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view(-1, in_channels, height, width)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="extra features cut off")
def features_cut_off(linear, in_channels, height, width):
    """Where `linear` has more features than the map has numbers, you cut off the rest. Those weights are lost: raise a
    ValueError instead."""
    size = in_channels * height * width
    if linear.in_features < size:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data[:, :size].reshape(conv.weight.shape)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="only square maps accepted")
def only_square_maps(linear, in_channels, height, width):
    """You refuse maps that are not square. Nothing here requires a square map."""
    if linear.in_features != in_channels * height * height:
        raise ValueError("the features do not agree")
    conv = nn.Conv2d(in_channels, linear.out_features, height, bias=linear.bias is not None).to(linear.weight)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


@instead_of("linear_to_conv", title="weights of the first channel for all channels")
def first_channel_for_all(linear, in_channels, height, width):
    """All channels of your filters have the weights of the first one. The inputs of linear are the first channel, then the
    second, and so on: where do those of channel c begin?"""
    if linear.in_features != in_channels * height * width:
        raise ValueError("the sizes do not agree")
    has_bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, (height, width), bias=has_bias).to(linear.weight)
    with torch.no_grad():
        conv.weight.copy_(linear.weight[:, : height * width].view(-1, 1, height, width).expand_as(conv.weight))
        if has_bias:
            conv.bias.copy_(linear.bias)
    return conv
