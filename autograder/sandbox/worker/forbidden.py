"""Refuses the callables that an exercise forbids, whatever their spelling or alias, and records their use.

What is promised, in a worker that has its own process:

- An operator of torch that is forbidden has no kernel but one that refuses, in every thread, below all modes, for scripts,
  traces and custom operators (kernels.py). Its decompositions and reference implementations in Python refuse too.
- A forbidden Python function has lost its code, and so has what it wraps: no alias, closure, default, `__wrapped__` or
  search of the memory finds it (disarming.py). The same holds for the constructor and `forward` of a forbidden nn.Module.
- A backward pass is noticed under any entry, also in another thread and between two calls: torch numbers them. It cannot
  read what the forward pass saved, so that it raises at its line where it runs in the thread of the call (backward.py).
- Packages that have the result ready are placeholders (withheld.py).
- All this begins before the student's files are imported, so a thread that starts then, a value that is computed then or a
  graph that is traced then gains nothing. A use counts for the import, or for the call after it.
- What is forbidden is not merely reported: its result cannot be had. So it does not help to catch the exception, or to
  clear the record of what was used.

What is not promised, because code in the same process can do it: to load a second copy of a module from its file, to
paste torch's source, to find C++ code that computes without the dispatcher, such as the static runtime of torch.jit, to
differentiate a script's graph as a graph, or to change the process's memory. All of that needs names
that the host lists for a teacher (`Source.to_look_at`). And what a worker says of itself can be forged: that a use is
reported is a help for those who are honest.

In the grader's own process (no isolation), everything is put back after each call, and a debugger or a thread can see it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import Any, NoReturn

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from autograder.sandbox.wire.messages import ForbiddenRules
from autograder.sandbox.worker import backward, disarming, kernels, withheld


class ForbiddenCall(RuntimeError):
    """Raised at the forbidden call, so that the traceback shows its line."""


def resolve(name: str) -> Any:
    """The object behind a dotted name, or None if there is none. Only modules of torch are imported for it."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        found: Any = _module(".".join(parts[:cut]))
        if found is not None:
            for part in parts[cut:]:
                found = getattr(found, part, None)
            return found
    return None


def _module(name: str) -> Any:
    if name.partition(".")[0] != "torch":
        return sys.modules.get(name)
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


class Guard:
    """Refuses one exercise's forbidden callables.

    for_good: from `install` on, and irrevocably: nothing of what is forbidden is kept. Otherwise only inside `watching`.
    """

    def __init__(self, rules: ForbiddenRules, *, for_good: bool = False) -> None:
        self._rules = rules
        self._for_good = for_good
        self._used: list[str] = []
        found = {name: resolve(name) for name in (*rules.functions, *rules.entry_points)}
        targets = {name: target for name, target in found.items() if target is not None}
        self._in_python = [(target, name) for name, target in targets.items() if isinstance(target, FunctionType)]
        self._ufuncs = [(target, name) for name, target in targets.items() if isinstance(target, np.ufunc)]
        # The function is kept beside its name: its id is only unique while it is alive.
        # Of several names of one function, the first is the one that students know.
        self._functions = {
            id(targets[name]): (targets[name], name) for name in reversed(rules.functions) if name in targets
        }
        self._counter = backward.BackwardCounter() if rules.backward else None

    def install(self) -> None:
        """Must run before anything of the student's is imported."""
        if self._for_good:
            _, libraries = self._arm()
            kernels.keep(libraries)
            self._in_python, self._ufuncs = [], []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Refuses what is forbidden, at the line that uses it."""
        steps, libraries = ([], []) if self._for_good else self._arm()
        if self._counter is not None and not self._for_good:
            self._counter.started()  # the grader's own
        try:
            with self._modes():
                yield
        finally:
            for library in libraries:
                library.reset()
            disarming.undo_all(steps)
            if self._counter is not None and self._counter.started():
                self._used.append(backward.NAME)

    def take_used(self) -> list[str]:
        """What has been used since the last call of this method."""
        used, self._used = self._used, []
        return list(dict.fromkeys(used))

    def refuse(self, name: str) -> NoReturn:
        """Records the use of a forbidden callable and raises ForbiddenCall."""
        self._used.append(name)
        raise ForbiddenCall(f"{name} may not be used in this exercise")

    def on_function(self, function: Any) -> None:
        match = self._functions.get(id(function))
        if match is not None:
            self.refuse(match[1])

    def _arm(self) -> tuple[list[disarming.Undo], list[Any]]:
        rules = self._rules
        disarming.refuse = self.refuse
        steps = [disarming.disarm(function, name) for function, name in self._in_python]
        steps += [disarming.replace_everywhere(ufunc, name) for ufunc, name in self._ufuncs]
        steps += [disarming.disarm(f, f"the operator {name}") for f, name in kernels.decompositions(rules.operators)]
        steps += [disarming.disarm_class(cls, name) for cls, name in self._classes()]
        if rules.packages:
            steps.append(withheld.withhold(rules.packages))
        return steps, kernels.replace_kernels(rules.operators, self.refuse)

    def _classes(self) -> Iterator[tuple[type, str]]:
        """The forbidden classes of modules that exist so far, each with the name under which it is used."""
        waiting, seen = [torch.nn.Module], {torch.nn.Module}
        while waiting:
            cls = waiting.pop()
            name = f"{cls.__module__}.{cls.__qualname__}"
            if self.forbids_class(name):
                yield cls, f"nn.{cls.__qualname__}" if name.startswith("torch.nn.") else name
            new = set(type.__subclasses__(cls)) - seen
            seen |= new
            waiting += new

    def forbids_class(self, name: str) -> bool:
        forbidden, allowed = self._rules.modules, self._rules.allowed_modules
        return bool(forbidden) and name.startswith(forbidden) and not (allowed and name.startswith(allowed))

    @contextmanager
    def _modes(self) -> Iterator[None]:
        with ExitStack() as stack:
            if self._functions:
                stack.enter_context(_FunctionDetector(self.on_function))
            if self._counter is not None:
                stack.enter_context(backward.saved_tensors_refused(self.refuse))
            yield


class _FunctionDetector(TorchFunctionMode):
    """Refuses functions that are written in C++ under the name by which students know them. The kernels make it sure."""

    def __init__(self, on_function: Callable[[Any], None]) -> None:
        super().__init__()
        self._on_function = on_function

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._on_function(func)
        return func(*args, **(kwargs or {}))


def warm_up() -> None:
    """Does once what takes long the first time, so that the workers inherit it."""
    with Guard(ForbiddenRules(functions=("torch.softmax",), operators=("_softmax",), backward=True)).watching():
        torch.ones(2) + 1
