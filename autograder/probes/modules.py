"""Looks into a student's nn.Module and changes its state, whatever its attributes are called."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def parameters(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Name and value of each trainable parameter, as the module lists them."""
    return [(name, value.detach()) for name, value in module.named_parameters() if value.requires_grad]


def frozen_parameters(module: nn.Module) -> list[str]:
    """Names of the parameters that no optimizer would train."""
    return [name for name, value in module.named_parameters() if not value.requires_grad]


def set_parameters(module: nn.Module, values: list[Tensor]) -> None:
    """Writes new values into the trainable parameters, in their order."""
    with torch.no_grad():
        for parameter, value in zip(_trainable(module), values):
            parameter.copy_(value)


def set_gradients(module: nn.Module, values: list[Tensor]) -> None:
    """Gives each trainable parameter a gradient, in their order."""
    for parameter, value in zip(_trainable(module), values):
        parameter.grad = value.to(parameter.dtype).clone()


def gradients(module: nn.Module) -> list[Tensor | None]:
    """The gradient that each trainable parameter holds now."""
    return [None if parameter.grad is None else parameter.grad.detach() for parameter in _trainable(module)]


def state_dict(module: nn.Module) -> dict[str, Tensor]:
    return dict(module.state_dict())


def load_state_dict(module: nn.Module, state: dict[str, Tensor]) -> None:
    module.load_state_dict(state)


def set_mode(module: nn.Module, training: bool) -> None:
    module.train(training)


def double(module: nn.Module) -> nn.Module:
    return module.double()


def zero_gradients(module: nn.Module) -> None:
    for parameter in _trainable(module):
        parameter.grad = None


def _trainable(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]
