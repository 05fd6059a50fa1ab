"""Calls a random function several times in a row with one generator, which goes on from call to call."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch


def in_a_row(function: Callable[..., Any], times: int, args: list[Any], generator: torch.Generator) -> list[Any]:
    """What `times` calls of `function(*args, generator=generator)` return."""
    # Each call gets arguments of its own, so that writing into them has no effect on the next.
    return [function(*copy.deepcopy(args), generator=generator) for _ in range(times)]
