"""Observes a student's network while it runs: the outputs of its layers in order, and its gradients.

Layers are recognized by their operators, whatever modules or functions they are made of.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

LayerOutputs = list[tuple[str, Tensor]]
"""Kind ("convolution", "pooling" or "linear") and output of each layer, in order."""
_CONVOLUTIONS = {"convolution", "conv2d", "_convolution", "mkldnn_convolution"}
_LINEAR = {"linear", "addmm", "mm", "matmul"}


class Observer(TorchDispatchMode):
    """Records the output of each convolution, pooling and linear layer, and the order in which the tensors are used.

    It sees operators rather than modules, so that nn.MaxPool2d and F.max_pool2d look alike. A matrix product counts as a
    linear layer if its result has one row for each image. The input of the layer number `keep` is recorded too.
    """

    def __init__(self, network: nn.Module, batch: int, keep: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no types there
        self.outputs: LayerOutputs = []
        self.input: Tensor | None = None
        self._keep = keep
        self.used: dict[int, None] = {}
        self._batch = batch
        tensors = enumerate(_state_tensors(network))
        self._places = {value.untyped_storage().data_ptr(): place for place, (_, value, _) in tensors}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for value in _tensors(args):
            place = self._places.get(value.untyped_storage().data_ptr())
            if place is not None:
                self.used.setdefault(place)
        result = func(*args, **(kwargs or {}))
        output = result[0] if isinstance(result, (tuple, list)) and result else result
        kind = self._kind(func._opname, output)
        if kind:
            if len(self.outputs) == self._keep:
                self.input = args[1 if func._opname == "addmm" else 0].detach().clone()
            self.outputs.append((kind, output.detach().clone()))  # an in-place ReLU would change it afterwards
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


def _state_tensors(network: nn.Module) -> list[tuple[str, Tensor, bool]]:
    """Name, value, and whether it is trainable, of each parameter, then of each floating-point buffer."""
    parameters = [(name, value, value.requires_grad) for name, value in network.named_parameters()]
    buffers = [(name, value, False) for name, value in network.named_buffers() if value.is_floating_point()]
    return parameters + buffers


def first_run(network: nn.Module, images: Tensor) -> None:
    """Runs the network once in eval mode, since lazy layers make their parameters during the first run."""
    network.eval()
    with torch.no_grad():
        network(images)


def describe_tensors(network: nn.Module) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """Name, shape, dtype, and whether it is trainable, of each parameter, then of each floating-point buffer.

    A tensor's position in this list is its place in the functions below.
    """
    tensors = _state_tensors(network)
    return [(name, tuple(value.shape), str(value.dtype), trainable) for name, value, trainable in tensors]


def tensors_at(network: nn.Module, places: list[int]) -> list[Tensor]:
    """The values of the parameters and buffers at these places."""
    tensors = _state_tensors(network)
    return [tensors[place][1].detach() for place in places]


def set_tensors(network: nn.Module, values: list[Tensor]) -> None:
    """Writes new values into all parameters and floating-point buffers, in the order of `describe_tensors`."""
    with torch.no_grad():
        for (_, old, _), value in zip(_state_tensors(network), values):
            old.copy_(value)


def observe(
    network: nn.Module, images: Tensor, training: bool, upstream: Tensor | None = None, wanted: list[int] | None = None
) -> tuple[Any, LayerOutputs, list[int], list[Tensor | None]]:
    """Runs the network on images of shape (batch, channels, H, W).

    Returns its output; its layers' outputs in order; the places of its tensors in the order of their first use; and for
    the tensors at the places `wanted` the gradients of sum(upstream · output), None for a tensor that gets no gradient.
    """
    network.train(training)
    network.zero_grad()
    with torch.set_grad_enabled(upstream is not None):
        with Observer(network, len(images)) as observer:
            output = network(images)
        if upstream is not None and isinstance(output, Tensor) and output.requires_grad:
            torch.autograd.backward([output], [upstream.to(output.dtype)])
    tensors = _state_tensors(network)
    gradients = [tensors[place][1].grad for place in wanted or []]
    network.zero_grad()
    return output, observer.outputs, list(observer.used), gradients


def layer_input(network: nn.Module, images: Tensor, number: int) -> Tensor | None:
    """What layer `number`, counted from 0 as `observe` does, gets in evaluation; None if there are fewer layers."""
    network.eval()
    with torch.no_grad(), Observer(network, len(images), number) as observer:
        network(images)
    found: Tensor | None = observer.input
    return found


def descend(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int, rates: tuple[float, float], seed: int
) -> None:
    """Trains for one epoch by plain gradient descent on the cross-entropy, in an order drawn from the seed.

    The learning rate falls linearly from the first of `rates` to the second.
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
