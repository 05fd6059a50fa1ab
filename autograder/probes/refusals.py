"""Calls a student's function with input that it should refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
