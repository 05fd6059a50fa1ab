"""The grader's proxy of a student's module: `student.softmax(x)` reads like a local call and runs in the worker."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import torch

from autograder.sandbox.host import text
from autograder.sandbox.host.budget import Budget, unlimited
from autograder.sandbox.host.calls_in_words import call_in_words, run_in_words
from autograder.sandbox.host.errors import Missing, NotStarted, Raised, Refused, StudentProblem, TimedOut
from autograder.sandbox.host.exchanges import Assignment, Event, Opaque, RecordedCall, SeededGenerator
from autograder.sandbox.host.source import Source
from autograder.sandbox.host.workers import CallLimits, Worker
from autograder.sandbox.wire.frames import Frame, ProtocolError, TooLarge
from autograder.sandbox.wire.messages import (
    Call,
    Load,
    Problem,
    Release,
    Reply,
    Request,
    reply_from,
    to_bytes,
)
from autograder.sandbox.wire.nodes import FunctionNode, GeneratorNode, HandleNode, Node, OpaqueNode
from autograder.sandbox.wire.values import Decoder, Encoder

ANSWER_BYTES = 4 << 20
ANSWER_FACTOR = 16
"""The tensors that a call returns may have so many bytes, and so many times those of its arguments."""
PROBE_BYTES = 32 << 20
"""Those that a probe returns, such as all parameters of a network. Right code needs a third of it."""
CHECK_BYTES = 64 << 20
"""Those of all answers in one check. Right code needs a third of it."""


class StudentModule:
    """One exercise of a submission. Its attributes are the student's functions; the first call starts a worker."""

    def __init__(
        self, assignment: Assignment, start_worker: Callable[[], Worker], budget: Budget | None = None
    ) -> None:
        self._assignment = assignment
        self._start_worker = start_worker
        self._budget = budget or unlimited()
        self._cpu_seconds = CallLimits().cpu_seconds
        self._worker: Worker | None = None
        self._load_problem: StudentProblem | None = None
        self._timed_out: dict[tuple[str, ...], str] = {}
        """What was called and did not end, and the message. It is not called again."""
        self._names: list[str] = []
        self._seeds: Iterator[int] = iter(())
        self._fixed_seed: int | None = None
        self.calls: list[RecordedCall] = []
        self.observer: Callable[[Event], None] | None = None
        """Called with each exchange when it ends."""
        self.rearrange: Callable[[Handle], Handle] | None = None
        """Returns a replacement for each nn.Module that the student's code returns. Used by diagnosis."""
        self.failures: dict[str, list[Event]] = {}
        """The exchanges of each check that did not pass, by the check's id."""
        self.received = 0
        """How many bytes the answers in this check had."""
        self.printed = ""
        self.imported: set[str] = set()
        """The submission's own files, by path, that this exercise has imported so far."""

    @functools.cached_property
    def source(self) -> Source:
        """The exercise's file, as it is written."""
        return Source(self._assignment.files.get(self._assignment.path, b""))

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteFunction(self, name)

    def begin_check(self, seed: int, cpu_seconds: float) -> None:
        """Discards the previous check's objects. Every call in the new check gets a random state derived from `seed`."""
        if self._worker is not None and self.calls:
            with suppress(StudentProblem):  # a finalizer ended the worker, say: the next call starts another one
                self._exchange(Release(), b"", "releasing objects")
        self._seeds = (seed + number for number in range(1 << 30))
        self._cpu_seconds = cpu_seconds
        self.calls = []
        self.received = 0
        self.printed = ""

    @contextmanager
    def random_state(self, seed: int) -> Iterator[None]:
        """Gives each call inside the same global random state."""
        self._fixed_seed = seed
        try:
            yield
        finally:
            self._fixed_seed = None

    def probe(self, name: str, *args: Any, what: str = "") -> Any:
        """Calls a function of `autograder.probes`, named `module.function`, in the worker.

        `what` is how a message names the call if the student's code fails in it, such as "forward(params, X)".
        """
        return self._call(f"probe:{name}", what or call_in_words(name, args, {}, []), args, {})

    def repeat(self, target: str, what: str, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int) -> Any:
        """Repeats a call of another worker, as an `Event` describes it, with the same global random state."""
        with self.random_state(seed):
            return self._call(target, what, args, kwargs)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _call(self, target: str, what: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        random = any(isinstance(value, SeededGenerator) for value in (*args, *kwargs.values()))
        about = args[0].number if args and isinstance(args[0], Handle) else None
        seed = self._fixed_seed if self._fixed_seed is not None else next(self._seeds, 0)
        asked = Event(target, random=random, what=what, args=args, kwargs=kwargs, seed=seed)
        callee = _callee(target, what, args)
        try:
            if callee in self._timed_out:
                raise TimedOut(self._timed_out[callee])
            if exceeded := self._budget.exceeded():
                raise TimedOut(exceeded)
            value, changed = self._answer(target, what, args, kwargs, seed)
        except TimedOut as problem:
            self._timed_out[callee] = problem.message
            self._notify(replace(asked, problem=problem))
            raise
        except StudentProblem as problem:
            self._notify(replace(asked, problem=problem))
            raise
        if self.rearrange is not None and target.startswith("student:"):
            value = self._rearranged(value)
        self._notify(replace(asked, value=value, changed=changed, about=about))
        return value

    def _notify(self, event: Event) -> None:
        if self.observer is not None:
            self.observer(event)

    def _rearranged(self, value: Any) -> Any:
        """Replaces each module in `value` by the result of `rearrange`, without notifying the observer."""
        if isinstance(value, Handle) and value.kind == "module":
            assert self.rearrange is not None
            observer, self.observer = self.observer, None
            try:
                with self.random_state(0):  # does not use up the seeds of the check's own calls
                    return self.rearrange(value)
            finally:
                self.observer = observer
        if isinstance(value, (list, tuple)):
            return type(value)(self._rearranged(part) for part in value)
        return value

    def _answer(
        self, target: str, what: str, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int
    ) -> tuple[Any, tuple[str, ...]]:
        encoder = Encoder(_reference_node)  # of what this side sends, which may be as large as a frame
        nodes = [encoder.encode(value) for value in args]
        options = {name: encoder.encode(value) for name, value in kwargs.items()}
        self._load()
        given = encoder.body
        answer_bytes = PROBE_BYTES if target.startswith("probe:") else ANSWER_BYTES + ANSWER_FACTOR * len(given)
        request = Call(target, nodes, options, seed, answer_bytes)
        reply, body = self._exchange(request, given, what, answer_bytes)
        self.received += len(body)
        if self.received > CHECK_BYTES:
            raise Refused(f"the answers of your code, up to {what}, have more than {CHECK_BYTES:,} bytes in one check")
        assert self._worker is not None
        printed = self._worker.printed()
        self.printed = text.clean("\n".join(part for part in (self.printed, printed) if part))
        if reply.forbidden:
            used = f"uses {_forbidden(reply)}"
            raise Refused(f"{what} {used}, which this exercise asks you to write by hand", printed, mistake=used)
        if reply.problem is not None:
            raise self._as_error(what, reply.problem, printed)
        value = self._decode(what, reply.value, body)
        kind, _, name = target.partition(":")
        changed = tuple(reply.changed)
        if kind != "probe":
            called = name if kind == "student" else what.partition(",")[0]
            self.calls.append(RecordedCall(called, args, kwargs, value, changed))
        return value, changed

    def _exchange(
        self, request: Request, body: bytes, what: str, answer_bytes: int = ANSWER_BYTES
    ) -> tuple[Reply, bytes | bytearray]:
        assert self._worker is not None
        limits = CallLimits(self._cpu_seconds, answer_bytes, self._budget)
        number = secrets.randbits(63)
        try:
            frame = self._worker.ask(Frame(number, to_bytes(request), body), what, limits)
            reply = text.arrived(reply_from(frame.header))
            self.imported.update(path for path in reply.imported if path in self._assignment.files)
            return reply, frame.body
        except TooLarge as error:
            raise Refused(f"{what} cannot be called: {error}. Is something far larger than it should be?") from None
        except ProtocolError as error:
            self.close()
            raise Refused(f"{what} sent an invalid reply: {text.name(str(error), 300)}") from None
        except StudentProblem:
            self._worker = None
            raise

    def _decode(self, what: str, node: Node, body: bytes | bytearray) -> Any:
        decoder = Decoder(body, self._from_worker)
        try:
            value = decoder.decode(node)
            decoder.finish()
        except (ProtocolError, RuntimeError, ValueError, TypeError, OverflowError) as error:
            self.close()
            raise Refused(f"{what} sent an invalid reply: {text.name(str(error), 300)}") from None
        return value

    def _from_worker(self, node: HandleNode | FunctionNode | GeneratorNode | OpaqueNode) -> Any:
        if isinstance(node, HandleNode):
            return Handle(self, node.number, node.kind, text.name(node.type_name))
        if isinstance(node, OpaqueNode):
            return Opaque(text.name(node.type_name))
        raise ProtocolError("a reply holds a value that only requests may hold")

    def _load(self) -> None:
        if self._load_problem is not None:
            raise self._load_problem
        if self._worker is not None:
            return
        path = self._assignment.path
        if path in self._assignment.unreadable:
            self._load_problem = Raised(f"{path} cannot be used: {self._assignment.unreadable[path]}")
            raise self._load_problem
        if path not in self._assignment.files:
            self._load_problem = NotStarted(f"there is no {path} in this submission: put your file there")
            raise self._load_problem
        if self._assignment.refusal:
            self._load_problem = Refused(self._assignment.refusal)
            raise self._load_problem
        self._worker = self._start_worker()
        request = Load(
            self._assignment.files, self._assignment.module, self._assignment.public, self._assignment.forbidden
        )
        try:
            reply, body = self._exchange(request, b"", f"importing {path}")
            if reply.forbidden:
                self.close()
                used = f"uses {_forbidden(reply)}"
                raise Refused(
                    f"importing {path} {used}, which this exercise asks you to write by hand. Code that only tries "
                    'something or compares may use it below if __name__ == "__main__":',
                    mistake=used,
                )
            if reply.problem is None:
                names = self._decode("the import", reply.value, body)
                self._names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
                return
            printed = self._worker.printed()
            self.close()
            raise self._as_error(f"importing {path}", reply.problem, printed)
        except StudentProblem as problem:
            self._load_problem = problem
            raise

    def _as_error(self, what: str, problem: Problem, printed: str) -> StudentProblem:
        detail = problem.text
        trace = text.traceback_lines(problem.frames)
        if problem.kind == "not_started":
            frame = problem.frames[-1] if problem.frames else None
            named = frame is not None and not frame.function.startswith("__")  # `what` says more than "__init__"
            where = frame.function if frame is not None and named else what
            if frame is not None and frame.file != self._assignment.path:  # the stub belongs to another exercise
                return Raised(f"{what} needs {where} from {frame.file}, which is not written yet", printed)
            return NotStarted(f"{where} is not written yet", printed)
        if problem.kind == "missing":
            close = get_close_matches(detail, self._names, n=1, cutoff=0.5)
            hint = f"; rename {text.name(close[0])!r} if that is what you mean" if close else ""
            return Missing(f"{self._assignment.path} does not define {detail!r}{hint}", printed)
        if problem.kind == "syntax":
            remedy = ": save the file as UTF-8" if "utf-8" in detail.lower() or "unicode" in detail.lower() else ""
            message = f"{self._assignment.path} is not valid Python: {problem.type_name}: {detail}{remedy}\n{trace}"
            return Raised(message, printed)
        if problem.kind == "import":
            return Raised(
                f"{what} needs the package {detail!r}, which is not installed where your work is graded: do without it, "
                f"or install it with `pip install {detail.split('.')[0]}` if you grade on your own machine\n{trace}",
                printed,
            )
        if problem.kind == "too_large":
            return Raised(f"{what} returns far more than it should: {detail}", printed)
        if problem.kind == "exited":
            return Raised(f"{what} called exit() ({problem.type_name}): remove that call\n{trace}", printed)
        if problem.kind == "signature":
            reason, _, signature = detail.partition("\n")
            return Raised(f"{what} cannot be called this way: {reason}. Your definition is {signature}", printed)
        error = Raised(text.raised(what, problem), printed)
        if self._worker is not None and self._worker.last_error is not None:
            # A debugger in the grader's own process should stop in the student's line, not in this one.
            return error.with_traceback(self._worker.last_error.__traceback__)
        return error


class RemoteFunction:
    """A function or class of the student's module, by name; calling it runs it in the worker."""

    def __init__(self, student: StudentModule, name: str) -> None:
        self._student = student
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student._call(f"student:{self.name}", self.in_words(*args, **kwargs), args, kwargs)

    def in_words(self, *args: Any, **kwargs: Any) -> str:
        """A call as a student would type it: "same_padding(kernel_size=5)"."""
        return call_in_words(self.name, args, kwargs, self._student.source.parameter_names.get(self.name, []))


class Handle:
    """An object that stays in the worker. Its methods are all that a grader can do with it."""

    def __init__(self, student: StudentModule, number: int, kind: str, type_name: str) -> None:
        self._student = student
        self.number = number
        self.kind = kind
        self.type_name = type_name

    def __call__(self, *args: Any) -> Any:
        return self._student._call(f"handle:{self.number}", run_in_words(self.type_name, args), args, {})

    def parameters(self) -> list[tuple[str, torch.Tensor]]:
        """The name and value of every trainable parameter. Raises Refused if the worker's reply is not such a list."""
        pairs = self._student.probe("modules.parameters", self)
        if not isinstance(pairs, list) or not all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], torch.Tensor) for pair in pairs
        ):
            raise Refused(f"the parameters of your {self.type_name} cannot be read")
        return [(str(name), value) for name, value in pairs]

    def set_parameters(self, values: list[torch.Tensor]) -> None:
        self._student.probe("modules.set_parameters", self, values)

    def set_gradients(self, values: list[torch.Tensor]) -> None:
        self._student.probe("modules.set_gradients", self, values)

    def eval(self) -> None:
        self._student.probe("modules.set_mode", self, False)

    def train(self) -> None:
        self._student.probe("modules.set_mode", self, True)

    def double(self) -> None:
        self._student.probe("modules.double", self)

    def complete(self, example: torch.Tensor) -> None:
        """Runs a module with lazy layers once on this input, so that it has all its parameters."""
        self._student.probe("modules.complete", self, example, what=run_in_words(self.type_name, (example,)))


def _callee(target: str, what: str, args: tuple[Any, ...]) -> tuple[str, ...]:
    """What is called, apart from the values of its arguments: a function, a kind of layer, or a probe of these."""
    if target.startswith("handle:"):
        return (what.partition(",")[0],)
    return (
        target,
        *(
            arg.name if isinstance(arg, RemoteFunction) else arg.type_name
            for arg in args
            if isinstance(arg, Handle | RemoteFunction)
        ),
    )


def _forbidden(reply: Reply) -> str:
    return ", ".join(name[:120] for name in reply.forbidden[:3])


def _reference_node(value: Any) -> Node:
    """The node for a handle, a function of the student's module, or a generator."""
    if isinstance(value, Handle):
        return HandleNode(value.number, value.kind, value.type_name)
    if isinstance(value, RemoteFunction):
        return FunctionNode(value.name)
    if isinstance(value, SeededGenerator):
        return GeneratorNode(value.seed)
    raise TypeError(f"a grader cannot send a {type(value).__name__} to a worker")
