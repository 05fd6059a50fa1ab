"""Carries out requests: imports the student's module, calls functions, keeps the objects behind handles."""

from __future__ import annotations

import builtins
import importlib
import inspect
import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from msgspec import structs

from autograder.sandbox.wire.frames import Frame, TooLarge
from autograder.sandbox.wire.messages import Call, Load, Problem, Release, Reply, request_from, to_bytes
from autograder.sandbox.wire.nodes import (
    FunctionNode,
    GeneratorNode,
    HandleNode,
    Node,
    OpaqueNode,
)
from autograder.sandbox.wire.values import MAX_NODES, UNLIMITED, Decoder, Encoder, raw_bytes
from autograder.sandbox.worker import backward
from autograder.sandbox.worker.forbidden import ForbiddenCall, Guard
from autograder.sandbox.worker.importer import SubmissionImporter
from autograder.sandbox.worker.problems import describe
from autograder.sandbox.worker.scan import forbidden_in_source

MAX_USES = 8
"""How many uses of something forbidden a reply names."""


class MissingName(Exception):
    """The student's module lacks the requested function or class."""


class Executor:
    """Runs one exercise of a submission: loads it once, and keeps the objects that its calls return.

    for_good: whether the process is its own, so that what the exercise forbids need not be put back.
    """

    def __init__(self, *, for_good: bool = False) -> None:
        self._for_good = for_good
        self._module: Any = None
        self._files: dict[str, bytes] = {}
        self._guard: Guard | None = None
        self._importer: SubmissionImporter | None = None
        self._source_uses: dict[str, list[str]] = {}
        self._objects: dict[int, Any] = {}
        self.last_error: BaseException | None = None

    def answer(self, frame: Frame) -> Frame:
        """Carries out one request and returns the reply. Errors of student code are part of the reply."""
        request = request_from(frame.header)
        self.last_error = None
        body = b""
        if isinstance(request, Load):
            reply = self._load(request)
        elif isinstance(request, Call):
            reply, body = self._call(request, frame.body)
        else:
            assert isinstance(request, Release)
            self._objects.clear()
            reply = Reply()
        if self._importer is not None:
            reply = structs.replace(reply, imported=sorted(self._importer.loaded))
        return Frame(frame.request, to_bytes(reply), body)

    def close(self) -> None:
        """Undoes what loading changed in this process; needed only where the worker shares the grader's process."""
        if self._importer is not None:
            self._importer.uninstall()

    def _load(self, request: Load) -> Reply:
        self._files = request.files
        path = request.module.replace(".", "/") + ".py"
        self._source_uses = forbidden_in_source(request.files[path], request.public, request.forbidden)
        self._guard = Guard(request.forbidden, for_good=self._for_good)
        self._guard.install()
        self._importer = SubmissionImporter(request.files, request.module.split(".")[0], request.public)
        self._importer.install()
        _reseed(0)
        try:
            with self._guard.watching(), _InputRefused():
                self._module = importlib.import_module(request.module)
        except BaseException as error:
            self.last_error = error
            problem = None if isinstance(error, ForbiddenCall) else describe(error, self._files)
            return Reply(problem=problem, forbidden=self._guard.take_used()[:MAX_USES])
        # What was refused had no result, and the statement was left out or has dealt with it.
        return Reply(
            value=self._plain_names(), forbidden=[use for use in self._guard.take_used() if use == backward.NAME]
        )

    def _plain_names(self) -> Node:
        names = sorted(name for name, value in vars(self._module).items() if callable(value) and name[0] != "_")
        return Encoder(self._keep).encode(names[:200])

    def _call(self, request: Call, body: bytes | bytearray) -> tuple[Reply, bytes]:
        assert self._guard is not None
        function: Callable[..., Any] | None = None
        try:
            args, kwargs = self._arguments(request, body)
            function = self._target(request.target)
            _reseed(request.seed)
            with self._guard.watching(), _InputRefused():
                value = function(*args, **kwargs)
                # Still watched: encoding may run methods of the student's own subclasses.
                encoder = Encoder(self._keep, request.answer_bytes, MAX_NODES)
                node = encoder.encode(value)
        except MissingName as error:
            return Reply(problem=Problem("missing", "AttributeError", str(error), [])), b""
        except TooLarge as error:
            return Reply(problem=Problem("too_large", "OverflowError", str(error), [])), b""
        except BaseException as error:
            self.last_error = error
            problem = None if isinstance(error, ForbiddenCall) else describe(error, self._files, function)
            return Reply(problem=problem, forbidden=self._forbidden(request)), b""
        untouched = self._arguments(request, body)
        pairs = _pairs(_parameter_names(function), untouched, (args, kwargs))
        changed = [name[:80] for name, before, after in pairs if not _same(before, after)][:16]
        return Reply(value=node, changed=changed, forbidden=self._forbidden(request)), encoder.body

    def _forbidden(self, request: Call) -> list[str]:
        assert self._guard is not None
        in_source = self._source_uses.get(request.target.removeprefix("student:"), [])
        used = [name for name in self._guard.take_used() if not any(use.startswith(f"{name} (") for use in in_source)]
        return list(dict.fromkeys(used + in_source))[:MAX_USES]

    def _arguments(self, request: Call, body: bytes | bytearray) -> tuple[list[Any], dict[str, Any]]:
        decoder = Decoder(body, self._take, UNLIMITED)
        args = [decoder.decode(node) for node in request.args]
        return args, {name: decoder.decode(node) for name, node in request.kwargs.items()}

    def _target(self, target: str) -> Callable[..., Any]:
        kind, _, name = target.partition(":")
        if kind == "student":
            return self._named(name)
        if kind == "handle":
            kept: Callable[..., Any] = self._objects[int(name)]
            return kept
        module, _, function = name.partition(".")
        probe: Callable[..., Any] = getattr(importlib.import_module(f"autograder.probes.{module}"), function)
        return probe

    def _named(self, name: str) -> Callable[..., Any]:
        if not callable(getattr(self._module, name, None)):
            raise MissingName(name)
        function: Callable[..., Any] = getattr(self._module, name)
        return function

    def _keep(self, value: Any) -> Node:
        """Keeps an object here and returns the handle that represents it on the wire."""
        if isinstance(value, torch.nn.Module):
            kind = "module"
        elif callable(value):
            kind = "function"
        elif type(value).__module__ == "builtins":
            return OpaqueNode(f"a {type(value).__name__}")
        else:
            kind = "object"
        number = len(self._objects)
        self._objects[number] = value
        return HandleNode(number, kind, type(value).__name__[:80])

    def _take(self, node: HandleNode | FunctionNode | GeneratorNode | OpaqueNode) -> Any:
        if isinstance(node, HandleNode):
            return self._objects[node.number]
        if isinstance(node, FunctionNode):
            return self._named(node.name)
        if isinstance(node, GeneratorNode):
            return torch.Generator().manual_seed(node.seed)
        return None


class _InputRefused:
    """A context in which `input()` raises instead of waiting for an answer that never comes."""

    def __enter__(self) -> None:
        self._input = builtins.input
        builtins.input = _refuse_input

    def __exit__(self, *exception: object) -> None:
        builtins.input = self._input


def _refuse_input(prompt: object = "") -> str:
    raise RuntimeError("input() cannot be used here: the code is graded without a user to answer it")


def _reseed(seed: int) -> None:
    """Sets every global random state, since forks share their parent's."""
    # As torch.manual_seed, without the stack trace that it formats for each accelerator, which dominates a short call.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch has no types there
        torch.cuda.manual_seed_all(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _parameter_names(function: Callable[..., Any]) -> list[str]:
    called = function.forward if isinstance(function, torch.nn.Module) else function
    try:
        return list(inspect.signature(called).parameters)
    except (TypeError, ValueError):  # callables implemented in C have no signature
        return []


def _pairs(
    names: list[str], before: tuple[list[Any], dict[str, Any]], after: tuple[list[Any], dict[str, Any]]
) -> list[tuple[str, Any, Any]]:
    """Each argument's label, its value as sent, and its value now. Positional ones are labelled by number and name."""
    labels = (
        f"#{i} ({name})" if name else f"#{i}" for i, name in enumerate(itertools.chain(names, itertools.repeat("")))
    )
    positional = [(label, old, new) for label, old, new in zip(labels, before[0], after[0])]
    return positional + [(name, before[1][name], after[1][name]) for name in before[1]]


def _same(before: Any, after: Any) -> bool:
    """Whether an argument still holds the bytes that were sent. Handles and generators may change."""
    if isinstance(before, torch.Tensor):
        if type(before) is not type(after) or before.shape != after.shape or before.dtype != after.dtype:
            return False
        with torch.no_grad():
            return torch.equal(before, after) or _bytes(before) == _bytes(after)  # NaN equals NaN by its bytes
    if isinstance(before, np.ndarray):
        return bool(before.shape == after.shape and before.tobytes() == after.tobytes())
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    return True


def _bytes(tensor: torch.Tensor) -> bytes:
    return raw_bytes(tensor.detach().contiguous())
