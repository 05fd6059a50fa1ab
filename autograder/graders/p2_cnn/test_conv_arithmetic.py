"""Sizes, parameter counts and receptive fields, compared with PyTorch's own layers."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor, nn

from autograder.checks.closeness import expect_unchanged
from autograder.checks.convolution.counts import as_count, expect_counts, show_count
from autograder.checks.convolution.findings import Finding
from autograder.checks.convolution.layer_references import (
    CEIL_WAYS,
    CONV_WAYS,
    EQUIVALENT_WAYS,
    FIELD_WAYS,
    LINEAR_WAYS,
    OUTPUT_WAYS,
    PADDING_WAYS,
    UNSHARED_WAYS,
    conv,
    equivalent,
    fields,
    keeps_the_size,
    linear,
    one_filter,
    outputs,
    parameters_of,
    pooled,
    unshared,
)
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import Given, expect_refusals
from autograder.sandbox.host.calls_in_words import describe_value

EXERCISE = ExerciseSpec(
    public=(
        "conv_output_size", "same_padding", "conv_parameter_count", "linear_parameter_count",
        "equivalent_linear_parameter_count", "unshared_conv_parameter_count", "receptive_fields", "layer_table",
    )
)  # fmt: skip

TOTAL, MISPRINT = 1_191_170, 1_186_170
"""The number of parameters of this practical's network, and the total that a published report misprints."""


@check(points=1)
def test_output_size(student, draw):
    """conv_output_size is the size of a convolution's output for any stride and padding, by default 1 and 0"""
    cases = [
        ((32, 5), {"stride": 1, "padding": 2}),
        ((11, 3), {"stride": 2, "padding": 0}),
        ((12, 3), {"stride": 4, "padding": 1}),
        ((14, 3), {"stride": 4}),
        ((17, 2), {"stride": 5, "padding": 3}),
        ((9, 4), {}),
        ((10, 1), {"stride": 3}),
    ]
    for _ in range(12):
        n, k, s, p = (int(draw.rng.integers(*bounds)) for bounds in ((8, 40), (1, 8), (1, 6), (0, 4)))
        cases.append(((n, k), {"stride": s, "padding": p}))
    expect_counts(student, "conv_output_size", cases, outputs, OUTPUT_WAYS)


@check(points=0.5, needs=[test_output_size])
def test_ceil_mode(student, draw):
    """with ceil_mode=True a last window that sticks out counts too, unless it starts in the right padding"""
    cases = [
        ((7, 2), {"stride": 2, "ceil_mode": True}),
        ((8, 2), {"stride": 2, "ceil_mode": True}),
        ((7, 2), {"stride": 2, "ceil_mode": False}),
        ((4, 2), {"stride": 3, "padding": 1, "ceil_mode": True}),
        ((5, 2), {"stride": 3, "padding": 1, "ceil_mode": True}),
        ((6, 2), {"stride": 3, "padding": 1, "ceil_mode": True}),
        ((3, 1), {"stride": 3, "ceil_mode": True}),
        ((4, 1), {"stride": 3, "ceil_mode": True}),
        ((9, 2), {"stride": 5, "ceil_mode": True}),
        ((10, 5), {"stride": 4, "padding": 2, "ceil_mode": True}),
        # Less than half a step is left, so rounding to the nearest is too few, halves up or not.
        ((10, 5), {"stride": 4, "ceil_mode": True}),
        ((12, 7), {"stride": 5, "padding": 1, "ceil_mode": True}),
        # Half a step is left after an odd number of steps; in (7, 2) it is after an even one.
        ((5, 2), {"stride": 2, "ceil_mode": True}),
    ]
    for _ in range(16):
        k, s = (int(draw.rng.integers(*bounds)) for bounds in ((1, 7), (1, 8)))
        n, p = int(draw.rng.integers(k + 1, 25)), int(draw.rng.integers(0, k // 2 + 1))
        cases.append(((n, k), {"stride": s, "padding": p, "ceil_mode": bool(draw.rng.integers(4))}))
    expect_counts(student, "conv_output_size", cases, pooled, CEIL_WAYS)


@check(points=0.5, needs=[test_output_size], apart_from_values=True)
def test_refuses_a_large_kernel(student, draw):
    """without ceil_mode, conv_output_size raises a ValueError if, and only if, the kernel is larger than the padded input"""
    n, k = int(draw.rng.integers(9, 20)), int(draw.rng.integers(2, 8))
    fits = "the kernel is as large as the padded input, so it has one place"
    expect_refusals(
        student,
        student.conv_output_size,
        good=[
            Given("the kernel fits", (n, k)),
            Given(fits, (5, 5)),
            Given(fits, (3, 5), {"padding": 1}),
            Given(fits, (n, n + 6), {"padding": 3, "stride": 2}),
            Given("the stride may be larger than the input", (4, 3), {"stride": 6}),
        ],
        bad=[
            Given("the kernel is larger than the input", (5, 6)),
            Given(f"the kernel is larger than the input of {n}", (n, n + 4), {"stride": 1}),
            Given("the kernel is larger than the padded input, 3 + 2·1", (3, 6), {"padding": 1}),
            Given("the kernel is larger than the input, whatever the stride is", (5, 6), {"stride": 3}),
            Given(f"the kernel is larger than the padded input, {n} + 2·2", (n, n + 5), {"stride": 4, "padding": 2}),
        ],
    )
    exact = [((5, 5), {}), ((3, 5), {"padding": 1}), ((n, n + 6), {"padding": 3, "stride": 2})]
    expect_counts(student, "conv_output_size", exact, outputs, {fits: lambda *args, **options: 0})


@check(points=0.5)
def test_same_padding(student, draw):
    """same_padding is the padding with which a convolution with an odd kernel keeps the size of its input"""
    kernels = [5, 3, 1, 7, *(int(k) for k in 2 * draw.rng.integers(4, 20, 3) + 1)]
    expect_counts(student, "same_padding", [((k,), {}) for k in kernels], keeps_the_size, PADDING_WAYS)


@check(points=0.5, needs=[test_same_padding], apart_from_values=True)
def test_refuses_an_even_kernel(student, draw):
    """same_padding raises a ValueError for even kernels, and only for those"""
    why = "an even kernel would need one more pixel on one side than on the other"
    large = 2 * int(draw.rng.integers(4, 20))
    expect_refusals(
        student,
        student.same_padding,
        good=[Given("an odd kernel has a padding", (k,)) for k in (3, 5, 1, large + 1)],
        bad=[Given(why, (k,)) for k in (2, 4, 6, large)],
    )


@check(points=0.5)
def test_conv_parameters(student, draw):
    """conv_parameter_count is the number of a convolution's weights and, unless bias=False, biases"""
    triples = [(3, 32, 5), (4, 7, 1), (1, 6, 3), (5, 1, 2)]
    triples += [tuple(int(n) for n in draw.rng.permutation(np.arange(2, 12))[:3]) for _ in range(5)]
    options = itertools.cycle(({}, {"bias": False}, {"bias": True}))
    expect_counts(student, "conv_parameter_count", list(zip(triples, options)), conv, CONV_WAYS)


@check(points=0.5)
def test_linear_parameters(student, draw):
    """linear_parameter_count is the number of a linear layer's weights and, unless bias=False, biases"""
    pairs = [(1024, 1000), (7, 4), (1, 6), (9, 1)]
    pairs += [tuple(int(n) for n in draw.rng.permutation(np.arange(2, 60))[:2]) for _ in range(5)]
    options = itertools.cycle(({}, {"bias": False}, {"bias": True}))
    expect_counts(student, "linear_parameter_count", list(zip(pairs, options)), linear, LINEAR_WAYS)


@check(points=1, needs=[test_output_size, test_linear_parameters])
def test_equivalent_linear(student, draw):
    """equivalent_linear_parameter_count is the number of parameters of a linear layer that replaces one filter"""
    cases = [
        ((3, 32, 28, 5), {}),
        ((2, 7, 9, 3), {"stride": 2, "padding": 1}),
        ((4, 6, 5, 2), {"stride": 3}),
        ((1, 8, 5, 3), {"padding": 2}),
    ]
    for _ in range(5):
        h, w = (int(n) for n in draw.rng.permutation(np.arange(6, 16))[:2])
        c, k, s, p = (int(draw.rng.integers(*bounds)) for bounds in ((2, 6), (2, 5), (1, 4), (0, 3)))
        cases.append(((c, h, w, k), {"stride": s, "padding": p}))

    def from_others(c, h, w, k, stride=1, padding=0):
        outputs = student.conv_output_size(h, k, stride, padding) * student.conv_output_size(w, k, stride, padding)
        return student.linear_parameter_count(c * h * w, outputs)

    expect_counts(
        student,
        "equivalent_linear_parameter_count",
        cases,
        equivalent,
        EQUIVALENT_WAYS,
        from_others=from_others,
        others="conv_output_size and linear_parameter_count",
        otherwise=_inputs_and_outputs,
    )


def _inputs_and_outputs(cases, got):
    """Which layers have the numbers of parameters in `got`, if all cases have the right number of inputs or of outputs."""
    sizes = [(c * h * w, one_filter(c, h, w, *args, **options)) for (c, h, w, *args), options in cases]
    inputs, outputs = sizes[0]
    if all(number % (inputs + 1) == 0 for number, (inputs, _) in zip(got, sizes)):
        return (
            f"with biases that is a layer with {inputs:,} inputs, as it should be, and {show_count(got[0] / (inputs + 1))} "
            f"outputs, but one filter returns {outputs:,} numbers"
        )
    if len(got) > 2 and all(number % outputs == 0 for number, (_, outputs) in zip(got, sizes)):
        return (
            f"with biases that is a layer with {outputs:,} outputs, as it should be, and "
            f"{show_count(got[0] / outputs - 1)} inputs, but the image has {inputs:,} numbers"
        )
    return ""


@check(points=0.5, needs=[test_output_size, test_conv_parameters])
def test_unshared_conv(student, draw):
    """unshared_conv_parameter_count is the number of weights if each position has its own, without biases"""
    cases = [((3, 16, 12, 4, 5), {}), ((1, 6, 8, 2, 3), {}), ((4, 5, 7, 1, 5), {}), ((2, 3, 4, 5, 1), {})]
    for _ in range(5):
        h, w = (int(n) for n in draw.rng.permutation(np.arange(6, 16))[:2])
        c, f, k = (int(draw.rng.integers(*bounds)) for bounds in ((2, 6), (2, 9), (2, 6)))
        cases.append(((c, h, w, f, k), {}))

    def from_others(c, h, w, f, k):
        positions = student.conv_output_size(h, k) * student.conv_output_size(w, k)
        return positions * student.conv_parameter_count(c, f, k, bias=False)

    expect_counts(
        student,
        "unshared_conv_parameter_count",
        cases,
        unshared,
        UNSHARED_WAYS,
        from_others=from_others,
        others="conv_output_size and conv_parameter_count",
    )


@check(points=1)
def test_receptive_fields(student, draw):
    """receptive_fields gives, for each layer, how many pixels of the image a neuron sees along one axis"""
    stacks = [[(5, 1), (2, 2)] * 3, [(7, 2), (3, 1), (3, 2), (1, 2), (2, 1)], [(3, 2)], [(1, 3), (2, 1), (4, 2)]]
    for length in (2, 3, 4, 5):
        stacks.append([(int(draw.rng.integers(1, 6)), int(draw.rng.integers(1, 4))) for _ in range(length)])
    got = [_sizes(stack, student.receptive_fields(stack)) for stack in stacks]
    expected = [fields(stack) for stack in stacks]
    wrong = [i for i in range(len(stacks)) if got[i] != expected[i]]
    if wrong:
        what = f"receptive_fields({stacks[wrong[0]]}) should be {expected[wrong[0]]}, but is {_listed(got[wrong[0]])}"
        found = (words for words, way in FIELD_WAYS.items() if got == [way(stack) for stack in stacks])
        mistake = next(found, "")
        raise CheckFailed(f"{what}: {mistake or _where_apart(got[wrong[0]], expected[wrong[0]])}", mistake=mistake)
    expect_unchanged(student)


def _sizes(stack, value):
    value = value.tolist() if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1 else value
    if not isinstance(value, (list, tuple)):
        forgot = ": is a return missing?" if value is None else ""
        one = ": return one size for each layer" if isinstance(value, (int, float)) else ""
        raise CheckFailed(f"receptive_fields should return a list, but returned {describe_value(value)}{forgot}{one}")
    return [as_count(f"each of the sizes that receptive_fields({stack}) returns", item) for item in value]


def _listed(numbers):
    return f"[{', '.join(show_count(number) for number in numbers[:12])}{', …' if len(numbers) > 12 else ''}]"


def _where_apart(sizes, expected):
    if len(sizes) != len(expected):
        return f"there are {len(expected)} layers, but {len(sizes)} sizes; the image itself is not a layer"
    first = next(place for place in range(len(sizes)) if sizes[place] != expected[place])
    return f"the first wrong size is that of layer {first + 1}"


def _network():
    """The names and layers, in order. Nothing is computed: the tensors have shapes, but no values."""
    with torch.device("meta"):
        return {
            "conv1": nn.Conv2d(3, 32, 5, padding=2),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(32, 64, 5, padding=2),
            "pool2": nn.MaxPool2d(2),
            "conv3": nn.Conv2d(64, 64, 5, padding=2),
            "pool3": nn.MaxPool2d(2, ceil_mode=True),
            "fc4": nn.Linear(1024, 1000),  # 64 maps of 4 × 4
            "fc5": nn.Linear(1000, 10),
        }


def _sizes_in(network):
    x = torch.empty(1, 3, 32, 32, device="meta")
    sizes = {}
    for name, layer in network.items():
        x = layer(x.flatten(1) if isinstance(layer, nn.Linear) else x)
        sizes[name] = tuple(x.shape[1:])
    return sizes


def _rows(student):
    """The eight rows (name, size, parameters). Sizes and parameters are not checked yet."""
    rows, names = student.layer_table(), tuple(_network())
    if not isinstance(rows, (list, tuple)):
        forgot = ": is a return missing?" if rows is None else ""
        raise CheckFailed(f"layer_table should return a list of rows, but returned {describe_value(rows)}{forgot}")
    for row in rows:
        if not isinstance(row, (list, tuple)) or len(row) != 3:
            raise CheckFailed(
                f"each row of layer_table should be (name, size, parameters), but one is {_shown_row(row)}"
            )
    found = tuple(str(row[0])[:20] for row in rows)
    if found != names:
        apart = f"{len(found)} instead of eight" if len(found) != len(names) else "others"
        wanted, there = (", ".join(listed) for listed in (names, found[:12]))
        raise CheckFailed(f"the rows of layer_table should be {wanted}, but there are {apart}: {there or 'none'}")
    return rows


def _shown_row(row):
    return f"of {len(row)} values" if isinstance(row, (list, tuple)) else describe_value(row)


@check(points=0.5, needs=[test_output_size, test_same_padding])
def test_table_of_sizes(student):
    """layer_table has eight rows, conv1 to fc5, each with the layer's output size for a 3×32×32 image"""
    got = {}
    for name, size, _ in _rows(student):
        got[name] = _size(name, size)
    right = _sizes_in(_network())
    for name, size in right.items():
        if got[name] != size:
            mistake = _mistaken_size(name, got[name], size)
            raise CheckFailed(
                f"{name} returns {size} for a 3×32×32 image, but layer_table says {_tuple(got[name])}: "
                f"{mistake or _why_size(name, got[name], size)}",
                mistake=mistake,
            )


def _mistaken_size(name, got, size):
    """The mistake that gives the first wrong size of the table; "" if none is known."""
    if len(got) == len(size) > 1 and got == size[1:] + size[:1]:
        return "the channels should come first"
    if name.startswith("conv") and got[1:] == (size[1] - 4,) * 2:
        return "the padding of the convolutions is missing"
    if name.startswith("pool") and got[0] == size[0]:
        side = _sizes_in(_network())[f"conv{name[-1]}"][1]
        found = {
            side: "that is the size without the pooling",
            side - 1: "that is the size for windows of 2×2 with a stride of 1, which overlap",
            outputs(side, 3, 2): "that is the size for windows of 3×3 with a stride of 2",
        }
        return found.get(int(got[1]), "") if got[1] == got[2] else ""
    return ""


def _why_size(name, got, size):
    """What is right in place of the first wrong size of the table. The input of this layer is right."""
    if len(got) != len(size):
        return f"the size here has {len(size)} number{'s' if len(size) > 1 else ''}"
    if len(size) == 1:
        return "that is its number of neurons"
    if got[1:] == size[1:]:
        return "how many channels does it return?"
    if name.startswith("conv"):
        return "a 5×5 convolution with the right padding keeps the height and width of its input"
    return "windows of 2×2 side by side halve the height and width of its input"


def _size(name, value):
    value = value.tolist() if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1 else value
    if not isinstance(value, (list, tuple)):
        comma = "; a tuple with one element needs a comma: (10,)" if isinstance(value, (int, float)) else ""
        raise CheckFailed(f"layer_table's size of {name} should be a tuple, but is {describe_value(value)}{comma}")
    return tuple(as_count(f"each number of layer_table's size of {name}", item) for item in value)


def _tuple(numbers):
    return f"({', '.join(show_count(number) for number in numbers)}{',' if len(numbers) == 1 else ''})"


@check(points=1, needs=[test_conv_parameters, test_linear_parameters, test_table_of_sizes])
def test_table_of_parameters(student):
    """layer_table gives each layer's number of parameters, which sum to 1,191,170"""
    rows = _rows(student)
    got = {name: as_count(f"layer_table's number of parameters of {name}", number) for name, _, number in rows}
    right = {name: parameters_of(layer) for name, layer in _network().items()}
    wrong = [name for name in right if got[name] != right[name]]
    if not wrong:
        return
    first, total = wrong[0], sum(got.values())
    what = f"{first} has {right[first]:,} parameters, but layer_table says {show_count(got[first])}"
    if total == MISPRINT:
        mistake = f"your rows sum to {MISPRINT:,}, the total in a published report"
        raise CheckFailed(
            f"{what}; {mistake}. That is a misprint: the report's own rows sum to {TOTAL:,}", mistake=mistake
        )
    without_biases = {
        name: sum(p.numel() for p in layer.parameters() if p.dim() > 1) for name, layer in _network().items()
    }
    if got == without_biases:
        raise CheckFailed(f"{what}: the biases are missing", mistake="the biases are missing")
    if first.startswith("pool"):
        raise CheckFailed(f"{what}: a max pool has no weights", mistake="a max pool has no weights")
    neurons = {"fc4": 1000, "fc5": 10}.get(first, 0)
    if neurons and got[first] % neurons == 0:
        inputs = int(got[first] / neurons) - 1
        layer, known = f"with biases that is a layer with {inputs:,} inputs", _known_inputs(first, inputs)
        before = "it gets the 1,000 numbers that fc4 returns" if first == "fc5" else "pool3 returns 64 maps of 4×4"
        raise CheckFailed(f"{what}: {layer}{known}; {before}", mistake=layer + known if known else "")
    why = _known_filters(first, got[first]) if first.startswith("conv") else Finding()
    raise CheckFailed(
        f"{what}{why.after_colon}; your rows sum to {show_count(total)}, but the network has {TOTAL:,}",
        mistake=why.mistake,
    )


def _known_filters(name, number):
    """Which convolution with as many filters has this number of parameters, and what the right one gets."""
    layer = _network()[name]
    before = (
        "the image has 3 channels" if name == "conv1" else f"pool{int(name[-1]) - 1} returns {layer.in_channels} maps"
    )
    for kernel in (5, 3):
        channels = (number / layer.out_channels - 1) / kernel**2
        if channels >= 1 and channels.is_integer():
            found = f"with biases that is a {kernel}×{kernel} convolution of {int(channels):,} maps"
            # Another number of channels is known if another layer gets as many.
            known = channels == layer.in_channels or (kernel == 5 and channels in (3, 32, 64))
            return Finding(f"{found}, but {before}", found if known else "")
    return Finding()


def _known_inputs(name, inputs):
    """Where a wrong number of inputs of a fully-connected layer may be seen in the network, after ", "; "" if nowhere."""
    known = {1024: ", as many as fc4 has"} if name == "fc5" else {
        64: ", the maps of pool3 without their height and width",
        256: " = 64·4, only one of height and width",
        16: " = 4·4, the height and width of pool3's maps, without the channels",
        4096: " = 64·8·8, the output of conv3",
        3072: " = 3·32·32, the image",
        1000: ", as many as fc5 has",
    }  # fmt: skip
    return known.get(inputs, "")
