"""Calls a student's function, or passes a value through, where only the worker can see what comes of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch


def echo(value: Any) -> Any:
    """The value itself: measures a round trip."""
    return value


def records_gradients(function: Callable[..., Any], args: list[Any]) -> bool:
    """Whether the tensor that a function returns is a parameter, or part of a graph."""
    value = function(*args)
    return isinstance(value, torch.Tensor) and value.requires_grad


def in_a_row(function: Callable[..., Any], times: int, args: list[Any], generator: torch.Generator) -> list[Any]:
    """The values of `times` calls of `function(*args, generator=generator)` with one generator, one after the other."""
    # Each call gets arguments of its own, so that writing into them has no effect on the next.
    return [function(*copy.deepcopy(args), generator=generator) for _ in range(times)]


def outcome(function: Callable[..., Any], args: list[Any], options: dict[str, Any]) -> tuple[str, str, Any]:
    """("refused", name of the exception, None) for a ValueError or an AssertionError, ("raised", name, None) for another
    exception, ("returned", "", value)."""
    try:
        value = function(*args, **options)
    except NotImplementedError:  # a stub's
        raise
    except Exception as error:
        kind = "refused" if isinstance(error, (ValueError, AssertionError)) else "raised"
        return kind, type(error).__name__, None
    return "returned", "", value
