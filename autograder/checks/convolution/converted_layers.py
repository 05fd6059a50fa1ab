"""What is wrong with an nn.Conv2d that was made from a fully-connected layer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.sandbox.host.calls_in_words import describe_value

Settings = dict[str, Any]
Shape = tuple[int, int, int]
"""Channels, height and width of the map that the layer takes."""
_AXES = ("channels", "rows", "columns")


def why_apart(settings: Settings, values: list[Tensor], shape: Shape, again: Callable[[], Settings | None]) -> str:
    """How the convolution's weight and bias differ from those that it should have; "" if that is not clear.

    Args:
        settings: of the convolution, with its weight and bias.
        values: the weight and, if it has one, the bias of the layer.
        shape: of the map.
        again: converts the same layer once more and returns the new convolution's settings.
    """
    weight, bias = settings.get("weight"), settings.get("bias")
    right = values[0].view(len(values[0]), *shape)
    if not isinstance(weight, Tensor) or weight.shape != right.shape or weight.dtype != right.dtype:
        return misfit(settings, shape, values)
    if not torch.equal(weight, right):
        return _why_weights(weight, values[0], shape) or _why_unrelated("weight", weight, right, again)
    if len(values) == 1:
        return "it has biases, but linear has none" if isinstance(bias, Tensor) and bool(bias.any()) else ""
    if bias is None:
        return "the biases are missing"
    if not isinstance(bias, Tensor) or bias.shape != values[1].shape or torch.equal(bias, values[1]):
        return ""
    return f"the weights are right, but {_why_unrelated('bias', bias, values[1], again)}"


def _orders(right: Tensor, shape: Shape) -> Iterator[tuple[str, Tensor]]:
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
    for count in (1, 2, 3):
        for axes in itertools.combinations(range(3), count):
            listed = " and ".join(_AXES[axis] for axis in axes)
            yield f"the {listed} of its weights are in reverse order", kernels.flip([1 + axis for axis in axes])
    yield (
        "the weights of neuron 0 are those of the last one, and so on: the neurons are in reverse order",
        kernels.flip(0),
    )


def _why_weights(weight: Tensor, right: Tensor, shape: Shape) -> str:
    for words, other in _orders(right, shape):
        if torch.equal(weight, other):
            return words
    if torch.equal(weight.flatten().sort().values, right.flatten().sort().values):
        return "its weights are those of linear in another order"
    return ""


def _why_unrelated(name: str, got: Tensor, right: Tensor, again: Callable[[], Settings | None]) -> str:
    """What the numbers are, if they are not those of the layer in another order."""
    theirs = f"its {'weights' if name == 'weight' else 'biases'} are not those of linear"
    return theirs + (
        _way(got, right) or (_repeated(got, right) if name == "weight" else "") or _drawn(name, got, again)
    )


def _way(got: Tensor, right: Tensor) -> str:
    """In what simple way numbers are wrong, with ": ", or ""."""
    got, right = got.double(), right.double()
    if not bool(got.any()):
        return ": they are all 0"
    ratio = float((got * right).sum() / (right * right).sum())
    if torch.allclose(got, ratio * right, rtol=1e-5, atol=1e-7):
        return f": they are those of linear times {ratio:.4g}"
    if torch.allclose(got, right.abs(), rtol=1e-5, atol=1e-7):
        return ": they are the absolute values of linear's"
    if torch.allclose(got, right, rtol=2e-2, atol=1e-4):
        return ": they are equal to a few digits only, as after a conversion to a smaller dtype"
    return ""


def _repeated(weight: Tensor, right: Tensor) -> str:
    """Along which axes all numbers are equal, and what they are, with ": ", or ""."""
    axes = [axis for axis in (1, 2, 3) if right.shape[axis] > 1 and _same_along(weight, axis)]
    if not axes:
        return ""
    all_axes = len(axes) == sum(length > 1 for length in right.shape[1:])
    where = (
        "all numbers of a filter are equal" if all_axes
        else f"all {' and all '.join(_AXES[axis - 1] for axis in axes)} of a filter are equal"
    )  # fmt: skip
    kept = weight.select(axes[0], 0).unsqueeze(axes[0])
    for axis in axes[1:]:
        kept = kept.narrow(axis, 0, 1)
    first = right
    for axis in axes:
        first = first.narrow(axis, 0, 1)
    whats = {
        "the mean of linear's": right.mean(axes, keepdim=True),
        "the sum of linear's": right.sum(axes, keepdim=True),
    }
    whats["the first of linear's"] = first
    what = next((words for words, value in whats.items() if torch.allclose(kept, value, rtol=1e-4, atol=1e-6)), "")
    return f": {where}{f', {what}' if what else ''}"


def _same_along(weight: Tensor, axis: int) -> bool:
    return bool((weight == weight.narrow(axis, 0, 1)).all())


def _drawn(name: str, got: Tensor, again: Callable[[], Settings | None]) -> str:
    """Whether another conversion of the same layer gives other numbers, so that they are random, with ": ", or ""."""
    other = (again() or {}).get(name)
    if not isinstance(other, Tensor) or other.shape != got.shape or torch.equal(other, got):
        return ""
    return (
        ": another call for the same linear gives others, so they are random, as those of a new Conv2d. Do linear's numbers "
        "ever get into the convolution, and does nothing overwrite them?"
    )


def misfit(settings: Settings, shape: Shape, values: list[Tensor]) -> str:
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
