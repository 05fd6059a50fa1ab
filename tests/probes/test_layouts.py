"""A network in the layout of another computes the same function of the same numbers."""

import pytest
import torch
from torch import Tensor, nn

from autograder.probes.layouts import Layout, _role, arranged

C = 4


def numbers(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Separate(nn.Module):
    """Attention with separate layers for queries, keys and values, and a projection."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.proj = (nn.Linear(C, C) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        weights = (self.q(x) @ self.k(x).mT).softmax(-1)
        return self.proj(weights @ self.v(x))


class Fused(nn.Module):
    """The same with one fused layer; the projection is defined first."""

    def __init__(self, bias: bool = True) -> None:
        super().__init__()
        self.out = nn.Linear(C, C, bias=bias)
        self.qkv = nn.Linear(C, 3 * C, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.out((q @ k.mT).softmax(-1) @ v)


class SomeBiases(nn.Module):
    """The same with biases for the values and the projection only."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(C, C, bias=False), nn.Linear(C, C, bias=False)
        self.value, self.final = nn.Linear(C, C), nn.Linear(C, C)

    def forward(self, x: Tensor) -> Tensor:
        return self.final((self.query(x) @ self.key(x).mT).softmax(-1) @ self.value(x))


class Raw(nn.Module):
    """The same with raw tensors, used as x @ W, and no biases."""

    def __init__(self) -> None:
        super().__init__()
        self.W_Q, self.W_K, self.W_V, self.W_O = (nn.Parameter(torch.randn(C, C)) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        return ((x @ self.W_Q) @ (x @ self.W_K).mT).softmax(-1) @ (x @ self.W_V) @ self.W_O


def layout_of(module: nn.Module) -> Layout:
    return [(name, tuple(value.shape)) for name, value in module.named_parameters()]


def same_numbers(first: nn.Module, second: nn.Module) -> None:
    with torch.no_grad():
        for i, pair in enumerate(zip(first.parameters(), second.parameters(), strict=True)):
            for value in pair:
                value.copy_(numbers(i, *value.shape))


@pytest.mark.parametrize(
    "theirs",
    [Fused(), Fused(bias=False), Raw(), SomeBiases(), Separate()],
    ids=["fused", "no biases", "raw", "some", "same"],
)
def test_attentions_in_the_same_layout_give_equal_outputs(theirs: nn.Module):
    theirs = theirs.double()
    ours = arranged(Separate().double(), layout_of(theirs))
    assert ours is not None
    same_numbers(theirs, ours)
    x = numbers(9, 2, 5, C)
    torch.testing.assert_close(ours(x), theirs(x))


def test_the_parameters_have_the_names_and_shapes_of_the_layout():
    layout = layout_of(Fused())
    assert layout_of(arranged(Separate(), layout)) == layout


def test_gradients_reach_the_parameters():
    ours, theirs = arranged(Separate().double(), layout_of(Fused())), Fused().double()
    same_numbers(theirs, ours)
    for module in (ours, theirs):
        module(numbers(9, 2, 5, C)).square().sum().backward()
    for mine, other in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(mine.grad, other.grad)


def test_the_initial_parameters_are_those_of_the_inner_module():
    module, x = Separate(), torch.ones(1, 3, C)
    torch.testing.assert_close(arranged(module, layout_of(Fused()))(x), module(x))


def test_a_convolution_and_a_linear_layer_hold_the_same_numbers():
    layer = arranged(nn.Conv2d(3, 5, 2), [("weight", (5, 12)), ("bias", (5,))])
    assert [tuple(value.shape) for value in layer.parameters()] == [(5, 12), (5,)]


def test_a_layout_with_another_number_of_elements_is_refused():
    assert arranged(nn.Linear(3, 4), layout_of(nn.Linear(4, 4))) is None


def test_mode_and_dtype_reach_the_inner_module():
    inner = nn.Sequential(nn.Linear(C, 3 * C), nn.Dropout())
    outer = arranged(inner, [("w", (C, 3 * C)), ("bias", (3 * C,))])
    outer.eval().double()
    assert not inner[1].training
    assert inner[0].weight.dtype == torch.float64
    outer.train()
    assert inner[1].training


class KeysFirst(Separate):
    """The same layers, defined in another order."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.proj, self.v, self.k, self.q = (nn.Linear(C, C) for _ in range(4))


def test_equal_shapes_in_another_order_are_rearranged():
    theirs = KeysFirst().double()
    ours = arranged(Separate().double(), layout_of(theirs))
    assert ours is not None
    same_numbers(theirs, ours)
    x = numbers(9, 2, 5, C)
    torch.testing.assert_close(ours(x), theirs(x))


def test_a_module_that_has_the_layout_is_returned_unchanged():
    module = Separate()
    assert arranged(module, layout_of(Separate())) is module


def test_raw_tensors_of_the_same_shapes_have_another_layout():
    module = Separate()
    assert arranged(module, [("W_Q", (C, C)), *layout_of(module)[1:]]) is not module


def test_a_parameter_that_is_not_trainable_is_not_part_of_the_layout():
    module = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    module[0].requires_grad_(False)
    layer = arranged(module, [("W", (4, 2)), ("b", (2,))])
    assert layout_of(layer) == [("W", (4, 2)), ("b", (2,))]
    x = numbers(1, 5, 3).float()
    torch.testing.assert_close(layer(x), module(x))


def test_buffers_are_those_of_the_inner_module():
    inner = nn.Sequential(nn.Linear(C, 3 * C), nn.BatchNorm1d(3 * C))
    outer = arranged(inner, [("w", (C, 3 * C)), ("bias", (3 * C,)), ("scale", (3 * C,)), ("shift", (3 * C,))])
    assert [name for name, _ in outer.named_buffers()] == [name for name, _ in inner.named_buffers()]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("q", 0), ("W_Q", 0), ("to_qkv.weight", 0), ("attn.in_proj_weight", 0), ("heads.1.query.bias", 0), ("kernel_q", 0),
        ("k", 1), ("W_K", 1), ("key.weight", 1), ("v", 2), ("Wv", 2), ("values", 2),
        ("proj.weight", 3), ("out.bias", 3), ("W_O", 3), ("final", 3), ("norm.weight", 4), ("fc1", 4),
    ],
)  # fmt: skip
def test_the_role_that_a_name_suggests(name: str, role: int):
    assert _role(name) == role
