"""What is wrong with an nn.Conv2d that was made from a fully-connected layer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checks.convolution.findings import Finding, established
from autograder.checks.explanations.context import shown_factor
from autograder.sandbox.host.calls_in_words import describe_value

Settings = dict[str, Any]
Shape = tuple[int, int, int]
"""Channels, height and width of the map that the layer takes."""
_AXES = ("channels", "rows", "columns")


def why_apart(settings: Settings, values: list[Tensor], shape: Shape, again: Callable[[], Settings | None]) -> Finding:
    """How the convolution's weight and bias differ from those that it should have; nothing if that is not clear.

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
    if not _same(weight, right):
        known = _why_weights(weight, values[0], shape)
        if known:
            return known
        why = _why_unrelated("weight", weight, right, again)
        return Finding(why.words + _biases_too(weight, right, bias, values), why.mistake)
    if len(values) == 1:
        has_biases = isinstance(bias, Tensor) and bool(bias.any())
        return established("it has biases, but linear has none") if has_biases else Finding()
    if bias is None:
        return established("the biases are missing")
    if not isinstance(bias, Tensor) or bias.shape != values[1].shape or _same(bias, values[1]):
        return Finding()
    why = _why_unrelated("bias", bias, values[1], again)
    return Finding(f"the weights are right, but {why.words}", why.mistake)


def _biases_too(weight: Tensor, right: Tensor, bias: Any, values: list[Tensor]) -> str:
    """Whether the same filters have wrong biases as have wrong weights, if not all have; "" otherwise."""
    filters = _wrong(weight, right).flatten(1).any(1)
    if len(values) == 1 or not isinstance(bias, Tensor) or bias.shape != values[1].shape or bool(filters.all()):
        return ""
    return "; the same filters have wrong biases" if torch.equal(_wrong(bias, values[1]), filters) else ""


def _same(got: Tensor, right: Tensor) -> bool:
    """Whether the numbers are equal up to the rounding of their dtype."""
    return bool((~_wrong(got, right)).all())


def _wrong(got: Tensor, right: Tensor) -> Tensor:
    """Where numbers differ by more than the rounding of their dtype."""
    close: Tensor = (got - right).abs() <= 8 * torch.finfo(right.dtype).eps * right.abs()
    return ~close


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


def _why_weights(weight: Tensor, right: Tensor, shape: Shape) -> Finding:
    for words, other in _orders(right, shape):
        if torch.equal(weight, other):
            return established(words)
    of_others = _of_other_neurons(weight.flatten(1), right)
    if of_others:
        return established(of_others)
    if torch.equal(weight.flatten().sort().values, right.flatten().sort().values):
        return Finding("its weights are those of linear in another order")
    return Finding()


def _of_other_neurons(filters: Tensor, right: Tensor) -> str:
    """Which filters have the weights of which other neurons, if that is all that is wrong; "" otherwise."""
    if right.shape[1] < 2:
        return ""  # a single number may be equal by chance
    moved = {}
    for number, row in enumerate(filters):
        found = [neuron for neuron, weights in enumerate(right) if torch.equal(row, weights)]
        if not found:
            return ""
        if number not in found:
            moved[number] = found[0]
    listed = [f"filter {number} has the weights of neuron {neuron}" for number, neuron in moved.items()]
    more = f", and so on, {len(listed)} filters in all" if len(listed) > 3 else ""
    return f"{', '.join(listed[:3])}{more} (counted from 0): filter i should have those of neuron i"


def _why_unrelated(name: str, got: Tensor, right: Tensor, again: Callable[[], Settings | None]) -> Finding:
    """What the numbers are, if they are not those of the layer in another order."""
    kind = "weights" if name == "weight" else "biases"
    few = _few_digits(got, right)
    if few:
        return _joined(f"its {kind} are equal to those of linear ", few)
    repeated = _repeated(got, right) if name == "weight" else Finding()
    for axis, there in () if repeated else _slices(_wrong(got, right)):
        ours, theirs = (value.index_select(axis, torch.tensor(there)) for value in (got, right))
        start = f"its {kind} are those of linear except {_where(axis, there, got.shape[axis])}"
        few = _few_digits(ours, theirs)
        if few:
            return _joined(f"{start}: there they are right ", few)
        what = _way(ours, theirs) or _drawn(name, got, again, axis, there)
        return _joined(f"{start}: ", what) if what else Finding(start)
    start, what = f"its {kind} are not those of linear", _way(got, right) or repeated or _drawn(name, got, again)
    return _joined(f"{start}: ", what) if what else Finding(start)


def _joined(start: str, what: Finding) -> Finding:
    """The finding with more words in front, which belong to the mistake."""
    return Finding(start + what.words, start + what.mistake if what.mistake else "")


def _slices(wrong: Tensor) -> Iterator[tuple[int, list[int]]]:
    """The axis and the places on it that have all wrong numbers, if half of the axis or more is right; the smallest share."""
    found = []
    for axis, length in enumerate(wrong.shape):
        others = tuple(other for other in range(wrong.dim()) if other != axis)
        there = (wrong.any(dim=others) if others else wrong).nonzero().flatten().tolist()
        if len(there) < length and (len(there) == 1 or 2 * len(there) <= length):
            found.append((len(there) / length, axis, there))
    yield from ((axis, there) for _, axis, there in sorted(found)[:1])


def _where(axis: int, there: list[int], length: int) -> str:
    """Slices of an axis in words, such as "in filter 4, the last of 5"."""
    one = ("filter", "channel", "row", "column")[axis]
    if len(there) == 1:
        place = {0: "the first", length - 1: "the last"}.get(there[0], "counted from 0, one")
        return f"in {one} {there[0]}, {place} of {length}"
    return f"in {one}s {', '.join(map(str, there[:6]))}{', …' * (len(there) > 6)}, counted from 0, of {length}"


def _few_digits(got: Tensor, right: Tensor) -> Finding:
    """To how many digits numbers are right, if it is a few at least, and the dtype that they are exact in."""
    got, right = got.double(), right.double()
    error = float(((got - right).abs() / (right.abs() + 1e-3 * right.abs().max())).max()) if right.any() else 1.0
    if not error < 2e-2:
        return Finding()
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        if torch.equal(got, right.to(dtype).double()):
            return established(f"to {error:.0e} only, as after a conversion to {str(dtype).removeprefix('torch.')}")
    ratio = float((got * right).sum() / (right * right).sum())
    if abs(ratio - 1) > 1e-3 and torch.allclose(got, ratio * right, rtol=1e-5, atol=1e-7):
        return Finding()  # a factor such as 0.99 says more
    return Finding(
        f"to {error:.0e} only: is a part computed in a lower precision, or rounded, or is something small added?"
    )


def _way(got: Tensor, right: Tensor) -> Finding:
    """In what simple way numbers are wrong."""
    got, right = got.double(), right.double()
    if not bool(got.any()):
        return established("they are all 0")
    if got.numel() < 2:
        return Finding()  # any number is a multiple of another
    ratio = float((got * right).sum() / (right * right).sum())
    if torch.allclose(got, ratio * right, rtol=1e-5, atol=1e-7):
        return established(f"they are those of linear times {shown_factor(ratio)}")
    if torch.allclose(got, right.abs(), rtol=1e-5, atol=1e-7):
        return established("they are the absolute values of linear's")
    return Finding()


def _repeated(weight: Tensor, right: Tensor) -> Finding:
    """Along which axes all numbers are equal, and what they are."""
    axes = [axis for axis in (1, 2, 3) if right.shape[axis] > 1 and _same_along(weight, axis)]
    if not axes:
        return Finding()
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
    return established(f"{where}{f', {what}' if what else ''}")


def _same_along(weight: Tensor, axis: int) -> bool:
    return bool((weight == weight.narrow(axis, 0, 1)).all())


def _drawn(
    name: str, got: Tensor, again: Callable[[], Settings | None], axis: int = 0, there: Sequence[int] | None = None
) -> Finding:
    """Whether another conversion of the same layer gives other numbers.

    there: the places on the axis that are wrong; None if all are.
    """
    settings = again() or {}
    other, weight = settings.get(name), settings.get("weight")
    if not isinstance(other, Tensor) or other.shape != got.shape or not isinstance(weight, Tensor) or not len(weight):
        return Finding()
    places = torch.arange(got.shape[axis]) if there is None else torch.tensor(list(there))
    differs, ours = (values.index_select(axis, places) for values in (other != got, got))
    if not bool(differs.any()):
        return Finding()
    where = " there" if there is not None else ""
    start = f"another call for the same linear gives other numbers{where}, so"
    if not bool(differs.all()) or bool((ours.abs() > weight[0].numel() ** -0.5).any()):
        return established(f"{start} something random is in them")
    start = f"{start} they are random, as those of a new Conv2d"
    if there is not None:
        return established(start, ": linear's are not copied there")
    return established(start, ". Do linear's numbers ever get into the convolution, and does nothing overwrite them?")


def misfit(settings: Settings, shape: Shape, values: list[Tensor]) -> Finding:
    """How the convolution's settings differ from those that the layer needs; nothing if they do not."""
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
            return established(f"its {name} should be {expected}, but is {shown}", reason)
    return Finding()
