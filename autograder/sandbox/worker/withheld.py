"""Puts placeholders in the place of packages that compute in one call what the exercise asks for.

Many students import more than they use. So the import works, and using something of it is refused.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from autograder.sandbox.worker.disarming import Undo, placeholder


class _Withheld(ModuleType):
    __all__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return placeholder(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in self._packages:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Withheld(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """The placeholders are made when they are asked for."""


def withhold(packages: tuple[str, ...]) -> Undo:
    """Lets imports of these packages find placeholders, also of those that are imported already."""
    finder = _Finder(packages)
    taken = _take(packages)
    sys.meta_path.insert(0, finder)

    def undo() -> None:
        sys.meta_path.remove(finder)
        _take(packages)
        sys.modules.update(taken)

    return undo


def _take(packages: tuple[str, ...]) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in packages}
