"""Imports a submission from bytes in memory, since a locked worker cannot read the submission's folder."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from types import CodeType, ModuleType

from autograder.sandbox.worker.running import run_file


class SubmissionImporter(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds `p1_mlp.mlp_nn`, its siblings and helpers, also when a helper is imported by its bare name, as in a script."""

    def __init__(self, files: dict[str, bytes], practical: str, public: Sequence[str] = ()) -> None:
        self._files = files
        self._practical = practical
        self._public = public
        self.loaded: set[str] = set()
        self._folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
        for path, data in files.items():
            lines = data.decode("utf-8", errors="replace").splitlines(keepends=True)
            linecache.cache[path] = (len(data), None, lines, path)

    def install(self) -> None:
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        sys.meta_path.remove(self)
        for name, module in list(sys.modules.items()):
            if getattr(module, "__loader__", None) is self:
                del sys.modules[name]

    def _locate(self, fullname: str) -> str | None:
        """The path of a module or package in the submission, or None if it has none of that name."""
        path = fullname.replace(".", "/")
        for candidate in (path, f"{self._practical}/{path}"):
            if f"{candidate}.py" in self._files:
                return f"{candidate}.py"
            if candidate in self._folders:
                return candidate
        return None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        location = self._locate(fullname)
        if location is None:
            return None
        spec = importlib.util.spec_from_loader(fullname, self, origin=location, is_package=location in self._folders)
        if spec is not None:
            spec.has_location = True
        return spec

    def is_package(self, fullname: str) -> bool:
        return self._locate(fullname) in self._folders

    def get_source(self, fullname: str) -> str:
        return self._bytes(fullname).decode("utf-8", errors="replace")

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._bytes(fullname), self._locate(fullname) or fullname, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        path = self._locate(module.__name__) or module.__name__
        self.loaded.add(path)
        run_file(self.get_code(module.__name__), self._bytes(module.__name__), module.__dict__, self._public)

    def _bytes(self, fullname: str) -> bytes:
        location = self._locate(fullname)
        if location is None:
            raise ImportError(f"the submission has no module {fullname}")
        return self._files.get(f"{location}/__init__.py", b"") if location in self._folders else self._files[location]
