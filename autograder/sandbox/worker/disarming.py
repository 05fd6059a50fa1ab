"""Takes forbidden Python functions apart where they are, so that nothing which refers to one leads to what it did.

A wrapper around a function keeps the original in its closure. Here the function stays, and its code is exchanged: whoever
holds it, under whatever name, has a function that refuses.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

Undo = Callable[[], None]
NAME = "the name of what is refused"


def refuse(name: str) -> None:
    """Reports a use of something forbidden. A guard sets it, as `disarming.refuse`, before it disarms anything."""
    raise AssertionError(f"{name} is refused, and no guard is there to report it")


def _refusal(*args: Any, **kwargs: Any) -> None:
    from autograder.sandbox.worker import disarming  # its globals are those of the function whose code it becomes

    disarming.refuse("the name of what is refused")


def disarm(function: FunctionType, name: str) -> Undo:
    """Makes a function refuse, and each function that it wraps."""
    replaced = [(part, part.__code__) for part in _with_wrapped(function)]
    for part, code in replaced:
        part.__code__ = _refusing(name, code.co_freevars)

    def undo() -> None:
        for part, code in replaced:
            part.__code__ = code

    return undo


def disarm_class(cls: type, name: str) -> Undo:
    """Makes the constructor of an nn.Module and its `forward` refuse; those that it inherits stay as they are."""
    steps = [
        disarm(method, name)
        for method in map(vars(cls).get, ("__init__", "forward"))
        if isinstance(method, FunctionType)
    ]
    if "__init__" not in vars(cls):
        steps.append(_add_constructor(cls, name))
    return functools.partial(undo_all, steps)


def undo_all(steps: list[Undo]) -> None:
    for step in reversed(steps):
        step()


def _add_constructor(cls: Any, name: str) -> Undo:
    cls.__init__ = FunctionType(_refusing(name, ()), globals())

    def undo() -> None:
        del cls.__init__

    return undo


def replace_everywhere(target: object, name: str) -> Undo:
    """Replaces something that is not written in Python in each module of its package that holds it."""
    package = name.partition(".")[0]
    places = [
        (vars(module), key)
        for module_name, module in list(sys.modules.items())
        if module is not None and module_name.partition(".")[0] == package
        for key, value in list(vars(module).items())
        if value is target
    ]
    for scope, key in places:
        scope[key] = placeholder(name)

    def undo() -> None:
        for scope, key in places:
            scope[key] = target

    return undo


class _Refusing(type):
    stands_for: str

    def __call__(cls, *args: Any, **kwargs: Any) -> None:
        refuse(cls.stands_for)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"{cls.stands_for}.{name}")


def placeholder(name: str) -> type:
    """Stands for a function or a class that may be imported but not used: it is a class whose every use is refused."""
    return _Refusing(name, (), {"stands_for": name})


def _with_wrapped(function: FunctionType) -> Iterator[FunctionType]:
    """The function, and what a decorator has kept of it: in `__wrapped__`, or in its closure under the same name."""
    waiting, seen = [function], {id(function)}
    while waiting:
        part = waiting.pop()
        yield part
        kept = [getattr(part, "__wrapped__", None), *map(_content, part.__closure__ or ())]
        for other in kept:
            same = isinstance(other, FunctionType) and (other is kept[0] or other.__name__ == function.__name__)
            if same and id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None


def _refusing(name: str, free: tuple[str, ...]) -> CodeType:
    code = _refusal.__code__
    constants = tuple(name if constant == NAME else constant for constant in code.co_consts)
    # A function keeps its closure, and its code has to have as many free variables.
    return code.replace(co_consts=constants, co_freevars=free)
