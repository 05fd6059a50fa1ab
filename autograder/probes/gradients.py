"""What autograd makes of a student's functions: which tensors are leaves, and which gradients arrive where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


def kinds(function: Callable[..., Any], args: list[Any]) -> dict[str, str]:
    """What each tensor of the dict that the function returns is to autograd: "leaf", "constant" or "computed"."""
    found = function(*args)
    return {str(key): _kind(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _kind(value: Any) -> str:
    if not isinstance(value, Tensor) or not value.requires_grad:
        return "constant"
    return "leaf" if value.is_leaf else "computed"


def pull_back(function: Callable[..., Any], args: list[Any], wanted: int, upstream: Tensor | None) -> Any:
    """The gradients for the first argument, a tensor or a dict of tensors, of item `wanted` of what the function returns.

    `upstream` is the gradient that arrives there, None for a scalar. A gradient that does not arrive is None; all are
    where the item is no tensor of a graph.
    """
    first = {key: _leaf(value) for key, value in args[0].items()} if isinstance(args[0], dict) else _leaf(args[0])
    returned = function(first, *args[1:])
    item = returned[wanted] if isinstance(returned, (tuple, list)) else returned
    if isinstance(item, Tensor) and item.requires_grad:
        torch.autograd.backward([item], None if upstream is None else [upstream])
    return {key: leaf.grad for key, leaf in first.items()} if isinstance(first, dict) else first.grad


def step(sgd: Callable[..., Any], parameters: Tensors, gradients: Tensors, eta: float) -> Any:
    """What sgd(params, eta) returns for leaves with these gradients; the kinds of that; and where a gradient is left."""
    leaves = {key: _leaf(value) for key, value in parameters.items()}
    for key, leaf in leaves.items():
        leaf.grad = gradients[key].clone()
    found = sgd(leaves, eta)
    if not isinstance(found, dict):
        return found, ({}, "")
    left = [str(key) for key, value in found.items() if _has_gradient(value)]
    return found, ({str(key): _kind(value) for key, value in found.items()}, " and ".join(left))


def _has_gradient(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_leaf and value.grad is not None and bool(value.grad.any())


def _leaf(value: Tensor) -> Tensor:
    return value.detach().clone().requires_grad_()


def optimizer_step(optimizer: torch.optim.Optimizer) -> None:
    optimizer.step()
