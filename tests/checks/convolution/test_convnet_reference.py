"""The network of `convnet` in the grader is torch's, and every way to store its numbers is read."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks.convolution.convnet_reference import (
    LAYERS,
    NORMS,
    WEIGHTS,
    Number,
    Values,
    assignments,
    candidates,
    in_roles,
    normalize,
    outputs,
    step,
    vectors,
    weights,
)
from tests.checks.explanations.answers import random


class Network(nn.Module):
    """As a student may write it."""

    def __init__(self, batch_norm: bool) -> None:
        super().__init__()
        shapes = ((3, 32), (32, 64), (64, 64))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 5, padding=2) for a, b in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) if batch_norm else nn.Identity() for _, b in shapes)
        self.fc4, self.fc5 = nn.Linear(1024, 1000), nn.Linear(1000, 10)

    def forward(self, x: Tensor) -> Tensor:
        for number, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = F.max_pool2d(F.relu(norm(conv(x))), 2, ceil_mode=number == 2)
        scores: Tensor = self.fc5(F.relu(self.fc4(x.flatten(1))))
        return scores


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "batch norm"])
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(0)
    made = Network(request.param).double()
    for number, (name, value) in enumerate(made.named_buffers()):
        if "running" in name:
            value.copy_(random(*value.shape, seed=number).abs() + 0.1)
    return made


def numbers_of(network: nn.Module) -> tuple[list[Number], list[Tensor]]:
    """The network's tensors as a probe lists them."""
    trainable = [(name, value.detach(), True) for name, value in network.named_parameters()]
    buffers = [(name, value, False) for name, value in network.named_buffers() if value.is_floating_point()]
    listed = [
        Number(place, name, tuple(value.shape), str(value.dtype), learns)
        for place, (name, value, learns) in enumerate([*trainable, *buffers])
    ]
    return listed, [value for _, value, _ in [*trainable, *buffers]]


def by_name(network: nn.Module) -> Values:
    found = dict(network.named_parameters()) | dict(network.named_buffers())
    roles: Values = {}
    for number in range(3):
        conv = f"conv{number + 1}"
        roles |= {f"{conv}.{role}": found[f"convs.{number}.{role}"] for role in ("weight", "bias")}
        for role, name in (("gamma", "weight"), ("beta", "bias"), ("mean", "running_mean"), ("var", "running_var")):
            if f"norms.{number}.{name}" in found:
                roles[f"{conv}.{role}"] = found[f"norms.{number}.{name}"]
    for layer in ("fc4", "fc5"):
        roles |= {f"{layer}.{role}": found[f"{layer}.{role}"] for role in ("weight", "bias")}
    return {role: value.detach() for role, value in roles.items()}


IMAGES = random(3, 3, 32, 32)


@pytest.mark.parametrize("training", [False, True])
def test_the_scores_are_those_of_torchs_modules(network: Network, training: bool) -> None:
    found = outputs(by_name(network), IMAGES, training)
    assert len(found) == len(LAYERS)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with torch.no_grad():
        expected = network.train(training)(IMAGES)
    network.load_state_dict(before)
    torch.testing.assert_close(found[-1], expected)


def test_each_layer_comes_from_the_one_before(network: Network) -> None:
    values, found = by_name(network), [IMAGES, *outputs(by_name(network), IMAGES)]
    for number, layer in enumerate(LAYERS):
        assert torch.equal(step(layer, values, found[number]), found[number + 1])
    assert [tuple(output.shape[1:]) for output in found[1:]] == [
        (32, 32, 32), (32, 16, 16), (64, 16, 16), (64, 8, 8), (64, 8, 8), (64, 4, 4), (1000,), (10,),
    ]  # fmt: skip


def test_the_last_pool_alone_keeps_half_a_window() -> None:
    assert step("pool3", {}, random(1, 64, 5, 7)).shape == (1, 64, 3, 4)
    assert step("pool2", {}, random(1, 64, 5, 7)).shape == (1, 64, 2, 3)


def test_without_batch_norm_nothing_is_normalized() -> None:
    assert normalize("conv1", {}, IMAGES, True) is IMAGES


# Roles.


def in_use(numbers: list[Number]) -> list[int]:
    """Their places in the order in which the network uses them: each convolution, its norm, then the layers."""
    places = {number.name: number.index for number in numbers}
    names = [
        f"{kind}.{layer}.{name}"
        for layer in range(3)
        for kind, name in (
            ("convs", "weight"), ("convs", "bias"), ("norms", "weight"), ("norms", "bias"),
            ("norms", "running_mean"), ("norms", "running_var"),
        )
    ]  # fmt: skip
    names += [f"{layer}.{name}" for layer in ("fc4", "fc5") for name in ("weight", "bias")]
    return [places[name] for name in names if name in places]


def test_numbers_in_the_order_of_their_use_have_their_roles_at_once(network: Network) -> None:
    batch_norm = isinstance(network.norms[0], nn.BatchNorm2d)
    numbers, values = numbers_of(network)
    found = in_roles(next(assignments(numbers, in_use(numbers), batch_norm)), values)
    expected = by_name(network)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[role].flatten(), expected[role].flatten()) for role in expected)


def test_other_orders_follow() -> None:
    """Scale and shift the other way round, say, as raw parameters may be listed."""
    numbers, _ = numbers_of(Network(True))
    given = list(itertools.islice(assignments(numbers, in_use(numbers), True), 40))
    orders = {
        tuple(roles[f"conv1.{role}"].index for role in ("bias", "gamma", "beta", "mean", "var")) for roles in given
    }
    assert len(orders) == 12


def test_the_order_of_a_listing_may_be_reversed() -> None:
    numbers, _ = numbers_of(Network(False))
    first, second = itertools.islice(assignments(numbers, in_use(numbers), False), 2)
    assert second["conv2.bias"] == first["conv3.bias"]
    assert second["conv3.bias"] == first["conv2.bias"]


def test_vectors_in_another_order_than_they_are_used_in() -> None:
    """conv3 is defined before conv2, and both have 64 filters: the order of use tells their biases apart."""
    network = Network(False)
    network.convs = nn.ModuleList([network.convs[0], network.convs[2], network.convs[1]])
    numbers, values = numbers_of(network)
    used = [0, 1, 4, 5, 2, 3, *range(6, len(numbers))]
    first = in_roles(next(assignments(numbers, used, False)), values)
    assert torch.equal(first["conv2.bias"], network.convs[2].bias)
    assert torch.equal(first["conv3.bias"], network.convs[1].bias)


def test_where_a_vector_is_missing_there_is_no_assignment() -> None:
    numbers, _ = numbers_of(nn.Conv2d(3, 32, 5))
    assert list(assignments(numbers, [0, 1], False)) == []


def stored(
    layer: str, axes: tuple[int, ...], shape: tuple[int, ...] | None = None
) -> tuple[list[Number], Tensor, Tensor]:
    right = random(*WEIGHTS[layer])
    value = right.permute(axes).reshape(shape or [WEIGHTS[layer][axis] for axis in axes]).contiguous()
    return [Number(0, "W", tuple(value.shape), "torch.float64", True)], value, right


@pytest.mark.parametrize(
    ("layer", "axes", "shape"),
    [
        ("conv1", (0, 1, 2, 3), None),
        ("conv1", (0, 1, 2, 3), (32, 75)),
        ("conv1", (1, 2, 3, 0), (75, 32)),
        ("conv2", (1, 0, 2, 3), None),
        ("conv2", (2, 3, 1, 0), None),
        ("conv2", (2, 3, 0, 1), None),
        ("conv2", (2, 3, 1, 0), (25, 2048)),
        ("fc4", (0, 1, 2, 3), (1000, 1024)),
        ("fc4", (1, 2, 3, 0), (1024, 1000)),
        ("fc4", (0, 2, 3, 1), (1000, 1024)),
        ("fc4", (0, 1, 2, 3), None),
        ("fc5", (0, 1), None),
        ("fc5", (1, 0), None),
    ],
)
def test_a_weight_is_read_whatever_its_layout(layer: str, axes: tuple[int, ...], shape: tuple[int, ...] | None) -> None:
    numbers, value, right = stored(layer, axes, shape)
    readings = [in_roles(roles, [value])[f"{layer}.weight"] for roles in weights(layer, numbers)]
    assert any(torch.equal(reading, right) for reading in readings)
    assert all(reading.shape == right.shape for reading in readings)


@pytest.mark.parametrize(
    ("shape", "trainable"), [((75, 33), True), ((32, 3, 5, 5), False), ((2400,), True), ((16, 150), True)]
)
def test_what_is_no_weight_of_this_layer(shape: tuple[int, ...], trainable: bool) -> None:
    found = weights("conv1", [Number(0, "W", shape, "torch.float32", trainable)])
    assert bool(found) is (shape == (2400,))  # one axis is all of them joined


def test_vectors_are_given_their_roles_in_every_order() -> None:
    numbers = [Number(i, "b", (1, 32), "torch.float32", True) for i in range(2)]
    numbers += [Number(2, "mean", (32,), "torch.float32", False), Number(3, "b", (64,), "torch.float32", True)]
    found = [(roles["gamma"].index, roles["beta"].index) for roles in vectors(("gamma", "beta"), 32, numbers, True)]
    assert found == [(0, 1), (1, 0)]
    assert [roles["mean"].index for roles in vectors(("mean",), 32, numbers, False)] == [2]


def test_candidates_of_a_layer(network: Network) -> None:
    numbers, values = numbers_of(network)
    batch_norm = isinstance(network.norms[0], nn.BatchNorm2d)
    for layer in LAYERS:
        found = list(candidates(layer, numbers, batch_norm))
        if layer in NORMS:
            # gamma, beta and bias of one size in any order, times mean and variance; conv2 and conv3 share a size
            vectors_there = 3 if layer == "pool1" else 6
            pairs = vectors_there * (vectors_there - 1)
            statistics = 2 if layer == "pool1" else 4 * 3
            assert len(found) == (pairs * statistics if batch_norm else 1)
        else:
            biases = {role.index for roles in found if (role := roles.get(f"{layer}.bias")) is not None}
            assert {numbers[index].size for index in biases} == {WEIGHTS[layer][0]}
            assert any(f"{layer}.bias" not in roles for roles in found) is (batch_norm and layer.startswith("conv"))
            assert all(f"{layer}.weight" in roles for roles in found)
    assert len(values) == len(numbers)


def test_without_biases_batch_norm_takes_the_vectors() -> None:
    network = Network(True)
    for conv in network.convs:
        conv.register_parameter("bias", None)
    numbers, values = numbers_of(network)
    first = next(assignments(numbers, list(range(len(numbers))), True))
    assert "conv1.bias" not in first
    assert in_roles(first, values)["conv2.gamma"].shape == (64,)
    assert "fc4.bias" in first
