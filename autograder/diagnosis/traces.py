"""Traces: what a submission answered in one check, in a small form that can be compared with a known mistake's answers.

A trace holds a digest of each answer. The digest has the structure of the answer (types, shapes, keys) as a hash, and its
numbers as two projections onto fixed directions, which are compared up to rounding. What differs between two styles of
the same code, such as the names of parameters, is left out. The answer cannot be recovered from it.
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

from autograder.sandbox.host.exchanges import Event, Opaque
from autograder.sandbox.host.student_module import Handle

ROUNDING = 1e-6
"""Answers in float64 are equal if they differ by less than this fraction of their size."""
ROUNDING_FLOAT32 = 1e-4
"""The same for float32. Where large numbers cancel, equivalent code differs by more, and only float64 can tell."""
HUGE = 1e150
"""Larger numbers count as infinite, since their squares are."""
PARAMETER_LISTINGS = ("probe:modules.parameters", "probe:execution.describe_tensors")
"""Probes that list a network's parameters. Students choose their names and layout, so only their count is compared."""
_TORCH_ERROR = re.compile(r"\b(?:RuntimeError|NotImplementedError): (?:[a-z_]+(?:\(\))?: )?")
_NUMBER = re.compile(r"[-−+]?\d[\d.,_]*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class AnswerDigest:
    """The digest of one answer of the student's code."""

    structure: str
    """A hash of the types, shapes, keys and texts in the answer, or of its error message."""
    numbers: tuple[float, float, float]
    """Two projections of the answer's numbers, and their Euclidean norm."""
    exact: bool
    """Whether the numbers are float64 and so agree up to ROUNDING."""
    random: bool = False
    """Whether the answer was drawn from a random generator."""

    def agrees(self, other: AnswerDigest, with_numbers: bool = True) -> bool:
        """Whether two answers are equal up to rounding; without `with_numbers`, whether they have the same structure."""
        if self.structure != other.structure:
            return False
        if not with_numbers:
            return True
        rounding = ROUNDING if self.exact and other.exact else ROUNDING_FLOAT32
        room = rounding * max(self.numbers[2], other.numbers[2]) + 1e-12
        return all(abs(a - b) <= room for a, b in zip(self.numbers, other.numbers))


Trace = tuple[AnswerDigest, ...]


def agree(first: Trace, second: Trace, with_random: bool = False) -> bool:
    """Whether two traces have equal answers throughout.

    Random numbers may differ at the free positions of `first`, unless `with_random` is set.
    """
    free = set() if with_random else free_positions(first)
    return len(first) == len(second) and all(a.agrees(b, i not in free) for i, (a, b) in enumerate(zip(first, second)))


def free_positions(trace: Trace) -> set[int]:
    """The positions of a trace at which the numbers may differ: random answers before the last one that is not random.

    Other code draws in another order, so its random numbers differ without a mistake. Random answers at the end do
    count: they are what the check was about.
    """
    last = max((i for i, answer in enumerate(trace) if not answer.random), default=-1)
    return {i for i in range(last) if trace[i].random}


def condensed(trace: Trace, kept: int) -> Trace:
    """The last `kept` answers of a trace, preceded by one digest that stands for all earlier ones."""
    if len(trace) <= kept + 1:
        return trace
    free = free_positions(trace)
    early = trace[:-kept]
    first = second = 0.0
    for position, answer in enumerate(early):
        if position not in free and answer.numbers[2]:
            # Each answer counts equally, and with a weight of its own, so that swapped answers are noticed.
            weight, size = math.cos(1.0 + position), answer.numbers[2]
            first += weight * answer.numbers[0] / size
            second += weight * (answer.numbers[1] / size + math.log(size))
    structure = _hash("|".join(answer.structure for answer in early))
    size = math.sqrt(len(early))
    return AnswerDigest(structure, (first, second, size), all(answer.exact for answer in early)), *trace[-kept:]


def trace_of(events: Iterable[Event]) -> Trace:
    """The trace of these exchanges."""
    return tuple(digest_of(event) for event in events)


def digest_of(event: Event) -> AnswerDigest:
    """The digest of the answer in one exchange, without the names that students choose freely, such as parameters'."""
    if event.problem is not None:
        # Numbers in the message are kept: the inputs are the same, and the sizes that torch names tell products apart.
        message = event.problem.message.removeprefix(event.what)  # which has the student's names of parameters
        problem = f"{type(event.problem).__name__}: {_first_line(message)}"
        return AnswerDigest(_hash(problem), (0.0, 0.0, 0.0), True, event.random)
    of_probe = event.target.startswith("probe:")
    parts: list[str] = [event.target if of_probe else event.target.partition(":")[0]]
    arrays: list[np.ndarray[Any, Any]] = []
    if event.target in PARAMETER_LISTINGS:
        parts.append(f"{sum(math.prod(shape) for _, shape in listed_parameters(event))} numbers")
    else:
        _walk(event.value, parts, arrays, of_probe)
    parts.append(f"changed {','.join(re.sub(r' .*', '', name) for name in event.changed)}")
    exact = all(array.dtype != np.float32 for array in arrays)
    flat = np.concatenate([array.astype(np.float64).ravel() for array in arrays]) if arrays else np.zeros(0)
    weights = _weights([array.size for array in arrays])
    special = ~(np.abs(flat) < HUGE)
    if special.any():
        positions = np.flatnonzero(special)
        kinds = np.where(np.isnan(flat[positions]), 2.0, np.sign(flat[positions]))
        parts.append(f"{positions.tobytes().hex()}{kinds.tobytes().hex()}")
        flat = np.where(special, 0.0, flat)
    first, second = _directions(len(flat))
    return AnswerDigest(
        _hash("|".join(parts)),
        (float(flat @ (weights * first)), float(flat @ (weights * second)), float(math.sqrt(flat @ flat))),
        exact,
        event.random,
    )


def listed_parameters(event: Event) -> list[tuple[str, tuple[int, ...]]]:
    """Name and shape of each trainable parameter that a probe of PARAMETER_LISTINGS found, in order.

    Entries that are no trainable parameter are left out.
    """
    found = []
    for entry in event.value if isinstance(event.value, list) else []:
        match entry:
            case (str() as name, Tensor() as number):
                found.append((name, tuple(number.shape)))
            case (str() as name, list() | tuple() as shape, _, True) if all(isinstance(size, int) for size in shape):
                found.append((name, tuple(shape)))
    return found


def _first_line(message: str) -> str:
    """The first line, equal for all versions of torch.

    Newer ones name the operator ("mm: mat1 and mat2 shapes …"), and raise NotImplementedError in some places where older
    ones raised RuntimeError.
    """
    return _TORCH_ERROR.sub("RuntimeError: ", message.partition("\n")[0])


def message_pattern(message: str | BaseException) -> str:
    """A hash of the first line of a message without its numbers, which is equal for the same kind of failure."""
    text = _first_line(str(getattr(message, "message", message)))
    return _hash(_NUMBER.sub("#", text))


def _walk(value: Any, parts: list[str], arrays: list[np.ndarray[Any, Any]], of_probe: bool) -> None:
    for kind, array in _leaves(value, of_probe):
        parts.append(kind)
        if array is not None:
            arrays.append(array)


def _leaves(value: Any, of_probe: bool, in_dict: bool = False) -> Iterator[tuple[str, np.ndarray[Any, Any] | None]]:
    """(description, numbers) of each part of an answer; the numbers are None where a part has none.

    Differences of style are ignored: float or tensor of no dimensions, list or tuple, in a dict axes of length 1, and
    the keys of a probe's answer, which are names of parameters.
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


def _weights(sizes: list[int]) -> np.ndarray[Any, Any]:
    """The weight of each number of an answer in the projections: 1 / √n for an array of n numbers.

    So ten scores count as much as a hundred thousand numbers of the feature maps beside them. Numbers that are no arrays
    count together, as one array.
    """
    single = sum(size for size in sizes if size == 1)
    counts = np.array([single if size == 1 else size for size in sizes], dtype=np.int64)
    return np.repeat(1 / np.sqrt(np.maximum(counts, 1)), sizes) if sizes else np.zeros(0)


@functools.lru_cache(maxsize=256)
def _directions(size: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Two fixed random directions. A difference between answers changes the projection on them."""
    first, second = np.random.Generator(np.random.PCG64(size)).standard_normal((2, size))
    return first, second


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
