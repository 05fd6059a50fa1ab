"""Layouts: how a network arranges its parameters, and how to give one network the layout of another.

The same network can hold its numbers in separate layers or in a fused one. Two submissions get the same random numbers,
and so comparable answers, only if their networks have the same layout. In a replay a mistake gets the student's layout;
for a comparison with fingerprints the student gets the reference's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograder.diagnosis.traces import PARAMETER_LISTINGS, listed_parameters
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import Handle, StudentModule

Layout = tuple[tuple[str, tuple[int, ...]], ...]
"""Name and shape of each trainable parameter, in order."""


def layouts_of(events: Iterable[Event]) -> list[Layout | None]:
    """The layout of each module that the student's code made, in that order; None if its parameters were never listed."""
    made: list[int] = []
    found: dict[int, Layout] = {}
    for event in events:
        if event.target.startswith("student:"):
            made += [handle.number for handle in _modules(event.value)]
        elif event.target in PARAMETER_LISTINGS and event.about is not None and event.problem is None:
            found.setdefault(event.about, tuple(listed_parameters(event)))
    return [found.get(number) for number in made]


class StudentArrangement:
    """Gives the modules that a mistake makes the layouts of the student's: the first the first, and so on.

    `left_out`: whether one of them had to give up parameters, such as biases that the student's does not have.
    """

    def __init__(self, student: StudentModule, layouts: Sequence[Layout | None]) -> None:
        self._student = student
        self._layouts = iter(layouts)
        self.left_out = False

    def __call__(self, handle: Handle) -> Handle:
        layout = next(self._layouts, None)
        if layout is None:
            return handle
        found = _arranged(self._student, handle, layout)
        if found is not handle:
            self.left_out |= _numbers_of(handle) != _total(layout)
        return found


class ReferenceArrangement:
    """Gives each module the first of the reference's layouts that has as many numbers."""

    def __init__(self, student: StudentModule, layouts: Sequence[Layout]) -> None:
        self._student = student
        self._layouts = layouts

    def __call__(self, handle: Handle) -> Handle:
        total = _numbers_of(handle)
        layout = next((layout for layout in self._layouts if total == _total(layout)), None)
        return handle if layout is None else _arranged(self._student, handle, layout)


def _arranged(student: StudentModule, handle: Handle, layout: Layout) -> Handle:
    """The module in this layout; the module itself if it cannot be rearranged."""
    try:
        found = student.probe("layouts.arranged", handle, [(name, list(shape)) for name, shape in layout])
    except StudentProblem:
        return handle
    return found if isinstance(found, Handle) else handle


def _numbers_of(handle: Handle) -> int | None:
    """How many trainable numbers a module has; None if they cannot be listed."""
    try:
        return sum(value.numel() for _, value in handle.parameters())
    except StudentProblem:
        return None


def _total(layout: Layout) -> int:
    return sum(math.prod(shape) for _, shape in layout)


def _modules(value: Any) -> Iterator[Handle]:
    """The modules in an answer, also in lists and tuples."""
    if isinstance(value, Handle) and value.kind == "module":
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _modules(part)
