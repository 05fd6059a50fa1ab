"""Differentiates through a student's function or module, with an upstream gradient that the grader chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def pull_back(function: Callable[..., Any], inputs: list[Any], upstream: Tensor | None, wanted: int = 0) -> Any:
    """Output of `function(*inputs)`, and the gradients for its float inputs and, for a module, its parameters.

    `upstream` is the gradient that arrives at the output, None for a scalar loss; of a tuple, item `wanted` is taken.
    Returns (output, input gradients, [(parameter name, gradient)]); a gradient that did not arrive is None.
    """
    leaves = [_as_leaf(value) for value in inputs]
    parameters = list(function.named_parameters()) if isinstance(function, nn.Module) else []
    for _, parameter in parameters:
        parameter.grad = None
    output = function(*leaves)
    result = output[wanted] if isinstance(output, (tuple, list)) else output
    result.backward(upstream)
    return (
        result.detach(),
        [leaf.grad if isinstance(leaf, Tensor) else None for leaf in leaves],
        [(name, parameter.grad) for name, parameter in parameters],
    )


def _as_leaf(value: Any) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.detach().clone().requires_grad_()
    return value


def echo(value: Any) -> Any:
    """What it is given: measures a round trip."""
    return value


def default_dtype() -> str:
    return str(torch.get_default_dtype())
