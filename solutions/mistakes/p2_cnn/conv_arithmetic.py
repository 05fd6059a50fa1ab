"""Known mistakes of `conv_arithmetic`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (conv_output_size and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("conv_output_size")
def first_window_not_counted(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are one too small: you count the steps that the window makes. Before the first step it already stands
    somewhere. Try a kernel as large as the input."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return -(-room // stride) if ceil_mode else room // stride


@instead_of("conv_output_size")
def one_window_too_many(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are one too large. A kernel as large as the input fits exactly once; how often in yours?"""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 2


@instead_of("conv_output_size")
def padding_on_one_side(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You add the padding once. It is on the left and on the right."""
    room = size + padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1


@instead_of("conv_output_size")
def padding_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes do not depend on the padding. It makes the input larger before any window is placed."""
    if kernel_size > size:
        raise ValueError("the kernel is too large")
    return (size - kernel_size) // stride + 1


@instead_of("conv_output_size")
def padding_taken_away(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your padding makes the output smaller. It is added to the input; the kernel is what is subtracted."""
    return (size - kernel_size - 2 * padding) // stride + 1


@instead_of("conv_output_size")
def stride_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are those of stride 1. A stride of 2 leaves out every second place, so about half remain."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return size + 2 * padding - kernel_size + 1


@instead_of("conv_output_size")
def kernel_of_no_effect(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are those of a 1×1 kernel. The last windows of a larger one would stick out, and do not count."""
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


@instead_of("conv_output_size")
def true_division(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your sizes are fractions such as 4.5 where the stride does not divide evenly. Half a window is none: which
    division rounds down?"""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) / stride + 1


@instead_of("conv_output_size")
def rounded_to_the_nearest(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round to the nearest number, so sometimes up. A window that does not fit whole is dropped, however much of it
    would fit."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return round((size + 2 * padding - kernel_size) / stride + 1)


@instead_of("conv_output_size")
def always_rounded_up(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round up, with ceil_mode and without. Without it, a window that does not fit whole is dropped."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return -(-room // stride) + 1


@instead_of("conv_output_size")
def stride_of_a_pool_by_default(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """Without a stride you take the kernel size, as PyTorch's pooling layers do. The default here is that of a
    convolution, 1."""
    stride = stride or kernel_size
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size")
def nothing_returned(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Your function computes the size and forgets it: it returns None."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size")
def size_as_text(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You return text that shows the number. A number can be counted on with; text cannot."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return str((size + 2 * padding - kernel_size) // stride + 1)


@instead_of("conv_output_size")
def both_axes_returned(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You return a pair, height and width. The function is about one axis, and is called once for each."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    out = (size + 2 * padding - kernel_size) // stride + 1
    return out, out


@instead_of("conv_output_size")
def ceil_mode_ignored(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """ceil_mode changes nothing in yours. With it, a last window that does not fit whole counts too: a 2×2 pool of
    stride 2 makes 4 of 7 pixels."""
    if kernel_size > size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (size + 2 * padding - kernel_size) // stride + 1


@instead_of("conv_output_size")
def ceil_mode_reversed(size, kernel_size, stride=1, padding=0, ceil_mode=True):
    """You round up where you should round down, and the reverse. The default of ceil_mode is False, and False means
    down."""
    room = size + 2 * padding - kernel_size
    if room < 0 and not ceil_mode:
        raise ValueError("the kernel is too large")
    if ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def window_in_the_right_padding_kept(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You round up and leave it at that. A window that starts in the padding on the right, or behind the input, would
    see nothing of the image: PyTorch drops it, and so should you."""
    room = size + 2 * padding - kernel_size
    if ceil_mode:
        return -(-room // stride) + 1
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1


@instead_of("conv_output_size")
def right_padding_taken_for_image(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You drop a window where it starts behind the padding on the right. It is to be dropped where it starts in that
    padding, which is earlier: where does the image end, if you count from the left end of the padding?"""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size + 2 * padding else windows


@instead_of("conv_output_size")
def left_padding_forgotten(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You drop windows that still start in the image. Where a window starts is counted from the left end of the
    padding, and so must be where the image ends."""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size else windows


@instead_of("conv_output_size")
def window_at_the_very_end_kept(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You keep a window that starts on the first pixel behind the image. Pixels are counted from 0, so that pixel has
    the number of all those before it: > or >=?"""
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        if room < 0:
            raise ValueError("the kernel is too large")
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride > padding + size else windows


@instead_of("conv_output_size")
def one_more_with_ceil_mode(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """With ceil_mode you always add a window. Only where the last one does not fit exactly is there one more."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    return room // stride + 1 + ceil_mode


@instead_of("conv_output_size")
def large_kernel_refused_with_ceil_mode(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You refuse a kernel that is larger than the padded input, with ceil_mode too. There a first window that sticks
    out counts, as any other does."""
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("the kernel is too large")
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def no_size_below_zero(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Where the kernel is larger than the padded input, you return 0. Such a layer cannot be, and whoever builds a
    network wants to hear of it at once: raise a ValueError."""
    room = size + 2 * padding - kernel_size
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= padding + size:
        windows -= 1
    return max(windows, 0)


@instead_of("conv_output_size")
def large_kernel_slips_through_truncation(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You look at the result to see whether the kernel is too large, and int() has made it 1: it cuts -0.5 to 0 and not
    to -1. Compare kernel and padded input themselves, or divide with //."""
    room = size + 2 * padding - kernel_size
    if ceil_mode:
        windows = -(-room // stride) + 1
        return windows - 1 if (windows - 1) * stride >= padding + size else windows
    windows = int(room / stride) + 1
    if windows < 1:
        raise ValueError("the kernel is too large")
    return windows


@instead_of("conv_output_size")
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
    """You refuse a kernel that is as large as the padded input. It fits, in one place: > or >=?"""
    room = size + 2 * padding - kernel_size
    if room <= 0 and not ceil_mode:
        raise ValueError("the kernel is too large")
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def problem_printed_only(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """Where the kernel does not fit, you print a message and go on. Whoever called you cannot see that: an exception
    is what they can act on."""
    room = size + 2 * padding - kernel_size
    if room < 0 and not ceil_mode:
        print("the kernel is larger than the input!")
        return None
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= padding + size else windows


@instead_of("conv_output_size")
def torch_left_to_refuse(size, kernel_size, stride=1, padding=0, ceil_mode=False):
    """You let PyTorch run into the large kernel, and it raises a RuntimeError. A ValueError is asked for: it says that
    an argument is wrong."""
    import torch

    row = torch.zeros(1, 1, size)
    if ceil_mode:
        return torch.nn.functional.max_pool1d(row, kernel_size, stride, padding, ceil_mode=True).shape[-1]
    return torch.nn.functional.conv1d(row, torch.zeros(1, 1, kernel_size), stride=stride, padding=padding).shape[-1]


@instead_of("same_padding")
def padding_of_both_sides(kernel_size):
    """Your padding is that of both sides together. It is given for one side; the other gets as much again."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return kernel_size - 1


@instead_of("same_padding")
def half_a_pixel(kernel_size):
    """Your padding ends in .5. An odd kernel has a pixel in its middle, and what lies on either side of it is a whole
    number of pixels."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return kernel_size / 2


@instead_of("same_padding")
def padding_rounded_up(kernel_size):
    """Your padding is one too large, and the map grows by two pixels. The pixel in the middle of the kernel needs no
    padding."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return (kernel_size + 1) // 2


@instead_of("same_padding")
def padding_of_this_network_only(kernel_size):
    """You return 2, which is right for 5×5. What is it for 3×3, and for 7×7?"""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return 2


@instead_of("same_padding")
def the_word_same(kernel_size):
    """You return the word "same". nn.Conv2d understands it; the number behind it is what is asked for here."""
    if kernel_size % 2 == 0:
        raise ValueError("the kernel is even")
    return "same"


@instead_of("same_padding")
def even_kernel_accepted(kernel_size):
    """You return a padding for an even kernel. Put it into the formula for the output size: the map loses a pixel, or
    gains one."""
    return kernel_size // 2


@instead_of("same_padding")
def none_for_an_even_kernel(kernel_size):
    """For an even kernel you return None. Whoever uses it finds out much later: raise a ValueError."""
    return (kernel_size - 1) // 2 if kernel_size % 2 else None


@instead_of("same_padding")
def odd_kernel_refused(kernel_size):
    """You refuse the odd kernels. They are the ones that have a middle; which remainder do they leave?"""
    if kernel_size % 2 == 1:
        raise ValueError("the kernel is even")
    return (kernel_size - 1) // 2


@instead_of("same_padding")
def kernel_of_one_refused(kernel_size):
    """You refuse a kernel of 1. It is odd, and keeps the size of its input without any padding."""
    if kernel_size % 2 == 0 or kernel_size < 3:
        raise ValueError("the kernel is even")
    return (kernel_size - 1) // 2


@instead_of("conv_parameter_count")
def biases_of_filters_left_out(in_channels, out_channels, kernel_size, bias=True):
    """You count the weights alone. Each filter has a bias too, unless bias=False."""
    return in_channels * out_channels * kernel_size**2


@instead_of("conv_parameter_count")
def biases_of_filters_always_counted(in_channels, out_channels, kernel_size, bias=True):
    """You count the biases with bias=False too."""
    return out_channels * (in_channels * kernel_size**2 + 1)


@instead_of("conv_parameter_count")
def one_bias_in_all(in_channels, out_channels, kernel_size, bias=True):
    """You count one bias for the whole layer. Each filter has its own."""
    return out_channels * in_channels * kernel_size**2 + bias


@instead_of("conv_parameter_count")
def a_bias_for_each_slice(in_channels, out_channels, kernel_size, bias=True):
    """You count a bias for each input channel of each filter. A filter sums over its channels, and adds one bias to
    the sum."""
    return out_channels * in_channels * (kernel_size**2 + bias)


@instead_of("conv_parameter_count")
def a_bias_for_each_input_channel(in_channels, out_channels, kernel_size, bias=True):
    """You count as many biases as there are input channels. They belong to the filters, so to what comes out."""
    return out_channels * in_channels * kernel_size**2 + in_channels * bias


@instead_of("conv_parameter_count")
def flat_filters(in_channels, out_channels, kernel_size, bias=True):
    """Your filters are flat. A filter is as deep as its input has channels: a 5×5 filter on a colour image has
    3·5·5 weights."""
    return out_channels * (kernel_size**2 + bias)


@instead_of("conv_parameter_count")
def a_single_filter(in_channels, out_channels, kernel_size, bias=True):
    """You count one filter. There is one for each output channel."""
    return in_channels * kernel_size**2 + bias


@instead_of("conv_parameter_count")
def kernel_not_squared(in_channels, out_channels, kernel_size, bias=True):
    """You count one row of the kernel. It is a square: kernel_size stands for its height and for its width."""
    return out_channels * (in_channels * kernel_size + bias)


@instead_of("linear_parameter_count")
def biases_of_neurons_left_out(in_features, out_features, bias=True):
    """You count the weights alone. Each neuron has a bias too, unless bias=False."""
    return in_features * out_features


@instead_of("linear_parameter_count")
def biases_of_neurons_always_counted(in_features, out_features, bias=True):
    """You count the biases with bias=False too."""
    return (in_features + 1) * out_features


@instead_of("linear_parameter_count")
def one_bias_for_all_neurons(in_features, out_features, bias=True):
    """You count one bias for the whole layer. Each neuron has its own."""
    return in_features * out_features + bias


@instead_of("linear_parameter_count")
def a_bias_for_each_input(in_features, out_features, bias=True):
    """You count as many biases as there are inputs. They belong to the neurons, so to what comes out."""
    return (out_features + bias) * in_features


@instead_of("linear_parameter_count")
def no_biases_by_default(in_features, out_features, bias=False):
    """Without options, your layer has no biases. The default in the signature is part of what is asked."""
    return (in_features + bool(bias)) * out_features


@instead_of("equivalent_linear_parameter_count")
def channels_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """You leave out the channels, as one published report does. A fully-connected neuron is connected to all the
    numbers of the input, in each channel."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def biases_of_the_equivalent_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """You count the weights alone. The fully-connected layer has a bias for each of its outputs, and they are to be
    included."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return channels * height * width * outputs


@instead_of("equivalent_linear_parameter_count")
def one_bias_for_the_equivalent(channels, height, width, kernel_size, stride=1, padding=0):
    """You count one bias. That is what the filter has; the fully-connected layer has one for each output."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return channels * height * width * outputs + 1


@instead_of("equivalent_linear_parameter_count")
def an_output_map_for_each_channel(channels, height, width, kernel_size, stride=1, padding=0):
    """You give the output as many channels as the input has. One filter returns one map, since it sums over the
    channels."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(channels * height * width, channels * outputs)


@instead_of("equivalent_linear_parameter_count")
def depth_by_the_formula_of_sizes(channels, height, width, kernel_size, stride=1, padding=0):
    """You give the output a depth by the formula of height and width. A filter is as deep as its input, so along the
    depth there is one place for it, and one filter returns one map."""
    outputs = 1
    for size in (channels, height, width):
        outputs *= max((size + 2 * padding - kernel_size) // stride + 1, 0)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def stride_and_padding_left_out(channels, height, width, kernel_size, stride=1, padding=0):
    """Your count does not depend on stride and padding. They decide how many numbers come out."""
    outputs = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def padding_among_the_inputs(channels, height, width, kernel_size, stride=1, padding=0):
    """You connect the neurons to the padding. It is always 0, so that no weight is needed for it."""
    height, width = height + 2 * padding, width + 2 * padding
    outputs = conv_output_size(height, kernel_size, stride) * conv_output_size(width, kernel_size, stride)
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def square_output(channels, height, width, kernel_size, stride=1, padding=0):
    """You take the output for a square. Its width comes from the width of the input, and need not be its height."""
    outputs = conv_output_size(height, kernel_size, stride, padding) ** 2
    return linear_parameter_count(channels * height * width, outputs)


@instead_of("equivalent_linear_parameter_count")
def an_output_for_each_pixel(channels, height, width, kernel_size, stride=1, padding=0):
    """You take the output to be as large as the input. That depends on kernel, stride and padding."""
    return linear_parameter_count(channels * height * width, height * width)


@instead_of("equivalent_linear_parameter_count")
def the_filter_itself(channels, height, width, kernel_size, stride=1, padding=0):
    """You count the filter itself. The question is what it would cost to do the same without sharing weights and
    without looking at one window only."""
    return conv_parameter_count(channels, 1, kernel_size)


@instead_of("equivalent_linear_parameter_count")
def inputs_of_one_window(channels, height, width, kernel_size, stride=1, padding=0):
    """You connect each output to its window. A neuron of a fully-connected layer is connected to all the inputs; most
    of those weights would be 0."""
    outputs = conv_output_size(height, kernel_size, stride, padding) * conv_output_size(
        width, kernel_size, stride, padding
    )
    return linear_parameter_count(channels * kernel_size**2, outputs)


@instead_of("unshared_conv_parameter_count")
def weights_shared_after_all(channels, height, width, filters, kernel_size):
    """Your count does not depend on the size of the map: that is the convolution as it is, with shared weights. Here
    each position has its own."""
    return conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("unshared_conv_parameter_count")
def unshared_biases_counted(channels, height, width, filters, kernel_size):
    """You count biases. This layer has none."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * conv_parameter_count(channels, filters, kernel_size)


@instead_of("unshared_conv_parameter_count")
def a_position_for_each_pixel(channels, height, width, filters, kernel_size):
    """You count a position for each pixel. Without padding the windows at the border do not fit."""
    return height * width * conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("unshared_conv_parameter_count")
def unshared_filters_flat(channels, height, width, filters, kernel_size):
    """Your windows are flat. Each goes through all the channels of the input."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * filters * kernel_size**2


@instead_of("unshared_conv_parameter_count")
def one_unshared_filter(channels, height, width, filters, kernel_size):
    """You count one filter. There are several, and each has its own weights at each position."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * channels * kernel_size**2


@instead_of("unshared_conv_parameter_count")
def connected_to_everything(channels, height, width, filters, kernel_size):
    """You connect each output to the whole input. Weights are not shared here, and yet an output still sees its window
    only."""
    positions = conv_output_size(height, kernel_size) * conv_output_size(width, kernel_size)
    return positions * filters * channels * height * width


@instead_of("unshared_conv_parameter_count")
def square_map(channels, height, width, filters, kernel_size):
    """You take the map for a square. Count the positions along its height and along its width."""
    return conv_output_size(height, kernel_size) ** 2 * conv_parameter_count(channels, filters, kernel_size, bias=False)


@instead_of("receptive_fields")
def only_the_last_stride(layers):
    """Your fields are right at first and too small from the fourth layer of this network on. A step of a layer is as
    many pixels of the image as all the strides before it make together: their product, not the last of them. (A
    published report has this formula.)"""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump = stride
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def strides_added_up(layers):
    """You add the strides up. A step of two, made of steps of two, is four pixels of the image; after three such layers
    it is eight and not six."""
    fields, field, jump = [], 1, 0
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * (jump or 1)
        jump += stride
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def strides_left_out(layers):
    """Your fields do not depend on the strides. After a layer of stride 2, two neighbours are two pixels of the image
    apart, and a kernel reaches twice as far."""
    fields, field = [], 1
    for kernel_size, _ in layers:
        field += kernel_size - 1
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def own_stride_counted(layers):
    """You count a layer's stride in its own field. The stride says how far apart two neighbours are, and one neuron
    does not feel it: the layers after it do."""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        jump *= stride
        field += (kernel_size - 1) * jump
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def kernels_returned(layers):
    """You return the kernel sizes. They are what a neuron sees of the layer before it; of the image it sees more."""
    return [kernel_size for kernel_size, _ in layers]


@instead_of("receptive_fields")
def whole_kernels_added(layers):
    """Your fields are too large: you add a whole kernel for each layer. The first of its k neurons is there already,
    and from it to the last it is k - 1 steps."""
    fields, field, jump = [], 0, 1
    for kernel_size, stride in layers:
        field += kernel_size * jump
        jump *= stride
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def no_pixel_to_begin_with(layers):
    """Your fields are all one too small. Before the first layer a neuron is a pixel, and sees one."""
    fields, field, jump = [], 0, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(field)
    return fields


@instead_of("receptive_fields")
def last_field_only(layers):
    """You return the field of the last layer. One for each layer is asked for."""
    field, jump = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
    return field


@instead_of("receptive_fields")
def the_image_counted_as_a_layer(layers):
    """Your list begins with the image itself. One size after each layer is asked for."""
    fields, jump = [1], 1
    for kernel_size, stride in layers:
        fields.append(fields[-1] + (kernel_size - 1) * jump)
        jump *= stride
    return fields


@instead_of("receptive_fields")
def clipped_to_the_image(layers):
    """You cut the fields at 32 pixels. How far a neuron could see does not depend on the image; where the image ends,
    it sees padding."""
    fields, field, jump = [], 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
        fields.append(min(field, 32))
    return fields


@instead_of("receptive_fields")
def layers_taken_off_the_list(layers):
    """You take the layers off the list that you were given, and whoever called you is left with an empty one. Go
    through it with a for."""
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
    padding is to keep the size of the map. Which one does?"""
    return [
        ("conv1", (32, 28, 28), 2432), ("pool1", (32, 14, 14), 0), ("conv2", (64, 10, 10), 51264),
        ("pool2", (64, 5, 5), 0), ("conv3", (64, 1, 1), 102464), ("pool3", (64, 1, 1), 0),
        ("fc4", (1000,), 65000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def the_misprinted_total():
    """Your numbers sum to 1,186,170, the total that a published report prints. It is a misprint: the rows of its own
    table, 2,432 + 51,264 + 102,464 + 1,025,000 + 10,010, sum to 1,191,170. Trust the arithmetic."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1020000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def all_biases_left_out():
    """You count the weights of each layer and leave out its biases."""
    return [
        ("conv1", (32, 32, 32), 2400), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51200),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102400), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1024000), ("fc5", (10,), 10000),
    ]  # fmt: skip


@instead_of("layer_table")
def a_row_for_the_total():
    """Your table has a ninth row with the total. The eight layers are asked for; whoever wants the total can sum."""
    rows = [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip
    return [*rows, ("total", (), sum(row[2] for row in rows))]


@instead_of("layer_table")
def pools_left_out():
    """Your table has the layers with parameters only. The pools belong to it: they have none, and yet they change the
    size."""
    return [
        ("conv1", (32, 32, 32), 2432), ("conv2", (64, 16, 16), 51264), ("conv3", (64, 8, 8), 102464),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def channels_last():
    """Your sizes are (height, width, channels). PyTorch, and this course, put the channels first."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (16, 16, 32), 0), ("conv2", (16, 16, 64), 51264),
        ("pool2", (8, 8, 64), 0), ("conv3", (8, 8, 64), 102464), ("pool3", (4, 4, 64), 0),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def sizes_of_the_inputs():
    """Your sizes are those of what goes into each layer. What comes out is asked for."""
    return [
        ("conv1", (3, 32, 32), 2432), ("pool1", (32, 32, 32), 0), ("conv2", (32, 16, 16), 51264),
        ("pool2", (64, 16, 16), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 8, 8), 0),
        ("fc4", (1024,), 1025000), ("fc5", (1000,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def a_number_for_a_tuple_of_one():
    """Your fully-connected layers have a plain number for a size. (1000) is that number, (1000,) a tuple: the comma
    makes it."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000), 1025000), ("fc5", (10), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def maps_not_halved_for_fc4():
    """Your fc4 takes the map that goes into pool3. After the pool it is half as high and half as wide."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 0), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 0), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 0),
        ("fc4", (1000,), 4097000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def pools_with_parameters():
    """Your pools have parameters. Taking a maximum needs none: there is nothing to learn."""
    return [
        ("conv1", (32, 32, 32), 2432), ("pool1", (32, 16, 16), 4), ("conv2", (64, 16, 16), 51264),
        ("pool2", (64, 8, 8), 4), ("conv3", (64, 8, 8), 102464), ("pool3", (64, 4, 4), 4),
        ("fc4", (1000,), 1025000), ("fc5", (10,), 10010),
    ]  # fmt: skip


@instead_of("layer_table")
def rows_without_parameters():
    """Your rows have a name and a size. The number of parameters belongs to each of them, 0 for a pool."""
    return [
        ("conv1", (32, 32, 32)), ("pool1", (32, 16, 16)), ("conv2", (64, 16, 16)), ("pool2", (64, 8, 8)),
        ("conv3", (64, 8, 8)), ("pool3", (64, 4, 4)), ("fc4", (1000,)), ("fc5", (10,)),
    ]  # fmt: skip
