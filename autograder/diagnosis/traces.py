"""What a submission answered in one check, in a form that is small, that two styles of the same code share, and that
can be compared with what a known mistake answers.

A trace holds a mark for each exchange. A mark has the structure of the answer, exactly, and for its numbers two
projections onto fixed directions, which are compared up to rounding. It cannot be turned back into the answer.
"""

from __future__ import annotations

import functools
import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.host.student_module import Event, Handle, Opaque

ROUNDING = 1e-6
"""Two answers in float64 that differ by less than this part of their size are one answer."""
ROUNDING_FLOAT32 = 1e-4
"""In float32. Where large numbers cancel, other code with the same mistake is further off: float64's cases know it."""
HUGE = 1e150
"""Numbers from here on count as infinite: their squares are."""
LISTINGS = ("probe:modules.parameters", "probe:execution.describe_tensors")
"""Probes that list a network's parameters, whose names and arrangement are free."""
_NUMBER = re.compile(r"[-−+]?\d[\d.,_]*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Mark:
    """One exchange: the structure of the answer, and (projection, projection, size) of its numbers."""

    structure: str
    numbers: tuple[float, float, float]
    exact: bool
    """Whether the numbers are float64's, and so good to ROUNDING."""
    random: bool = False
    """Whether chance had a part."""

    def agrees(self, other: Mark, with_numbers: bool = True) -> bool:
        if self.structure != other.structure:
            return False
        if not with_numbers:
            return True
        rounding = ROUNDING if self.exact and other.exact else ROUNDING_FLOAT32
        room = rounding * max(self.numbers[2], other.numbers[2]) + 1e-12
        return all(abs(a - b) <= room for a, b in zip(self.numbers, other.numbers))


Trace = tuple[Mark, ...]


def agree(first: Trace, second: Trace, draws: bool = False) -> bool:
    """Whether the same was answered throughout.

    What was drawn at random may differ, since other code draws in another order, but not where it comes last: that is
    what the check was about. With `draws` it may not differ anywhere.
    """
    free = set() if draws else where_chance_is_free(first)
    return len(first) == len(second) and all(a.agrees(b, i not in free) for i, (a, b) in enumerate(zip(first, second)))


def where_chance_is_free(trace: Trace) -> set[int]:
    """The places of a trace whose numbers are nobody's mistake."""
    last = max((i for i, mark in enumerate(trace) if not mark.random), default=-1)
    return {i for i in range(last) if trace[i].random}


def condensed(trace: Trace, kept: int) -> Trace:
    """The last marks of a trace, and before them one that stands for all others."""
    if len(trace) <= kept + 1:
        return trace
    free = where_chance_is_free(trace)
    early = trace[:-kept]
    first = second = 0.0
    for place, mark in enumerate(early):
        if place not in free and mark.numbers[2]:
            weight, size = math.cos(1.0 + place), mark.numbers[2]  # each counts alike, and no two may change places
            first += weight * mark.numbers[0] / size
            second += weight * (mark.numbers[1] / size + math.log(size))
    structure = _digest("|".join(mark.structure for mark in early))
    size = math.sqrt(len(early))
    return Mark(structure, (first, second, size), all(mark.exact for mark in early)), *trace[-kept:]


def trace_of(events: Iterable[Event]) -> Trace:
    return tuple(mark_of(event) for event in events)


def mark_of(event: Event) -> Mark:
    """The mark of one exchange. Names that a student may choose freely, of parameters for one, are left out."""
    if event.problem is not None:
        # Of the same inputs, so with its numbers: the sizes in torch's messages tell which product it was.
        problem = f"{type(event.problem).__name__}: {event.problem.message.split(chr(10))[0]}"
        return Mark(_digest(problem), (0.0, 0.0, 0.0), True, event.random)
    of_probe = event.target.startswith("probe:")
    parts: list[str] = [event.target if of_probe else event.target.partition(":")[0]]
    arrays: list[np.ndarray[Any, Any]] = []
    if event.target in LISTINGS:
        parts.append(f"{sum(math.prod(shape) for _, shape in listing(event))} numbers")
    else:
        _walk(event.value, parts, arrays, of_probe)
    parts.append(f"changed {','.join(re.sub(r' .*', '', name) for name in event.changed)}")
    exact = all(array.dtype != np.float32 for array in arrays)
    flat = np.concatenate([array.astype(np.float64).ravel() for array in arrays]) if arrays else np.zeros(0)
    special = ~(np.abs(flat) < HUGE)
    if special.any():
        places = np.flatnonzero(special)
        kinds = np.where(np.isnan(flat[places]), 2.0, np.sign(flat[places]))
        parts.append(f"{places.tobytes().hex()}{kinds.tobytes().hex()}")
        flat = np.where(special, 0.0, flat)
    first, second = _directions(len(flat))
    return Mark(
        _digest("|".join(parts)),
        (float(flat @ first), float(flat @ second), float(math.sqrt(flat @ flat))),
        exact,
        event.random,
    )


def listing(event: Event) -> list[tuple[str, tuple[int, ...]]]:
    """Name and shape of each trainable parameter that a probe of LISTINGS found, in order; what is none is left out."""
    found = []
    for entry in event.value if isinstance(event.value, list) else []:
        match entry:
            case (str() as name, Tensor() as number):
                found.append((name, tuple(number.shape)))
            case (str() as name, list() | tuple() as shape, _, True) if all(isinstance(size, int) for size in shape):
                found.append((name, tuple(shape)))
    return found


def skeleton(reason: str | BaseException) -> str:
    """A digest of the first line of a reason without its numbers: of the kind of the reason."""
    text = str(getattr(reason, "message", reason))
    return _digest(_NUMBER.sub("#", text.split("\n")[0]))


def _walk(value: Any, parts: list[str], arrays: list[np.ndarray[Any, Any]], of_probe: bool) -> None:
    for kind, array in _leaves(value, of_probe):
        parts.append(kind)
        if array is not None:
            arrays.append(array)


def _leaves(value: Any, of_probe: bool, in_dict: bool = False) -> Iterator[tuple[str, np.ndarray[Any, Any] | None]]:
    """(description, numbers) of each part; numbers are None where there are none. The keys of what a probe found are
    names of parameters, and free.

    A float and a tensor of no dimensions are the same, and so are a list and a tuple, and biases of any shape.
    """
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if isinstance(value, Tensor):
        array = value.detach().to(torch.float64 if value.dtype in (torch.bfloat16,) else value.dtype).numpy()
        shape = [size for size in value.shape if size != 1] if in_dict else list(value.shape)
        yield f"{value.dtype}{shape}", array
    elif isinstance(value, np.ndarray):
        numeric = value.dtype.kind in "fiub"
        yield f"{value.dtype}{value.shape}", value if numeric else None
    elif isinstance(value, bool) or value is None:
        yield str(value), None
    elif isinstance(value, (int, float)):
        yield "number", np.array([float(value)])
    elif isinstance(value, str):
        yield value, None
    elif isinstance(value, dict):
        yield f"dict {len(value)}", None
        for key, part in value.items():
            if not of_probe:
                yield str(key), None
            yield from _leaves(part, of_probe, True)
    elif isinstance(value, (list, tuple)):
        yield f"sequence {len(value)}", None
        for part in value:
            yield from _leaves(part, of_probe)
    elif isinstance(value, Handle):
        yield value.kind, None
    elif isinstance(value, Opaque):
        yield value.type_name, None
    else:
        yield type(value).__name__, None


@functools.lru_cache(maxsize=256)
def _directions(size: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Two fixed directions of unit length; any difference between answers moves at least one of them."""
    generator = np.random.Generator(np.random.PCG64(size))
    first, second = generator.standard_normal((2, size)) / math.sqrt(max(1, size))
    return first, second


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
