"""How the output of a student's module answers to each single number of its parameters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def responses(module: nn.Module, x: Tensor, step: float, chosen: list[int]) -> tuple[Any, list[Any]]:
    """What the module makes of x, and what it makes of it when one of the chosen numbers is raised by `step`, one after
    the other; numbers of the trainable parameters are counted through all of them, and `chosen` ascends."""
    others: list[Any] = []
    start = 0
    with torch.no_grad():
        output = module(x)
        for parameter in module.parameters():
            if parameter.requires_grad:
                places = [number - start for number in chosen if start <= number < start + parameter.numel()]
                others += _with_steps(module, x, parameter, places, step)
                start += parameter.numel()
    return output, others


def _with_steps(module: nn.Module, x: Tensor, parameter: nn.Parameter, places: list[int], step: float) -> list[Any]:
    before = parameter.detach().clone()
    raised = before.flatten().repeat(len(places), 1)
    raised[range(len(places)), places] += step
    outputs = []
    for values in raised.reshape(-1, *before.shape).unbind():
        parameter.copy_(values)
        outputs.append(module(x))
    parameter.copy_(before)
    return outputs
