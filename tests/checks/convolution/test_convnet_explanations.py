"""Explanations of `convnet`'s layers: each fits the mistake that it names, and no other output."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.convolution.convnet_explanations import ACTIVATIONS, close, explain_layer
from autograder.checks.convolution.convnet_reference import NORMS, WEIGHTS, step
from tests.checks.explanations.answers import random

RTOL = 1e-9
VALUES = {
    f"{layer}.{role}": random(*shape, seed=seed) / 8
    for seed, (layer, weight) in enumerate(WEIGHTS.items())
    for role, shape in (("weight", weight), ("bias", weight[:1]))
}
NORMED = VALUES | {
    f"{conv}.{role}": random(WEIGHTS[conv][0], seed=seed)
    for conv in NORMS.values()
    for seed, role in enumerate(("gamma", "beta", "mean", "var"))
}
NORMED |= {f"{conv}.var": NORMED[f"{conv}.var"].abs() + 0.1 for conv in NORMS.values()}
BEFORE = {
    "conv1": random(2, 3, 6, 6),
    "pool1": random(2, 32, 6, 6),
    "conv2": random(2, 32, 6, 6),
    "pool3": random(2, 64, 5, 5),
    "fc4": random(2, 64, 4, 4),
    "fc5": random(2, 1000),
}


def weight(layer: str) -> Tensor:
    return VALUES[f"{layer}.weight"]


def bias(layer: str) -> Tensor:
    return VALUES[f"{layer}.bias"]


def conv(layer: str, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return F.conv2d(F.pad(x, (2, 2, 2, 2)), weight, bias)


def explanation(layer: str, got: Tensor) -> str:
    return explain_layer(layer, VALUES, BEFORE[layer], got, RTOL).after_colon


# Convolutions and fully-connected layers.

CONV1 = conv("conv1", BEFORE["conv1"], weight("conv1"), bias("conv1"))


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (
            conv("conv1", BEFORE["conv1"].relu(), weight("conv1"), bias("conv1")),
            "a ReLU is applied to the images first",
        ),
        (
            conv("conv1", 2 * BEFORE["conv1"] - 1, weight("conv1"), bias("conv1")),
            "the images are rescaled to 2x − 1 first",
        ),
        (conv("conv1", BEFORE["conv1"], weight("conv1"), None), "its bias is not added"),
        (CONV1.relu(), "its output has already passed a ReLU"),
        (CONV1.tanh(), "its output has already passed a tanh"),
        (
            conv("conv1", BEFORE["conv1"], weight("conv1").flip(2, 3), bias("conv1")),
            "its filters are rotated by 180 degrees",
        ),
        (
            F.conv2d(F.pad(BEFORE["conv1"], (2,) * 4, mode="reflect"), weight("conv1"), bias("conv1")),
            "it uses the padding mode 'reflect' instead of zeros",
        ),
        (
            F.conv2d(F.pad(BEFORE["conv1"], (2,) * 4, mode="circular"), weight("conv1"), bias("conv1")),
            "it uses the padding mode 'circular' instead of zeros",
        ),
    ],
)
def test_a_wrong_first_convolution(got: Tensor, words: str) -> None:
    assert explanation("conv1", got) == f": {words}"


def linear(layer: str, x: Tensor) -> Tensor:
    if layer == "conv2":
        return conv(layer, x, weight(layer), bias(layer))
    return F.linear(x.flatten(1), weight(layer).flatten(1), bias(layer))


@pytest.mark.parametrize(("layer", "above"), [("conv2", "conv1"), ("fc4", "conv3"), ("fc5", "fc4")])
def test_a_missing_relu(layer: str, above: str) -> None:
    assert explanation(layer, linear(layer, BEFORE[layer])) == (
        f": the ReLU after {above} is missing or lets negative numbers pass"
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_another_activation(activation: str) -> None:
    change = ACTIVATIONS[activation]
    assert (
        explanation("fc5", linear("fc5", change(BEFORE["fc5"])))
        == f": fc4 is followed by {activation} instead of a ReLU"
    )


def test_a_layer_without_its_bias() -> None:
    got = linear("fc5", BEFORE["fc5"].relu()) - bias("fc5")
    assert explanation("fc5", got) == ": its bias is not added"


@pytest.mark.parametrize("layer", BEFORE)
def test_of_another_output_nothing_is_said(layer: str) -> None:
    got = step(layer, VALUES, BEFORE[layer])
    assert explanation(layer, got + 0.01 * torch.rand_like(got)) == ""


# Pools, with batch norm and without.

X = BEFORE["pool1"]


def high(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, 2)


def norm(x: Tensor, training: bool = False, eps: float = 1e-5) -> Tensor:
    mean, var, gamma, beta = (NORMED[f"conv1.{role}"][:, None, None] for role in ("mean", "var", "gamma", "beta"))
    if training:
        mean, var = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)
    return (x - mean) / (var + eps).sqrt() * gamma + beta


RIGHT_AFTER = "instead of right after conv1"
POOLED: dict[str, Callable[[], Tensor]] = {
    "there is no batch norm between conv1 and pool1": lambda: high(X).relu(),
    f"batch norm comes after the ReLU {RIGHT_AFTER}": lambda: high(norm(X.relu()).relu()),
    f"batch norm comes after pool1 {RIGHT_AFTER}": lambda: norm(high(X)).relu(),
    f"batch norm comes after pool1 and its ReLU {RIGHT_AFTER}": lambda: norm(high(X).relu()).relu(),
    "in evaluation it normalizes by statistics of the batch instead of the running ones": lambda: high(
        norm(X, True)
    ).relu(),
    "each image is normalized by its own mean and variance": lambda: high(
        torch.cat([norm(x[None], True) for x in X])
    ).relu(),
    "batch norm's eps is 0.001 instead of 1e-5": lambda: high(norm(X, eps=1e-3)).relu(),
    "batch norm is applied twice": lambda: high(norm(norm(X))).relu(),
    "it takes the average instead of the maximum": lambda: F.avg_pool2d(norm(X).relu(), 2, 2),
    "its windows are 3×3 and overlap, but should be 2×2 side by side": lambda: F.max_pool2d(
        norm(X).relu(), 3, 2, padding=1
    ),
    "it takes every second pixel instead of the maximum": lambda: norm(X).relu()[..., ::2, ::2],
    "conv1 is followed by a tanh instead of a ReLU": lambda: high(norm(X).tanh()).relu(),
}


@pytest.mark.parametrize("words", POOLED)
def test_a_wrong_pool_with_batch_norm(words: str) -> None:
    assert explain_layer("pool1", NORMED, X, POOLED[words](), RTOL).after_colon == f": {words}"


def test_the_average_of_what_has_not_passed_its_relu() -> None:
    got = F.avg_pool2d(norm(X), 2, 2).relu()
    assert explain_layer("pool1", NORMED, X, got, RTOL).after_colon == ": it takes the average instead of the maximum"


def test_running_statistics_in_training() -> None:
    got = high(norm(X)).relu()
    words = "in training it normalizes by running statistics instead of those of the batch"
    assert explain_layer("pool1", NORMED, X, got, RTOL, training=True).after_colon == f": {words}"


def test_of_a_single_image_the_batch_is_not_blamed() -> None:
    """Its own statistics and those of the batch are the same."""
    got = high(norm(X[:1], True)).relu()
    words = "each image is normalized by its own mean and variance"
    assert explain_layer("pool1", NORMED, X[:1], got, RTOL).after_colon == f": {words}"


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (F.avg_pool2d(X.relu(), 2, 2), ": it takes the average instead of the maximum"),
        (X.relu()[..., ::2, ::2], ": it takes every second pixel instead of the maximum"),
        (high(F.elu(X)).relu() + 0.01, ""),
        (norm(high(X)).relu(), ""),
    ],
)
def test_a_wrong_pool_without_batch_norm(got: Tensor, words: str) -> None:
    assert explain_layer("pool1", VALUES, X, got, RTOL).after_colon == words


# Shapes.


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        ("conv1", (2, 32, 2, 2), ": with a padding of 2, a 5×5 convolution keeps the size"),
        ("conv1", (2, 32, 4, 4), ": with a padding of 2, a 5×5 convolution keeps the size"),
        ("conv1", (2, 16, 6, 6), ": does the convolution have the right number of filters?"),
        ("conv1", (2, 32, 8, 8), ""),
        (
            "pool3",
            (2, 64, 2, 2),
            ": the last window, only half of which is in the image, is left out: is ceil_mode set?",
        ),
        ("pool1", (2, 32, 6, 6), ""),
        ("fc5", (2, 100), ""),
    ],
)
def test_a_wrong_shape(layer: str, shape: tuple[int, ...], words: str) -> None:
    assert explanation(layer, torch.zeros(shape)) == words


def test_half_the_size_is_a_matter_of_the_stride_and_not_of_padding() -> None:
    images = random(2, 3, 32, 32)
    assert explain_layer("conv1", VALUES, images, torch.zeros(2, 32, 16, 16), RTOL).after_colon == ""


def test_numbers_are_close_up_to_the_tolerance() -> None:
    one = torch.tensor([0.0, 100.0]).double()
    assert close(one, one + torch.tensor([0.9e-3, 0.09]), 1e-3)
    assert not close(one, one + torch.tensor([1.1e-3, 0]), 1e-3)
    assert not close(one, one + torch.tensor([0, 0.11]), 1e-3)
    assert not close(one, one[:1], 1e-3)
    assert not close(one, one * torch.nan, 1e-3)
