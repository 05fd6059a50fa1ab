"""Probes that call a student's function and report what only the worker can see."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import torch


def echo(value: Any) -> Any:
    """Returns the value unchanged; used to measure a round trip."""
    return value


def defaults(function: Callable[..., Any]) -> list[Any]:
    """The default of each parameter of a function, in order; None for one without, or whose default is no number."""
    found = [parameter.default for parameter in inspect.signature(function).parameters.values()]
    return [value if isinstance(value, (int, float)) else None for value in found]


def records_gradients(function: Callable[..., Any], args: list[Any]) -> bool:
    """Whether the tensor that a function returns requires a gradient."""
    value = function(*args)
    return isinstance(value, torch.Tensor) and value.requires_grad


def keeps_recording(function: Callable[..., Any], args: list[Any]) -> bool:
    """Whether autograd still records gradients after a call of the function."""
    try:
        with torch.enable_grad():  # what the function switches off stays off until the end of this block
            function(*args)
            return torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


def repeated_calls(function: Callable[..., Any], times: int, args: list[Any], generator: torch.Generator) -> list[Any]:
    """The values of `times` successive calls of `function(*args, generator=generator)` with the same generator."""
    # Each call gets its own copy of the arguments, so that modifying them has no effect on the next call.
    return [function(*copy.deepcopy(args), generator=generator) for _ in range(times)]


def outcome(function: Callable[..., Any], args: list[Any], options: dict[str, Any]) -> tuple[str, str, Any]:
    """How a call ends: its kind, the name of the exception or "", and the value or None.

    The kind is "returned", "refused" for a ValueError or an AssertionError, or "raised" for another exception.
    """
    try:
        value = function(*args, **options)
    except NotImplementedError:  # a stub's
        raise
    except Exception as error:
        kind = "refused" if isinstance(error, (ValueError, AssertionError)) else "raised"
        return kind, type(error).__name__, None
    return "returned", "", value
