"""Makes a fully-connected layer for a student to convert, and inspects both layers."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


def linear(in_features: int, out_features: int, bias: bool) -> nn.Linear:
    return nn.Linear(in_features, out_features, bias=bias)


def state(layer: nn.Linear) -> tuple[Tensor, Tensor | None, bool]:
    """Weight, bias, and whether both can be trained."""
    return layer.weight.detach(), layer.bias if layer.bias is None else layer.bias.detach(), _trainable(layer)


def _trainable(layer: nn.Module) -> bool:
    return all(parameter.requires_grad for parameter in layer.parameters())


def settings(layer: Any) -> dict[str, Any] | None:
    """The settings of an nn.Conv2d, its dtype, weight and bias; None for anything that is not an nn.Conv2d."""
    if not isinstance(layer, nn.Conv2d):
        return None
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
    options = {name: getattr(layer, name) for name in names}
    bias = None if layer.bias is None else layer.bias.detach()
    return options | {"dtype": str(layer.weight.dtype), "weight": layer.weight.detach(), "bias": bias}


def parts(value: Any) -> list[str]:
    """The classes of a module's direct submodules."""
    return [type(part).__name__ for part in value.children()] if isinstance(value, nn.Module) else []
