"""What the host gives to a worker and gets from it, as graders and diagnosis see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.wire.messages import ForbiddenRules


@dataclass(frozen=True)
class Opaque:
    """A returned value that is not a number, a string, a tensor, or a container of those."""

    type_name: str


@dataclass(frozen=True)
class SeededGenerator:
    """An argument that the worker replaces by a fresh `torch.Generator` with this seed."""

    seed: int


@dataclass(frozen=True)
class RecordedCall:
    """One successful call of a public function, or of an object that such a call returned, with its result."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    value: Any
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """One exchange with the worker, calls of probes included.

    It ends with a `value` and the arguments that were `changed`, or with the `problem` that ended the check.
    """

    target: str
    value: Any = None
    changed: tuple[str, ...] = ()
    problem: StudentProblem | None = None
    random: bool = False
    """Whether a generator was among the arguments."""
    about: int | None = None
    """The number of the handle that the call's first argument refers to."""
    what: str = ""
    """How messages name the call: the function with the shapes of its arguments."""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    """The seed of the worker's global random states for this call."""


@dataclass
class Assignment:
    """What a worker has to load: the submission's files and the rules of one exercise."""

    module: str
    files: dict[str, bytes]
    public: tuple[str, ...] = ()
    forbidden: ForbiddenRules = field(default_factory=ForbiddenRules)
    unreadable: dict[str, str] = field(default_factory=dict)
    """For each file that was handed in but cannot be used, by path, the reason."""
    refusal: str = ""
    """Why the file may not be run, if that can be read in it."""

    @property
    def path(self) -> str:
        return self.module.replace(".", "/") + ".py"
