"""The two-layer tanh network, computed in the grader; finds out which of a model's parameters is which."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checks.cause import Cause, failed, mistake_of
from autograder.checks.failure import CheckFailed

Sizes = tuple[int, int, int]
"""nx, nh, ny."""
OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "a softmax": lambda scores: scores.softmax(1),
    "a log-softmax": lambda scores: scores.log_softmax(1),
    "a tanh": torch.tanh,
    "a sigmoid": torch.sigmoid,
    "a ReLU": torch.relu,
}
"""Functions that a model may wrongly apply to its scores."""
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "a ReLU": torch.relu,
    "a sigmoid": torch.sigmoid,
    "no activation": lambda h: h,
    "a GELU": torch.nn.functional.gelu,
    "a leaky ReLU": torch.nn.functional.leaky_relu,
    "a softmax": lambda h: h.softmax(1),
    "a tanh applied twice": lambda h: h.tanh().tanh(),
}
"""Functions that a model may wrongly have in place of its tanh."""


@dataclass(frozen=True)
class TwoLayers:
    """Wh (nh, nx), bh (nh,), Wy (ny, nh), by (ny,), all float64."""

    Wh: Tensor
    bh: Tensor
    Wy: Tensor
    by: Tensor

    def __call__(self, X: Tensor) -> Tensor:
        """(batch, nx) → (batch, ny) scores."""
        return torch.tanh(X.double() @ self.Wh.T + self.bh) @ self.Wy.T + self.by

    @property
    def blocks(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.Wh, self.bh, self.Wy, self.by

    def gradient(self, X: Tensor, Y: Tensor) -> TwoLayers:
        """The gradient of the mean cross-entropy of X (batch, nx), one-hot Y (batch, ny), for each block."""
        leaves = [value.detach().clone().requires_grad_() for value in self.blocks]
        loss = torch.nn.functional.cross_entropy(TwoLayers(*leaves)(X), Y.double())
        return TwoLayers(*torch.autograd.grad(loss, leaves))

    def plus(self, other: TwoLayers, scale: float) -> TwoLayers:
        """The sum of this and `scale` times the other, block by block."""
        return TwoLayers(*(a + scale * b for a, b in zip(self.blocks, other.blocks)))

    def loss(self, X: Tensor, Y: Tensor) -> float:
        """The mean cross-entropy."""
        return float(torch.nn.functional.cross_entropy(self(X), Y.double()))

    def step(self, X: Tensor, Y: Tensor, eta: float) -> TwoLayers:
        """One step of gradient descent on that loss."""
        return self.plus(self.gradient(X, Y), -eta)

    def distance(self, other: TwoLayers) -> float:
        """The largest absolute difference between corresponding numbers."""
        return max(float((a - b).abs().max()) for a, b in zip(self.blocks, other.blocks))


def accuracy_of(network: TwoLayers, x: Tensor, labels: Tensor) -> float:
    """The fraction of examples x (n, nx) whose highest score is at their label (n,)."""
    return float((network(x).argmax(1) == labels).double().mean())


def find_roles(parameters: list[tuple[str, Tensor]], sizes: Sizes, X: Tensor, scores: Tensor, rtol: float) -> TwoLayers:
    """Finds out which parameter is which by comparing scores.

    Weights may be stored as (out, in) or (in, out), biases may have any shape, and all may be one flat vector. Raises
    CheckFailed if no assignment gives the scores that the model returned.
    """
    nx, nh, ny = sizes
    expect_count(parameters, sizes)
    values = [value.double() for _, value in parameters]
    for candidate in _assignments(values, nx, nh, ny):
        if _close(candidate(X), scores, rtol):
            return candidate
    raise failed(_explain_scores(values, nx, nh, ny, X, scores, rtol))


def expect_count(parameters: list[tuple[str, Tensor]], sizes: Sizes) -> None:
    """Fails unless the model has as many trainable numbers as two linear layers with biases."""
    nx, nh, ny = sizes
    count = nh * nx + nh + ny * nh + ny
    if not parameters:
        raise CheckFailed(
            "the model has no trainable parameters: a module knows its layers only if each is an attribute of it, or in an "
            "nn.Sequential or nn.ModuleList that is one; a layer in a plain list or dict, or a tensor, is not found"
        )
    have = sum(value.numel() for _, value in parameters)
    if have != count:
        seen = _explain_count(have, nx, nh, ny)
        raise CheckFailed(
            f"the model should have {count} trainable numbers for nx={nx}, nh={nh}, ny={ny} (two linear layers with "
            f"biases), but {seen}: {_listing(parameters)}",
            mistake=mistake_of(seen),
        )


def _explain_count(have: int, nx: int, nh: int, ny: int) -> str:
    counts = {
        "as many as without biases": nh * nx + ny * nh,
        "as many as without the bias of the output layer": nh * nx + nh + ny * nh,
        "as many as without the bias of the hidden layer": nh * nx + ny * nh + ny,
        "as many as one layer from nx to ny": ny * nx + ny,
        "as many as the first layer alone": nh * nx + nh,
        "as many as the output layer alone": ny * nh + ny,
        "as many as with a second hidden layer": nh * nx + nh + nh * nh + nh + ny * nh + ny,
    }
    found = [words for words, count in counts.items() if count == have]
    return Cause(f"has {have}, {found[0]}") if len(found) == 1 else f"has {have}"


def _assignments(values: list[Tensor], nx: int, nh: int, ny: int) -> Iterator[TwoLayers]:
    wanted = (nh * nx, nh, ny * nh, ny)
    if len(values) == 1:  # one flat vector, in any order of the four blocks
        for order in itertools.permutations(range(4)):
            blocks = dict(zip(order, torch.split(values[0].flatten(), [wanted[i] for i in order])))
            yield from _layouts([blocks[i] for i in range(4)], nx, nh, ny)
        return
    for chosen in itertools.permutations(values, 4) if len(values) == 4 else ():
        if tuple(value.numel() for value in chosen) == wanted:
            yield from _layouts(list(chosen), nx, nh, ny)


def _layouts(blocks: list[Tensor], nx: int, nh: int, ny: int) -> Iterator[TwoLayers]:
    """All readings of the weights as (out, in) or (in, out)."""
    first, bh, second, by = (block.reshape(-1) for block in blocks)
    for Wh in (first.reshape(nh, nx), first.reshape(nx, nh).T):
        for Wy in (second.reshape(ny, nh), second.reshape(nh, ny).T):
            yield TwoLayers(Wh, bh, Wy, by)


def _explain_scores(values: list[Tensor], nx: int, nh: int, ny: int, X: Tensor, scores: Tensor, rtol: float) -> str:
    """Explains scores that no assignment gives by trying other networks."""
    for net in _assignments(values, nx, nh, ny):
        for words, wrong in _other_networks(net, X.double()):
            if _close(wrong, scores, rtol):
                return Cause(words)
    if not scores.any():
        return "the model's scores are zero everywhere, whatever its parameters are"
    return (
        "the model's scores are not tanh(X Whᵀ + bh) Wyᵀ + by, whichever of its parameters is taken for which; their sizes "
        "are right, so look at how forward uses them"
    )


def _other_networks(net: TwoLayers, X: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Scores of wrong networks with these parameters, by what is wrong."""
    before = X @ net.Wh.T + net.bh
    h, out = torch.tanh(before), net(X)
    for name, change in OUTPUTS.items():
        yield f"the model ends in {name}, but should return scores: the loss expects scores", change(out)
    for name, activation in ACTIVATIONS.items():
        hidden = activation(before)
        yield f"the hidden layer has {name} instead of tanh", hidden @ net.Wy.T + net.by
        for last, change in OUTPUTS.items():
            words = (
                f"the hidden layer has {name} instead of tanh, and the model ends in {last}, but should return scores"
            )
            yield words, change(hidden @ net.Wy.T + net.by)
    yield "the bias of the hidden layer is not used", torch.tanh(X @ net.Wh.T) @ net.Wy.T + net.by
    yield "the bias of the output layer is not used", h @ net.Wy.T
    yield "neither bias is used", torch.tanh(X @ net.Wh.T) @ net.Wy.T
    for words, axis in (("each example", 1), ("the batch", 0)):
        normed = (before - before.mean(axis, keepdim=True)) / (
            before.var(axis, correction=0, keepdim=True) + 1e-5
        ).sqrt()
        yield f"the hidden layer is normalized over {words} before its tanh", torch.tanh(normed) @ net.Wy.T + net.by


def _close(a: Tensor, b: Tensor, rtol: float) -> bool:
    return a.shape == b.shape and bool(((a - b.double()).abs() <= rtol * (1 + a.abs())).all())


def _listing(parameters: list[tuple[str, Tensor]]) -> str:
    return ", ".join(f"{name} {tuple(value.shape)}" for name, value in parameters[:8]) or "none"
