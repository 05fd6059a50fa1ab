"""Measures how the output of a student's module responds to single elements of its parameters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def responses(module: nn.Module, x: Tensor, step: float, chosen: list[int]) -> tuple[Any, list[Any]]:
    """Returns `module(x)`, and its outputs when one chosen element at a time is raised by `step`.

    `chosen` holds indices into all trainable parameters, flattened and joined, in ascending order.
    """
    changed: list[Any] = []
    start = 0
    with torch.no_grad():
        output = module(x)
        for parameter in module.parameters():
            if parameter.requires_grad:
                places = [index - start for index in chosen if start <= index < start + parameter.numel()]
                changed += _with_steps(module, x, parameter, places, step)
                start += parameter.numel()
    return output, changed


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
