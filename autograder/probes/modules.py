"""Looks into a student's nn.Module and changes its state, whatever its attributes are called."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def parameters(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Name and value of each trainable parameter, as the module lists them."""
    return [(name, value.detach()) for name, value in module.named_parameters() if value.requires_grad]


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


def _trainable(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]
