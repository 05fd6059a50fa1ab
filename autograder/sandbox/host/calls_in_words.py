"""How messages name a call of the student's code: by the names of its arguments, and their types and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

NOT_CALLED = {
    "method": "a method that is not called (are its parentheses missing?)",
    "builtin_function_or_method": "a function that is not called (are its parentheses missing?)",
    "function": "a function that is not called (are its parentheses missing?)",
    "type": "a class, not an object of it (are its parentheses missing?)",
}
"""What a student returned instead of a result, by the name of its type."""


def call_in_words(function: str, args: tuple[Any, ...], kwargs: dict[str, Any], names: list[str]) -> str:
    """A call of a function, with as many of the positional arguments' names as are known.

    >>> call_in_words("softmax", (torch.zeros(7, 4),), {}, ["ytilde"])
    'softmax(ytilde=float32[7, 4])'
    >>> call_in_words("dropout", (torch.zeros(6), 0.5), {"training": True}, [])
    'dropout(float32[6], 0.5, training=True)'
    """
    positional = [f"{name}={_short(value)}" for name, value in zip(names, args)]
    positional += [_short(value) for value in args[len(names) :]]
    return f"{function}({', '.join(positional + [f'{name}={_short(value)}' for name, value in kwargs.items()])})"


def run_in_words(type_name: str, args: tuple[Any, ...]) -> str:
    """A call of an object that the student's code has returned, such as a layer.

    >>> run_in_words("SelfAttention", (torch.zeros(1, 5, 6),))
    'your SelfAttention, given a float32 tensor of shape (1, 5, 6),'
    """
    given = " and ".join(describe_value(value) for value in args)
    return f"your {type_name}, given {given}," if given else f"your {type_name}"


def describe_value(value: Any) -> str:
    """Describes a value by its type and shape: "a float32 tensor of shape (2, 3)"."""
    if isinstance(value, torch.Tensor):
        return f"a {str(value.dtype).removeprefix('torch.')} tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if value is None:
        return "None"
    class_name = getattr(value, "type_name", "")  # of an object that stays in the worker
    if class_name in NOT_CALLED:
        return NOT_CALLED[class_name]
    if class_name:
        return str(class_name) if class_name.startswith("a ") else f"an object of class {class_name}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _short(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (bool, int, float, str)) or (isinstance(value, (list, tuple)) and len(repr(value)) < 60):
        return repr(value)
    for name in ("type_name", "name"):  # of an object that stays in the worker, of a function of the student's module
        if hasattr(value, name):
            return str(getattr(value, name))
    return "generator" if type(value).__name__ == "SeededGenerator" else type(value).__name__
