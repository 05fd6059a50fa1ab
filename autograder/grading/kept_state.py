"""Finds code that keeps something from one call to the next: it answers otherwise when nothing was called before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from autograder.diagnosis.traces import agree, trace_of
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import Handle, RemoteFunction, StudentModule

MAX_EXCHANGES = 40
"""Longer ends of a check are not repeated."""


def kept_state(exchanges: Sequence[Event], fresh: Callable[[], StudentModule]) -> str:
    """What to say of a failed check whose last call gives another answer if it is the first; "" if it does not.

    Args:
        exchanges: all exchanges of the check.
        fresh: makes the student's module anew, in another worker.

    The last call of one of the student's functions, with all that was asked of its result, is repeated in two new workers.
    If these disagree, the answers are random, and nothing can be said.
    """
    start = max((i for i, event in enumerate(exchanges) if event.target.startswith("student:")), default=None)
    if start is None or len(exchanges) - start > MAX_EXCHANGES:
        return ""
    prepared = [event for event in exchanges[:start] if event.target.startswith("probe:") and not _is_about(event.args)]
    asked = exchanges[start:]
    first = _repeated(prepared, asked, fresh)
    if first is None or agree(trace_of(asked), trace_of(first), with_random=True):
        return ""
    second = _repeated(prepared, asked, fresh)
    if second is None or not agree(trace_of(first), trace_of(second), with_random=True):
        return ""
    name = asked[0].target.partition(":")[2]
    return (
        f"what {name} gives here depends on the calls before: called first, {asked[0].what} gives something else. What does "
        "it keep from one call to the next: a list, a cache or a default argument that is made only once, a variable of the "
        "module, an attribute of a class?"
    )


def _is_about(value: Any) -> bool:
    """Whether a function or an object of the student's is among the arguments."""
    if isinstance(value, (list, tuple)):
        return any(map(_is_about, value))
    return isinstance(value, Handle | RemoteFunction)


def _repeated(
    prepared: Sequence[Event], asked: Sequence[Event], fresh: Callable[[], StudentModule]
) -> list[Event] | None:
    """The same exchanges with a new worker, up to the first that fails.

    None if one of them needs an object that was made before the first.

    `prepared`: what was done in the worker before, without the student's code, such as giving timm a small model.
    """
    answers: list[Event] = []
    handles: dict[int, Handle] = {}
    with closing(fresh()) as student:
        try:
            for event in prepared:
                student.repeat(event.target, event.what, event.args, event.kwargs, event.seed)
        except StudentProblem:
            return None
        student.observer = answers.append

        def translated(value: Any) -> Any:
            if isinstance(value, Handle):
                return handles[value.number]
            if isinstance(value, RemoteFunction):
                return getattr(student, value.name)
            if isinstance(value, (list, tuple)):
                return type(value)(translated(part) for part in value)
            if isinstance(value, dict):
                return {key: translated(part) for key, part in value.items()}
            return value

        for event in asked:
            try:
                args, kwargs = translated(event.args), translated(event.kwargs)
                kind, _, number = event.target.partition(":")
                target = f"handle:{handles[int(number)].number}" if kind == "handle" else event.target
            except KeyError:
                return None
            try:
                value = student.repeat(target, event.what, args, kwargs, event.seed)
            except StudentProblem:
                break
            _pair(event.value, value, handles)
    return answers


def _pair(before: Any, now: Any, handles: dict[int, Handle]) -> None:
    """Remembers which object of the new worker stands for which of the old one."""
    if isinstance(before, Handle) and isinstance(now, Handle):
        handles[before.number] = now
    elif isinstance(before, (list, tuple)) and isinstance(now, (list, tuple)):
        for one, other in zip(before, now):
            _pair(one, other, handles)
    elif isinstance(before, dict) and isinstance(now, dict):
        for key in before.keys() & now.keys():
            _pair(before[key], now[key], handles)
