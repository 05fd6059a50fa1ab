"""What cannot be seen of a function's result once it has travelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def records_gradients(function: Callable[..., Any], args: list[Any]) -> bool:
    """Whether the tensor that a function returns is a parameter, or part of a graph."""
    value = function(*args)
    return isinstance(value, torch.Tensor) and value.requires_grad
