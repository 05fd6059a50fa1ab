"""Gives a known mistake's networks the student's arrangement of parameters, or the student's that of the fingerprints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograder.diagnosis.traces import LISTINGS, listing
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import Event, Handle, StudentModule

Layout = tuple[tuple[str, tuple[int, ...]], ...]
"""Name and shape of each trainable parameter, in order."""


def layouts_of(events: Iterable[Event]) -> list[Layout | None]:
    """Of each module that was made, in that order, as far as it was looked at."""
    made: list[int] = []
    found: dict[int, Layout] = {}
    for event in events:
        if event.target.startswith("student:"):
            made += [handle.number for handle in _modules(event.value)]
        elif event.target in LISTINGS and event.about is not None and event.problem is None:
            found.setdefault(event.about, tuple(listing(event)))
    return [found.get(number) for number in made]


class StudentArrangement:
    """Arranges the modules of a mistake as the student's were, each by its place among those that were made."""

    def __init__(self, student: StudentModule, layouts: Sequence[Layout | None]) -> None:
        self._student = student
        self._layouts = iter(layouts)

    def __call__(self, handle: Handle) -> Handle:
        layout = next(self._layouts, None)
        return handle if layout is None else _arranged(self._student, handle, layout)


class ReferenceArrangement:
    """Arranges each module as the first of the known layouts that has as many numbers."""

    def __init__(self, student: StudentModule, layouts: Sequence[Layout]) -> None:
        self._student = student
        self._layouts = layouts

    def __call__(self, handle: Handle) -> Handle:
        try:
            total = sum(value.numel() for _, value in handle.parameters())
        except StudentProblem:
            return handle
        layout = next((layout for layout in self._layouts if total == _total(layout)), None)
        return handle if layout is None else _arranged(self._student, handle, layout)


def _arranged(student: StudentModule, handle: Handle, layout: Layout) -> Handle:
    try:
        found = student.probe("layouts.arranged", handle, [(name, list(shape)) for name, shape in layout])
    except StudentProblem:
        return handle
    return found if isinstance(found, Handle) else handle


def _total(layout: Layout) -> int:
    return sum(math.prod(shape) for _, shape in layout)


def _modules(value: Any) -> Iterator[Handle]:
    if isinstance(value, Handle) and value.kind == "module":
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _modules(part)
