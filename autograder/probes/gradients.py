"""Probes of a student's functions with autograd: which tensors are leaves, and which gradients they get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook

Tensors = dict[str, Tensor]


def kinds(function: Callable[..., Any], args: list[Any]) -> dict[str, str]:
    """The role in autograd of each tensor in the dict that the function returns: "leaf", "constant" or "computed"."""
    returned = function(*args)
    return {str(key): _kind(value) for key, value in returned.items()} if isinstance(returned, dict) else {}


def _kind(value: Any) -> str:
    if not isinstance(value, Tensor) or not value.requires_grad:
        return "constant"
    return "leaf" if value.is_leaf else "computed"


def pull_back(function: Callable[..., Any], args: list[Any], wanted: int, upstream: Tensor | None) -> Any:
    """The gradients of item `wanted` of what the function returns, with respect to the first argument.

    The first argument is a tensor or a dict of tensors. `upstream` is the gradient of the item, None if it is a scalar.
    A gradient is None if nothing flows back, as are all gradients if the item is not part of a graph.
    """
    first = {key: _leaf(value) for key, value in args[0].items()} if isinstance(args[0], dict) else _leaf(args[0])
    returned = function(first, *args[1:])
    item = returned[wanted] if isinstance(returned, (tuple, list)) else returned
    if isinstance(item, Tensor) and item.requires_grad:
        torch.autograd.backward([item], None if upstream is None else [upstream])
    return {key: leaf.grad for key, leaf in first.items()} if isinstance(first, dict) else first.grad


def step(sgd: Callable[..., Any], parameters: Tensors, gradients: Tensors, eta: float) -> Any:
    """What sgd(params, eta) returns for leaves with these gradients; and a pair about the returned tensors.

    The pair holds their kinds, and the names of those that still have a gradient, joined by "and".
    """
    leaves = {key: _leaf(value) for key, value in parameters.items()}
    for key, leaf in leaves.items():
        leaf.grad = gradients[key].clone()
    returned = sgd(leaves, eta)
    if not isinstance(returned, dict):
        return returned, ({}, "")
    with_gradient = [str(key) for key, value in returned.items() if _has_gradient(value)]
    return returned, ({str(key): _kind(value) for key, value in returned.items()}, " and ".join(with_gradient))


def _has_gradient(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_leaf and value.grad is not None and bool(value.grad.any())


def _leaf(value: Tensor) -> Tensor:
    return value.detach().clone().requires_grad_()


def optimizer_step(optimizer: torch.optim.Optimizer) -> None:
    optimizer.step()


def cleared_before_steps(train: Callable[..., Any], args: list[Any], generator: torch.Generator) -> bool:
    """Whether optimizers find no gradients when they step, although backward has computed some since the step before.

    This is known of every step but the first, at which the optimizer's parameters become known.
    """
    arrived, missed, watched = False, [], set[int]()

    def note(gradient: Tensor) -> None:
        nonlocal arrived
        arrived = True

    def look(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        nonlocal arrived
        parameters = [value for group in optimizer.param_groups for value in group["params"]]
        if id(optimizer) in watched:
            missed.append(arrived and not any(_has_gradient(value) for value in parameters))
        for value in parameters if id(optimizer) not in watched else ():
            value.register_hook(note)
        watched.add(id(optimizer))
        arrived = False

    handle = register_optimizer_step_pre_hook(look)
    try:
        train(*args, generator=generator)
    finally:
        handle.remove()
    return bool(missed) and all(missed)


def left_in(model: torch.nn.Module) -> list[str]:
    """The names of the parameters that have a gradient other than 0."""
    return [name for name, value in model.named_parameters() if _has_gradient(value)]
