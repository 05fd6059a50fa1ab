"""Known mistakes of `conv_arithmetic`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (conv_output_size and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("conv_output_size")
def first_window_not_counted(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are one too small: you count the steps that the window makes. There is one position before the first
    step. Try a kernel as large as the input."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return -(-room // stride) if ceil_mode else room // stride


@instead_of("conv_output_size")
def one_window_too_many(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are one too large. A kernel as large as the input fits exactly once; how often with your formula?"""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 2


@instead_of("conv_output_size", title="padding added on one side only")
def padding_on_one_side(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You add the padding once, but it is added on both sides."""
    room = size + padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1


@instead_of("conv_output_size", title="padding ignored")
def padding_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes do not depend on the padding. It makes the input larger before any window is placed."""
    if kernel_size > size:
        raise ValueError("the kernel is too large")
    return (size - kernel_size) // stride + 1


@instead_of("conv_output_size", title="padding subtracted")
def padding_taken_away(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your padding makes the output smaller. The padding is added to the input; only the kernel is subtracted."""
    return (size - kernel_size - 2 * padding) // stride + 1


@instead_of("conv_output_size", title="stride ignored")
def stride_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are those of stride 1. A stride of 2 skips every second position, so about half of them remain."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return size + 2 * padding - kernel_size + 1


@instead_of("conv_output_size", title="kernel size ignored")
def kernel_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are those of a 1×1 kernel. The last windows of a larger kernel would reach over the edge, and do not
    count."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - 1) // stride + 1


@instead_of("conv_output_size")
def one_added_before_dividing(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You add the 1 before you divide by the stride. It stands for the first window, which is there whatever the stride
    is: divide first."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size + 1) // stride


@instead_of("conv_output_size", title="true division instead of rounding down")
def true_division(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are fractions such as 4.5 where the stride does not divide evenly. There is no half window: which
    division rounds down?"""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) / stride + 1


@instead_of("conv_output_size", title="rounded to the nearest integer")
def rounded_to_the_nearest(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round to the nearest integer, so sometimes up. A window that does not fit completely is dropped, however much
    of it would fit."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return round((size + 2 * padding - kernel_size) / stride + 1)


@instead_of("conv_output_size")
def always_rounded_up(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round up, with and without ceil_mode. Without it, a window that does not fit completely is dropped."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return -(-room // stride) + 1


@instead_of("conv_output_size", title="stride defaults to the kernel size")
def stride_of_a_pool_by_default(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """Without a stride you use the kernel size, as PyTorch's pooling layers do. The default here is that of a
    convolution, 1."""
    stride = stride or kernel_size
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size", title="size not returned")
def nothing_returned(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your function computes the size but returns None: a `return` is missing."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size", title="size returned as text")
def size_as_text(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You return a string that shows the number. Return the number itself, so the caller can compute with it."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return str((size + 2 * padding - kernel_size) // stride + 1)


@instead_of("conv_output_size", title="pair returned instead of one size")
def both_axes_returned(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You return a pair, height and width. The function is for one axis; the caller uses it once for each."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    out = (size + 2 * padding - kernel_size) // stride + 1
    return out, out


@instead_of("conv_output_size")
def ceil_mode_ignored(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """ceil_mode has no effect in your function. With it, a last window that does not fit completely counts too: a 2×2
    pool with stride 2 turns 7 pixels into 4."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size")
def ceil_mode_reversed(size, kernel_size, stride=1, padding=0, ceil_mode=True):
    """You round up where you should round down, and the other way round. The default of ceil_mode is False, and False
    means down."""
    room = size + 2 * padding - kernel_size
    if room < 0 and not ceil_mode:
        raise ValueError("the kernel is too large")
    if ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def window_in_the_right_padding_kept(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round up but do nothing else. A window that starts in the padding on the right, or beyond it, would see no
    pixel of the image: PyTorch drops it, and so should you."""
    room = size + 2 * padding - kernel_size
    if ceil_mode:
        return -(-room // stride) + 1
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1


@instead_of("conv_output_size", title="right padding counted as part of the image")
def right_padding_taken_for_image(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You drop a window if it starts beyond the padding on the right. It should be dropped already if it starts in that
    padding: where does the image end, counted from the left end of the padding?"""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size + 2 * padding else windows


@instead_of("conv_output_size", title="left padding left out of the position of the last window")
def left_padding_forgotten(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You drop windows that still start in the image. You count the start of a window from the left end of the padding,
    so count the end of the image from there too."""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size else windows


@instead_of("conv_output_size", title="window just beyond the image kept")
def window_at_the_very_end_kept(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You keep a window that starts on the first pixel beyond the image. Pixels are counted from 0, so the index of
    that pixel is the number of pixels before it: > or >=?"""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride > padding + size else windows


@instead_of("conv_output_size", title="ceil_mode always adds a window")
def one_more_with_ceil_mode(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """With ceil_mode you always add a window. There is one more only where the last window does not fit exactly."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1 + ceil_mode


@instead_of("conv_output_size", title="size of 0 returned for too large a kernel")
def zero_for_a_large_kernel(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Where the kernel is larger than the padded input, you return 0. Such a layer cannot exist, and its user needs to
    know that at once: raise a ValueError."""
    room = size + 2 * padding - kernel_size
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= padding + size:
        windows -= 1
    return max(windows, 0)


@instead_of("conv_output_size", title="too large a kernel hidden by truncation")
def large_kernel_slips_through_truncation(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You look at the result to see whether the kernel is too large, but int() has already turned it into 1: int()
    rounds -0.5 to 0 and not to -1. Compare the kernel with the padded input directly, or divide with //."""
    room = size + 2 * padding - kernel_size
    if ceil_mode:
        windows = -(-room // stride) + 1
        return windows - 1 if (windows - 1) * stride >= padding + size else windows
    windows = int(room / stride) + 1
    if windows < 1:
        raise ValueError("the kernel is too large")
    return windows


@instead_of("conv_output_size", title="kernel compared with the input without padding")
def padding_forgotten_in_the_refusal(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You refuse every kernel that is larger than the input. With padding a larger one may fit."""
    if kernel_size > size and not ceil_mode:
        raise ValueError("the kernel is too large")
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def exact_fit_refused(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You refuse a kernel that is as large as the padded input. It fits, in one position: > or >=?"""
    room = size + 2 * padding - kernel_size
    if room <= 0 and not ceil_mode:
        raise ValueError("the kernel is too large")
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size", title="error printed instead of raised")
def problem_printed_only(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Where the kernel does not fit, you print a message and go on. The calling code cannot react to that: raise an
    exception."""
    room = size + 2 * padding - kernel_size
    if room < 0 and not ceil_mode:
        print("the kernel is larger than the input!")
        return None
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size", title="wrong type of exception for too large a kernel")
def error_left_to_torch(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You let PyTorch fail on the large kernel, and it raises a RuntimeError. Raise a ValueError yourself: it says that
    an argument is wrong."""
    import torch

    row = torch.zeros(1, 1, size)
    if ceil_mode:
        return torch.nn.functional.max_pool1d(row, kernel_size, stride, padding, ceil_mode=True).shape[-1]
    return torch.nn.functional.conv1d(row, torch.zeros(1, 1, kernel_size), stride=stride, padding=padding).shape[-1]


@instead_of("same_padding", title="total padding instead of padding per side")
def padding_of_both_sides(kernel_size):
    """Your padding is the total of both sides. Return it for one side; the other gets the same amount."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return kernel_size - 1


@instead_of("same_padding", title="padding of half a pixel")
def half_a_pixel(kernel_size):
    """Your padding ends in .5. An odd kernel has a middle pixel, and a whole number of pixels on either side of it."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return kernel_size / 2


@instead_of("same_padding")
def padding_rounded_up(kernel_size):
    """Your padding is one too large, and the map grows by two pixels. The middle pixel of the kernel needs no
    padding."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return (kernel_size + 1) // 2


@instead_of("same_padding", title="fixed padding of 2")
def padding_of_this_network_only(kernel_size):
    """You return 2, which is right for 5×5. What is it for 3×3, and for 7×7?"""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return 2


@instead_of("same_padding", title='string "same" instead of a number')
def the_word_same(kernel_size):
    """You return the string "same". nn.Conv2d understands it, but this function should return the number of pixels it
    stands for."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return "same"


@instead_of("same_padding")
def even_kernel_accepted(kernel_size):
    """You return a padding for an even kernel. Put it into the formula for the output size: the map loses a pixel, or
    gains one."""
    return kernel_size // 2


@instead_of("same_padding", title="None returned for an even kernel")
def none_for_an_even_kernel(kernel_size):
    """For an even kernel you return None. The error then only shows up much later: raise a ValueError."""
    return (kernel_size - 1) // 2 if kernel_size % 2 else None


@instead_of("same_padding", title="odd kernels refused")
def odd_kernel_refused(kernel_size):
    """You refuse the odd kernels. They are the ones with a middle pixel; what is their remainder when divided by 2?"""
    if kernel_size % 2 == 1:
        raise ValueError("the kernel is even")
    return (kernel_size - 1) // 2


@instead_of("same_padding", title="kernel of size 1 refused")
def kernel_of_one_refused(kernel_size):
    """You refuse a kernel of size 1. It is odd, and keeps the size of its input without any padding."""
    if kernel_size % 2 == 0 or kernel_size < 3:
        raise ValueError("the kernel is even")
    return (kernel_size - 1) // 2


@instead_of("conv_parameter_count")
def biases_of_filters_left_out(in_channels, out_channels, kernel_size, bias=True):
    """You count only the weights. Each filter has a bias too, unless bias=False."""
    return in_channels * out_channels * kernel_size**2


@instead_of("conv_parameter_count")
def biases_of_filters_always_counted(in_channels, out_channels, kernel_size, bias=True):
    """You count the biases even with bias=False."""
    return out_channels * (in_channels * kernel_size**2 + 1)


@instead_of("conv_parameter_count", title="one bias for all filters")
def one_bias_in_all(in_channels, out_channels, kernel_size, bias=True):
    """You count one bias for the whole layer. Each filter has its own."""
    return out_channels * in_channels * kernel_size**2 + bias


@instead_of("conv_parameter_count", title="bias for each input channel of each filter")
def a_bias_for_each_slice(in_channels, out_channels, kernel_size, bias=True):
    """You count a bias for each input channel of each filter. A filter sums over its channels and adds one bias to the
    sum."""
    return out_channels * in_channels * (kernel_size**2 + bias)


@instead_of("conv_parameter_count", title="one bias per input channel")
def a_bias_for_each_input_channel(in_channels, out_channels, kernel_size, bias=True):
    """You count as many biases as there are input channels. Biases belong to the filters, so there is one for each
    output channel."""
    return out_channels * in_channels * kernel_size**2 + in_channels * bias


@instead_of("conv_parameter_count", title="input channels left out of the filters")
def flat_filters(in_channels, out_channels, kernel_size, bias=True):
    """Your filters are flat. A filter is as deep as the number of input channels: a 5×5 filter on a colour image has
    3·5·5 weights."""
    return out_channels * (kernel_size**2 + bias)


@instead_of("conv_parameter_count", title="only one filter counted")
def a_single_filter(in_channels, out_channels, kernel_size, bias=True):
    """You count one filter. There is one for each output channel."""
    return in_channels * kernel_size**2 + bias


@instead_of("conv_parameter_count", title="only one row of the kernel counted")
def kernel_not_squared(in_channels, out_channels, kernel_size, bias=True):
    """You count one row of the kernel. The kernel is square: kernel_size is both its height and its width."""
    return out_channels * (in_channels * kernel_size + bias)


@instead_of("linear_parameter_count")
def biases_of_neurons_left_out(in_features, out_features, bias=True):
    """You count only the weights. Each neuron has a bias too, unless bias=False."""
    return in_features * out_features


@instead_of("linear_parameter_count")
def biases_of_neurons_always_counted(in_features, out_features, bias=True):
    """You count the biases even with bias=False."""
    return (in_features + 1) * out_features


@instead_of("linear_parameter_count")
def one_bias_for_all_neurons(in_features, out_features, bias=True):
    """You count one bias for the whole layer. Each neuron has its own."""
    return in_features * out_features + bias


@instead_of("linear_parameter_count", title="one bias per input")
def a_bias_for_each_input(in_features, out_features, bias=True):
    """You count as many biases as there are inputs. Biases belong to the neurons, so there is one for each output."""
    return (out_features + bias) * in_features


@instead_of("linear_parameter_count")
def no_biases_by_default(in_features, out_features, bias=False):
    """By default your layer has no biases. The default value in the signature is part of the exercise."""
    return (in_features + bool(bias)) * out_features


@instead_of("equivalent_linear_parameter_count")
def channels_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """You leave out the channels. A fully-connected neuron is connected to all the numbers of the input, in every
    channel."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(height * width, outputs)


@instead_of("equivalent_linear_parameter_count", title="biases of the equivalent layer left out")
def biases_of_the_equivalent_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """You count only the weights. The fully-connected layer has one bias for each of its outputs, and they should be
    included."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return channels * height * width * outputs


@instead_of("equivalent_linear_parameter_count", title="one bias for the equivalent layer")
def one_bias_for_the_equivalent(channels, height, width, kernel_size, stride=1, padding=0):
    """You count one bias. That is what the filter has; the fully-connected layer has one for each output."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return channels * height * width * outputs + 1


@instead_of("equivalent_linear_parameter_count", title="one output map for each input channel")
def an_output_map_for_each_channel(channels, height, width, kernel_size, stride=1, padding=0):
    """You give the output as many channels as the input has. One filter returns one map, since it sums over the
    channels."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(channels * height * width, channels * outputs)


@instead_of("equivalent_linear_parameter_count", title="size formula applied to the depth")
def depth_by_the_formula_of_sizes(channels, height, width, kernel_size, stride=1, padding=0):
    """You compute a depth of the output with the formula for height and width. A filter is as deep as its input, so
    along the depth there is one position, and one filter returns one map."""
    outputs = 1
    for size in (channels, height, width):
        outputs *= max((size + 2 * padding - kernel_size) // stride + 1, 0)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def stride_and_padding_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """Your count does not depend on stride and padding. They determine how many outputs there are."""
    outputs = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count", title="padding counted as inputs")
def padding_among_the_inputs(channels, height, width, kernel_size, stride=1, padding=0):
    """You connect the neurons to the padding. It is always 0, so no weights are needed for it."""
    height, width = height + 2 * padding, width + 2 * padding
    outputs = conv_output_size(height, kernel_size, stride) * conv_output_size(width, kernel_size, stride)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count", title="output assumed to be square")
def square_output(channels, height, width, kernel_size, stride=1, padding=0):
    """You assume that the output is square. Its width comes from the width of the input, and may differ from its
    height."""
    outputs = conv_output_size(height, kernel_size, stride, padding) ** 2
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count", title="one output for each pixel of the input")
def an_output_for_each_pixel(channels, height, width, kernel_size, stride=1, padding=0):
    """You assume that the output is as large as the input. Its size depends on kernel, stride and padding."""
    return linear_parameter_count(channels * height * width, height * width)


@instead_of("equivalent_linear_parameter_count", title="parameters of the filter itself counted")
def the_filter_itself(channels, height, width, kernel_size, stride=1, padding=0):
    """You count the parameters of the filter itself. The question is what the same map would cost without sharing
    weights and without restricting each output to one window."""
    return conv_parameter_count(channels, 1, kernel_size)


@instead_of("equivalent_linear_parameter_count", title="outputs connected to their windows only")
def inputs_of_one_window(channels, height, width, kernel_size, stride=1, padding=0):
    """You connect each output only to its window. A neuron of a fully-connected layer is connected to all the inputs;
    most of those weights would be 0."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(channels * kernel_size**2, outputs)


@instead_of("unshared_conv_parameter_count", title="weights still shared between the positions")
def weights_shared_after_all(channels, height, width, filters, kernel_size):
    """Your count does not depend on the size of the map: that is the usual convolution, with shared weights. Here each
    position has its own."""
    return conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("unshared_conv_parameter_count", title="biases counted")
def unshared_biases_counted(channels, height, width, filters, kernel_size):
    """You count biases, but this layer has none."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * conv_parameter_count(channels, filters, kernel_size)


@instead_of("unshared_conv_parameter_count", title="steps counted instead of positions")
def steps_instead_of_positions(channels, height, width, filters, kernel_size):
    """You count height - kernel_size and width - kernel_size positions. Those are the steps from the first position to the
    last: there is one position more along each axis."""
    positions = (height - kernel_size) * (width - kernel_size)
    return positions * conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("unshared_conv_parameter_count", title="one position for each pixel of the input")
def a_position_for_each_pixel(channels, height, width, filters, kernel_size):
    """You count a position for each pixel. Without padding, the windows at the border do not fit."""
    return height * width * conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("unshared_conv_parameter_count", title="input channels left out of the windows")
def unshared_filters_flat(channels, height, width, filters, kernel_size):
    """Your windows are flat. Each window covers all the channels of the input."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * filters * kernel_size**2


@instead_of("unshared_conv_parameter_count", title="only one filter counted without weight sharing")
def one_unshared_filter(channels, height, width, filters, kernel_size):
    """You count one filter. There are several, and each has its own weights at each position."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * channels * kernel_size**2


@instead_of("unshared_conv_parameter_count", title="outputs connected to the whole input")
def connected_to_everything(channels, height, width, filters, kernel_size):
    """You connect each output to the whole input. Weights are not shared here, but an output still sees only its
    window."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * filters * channels * height * width


@instead_of("unshared_conv_parameter_count", title="map assumed to be square")
def square_map(channels, height, width, filters, kernel_size):
    """You assume that the map is square. Count the positions along its height and along its width."""
    return conv_output_size(height, kernel_size) ** 2 * conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("receptive_fields", title="only the last stride used")
def only_the_last_stride(layers):
    """Your receptive fields are right at first and too small from the fourth layer of this network on. One step in a
    layer covers as many pixels of the image as all the strides before it make together: use their product, not only the
    last of them."""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump = stride
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="recursion in the wrong direction")
def field_of_the_last_neuron_forward(layers):
    """You apply (field - 1) * stride + kernel_size from the first layer on. That recursion holds for one neuron of the
    last layer, from the last layer back to the image. From the image on, a field grows by (kernel_size - 1) times the
    product of the strides before the layer."""
    fields, field = [], 1
    for kernel_size, stride in layers:
        field = (field - 1) * stride + kernel_size
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="strides added instead of multiplied")
def strides_added_up(layers):
    """You add the strides. One step after two layers of stride 2 is four pixels of the image; after three such layers
    it is eight, not six."""
    fields, field, jump = [], 1, 0
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * (jump or 1)
        jump += stride
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="strides ignored")
def strides_left_out(layers):
    """Your receptive fields do not depend on the strides. After a layer of stride 2, neighbouring neurons are two
    pixels of the image apart, so a kernel reaches twice as far."""
    fields, field = [], 1
    for kernel_size, _ in layers:
        field += kernel_size - 1
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="layer's own stride counted in its field")
def own_stride_counted(layers):
    """You include a layer's own stride in its receptive field. The stride says how far apart neighbouring neurons are;
    it does not affect what one neuron sees, only the layers after it."""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        jump *= stride
        field += (kernel_size - 1) * jump
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="kernel sizes returned as receptive fields")
def kernels_returned(layers):
    """You return the kernel sizes. They say what a neuron sees of the layer before it; it sees more of the image."""
    return [kernel_size for kernel_size, _ in layers]


@instead_of("receptive_fields", title="full kernel size added at each layer")
def whole_kernels_added(layers):
    """Your receptive fields are too large: you add a whole kernel at each layer. From the first of its k neurons to the
    last there are only k - 1 steps."""
    fields, field, jump = [], 0, 1
    for kernel_size, stride in layers:
        field += kernel_size * jump
        jump *= stride
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="receptive field starts at 0 instead of 1")
def field_starts_at_zero(layers):
    """Your receptive fields are all one too small. Before the first layer a neuron is a pixel, and sees one."""
    fields, field, jump = [], 0, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(field)
    return fields


@instead_of("receptive_fields", title="only the last receptive field returned")
def last_field_only(layers):
    """You return the receptive field of the last layer. Return one for each layer."""
    field, jump = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
    return field


@instead_of("receptive_fields", title="image counted as a layer")
def the_image_counted_as_a_layer(layers):
    """Your list starts with the image itself. Return one size for each layer, after that layer."""
    fields, jump = [1], 1
    for kernel_size, stride in layers:
        fields.append(fields[-1] + (kernel_size - 1) * jump)
        jump *= stride
    return fields


@instead_of("receptive_fields", title="receptive fields clipped to the image")
def clipped_to_the_image(layers):
    """You limit the receptive fields to 32 pixels. How far a neuron could see does not depend on the image; beyond the
    edge of the image, it sees padding."""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(min(field, 32))
    return fields


@instead_of("receptive_fields", title="caller's list of layers emptied")
def layers_taken_off_the_list(layers):
    """You remove the layers from the list that you were given, and the caller is left with an empty one. Loop over it
    instead."""
    fields, field, jump = [], 1, 1
    while layers:
        kernel_size, stride = layers.pop(0)
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(field)
    return fields


@instead_of("layer_table")
def padding_of_the_convolutions_left_out():
    """Your convolutions have no padding, so the maps shrink, and little is left for fc4: 231,170 parameters in all. The
    padding should keep the size of the map. Which one does that?"""
    return [
        ("conv1", (32, 28, 28), 2432), ("pool1", (32, 14, 14), 0), ("conv2", (64, 10, 10), 51264),
        ("pool2", (64, 5, 5), 0), ("conv3", (64, 1, 1), 102464), ("pool3", (64, 1, 1), 0),
        ("fc4", (1000,), 65000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="misprinted total of 1,186,170 parameters")
def total_of_a_misprint():
    """Your numbers sum to 1,186,170, a total that has been published but is a misprint: the rows of that table, 2,432 +
    51,264 + 102,464 + 1,025,000 + 10,010, sum to 1,191,170. Trust the arithmetic."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1020000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="height and width of the maps left out for fc4")
def one_number_for_each_map():
    """Your fc4 has one input for each map of pool3. A map has 4·4 numbers, and the flattened input has all of them."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 65000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def all_biases_left_out():
    """You count the weights of each layer and leave out its biases."""
    return [
        ("conv1", (32, 32, 32), 2400), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51200),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102400), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1024000), ("fc5", (10,), 10000),
    ]  # fmt: skip


@instead_of("layer_table", title="extra row for the total")
def a_row_for_the_total():
    """Your table has a ninth row with the total. Return only the eight layers; the total is easy to compute from
    them."""
    rows = [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip
    return [*rows, ("total", (), sum(row[2] for row in rows))]


@instead_of("layer_table", title="pooling layers left out")
def pools_left_out():
    """Your table has only the layers with parameters. The pooling layers belong in it too: they have no parameters, but
    they change the size."""
    return [
        ("conv1", (32, 32, 32), 2432), ("conv2", (64, 16, 16), 51264), ("conv3", (64, 8, 8), 102464),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="channels last instead of channels first")
def channels_last():
    """Your sizes are (height, width, channels). PyTorch, and this course, put the channels first."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (16, 16, 32), 0), ("conv2", (16, 16, 64), 51264),
        ("pool2", (8, 8, 64), 0), ("conv3", (8, 8, 64), 102464), ("pool3", (4, 4, 64), 0),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="input sizes instead of output sizes")
def sizes_of_the_inputs():
    """Your sizes are those of the input of each layer. Return the size of its output."""
    return [
        ("conv1", (3, 32, 32), 2432), ("pool1", (32, 32, 32), 0), ("conv2", (32, 16, 16), 51264),
        ("pool2", (64, 16, 16), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 8, 8), 0),
        ("fc4", (1024,), 1025000), ("fc5", (1000,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def number_instead_of_a_tuple():
    """Your fully-connected layers have a plain number as their size. (1000) is just a number, (1000,) is a tuple: the
    comma makes the difference."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000), 1025000), ("fc5", (10), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="fc4 takes the maps before pool3")
def maps_not_halved_for_fc4():
    """Your fc4 takes the map that goes into pool3. After the pooling it is half as high and half as wide."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 4097000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="pooling layers with parameters")
def pools_with_parameters():
    """Your pooling layers have parameters. Taking a maximum needs none: there is nothing to learn."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 4), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 4), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 4),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table", title="rows without parameter counts")
def rows_without_parameters():
    """Your rows have only a name and a size. Each row also needs the number of parameters, which is 0 for a pooling
    layer."""
    rows, side = [], 32
    for number, channels in enumerate((32, 64, 64), start=1):
        rows += [(f"conv{number}", (channels, side, side)), (f"pool{number}", (channels, side // 2, side // 2))]
        side //= 2
    return [*rows, ("fc4", (1000,)), ("fc5", (10,))]


@instead_of("conv_output_size", title="last window that just fits not counted")
def window_at_the_end_not_counted(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You stop one window early where the last one ends exactly at the end of the padded input. That window still fits:
    look at the condition under which you go on counting."""
    padded = size + 2 * padding
    if kernel_size > padded and not ceil_mode:
        raise ValueError("the kernel is too large")
    windows, start = 0, 0
    while start + kernel_size < padded:
        windows += 1
        start += stride
    return windows + (ceil_mode and start < size + padding)


@instead_of("conv_parameter_count", title="meaning of bias inverted")
def biases_counted_without_bias(in_channels, out_channels, kernel_size, bias=True):
    """You count biases if bias is False, and leave them out if it is True. In which of the two branches do they belong?"""
    weights = in_channels * out_channels * kernel_size**2
    return weights if bias else weights + out_channels


@instead_of("receptive_fields", title="stride minus 1 added to the step")
def step_grown_by_the_stride(layers):
    """You add stride - 1 to the step in the image, which is right for one layer with a stride. The steps of the layers
    before have to be passed for each of its own: what does that mean for the two numbers?"""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump += stride - 1
        fields.append(field)
    return fields
