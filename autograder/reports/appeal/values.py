"""Values of calls as bounded text: what kind of value it is, its range, and its numbers, or the corners of a large array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.exchanges import SeededGenerator
from autograder.sandbox.host.student_module import Handle, RemoteFunction
from autograder.sandbox.host.text import clean

WHOLE = 256
"""Arrays of at most so many numbers are shown whole."""
MAX_PARTS = 40
"""How many parts of a container are shown, such as the entries of a dict of parameters."""
MAX_LINE = 96
MAX_STRING = 300


@dataclass(frozen=True)
class ShownValue:
    """One value, or one part of a container."""

    label: str
    """The argument or the part, such as "argument 1['Wh']"."""
    summary: str
    """The kind of value and its range, or the whole value if it is short."""
    numbers: str = ""
    """The numbers of an array, in several lines."""


def show_value(label: str, value: Any) -> list[ShownValue]:
    """A value as text; a container part by part.

    >>> [(part.label, part.summary) for part in show_value("returned", (0.5, {"a": None}))]
    [('returned[0]', '0.5'), ("returned[1]['a']", 'None')]
    """
    parts = list(islice(parts_of(label, value), MAX_PARTS + 1))
    shown = [ShownValue(name, *_described(part)) for name, part in parts[:MAX_PARTS]]
    return (
        shown if len(parts) <= MAX_PARTS else [*shown, ShownValue("…", f"only the first {MAX_PARTS} parts are shown")]
    )


def parts_of(label: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values in nested containers, each with a label. An empty container is a part itself."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            name = repr(key) if isinstance(key, (str, int, float, bool)) else describe_value(key)
            yield from parts_of(f"{label}[{clean(name, 80)}]", part)
    elif isinstance(value, (list, tuple)) and value and not _is_short(value):
        for number, part in enumerate(value):
            yield from parts_of(f"{label}[{number}]", part)
    else:
        yield label, value


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """A tensor, an array or a number as a NumPy array; None for anything else. It may share memory with the value."""
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        array: np.ndarray[Any, Any] = (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        return array
    if isinstance(value, (np.ndarray, bool, int, float, np.generic)):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else None
    return None


def _is_short(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list holds only a few numbers, so that one line shows it."""
    return len(value) <= 16 and all(isinstance(part, (bool, int, float)) for part in value)


def _described(value: Any) -> tuple[str, str]:
    if isinstance(value, (Tensor, np.ndarray)):
        return _array(value)
    if isinstance(value, str):
        return clean(repr(value[:MAX_STRING])) + (" …" if len(value) > MAX_STRING else ""), ""
    if value is None or isinstance(value, (bool, int, float, list, tuple, dict)):
        return repr(value), ""  # a container here is empty, or has a few numbers
    if isinstance(value, SeededGenerator):
        return f"torch.Generator().manual_seed({value.seed})", ""
    if isinstance(value, RemoteFunction):
        return f"the student's function {clean(value.name, 80)}", ""
    if isinstance(value, Handle):
        return f"{describe_value(value)}, which stays in the worker (number {value.number})", ""
    return describe_value(value), ""


def _array(value: Tensor | np.ndarray[Any, Any]) -> tuple[str, str]:
    array = as_array(value)
    if array is None or array.size == 0:
        return describe_value(value), ""
    if array.ndim == 0:
        return f"{array.item()!r} ({describe_value(value)})", ""
    kind = str(value.dtype).removeprefix("torch.")
    place = f"on {value.device}" if isinstance(value, Tensor) else "in NumPy"
    return f"{kind} {tuple(value.shape)} {place}: {_range(array)}", _numbers(array)


def _range(array: np.ndarray[Any, Any]) -> str:
    if array.dtype == bool:
        return f"{int(array.sum()):,} of {array.size:,} are True"
    finite = array[np.isfinite(array)]
    others = {"NaN": int(np.isnan(array).sum()), "infinite": int(np.isinf(array).sum())}
    texts = [f"{count:,} {name}" for name, count in others.items() if count]
    if finite.size:
        mean = float(finite.mean(dtype=np.float64))
        texts = [f"min {finite.min():.6g}", f"max {finite.max():.6g}", f"mean {mean:.6g}", *texts]
    return ", ".join(texts)


def _numbers(array: np.ndarray[Any, Any]) -> str:
    """The numbers of an array; its corners if there are many, and its first numbers if it has many axes, too."""
    corner = 3 if array.ndim <= 2 else 2
    if array.size > WHOLE and array.ndim > 4:
        array = array.ravel()
    return np.array2string(
        array, max_line_width=MAX_LINE, precision=8, threshold=WHOLE, edgeitems=corner, separator=", "
    ).replace("...", "…")
