"""A fully-connected layer as a convolution: its output is compared with that of the layer on every window of a map."""

from __future__ import annotations

import itertools

import torch
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import Given, expect_refusals
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("linear_to_conv",))

# (channels, height, width), neurons: all unequal, except for the last two, where one or more axes are 1.
MAPS = (((2, 3, 4), 5), ((4, 5, 3), 2), ((3, 2, 5), 7), ((3, 4, 1), 6), ((1, 1, 1), 3))


def _linear(student, draw, features, neurons, dtype, bias=True):
    """A layer in the worker, and its parameters: weight (neurons, features) and bias (neurons,) or none."""
    layer = student.probe("linear_as_conv.linear", features, neurons, bias)
    if dtype == torch.float64:
        layer.double()
    values = [draw.normal(neurons, features, dtype=dtype), *([draw.normal(neurons, dtype=dtype)] if bias else [])]
    layer.set_parameters(values)
    return layer, values


def _converted(student, draw, shape, neurons, dtype, bias=True):
    """The result of linear_to_conv for a random layer, and that layer's parameters. Fails if it changes the layer."""
    layer, values = _linear(student, draw, shape[0] * shape[1] * shape[2], neurons, dtype, bias)
    conv = student.linear_to_conv(layer, *shape)
    settings = student.probe("linear_as_conv.settings", conv) if isinstance(conv, Handle) else None
    if not isinstance(settings, dict):
        forgot = ": is a return missing?" if conv is None else ""
        parts = student.probe("linear_as_conv.parts", conv) if isinstance(conv, Handle) else None
        made_of = (
            f" made of {', '.join(str(part)[:40] for part in parts[:6])}" if isinstance(parts, list) and parts else ""
        )
        raise CheckFailed(
            f"linear_to_conv should return an nn.Conv2d, but returned {describe_value(conv)}{made_of}{forgot}"
        )
    _expect_as_it_was(student, layer, values)
    return conv, settings, values


def _expect_as_it_was(student, layer, values):
    found = student.probe("linear_as_conv.state", layer)
    weight, bias, trainable = found if isinstance(found, tuple) and len(found) == 3 else (None, None, None)
    for name, now, before in zip(("weight", "bias"), (weight, bias), (*values, None)):
        shape = tuple(now.shape) if isinstance(now, torch.Tensor) else None
        if shape != (None if before is None else tuple(before.shape)):
            raise CheckFailed(f"linear_to_conv changes linear: the shape of its {name} is {shape} afterwards")
        if before is not None and (now.dtype != before.dtype or not torch.equal(now, before)):
            raise CheckFailed(f"linear_to_conv changes linear: its {name} has other values afterwards")
    if trainable is not True:
        raise CheckFailed("linear_to_conv changes linear: its parameters are not trainable any more")


def _expect_scores(draw, conv, settings, values, shape, batch, height, width):
    """Fails unless the convolution gives the same as the layer on every window of a (height, width) map."""
    dtype = values[0].dtype
    x = draw.normal(batch, shape[0], height, width, dtype=dtype)
    expected = _slid(x, shape, values[0], values[1] if len(values) > 1 else None)
    what = f"on a map of {height}×{width} the result of linear_to_conv(linear, {', '.join(map(str, shape))})"
    try:
        got = conv(x)
    except Raised as error:
        why = _misfit(settings, shape, values)
        if why:
            raise CheckFailed(f"{what} cannot run: {why}") from None
        raise error
    if isinstance(got, torch.Tensor) and tuple(got.shape) != tuple(expected.shape):
        why = _misfit(settings, shape, values)
        found = f"{what} should have shape {tuple(expected.shape)}, but has {tuple(got.shape)}"
        raise CheckFailed(f"{found}{f': {why}' if why else ''}")
    got = as_tensor(what, got, tuple(expected.shape), dtype)
    rtol = TOLERANCE[dtype]
    if not _close(got, expected, rtol):
        why = _why_apart(settings, values, shape)
        if why:
            raise CheckFailed(f"{what} differs from linear: {why}")
    expect_close(what, got, expected, rtol=rtol)


def _why_apart(settings, values, shape):
    """How the convolution's weight and bias differ from those that it should have; "" if that is not clear."""
    weight, bias = settings.get("weight"), settings.get("bias")
    right = values[0].view(len(values[0]), *shape)
    if not isinstance(weight, torch.Tensor) or weight.shape != right.shape or weight.dtype != right.dtype:
        return _misfit(settings, shape, values)
    if not torch.equal(weight, right):
        return _why_weights(weight, values[0], shape)
    if len(values) == 1:
        return "it has biases, but linear has none" if isinstance(bias, torch.Tensor) and bool(bias.any()) else ""
    if bias is None:
        return "the biases are missing"
    if not isinstance(bias, torch.Tensor) or bias.shape != values[1].shape or torch.equal(bias, values[1]):
        return ""
    return f"the weights are right, but its biases are not those of linear{_way(bias, values[1])}"


def _orders(right, shape):
    """The weights in likely wrong orders, by words."""
    neurons, names = len(right), ("channels", "height", "width")
    for order in itertools.permutations(range(3)):
        listed = ", ".join(names[axis] for axis in order)
        view = right.view(neurons, *(shape[axis] for axis in order))
        back = view.permute(0, *(1 + order.index(axis) for axis in range(3)))
        yield f"the weights are laid out as ({listed}), but should be as (channels, height, width)", back
        moved = right.view(neurons, *shape).permute(0, *(1 + axis for axis in order)).reshape(neurons, *shape)
        yield f"the axes of the weights are put in the order ({listed}) and then reshaped, which mixes them up", moved
    kernels = right.view(neurons, *shape)
    yield (
        "the weights are laid out as (in_features, out_features), but a Linear has (out_features, in_features)",
        right.T.reshape(kernels.shape),
    )
    yield "the kernels are flipped, which PyTorch's convolution does not need", kernels.flip(2, 3)


def _why_weights(weight, right, shape):
    for words, other in _orders(right, shape):
        if torch.equal(weight, other):
            return words
    if torch.equal(weight.flatten().sort().values, right.flatten().sort().values):
        return "its weights are those of linear in another order"
    return f"its weights are not those of linear{_way(weight, right.view(weight.shape))}"


def _way(got, right):
    """In what simple way numbers are wrong, with ": ", or ""."""
    got, right = got.double(), right.double()
    if not bool(got.any()):
        return ": they are all 0"
    ratio = float((got * right).sum() / (right * right).sum())
    if torch.allclose(got, ratio * right, rtol=1e-5, atol=1e-7):
        return f": they are those of linear times {ratio:.4g}"
    if torch.allclose(got, right, rtol=2e-2, atol=1e-4):
        return ": they are equal to a few digits only, as after a conversion to a smaller dtype"
    return ""


def _slid(x, shape, weight, bias):
    """The layer applied to each window of (batch, channels, H, W): (batch, neurons, H − height + 1, W − width + 1)."""
    _, height, width = shape
    rows = []
    for i in range(x.shape[2] - height + 1):
        windows = [x[:, :, i : i + height, j : j + width] for j in range(x.shape[3] - width + 1)]
        rows.append(torch.stack([F.linear(window.flatten(1), weight, bias) for window in windows], dim=2))
    return torch.stack(rows, dim=2)


def _close(got, expected, rtol):
    return bool(((got - expected).abs() <= rtol * (1 + expected.abs())).all())


def _misfit(settings, shape, values):
    """How the convolution's settings differ from those that the layer needs, in words; "" if they do not."""
    channels, height, width = shape
    dtype = str(values[0].dtype)
    wanted = {
        "in_channels": channels, "out_channels": len(values[0]), "kernel_size": (height, width), "stride": (1, 1),
        "padding": (0, 0), "dilation": (1, 1), "groups": 1, "dtype": dtype,
    }  # fmt: skip
    reasons = {
        "kernel_size": "is the kernel as large as the map that linear takes?",
        "stride": "a map of scores has a score for every window",
        "padding": "no window may stick out of the map",
        "dtype": "it should be the same as linear's",
    }
    for name, expected in wanted.items():
        found = settings.get(name)
        if not isinstance(found, (int, str, tuple)) or found != expected:
            reason = f" ({reasons[name]})" if name in reasons else ""
            shown = str(found)[:40] if isinstance(found, (int, str, tuple)) else describe_value(found)
            return f"its {name} should be {expected}, but is {shown}{reason}"
    return ""


@check(points=1)
def test_same_numbers(student, draw):
    """linear_to_conv returns an nn.Conv2d that gives the same numbers as linear for a (height, width) map"""
    for (shape, neurons), batch in zip(MAPS, (6, 1, 3, 2, 4)):
        conv, settings, values = _converted(student, draw, shape, neurons, torch.float32)
        _expect_scores(draw, conv, settings, values, shape, batch, *shape[1:])


@check(points=1, needs=[test_same_numbers])
def test_map_of_scores(student, draw):
    """on a larger map, the convolution gives a map of scores: those of linear for each window"""
    larger = ((3, 2), (1, 4), (0, 3), (2, 0), (2, 3))  # larger by so many rows and columns
    for (shape, neurons), batch, (rows, columns) in zip(MAPS, (2, 1, 3, 4, 2), larger):
        conv, settings, values = _converted(student, draw, shape, neurons, torch.float32)
        _expect_scores(draw, conv, settings, values, shape, batch, shape[1] + rows, shape[2] + columns)


@check(points=0.5, needs=[test_same_numbers])
def test_bias_and_dtype(student, draw):
    """a Linear without bias is converted too, and a float64 Linear becomes a float64 convolution"""
    for (shape, neurons), dtype, bias in zip(MAPS, (torch.float32, torch.float64, torch.float64), (False, True, False)):
        conv, settings, values = _converted(student, draw, shape, neurons, dtype, bias)
        _expect_scores(draw, conv, settings, values, shape, 3, shape[1], shape[2])
        _expect_scores(draw, conv, settings, values, shape, 1, shape[1] + 2, shape[2] + 1)


@check(points=0.5, needs=[test_same_numbers], apart_from_values=True)
def test_refuses_features_that_do_not_agree(student, draw):
    """linear_to_conv raises a ValueError if, and only if, in_features is not channels · height · width"""
    neurons = int(draw.rng.integers(2, 9))
    layer, _ = _linear(student, draw, 24, neurons, torch.float32)
    fits = "linear has 24 inputs, and the map has as many numbers"
    bad = ((2, 3, 5), (2, 3, 3), (4, 3, 4), (2, 3, 2), (1, 4, 5), (24, 24, 1), (1, 5, 5))
    expect_refusals(
        student,
        student.linear_to_conv,
        good=[Given(fits, (layer, *shape)) for shape in ((2, 3, 4), (1, 4, 6), (24, 1, 1), (3, 2, 4))],
        bad=[Given(f"linear has 24 inputs, but the map has {c * h * w} numbers", (layer, c, h, w)) for c, h, w in bad],
    )
