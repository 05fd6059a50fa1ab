"""A layer of the student's: its state, its gradients, and a function called again and again with one generator."""

from __future__ import annotations

from torch import Tensor, nn


def state(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by the names under which the module saves them."""
    return {str(name): value.detach().clone() for name, value in module.state_dict().items()}


def load_state(module: nn.Module, state: dict[str, Tensor]) -> None:
    module.load_state_dict(state)


def gradients(module: nn.Module, x: Tensor, upstream: Tensor) -> tuple[Tensor | None, dict[str, Tensor | None]]:
    """The gradient of sum(upstream * module(x)) for x, and for each parameter by its name; None where none arrives."""
    x = x.detach().clone().requires_grad_()
    module.zero_grad()
    y = module(x)
    if y.requires_grad:
        y.backward(upstream)
    return x.grad, {name: parameter.grad for name, parameter in module.named_parameters()}
