"""A fully-connected layer as a convolution: its output is compared with that of the layer on every window of a map."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close
from autograder.checks.convolution.converted_layers import misfit, why_apart
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
    """The result of linear_to_conv for a random layer, its settings, the layer's parameters, and what converts it again.

    Fails if it changes the layer."""
    layer, values = _linear(student, draw, shape[0] * shape[1] * shape[2], neurons, dtype, bias)
    conv, settings = _convert(student, layer, shape)
    if not isinstance(settings, dict):
        forgot = ": is a return missing?" if conv is None else ""
        parts = student.probe("linear_as_conv.parts", conv) if isinstance(conv, Handle) else None
        made_of = (
            f" made of {', '.join(str(part)[:40] for part in parts[:6])}" if isinstance(parts, list) and parts else ""
        )
        found = f"linear_to_conv should return an nn.Conv2d, but returned {describe_value(conv)}{made_of}"
        raise CheckFailed(found + forgot, mistake=found if made_of else "")
    _expect_as_it_was(student, layer, values)

    def again():
        with student.random_state(draw.seed()):
            return _convert(student, layer, shape)[1]

    return conv, settings, values, again


def _convert(student, layer, shape):
    conv = student.linear_to_conv(layer, *shape)
    return conv, student.probe("linear_as_conv.settings", conv) if isinstance(conv, Handle) else None


def _expect_as_it_was(student, layer, values):
    found = student.probe("linear_as_conv.state", layer)
    weight, bias, trainable = found if isinstance(found, tuple) and len(found) == 3 else (None, None, None)
    for name, now, before in zip(("weight", "bias"), (weight, bias), (*values, None)):
        shape = tuple(now.shape) if isinstance(now, torch.Tensor) else None
        if shape != (None if before is None else tuple(before.shape)):
            mistake = f"linear_to_conv changes linear: the shape of its {name} is {shape} afterwards"
            raise CheckFailed(mistake, mistake=mistake)
        if before is not None and (now.dtype != before.dtype or not torch.equal(now, before)):
            mistake = f"linear_to_conv changes linear: its {name} has other values afterwards"
            raise CheckFailed(mistake, mistake=mistake)
    if trainable is not True:
        mistake = "linear_to_conv changes linear: its parameters are not trainable any more"
        raise CheckFailed(mistake, mistake=mistake)


def _expect_scores(draw, converted, shape, batch, height, width):
    """Fails unless the convolution gives the same as the layer on every window of a (height, width) map."""
    conv, settings, values, again = converted
    dtype = values[0].dtype
    x = draw.normal(batch, shape[0], height, width, dtype=dtype)
    expected = _slid(x, shape, values[0], values[1] if len(values) > 1 else None)
    what = f"on a map of {height}×{width} the result of linear_to_conv(linear, {', '.join(map(str, shape))})"
    try:
        got = conv(x)
    except Raised as error:
        why = misfit(settings, shape, values)
        if why:
            raise CheckFailed(f"{what} cannot run: {why.words}", mistake=why.mistake) from None
        raise error
    if isinstance(got, torch.Tensor) and tuple(got.shape) != tuple(expected.shape):
        why = misfit(settings, shape, values)
        found = f"{what} should have shape {tuple(expected.shape)}, but has {tuple(got.shape)}"
        raise CheckFailed(f"{found}{why.after_colon}", mistake=why.mistake)
    got = as_tensor(what, got, tuple(expected.shape), dtype)
    rtol = TOLERANCE[dtype]
    if not _close(got, expected, rtol):
        why = why_apart(settings, values, shape, again)
        if why:
            raise CheckFailed(f"{what} differs from linear: {why.words}", mistake=why.mistake)
    expect_close(what, got, expected, rtol=rtol)


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


@check(points=1)
def test_same_numbers(student, draw):
    """linear_to_conv returns an nn.Conv2d that gives the same numbers as linear for a (height, width) map"""
    for (shape, neurons), batch in zip(MAPS, (6, 1, 3, 2, 4)):
        converted = _converted(student, draw, shape, neurons, torch.float32)
        _expect_scores(draw, converted, shape, batch, *shape[1:])


@check(points=1, needs=[test_same_numbers])
def test_map_of_scores(student, draw):
    """on a larger map, the convolution gives a map of scores: those of linear for each window"""
    larger = ((3, 2), (1, 4), (0, 3), (2, 0), (2, 3))  # larger by so many rows and columns
    for (shape, neurons), batch, (rows, columns) in zip(MAPS, (2, 1, 3, 4, 2), larger):
        converted = _converted(student, draw, shape, neurons, torch.float32)
        _expect_scores(draw, converted, shape, batch, shape[1] + rows, shape[2] + columns)


@check(points=0.5, needs=[test_same_numbers])
def test_bias_and_dtype(student, draw):
    """a Linear without bias is converted too, and a float64 Linear becomes a float64 convolution"""
    for (shape, neurons), dtype, bias in zip(MAPS, (torch.float32, torch.float64, torch.float64), (False, True, False)):
        converted = _converted(student, draw, shape, neurons, dtype, bias)
        _expect_scores(draw, converted, shape, 3, shape[1], shape[2])
        _expect_scores(draw, converted, shape, 1, shape[1] + 2, shape[2] + 1)


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
