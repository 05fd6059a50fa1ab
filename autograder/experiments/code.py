"""Imports the exercises in a folder, from which an experiment takes its networks and functions."""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import traceback
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "experiment_code"
"""The package name of the folder, so that `from .transformer_block import Block` finds the sibling module."""


class MissingCode(Exception):
    """Code that an experiment needs is missing or not written yet. The message names the exercise and a remedy."""


class Code:
    """A folder with the layout of `exercises/`: `<practical>/<exercise>.py`.

    Only one folder is open at a time: opening another one unloads the modules of the previous one.
    Raises MissingCode if the folder does not exist.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MissingCode(f"there is no folder {folder}: give one with --from, for example --from exercises")
        self.folder = folder.resolve()
        for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        spec = ModuleSpec(PACKAGE, loader=None, is_package=True)
        spec.submodule_search_locations = [str(self.folder)]
        sys.modules[PACKAGE] = module_from_spec(spec)

    def __getitem__(self, exercise: str) -> ModuleType:
        """The module of an exercise: `code["p2_cnn/convnet"].ConvNet`. Raises MissingCode if its file does not exist."""
        if not self.path(exercise).is_file():
            raise MissingCode(f"there is no {self.path(exercise)}, which this experiment needs (exercise {exercise})")
        return importlib.import_module(f"{PACKAGE}.{exercise.replace('/', '.')}")

    def path(self, exercise: str) -> Path:
        """The path of an exercise's file, which may not exist."""
        return self.folder / f"{exercise}.py"

    def require(self, exercises: Iterable[str]) -> None:
        """Checks, before anything is trained, that all these exercises are written.

        Raises MissingCode, with a list of all that are not: the file is missing, or has a stub's NotImplementedError.
        """
        missing = []
        for exercise in exercises:
            path = self.path(exercise)
            if not path.is_file():
                missing.append(f"{exercise}: there is no {path}")
            elif names := stubs_in(path.read_text(encoding="utf-8"), path):
                verb = "is" if len(names) == 1 else "are"
                missing.append(f"{exercise}: {', '.join(names)} {verb} not written yet, in {path}")
        if missing:
            lines = "\n".join(f"  {line}" for line in missing)
            raise MissingCode(
                f"this experiment runs your own code, and some of it is missing:\n{lines}\nWrite it first"
                + ("." if self.folder.name == "solutions" else ", or use --from solutions if you have them.")
            )

    def unwritten(self, error: NotImplementedError) -> MissingCode | None:
        """The error for a stub that was only detected when it was called; None if `error` is not from this folder."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            if path.is_relative_to(self.folder):
                exercise = path.relative_to(self.folder).with_suffix("").as_posix()
                return MissingCode(f"{exercise}: {frame.name} is not written yet, in {path}, line {frame.lineno}")
        return None

    def fingerprint(self) -> str:
        """SHA-256 of the names and contents of the files imported from this folder so far."""
        digest = hashlib.sha256()
        for name, module in sorted(sys.modules.items()):
            if name.startswith(f"{PACKAGE}.") and (file := getattr(module, "__file__", None)):
                digest.update(name.encode() + b"\0" + Path(file).read_bytes() + b"\0")
        return digest.hexdigest()


def stubs_in(source: str, path: Path) -> list[str]:
    """The functions and methods of a module that end by raising NotImplementedError.

    A file that cannot be parsed has none; importing it gives Python's own message.
    """
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError:
        return []
    return list(_stubs(tree, ""))


def _stubs(node: Any, prefix: str) -> Iterable[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _stubs(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef) and isinstance(last := child.body[-1], ast.Raise):
            raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                yield f"{prefix}{child.name}"
