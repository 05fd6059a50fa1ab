"""Records which forbidden callables run, whatever their spelling or alias.

There are four detectors, since each one misses something: a function mode sees torch functions and methods, a dispatch
mode sees the operators below them (torch.ops, scripted functions), a global hook sees nn.Module calls, and patched entry
points see Python functions such as torch.autograd.grad. Modes are per thread, so new threads enter them as well.
A use is recorded as well as raised, because student code may catch the exception.
"""

from __future__ import annotations

import _thread
import functools
import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.sandbox.wire.messages import ForbiddenRules


class ForbiddenCall(RuntimeError):
    """Raised at the forbidden call, so that the traceback shows its line."""


def resolve(name: str) -> Any:
    """The object behind a dotted name, or None if this version of torch does not have it."""
    parent, attribute = _parent_and_attribute(name)
    return None if parent is None else getattr(parent, attribute, None)


def _parent_and_attribute(name: str) -> tuple[Any, str]:
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            parent: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:-1]:
            parent = getattr(parent, part, None)
        return parent, parts[-1]
    return None, parts[-1]


class Guard:
    """Watches for one exercise's forbidden callables while `watching` is on."""

    def __init__(self, rules: ForbiddenRules) -> None:
        self.used: list[str] = []
        self._rules = rules
        targets = {name: resolve(name) for name in rules.functions}
        # The function is kept beside its name: its id is only unique while it is alive.
        self._functions = {id(target): (target, name) for name, target in targets.items() if target is not None}
        self._operators = set(rules.operators)
        self._watching = False
        self._deep = False
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Patches the entry points and registers the hooks. Must run before the student's module is imported."""
        for name in self._rules.entry_points:
            parent, attribute = _parent_and_attribute(name)
            if parent is not None and hasattr(parent, attribute):
                self._patch(parent, attribute, self._watched(getattr(parent, attribute), name))
        self._patch(threading.Thread, "_bootstrap_inner", self._guarded_thread(threading.Thread._bootstrap_inner))  # type: ignore[attr-defined]
        self._patch(_thread, "start_new_thread", self._guarded_start(_thread.start_new_thread))
        if self._rules.modules:
            handle = torch.nn.modules.module.register_module_forward_pre_hook(self._on_module)
            self._undo.append(handle.remove)

    def uninstall(self) -> None:
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()

    @contextmanager
    def watching(self, deep: bool) -> Iterator[None]:
        """Watches every call inside; with `deep` also every operator."""
        self.used, self._watching, self._deep = [], True, deep
        try:
            with self._modes():
                yield
        finally:
            self._watching = False

    @contextmanager
    def _modes(self) -> Iterator[None]:
        with ExitStack() as stack:
            if self._functions:
                stack.enter_context(_FunctionDetector(self))
            if self._operators and self._deep:
                stack.enter_context(_OperatorDetector(self))
            yield

    def refuse(self, name: str) -> None:
        """Records the use of a forbidden callable and raises ForbiddenCall."""
        self.used.append(name)
        raise ForbiddenCall(f"{name} may not be used in this exercise")

    def on_function(self, function: Any) -> None:
        match = self._functions.get(id(function))
        if match is not None:
            self.refuse(match[1])

    def on_operator(self, name: str) -> None:
        if name in self._operators:
            self.refuse(f"the operator {name}")

    def _on_module(self, module: torch.nn.Module, args: Any) -> None:
        if not self._watching:
            return
        for cls in type(module).__mro__:
            name = f"{cls.__module__}.{cls.__qualname__}"
            if name.startswith(self._rules.modules) and not name.startswith(self._rules.allowed_modules or ("\0",)):
                self.refuse(f"nn.{cls.__qualname__}" if name.startswith("torch.nn.") else name)

    def _watched(self, original: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def entry_point(*args: Any, **kwargs: Any) -> Any:
            if self._watching:
                self.refuse(name)
            return original(*args, **kwargs)

        return entry_point

    def _guarded_thread(self, bootstrap: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
        def guarded(thread: threading.Thread) -> None:
            with self._modes() if self._watching else ExitStack():
                bootstrap(thread)

        return guarded

    def _guarded_start(self, start: Callable[..., int]) -> Callable[..., int]:
        """Wraps `_thread.start_new_thread`, which starts threads without `threading`."""

        def guarded_start(function: Callable[..., Any], *arguments: Any) -> int:
            def guarded(*args: Any, **kwargs: Any) -> None:
                with self._modes() if self._watching else ExitStack():
                    function(*args, **kwargs)

            return start(guarded, *arguments)

        return guarded_start

    def _patch(self, parent: Any, attribute: str, replacement: Any) -> None:
        original = getattr(parent, attribute)
        setattr(parent, attribute, replacement)
        self._undo.append(lambda: setattr(parent, attribute, original))


class _FunctionDetector(TorchFunctionMode):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._on_function = guard.on_function

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._on_function(func)
        return func(*args, **(kwargs or {}))


class _OperatorDetector(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types there
    def __init__(self, guard: Guard) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._on_operator = guard.on_operator

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._on_operator(func._opname)
        return func(*args, **(kwargs or {}))


def warm_up() -> None:
    """Enters both modes once, because the first use of a dispatch mode spends half a second on imports."""
    rules = ForbiddenRules(functions=("torch.softmax",), operators=("_softmax",))
    with Guard(rules).watching(deep=True):
        torch.ones(2) + 1
