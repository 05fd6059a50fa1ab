"""References for sizes, parameters and receptive fields of layers, and known mistakes in computing them.

The references use PyTorch instead of formulas: a size is that of a layer's output, a number of parameters is counted in a
layer, and a receptive field is where a gradient arrives.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks.convolution.counts import Ways

Layers = list[tuple[int, int]]
"""(kernel_size, stride) of each layer, from the image on."""


def outputs(size: int, kernel_size: int, stride: int = 1, padding: int = 0) -> int:
    """The output size of a convolution for a row of `size` pixels."""
    return F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size), stride=stride, padding=padding).shape[-1]


def pooled(size: int, kernel_size: int, stride: int = 1, padding: int = 0, ceil_mode: bool = False) -> int:
    """The output size of a pooling layer for a row of `size` pixels."""
    return F.max_pool1d(torch.zeros(1, 1, size), kernel_size, stride, padding, ceil_mode=ceil_mode).shape[-1]


def keeps_the_size(kernel_size: int) -> int:
    """The padding with which a convolution keeps the size, found by trying."""
    return next(padding for padding in range(kernel_size) if outputs(64, kernel_size, padding=padding) == 64)


def parameters_of(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


def conv(in_channels: int, out_channels: int, kernel_size: int, bias: bool = True) -> int:
    return parameters_of(nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias, device="meta"))


def linear(in_features: int, out_features: int, bias: bool = True) -> int:
    return parameters_of(nn.Linear(in_features, out_features, bias=bias, device="meta"))


def one_filter(c: int, h: int, w: int, k: int, stride: int = 1, padding: int = 0) -> int:
    """The number of outputs of one filter for a (c, h, w) input."""
    layer = nn.Conv2d(c, 1, k, stride, padding, device="meta")
    image: Tensor = layer(torch.empty(1, c, h, w, device="meta"))
    return image.numel()


def equivalent(c: int, h: int, w: int, k: int, stride: int = 1, padding: int = 0) -> int:
    return linear(c * h * w, one_filter(c, h, w, k, stride, padding))


def unshared(c: int, h: int, w: int, filters: int, k: int) -> int:
    """The number of weights if every window of every filter has its own."""
    return F.unfold(torch.zeros(1, c, h, w), k).numel() * filters


def fields(layers: Layers) -> list[int]:
    return [_seen(layers[: count + 1]) for count in range(len(layers))]


def _seen(layers: Layers) -> int:
    """The size of the receptive field of one neuron, from its gradient through convolutions of ones."""
    enough = 1 + sum(kernel for kernel, _ in layers) * math.prod(stride for _, stride in layers)
    image = x = torch.zeros(1, 1, enough, dtype=torch.float64, requires_grad=True)
    for kernel, stride in layers:
        x = F.conv1d(x, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride)
    reached = torch.autograd.grad(x[0, 0, 0], image)[0].flatten().nonzero().flatten()
    return int(reached[-1] - reached[0]) + 1


OUTPUT_WAYS: Ways = {
    "a window that ends exactly where the padded input ends is not counted, but it fits": (
        lambda n, k, stride=1, padding=0: math.ceil(_places(n, k, stride, padding)) - 1
    ),
    "one too few: the first window needs no step": lambda *a, **o: outputs(*a, **o) - 1,
    "one too many: a kernel as large as the input fits once": lambda *a, **o: outputs(*a, **o) + 1,
    "the padding is left out": lambda n, k, stride=1, padding=0: outputs(n, k, stride),
    "the padding is counted on one side, but is on both": lambda n, k, stride=1, padding=0: outputs(
        n + padding, k, stride
    ),
    "the padding is subtracted, but makes the input larger": lambda n, k, stride=1, padding=0: math.floor(
        _places(n, k, stride, -padding)
    ),
    "the stride is left out": lambda n, k, stride=1, padding=0: outputs(n, k, padding=padding),
    "the 1 is added before the division by the stride, but should be added after it": (
        lambda n, k, stride=1, padding=0: math.floor(_places(n, k - 1, stride, padding)) - 1
    ),
    "the padding is added to the result, but it makes the input larger, before the division by the stride": (
        lambda n, k, stride=1, padding=0: outputs(n, k, stride) + 2 * padding
    ),
    "the whole kernel size is subtracted from the padded input, not one less": lambda n, k, stride=1, padding=0: (
        math.floor(_places(n, k - 1, stride, padding))
    ),
    "the kernel size is left out, but windows must fit into the input": lambda n, k, **o: outputs(n, 1, **o),
    "rounded up, but a window that does not fit is dropped": lambda n, k, stride=1, padding=0: math.ceil(
        _places(n, k, stride, padding)
    ),
    "not rounded, but a window that does not fit is dropped": lambda n, k, stride=1, padding=0: _places(
        n, k, stride, padding
    ),
    "rounded to the nearest number, but a window that does not fit is dropped": lambda n, k, stride=1, padding=0: round(
        _places(n, k, stride, padding)
    ),
    "the default stride should be 1; only pooling layers use the kernel size": lambda n, k, stride=0, **o: outputs(
        n, k, stride or k, **o
    ),
}


def _places(n: int, k: int, stride: int, padding: int) -> float:
    return (n + 2 * padding - k) / stride + 1


def _rounded_to_the_nearest() -> Ways:
    """ceil_mode with round(), or with int() after adding 1/2, in place of rounding up; with or without dropping a window."""
    roundings: dict[str, Callable[[float], int]] = {
        "as by round()": lambda steps: round(steps) + 1,
        "as by round() after adding 1": lambda steps: round(steps + 1),
        "halves up": lambda steps: math.floor(steps + 0.5) + 1,
    }
    drops = {
        "": True,
        "; also, a window that starts in the padding on the right is counted, but PyTorch drops it": False,
    }
    return {
        f"with ceil_mode the number of steps is rounded to the nearest number, {how}, but it should be rounded up{also}": (
            functools.partial(_nearest, rounded=rounded, drops=drop)
        )
        for also, drop in drops.items()
        for how, rounded in roundings.items()
    }


def _nearest(
    n: int,
    k: int,
    stride: int = 1,
    padding: int = 0,
    ceil_mode: bool = False,
    *,
    rounded: Callable[[float], int],
    drops: bool,
) -> int:
    if not ceil_mode:
        return outputs(n, k, stride, padding)
    windows = rounded(_places(n, k, stride, padding) - 1)
    return windows - (drops and (windows - 1) * stride >= n + padding)


CEIL_WAYS: Ways = {
    "ceil_mode changes nothing": lambda n, k, ceil_mode=False, **o: outputs(n, k, **o),
    "a window that starts in the padding on the right is counted, but PyTorch drops it": (
        lambda n, k, stride=1, padding=0, ceil_mode=False: (
            math.ceil(_places(n, k, stride, padding)) if ceil_mode else outputs(n, k, stride, padding)
        )
    ),
    "a window that starts in the padding on the right is kept; only one that starts behind it is dropped": (
        lambda n, k, stride=1, padding=0, ceil_mode=False: _until(n + 2 * padding, n, k, stride, padding, ceil_mode)
    ),
    "a window that still starts in the image is dropped, as if there were no padding on the left": (
        lambda n, k, stride=1, padding=0, ceil_mode=False: _until(n, n, k, stride, padding, ceil_mode)
    ),
    "a window that starts on the first pixel behind the image is kept, but PyTorch drops it": (
        lambda n, k, stride=1, padding=0, ceil_mode=False: _until(n + padding + 1, n, k, stride, padding, ceil_mode)
    ),
    "rounded up even without ceil_mode": lambda n, k, ceil_mode=False, **o: pooled(n, k, ceil_mode=True, **o),
    "rounded up without ceil_mode, and down with it": lambda n, k, ceil_mode=False, **o: pooled(
        n, k, ceil_mode=not ceil_mode, **o
    ),
    "with a padding the last window is always dropped, but it counts if it starts in the image": (
        lambda n, k, stride=1, padding=0, ceil_mode=False: (
            math.ceil(_places(n, k, stride, padding)) - (padding > 0) if ceil_mode else outputs(n, k, stride, padding)
        )
    ),
    "with ceil_mode a window is added even if the last one fits exactly": lambda n, k, ceil_mode=False, **o: (
        outputs(n, k, **o) + ceil_mode
    ),
    **_rounded_to_the_nearest(),
}


def _until(end: int, n: int, k: int, stride: int, padding: int, ceil_mode: bool) -> int:
    """The number of windows, rounded up with ceil_mode but without one that starts at `end` or after it."""
    windows = math.ceil(_places(n, k, stride, padding)) if ceil_mode else outputs(n, k, stride, padding)
    return windows - (ceil_mode and (windows - 1) * stride >= end)


PADDING_WAYS: Ways = {
    "that is the padding of both sides together instead of each side": lambda k: k - 1,
    "it makes the map larger: the pixel in the middle of the kernel needs no padding": lambda k: (k + 1) // 2,
    "a kernel has a pixel in its middle, which needs no padding": lambda k: k / 2,
    "that is the kernel's own size": lambda k: k,
    "right for 5×5 only": lambda k: 2,
    "without padding the map shrinks": lambda k: 0,
}

CONV_WAYS: Ways = {
    "the biases are left out": lambda i, o, k, bias=True: conv(i, o, k, False),
    "bias=False changes nothing": lambda i, o, k, bias=True: conv(i, o, k),
    "the bias is counted once, but every filter has one": lambda i, o, k, bias=True: conv(i, o, k, False) + bias,
    "a filter has one bias, not one for each input channel": lambda i, o, k, bias=True: i * conv(1, o, k, bias),
    "a bias belongs to an output channel, not to an input channel": lambda i, o, k, bias=True: conv(o, i, k, bias),
    "a filter is as deep as its input has channels": lambda i, o, k, bias=True: conv(1, o, k, bias),
    "that is a single filter": lambda i, o, k, bias=True: conv(i, 1, k, bias),
    "the kernel is square, but its size is counted once": lambda i, o, k, bias=True: linear(i * k, o, bias),
    "the kernel has two dimensions, not three": lambda i, o, k, bias=True: linear(i * k**3, o, bias),
    "a filter has weights for every input channel: multiply the channels, do not add them": (
        lambda i, o, k, bias=True: conv(1, i + o, k, False) + bias * o
    ),
    "the biases are counted with bias=False and left out otherwise": lambda i, o, k, bias=True: conv(i, o, k, not bias),
    "by default a convolution has biases": lambda i, o, k, bias=False: conv(i, o, k, bias),
}

LINEAR_WAYS: Ways = {
    "the biases are left out": lambda i, o, bias=True: linear(i, o, False),
    "bias=False changes nothing": lambda i, o, bias=True: linear(i, o),
    "the bias is counted once, but every neuron has one": lambda i, o, bias=True: linear(i, o, False) + bias,
    "a bias belongs to an output, not to an input": lambda i, o, bias=True: linear(o, i, bias),
    "every neuron has a weight for each input": lambda i, o, bias=True: i + o,
    "the biases are counted with bias=False and left out otherwise": lambda i, o, bias=True: linear(i, o, not bias),
    "by default a linear layer has biases": lambda i, o, bias=False: linear(i, o, bias),
}

EQUIVALENT_WAYS: Ways = {
    "the channels are left out, but each output depends on all of them": lambda c, h, w, k, **o: equivalent(
        1, h, w, k, **o
    ),
    "the biases are left out": lambda c, h, w, k, **o: linear(c * h * w, one_filter(c, h, w, k, **o), False),
    "the bias is counted once, but every output has one": lambda c, h, w, k, **o: (
        linear(c * h * w, one_filter(c, h, w, k, **o), False) + 1
    ),
    "a filter returns one map, not one for each input channel": lambda c, h, w, k, **o: linear(
        c * h * w, c * one_filter(c, h, w, k, **o)
    ),
    "a filter returns one map: it is as deep as the input and does not move along the depth": lambda c, h, w, k, **o: (
        _along_the_depth(c, k, **o) * equivalent(c, h, w, k, **o)
    ),
    "stride and padding are left out": lambda c, h, w, k, **o: equivalent(c, h, w, k),
    "the padding is left out": lambda c, h, w, k, stride=1, padding=0: equivalent(c, h, w, k, stride),
    "the stride is left out": lambda c, h, w, k, stride=1, padding=0: equivalent(c, h, w, k, padding=padding),
    "the padding is counted among the inputs, but is always 0": lambda c, h, w, k, stride=1, padding=0: equivalent(
        c, h + 2 * padding, w + 2 * padding, k, stride
    ),
    "the height is used for the width, too": lambda c, h, w, k, **o: equivalent(c, h, h, k, **o),
    "the height of the output is used for its width, too": lambda c, h, w, k, **o: linear(
        c * h * w, one_filter(c, h, h, k, **o)
    ),
    "that has as many outputs as the image has pixels: how many does the filter return?": lambda c, h, w, k, **o: (
        linear(c * h * w, h * w)
    ),
    "that has as many outputs as inputs: how many does the filter return?": lambda c, h, w, k, **o: linear(
        c * h * w, c * h * w
    ),
    "that is the convolution, with its shared weights": lambda c, h, w, k, **o: conv(c, 1, k),
    "an output of a linear layer has a weight for every input, not only for those of a window": (
        lambda c, h, w, k, **o: linear(c * k * k, one_filter(c, h, w, k, **o))
    ),
}


def _along_the_depth(c: int, k: int, stride: int = 1, padding: int = 0) -> int:
    """How many steps a filter would take along the depth; 0 if it does not fit."""
    return outputs(c, k, stride, padding) if k <= c + 2 * padding else 0


UNSHARED_WAYS: Ways = {
    "that is the convolution with shared weights": lambda c, h, w, f, k: conv(c, f, k, False),
    "that is the convolution with shared weights, and with biases": lambda c, h, w, f, k: conv(c, f, k),
    "that is a single filter": lambda c, h, w, f, k: unshared(c, h, w, 1, k),
    "a window goes through all the channels": lambda c, h, w, f, k: unshared(1, h, w, f, k),
    "there are no biases here": lambda c, h, w, f, k: unshared(c, h, w, f, k) + f * one_filter(c, h, w, k),
    "that counts the steps of the window: along each axis there is one position more": lambda c, h, w, f, k: (
        conv(c, f, k, False) * (h - k) * (w - k)
    ),
    "that has as many positions as pixels, but without padding there are fewer": lambda c, h, w, f, k: (
        conv(c, f, k, False) * h * w
    ),
    "the height is used for the width, too": lambda c, h, w, f, k: unshared(c, h, h, f, k),
    "the kernel is square, but its size is counted once": lambda c, h, w, f, k: unshared(c, h, w, f, k) // k,
    "an output depends on its window, not on the whole input as in a fully-connected layer": (
        lambda c, h, w, f, k: linear(c * h * w, f * one_filter(c, h, w, k), False)
    ),
}


def _grown(layers: Layers, jump: Callable[[list[int], int], int]) -> list[int]:
    """Receptive fields that grow by (kernel_size − 1) · jump(the strides before, the layer's own stride)."""
    sizes = [1]
    for number, (kernel, stride) in enumerate(layers):
        sizes.append(sizes[-1] + (kernel - 1) * jump([before for _, before in layers[:number]], stride))
    return sizes[1:]


def _recursion_forward(layers: Layers) -> list[int]:
    """The recursion for one neuron of the last layer, in the wrong direction."""
    sizes = [1]
    for kernel, stride in layers:
        sizes.append((sizes[-1] - 1) * stride + kernel)
    return sizes[1:]


FIELD_WAYS: Ways = {
    "a layer's step in the image is the product of all strides before it, not only the last one": (
        lambda layers: _grown(layers, lambda before, own: before[-1] if before else 1)
    ),
    "the strides multiply, they do not add up": lambda layers: _grown(layers, lambda before, own: sum(before) or 1),
    "a layer's step in the image is multiplied by each stride, but here each stride adds stride − 1 to it": (
        lambda layers: _grown(layers, lambda before, own: 1 + sum(stride - 1 for stride in before))
    ),
    "the strides are left out": lambda layers: _grown(layers, lambda before, own: 1),
    "a layer's own stride changes the receptive fields of later layers, not its own": (
        lambda layers: _grown(layers, lambda before, own: math.prod(before) * own)
    ),
    "a layer's step in the image comes from the strides before it, not from its own": (
        lambda layers: _grown(layers, lambda before, own: own)
    ),
    "those are the kernel sizes, but a neuron sees the image through all layers before it": (
        lambda layers: [kernel for kernel, _ in layers]
    ),
    "from the first to the last of k neurons there are k − 1 steps, not k": lambda layers: [
        sum(kernel * math.prod(stride for _, stride in layers[:n]) for n, (kernel, _) in enumerate(layers[: last + 1]))
        for last in range(len(layers))
    ],
    "one too few everywhere: start with 1, the field of a pixel": lambda layers: [size - 1 for size in fields(layers)],
    "(field − 1) · stride + kernel_size goes from the last layer to the first; from the first on, the strides before count": (
        _recursion_forward
    ),
    "they are limited to 32, but a receptive field may be larger than the image": lambda layers: [
        min(size, 32) for size in fields(layers)
    ],
    "they are in the wrong order: the first layer's comes first": lambda layers: fields(layers)[::-1],
    "the layers are taken from the last to the first": lambda layers: fields(layers[::-1]),
    "those are the distances between neighbouring neurons": lambda layers: [
        math.prod(stride for _, stride in layers[: last + 1]) for last in range(len(layers))
    ],
}
