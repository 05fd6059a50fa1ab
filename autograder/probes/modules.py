"""Reads, changes and runs a student's nn.Module, independent of the names of its attributes."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


def parameters(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Name and value of each trainable parameter, in the module's order."""
    return [(name, value.detach()) for name, value in module.named_parameters() if value.requires_grad]


def complete(module: nn.Module, x: Tensor) -> None:
    """Runs the module once if it has lazy layers, such as nn.LazyLinear: they make their parameters in their first run."""
    tensors = (*module.parameters(), *module.buffers())
    if any(nn.parameter.is_lazy(tensor) for tensor in tensors):
        with torch.no_grad():
            module(x)


def set_parameters(module: nn.Module, values: list[Tensor]) -> None:
    """Writes new values into the trainable parameters, in their order."""
    with torch.no_grad():
        for parameter, value in zip(_trainable(module), values):
            parameter.copy_(value)


def set_gradients(module: nn.Module, values: list[Tensor]) -> None:
    """Gives each trainable parameter a gradient, in their order."""
    for parameter, value in zip(_trainable(module), values):
        parameter.grad = value.to(parameter.dtype).clone()


def set_mode(module: nn.Module, training: bool) -> None:
    module.train(training)


def double(module: nn.Module) -> nn.Module:
    return module.double()


def copied(module: nn.Module) -> nn.Module | None:
    """A deep copy of the module; None if it cannot be copied."""
    try:
        return copy.deepcopy(module)
    except Exception:  # whatever the student's attributes raise
        return None


def state(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by the names under which the module saves them."""
    return {str(name): value.detach().clone() for name, value in module.state_dict().items()}


def state_names(module: nn.Module) -> list[str]:
    """The names of `state`."""
    return [str(name) for name in module.state_dict()]


def load_state(module: nn.Module, state: dict[str, Tensor]) -> None:
    module.load_state_dict(state)


def gradients(module: nn.Module, x: Tensor, upstream: Tensor) -> tuple[Tensor | None, dict[str, Tensor | None]]:
    """The gradients of sum(upstream * module(x)) with respect to x and, by name, to each parameter.

    A gradient is None if nothing flows back.
    """
    x = x.detach().clone().requires_grad_()
    module.zero_grad()
    y = module(x)
    if y.requires_grad:
        y.backward(upstream)
    return x.grad, {name: parameter.grad for name, parameter in module.named_parameters()}


def one_by_one(module: nn.Module, images: Tensor) -> list[Tensor]:
    """The module's output for each image of (n, channels, H, W), passed as a batch of one."""
    with torch.no_grad():
        return [module(image[None]) for image in images]


def unchanged(module: nn.Module, x: Tensor) -> bool:
    """Whether the module leaves its input unmodified."""
    given = x.clone()
    with torch.no_grad():
        module(given)
    return torch.equal(given, x)


def _trainable(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]
