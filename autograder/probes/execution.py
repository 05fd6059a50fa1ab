"""What a student's network does while it runs: the outputs of its layers in their order, whatever modules or functions
they are made of, and the gradients that come back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

Trail = list[tuple[str, Tensor]]
_CONVOLUTIONS = {"convolution", "conv2d", "_convolution", "mkldnn_convolution"}
_LINEAR = {"linear", "addmm", "mm", "matmul"}


class Observer(TorchDispatchMode):
    """Notes the output of each convolution, pooling and linear layer, and which tensors of the network are used when.

    Operators are seen, not modules, so that nn.MaxPool2d and F.max_pool2d look alike. A linear layer is a product that
    gives a row for each image.
    """

    def __init__(self, network: nn.Module, batch: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no types there
        self.trail: Trail = []
        self.used: dict[int, None] = {}
        self._batch = batch
        self._numbers = {value.untyped_storage().data_ptr(): i for i, (_, value, _) in enumerate(_numbers(network))}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for value in _tensors(args):
            number = self._numbers.get(value.untyped_storage().data_ptr())
            if number is not None:
                self.used.setdefault(number)
        result = func(*args, **(kwargs or {}))
        output = result[0] if isinstance(result, (tuple, list)) and result else result
        kind = self._kind(func._opname, output)
        if kind:
            self.trail.append((kind, output.detach().clone()))  # a ReLU in place would change it afterwards
        return result

    def _kind(self, operator: str, output: Any) -> str:
        if not isinstance(output, Tensor):
            return ""
        if operator in _CONVOLUTIONS:
            return "convolution"
        if "pool" in operator:
            return "pooling"
        linear = operator in _LINEAR and output.dim() == 2 and output.shape[0] == self._batch
        return "linear" if linear else ""


def _tensors(args: Any) -> Iterator[Tensor]:
    for value in args:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)


def _numbers(network: nn.Module) -> list[tuple[str, Tensor, bool]]:
    parameters = [(name, value, value.requires_grad) for name, value in network.named_parameters()]
    buffers = [(name, value, False) for name, value in network.named_buffers() if value.is_floating_point()]
    return parameters + buffers


def first_run(network: nn.Module, images: Tensor) -> None:
    """Runs the network in evaluation: lazy layers have their parameters only then."""
    network.eval()
    with torch.no_grad():
        network(images)


def numbers(network: nn.Module) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """Name, shape, dtype and whether it is trainable, of each parameter and of each buffer of floats."""
    return [(name, tuple(value.shape), str(value.dtype), trainable) for name, value, trainable in _numbers(network)]


def values(network: nn.Module, wanted: list[int]) -> list[Tensor]:
    """Those of the tensors, by their place."""
    found = _numbers(network)
    return [found[place][1].detach() for place in wanted]


def set_numbers(network: nn.Module, values: list[Tensor]) -> None:
    """Writes new values into those tensors, in their order."""
    with torch.no_grad():
        for (_, old, _), value in zip(_numbers(network), values):
            old.copy_(value)


def observe(
    network: nn.Module, images: Tensor, training: bool, upstream: Tensor | None = None, wanted: list[int] | None = None
) -> tuple[Any, Trail, list[int], list[Tensor | None]]:
    """The network's output; its layers' outputs in their order; the tensors' places in the order of their first use;
    and for each of those `wanted` the gradient of sum(upstream · output), None where none arrives."""
    network.train(training)
    network.zero_grad()
    with torch.set_grad_enabled(upstream is not None):
        with Observer(network, len(images)) as seen:
            output = network(images)
        if upstream is not None and isinstance(output, Tensor) and output.requires_grad:
            torch.autograd.backward([output], [upstream.to(output.dtype)])
    found = _numbers(network)
    gradients = [found[place][1].grad for place in wanted or []]
    network.zero_grad()
    return output, seen.trail, list(seen.used), gradients


def descend(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int, rates: tuple[float, float], seed: int
) -> None:
    """Trains by plain gradient descent on the cross-entropy, once through the images in an order drawn from the seed.

    The learning rate falls from the first of `rates` to the second, by as much with each step.
    """
    network.train()
    first, last = rates
    optimizer = torch.optim.SGD(network.parameters(), lr=first)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    steps = math.ceil(len(labels) / batch_size)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, last / first, total_iters=steps)
    for start in range(0, len(labels), batch_size):
        batch = order[start : start + batch_size]
        optimizer.zero_grad()
        torch.autograd.backward([F.cross_entropy(network(images[batch]), labels[batch])])
        optimizer.step()
        scheduler.step()
