"""Whether a function refuses bad input, and only that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, RemoteFunction, StudentModule, describe_value


@dataclass(frozen=True)
class Given:
    """Input of one call, and what is the matter with it, or why nothing is: "the kernel fits exactly"."""

    why: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


def expect_refusals(student: StudentModule, function: RemoteFunction, *, good: list[Given], bad: list[Given]) -> None:
    """Fails unless bad input raises a ValueError or an AssertionError, and good input nothing.

    The first good input is the plainest: it is called directly, so that a name that is missing is said to be.
    """
    function(*good[0].args, **good[0].options)
    for given in good:
        kind, name, _ = _outcome(student, function, given)
        if kind != "returned":
            raise CheckFailed(f"{call_text(function.name, given.args, given.options)} raises {_a(name)}: {given.why}")
    # All are asked before one is judged: what was refused and what was not tells which mistake it is.
    for given, (kind, name, value) in [(given, _outcome(student, function, given)) for given in bad]:
        call = call_text(function.name, given.args, given.options)
        if kind == "raised":
            raise CheckFailed(f"{call} raises {_a(name)}, where a ValueError is asked for: {given.why}")
        if kind == "returned":
            raise CheckFailed(f"{call} returns {_shown(value)}, where a ValueError is asked for: {given.why}")


def call_text(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    """A call as a student would type it.

    >>> call_text("same_padding", (4,), {})
    'same_padding(4)'
    """
    shown = [_argument(value) for value in args] + [f"{key}={_argument(value)}" for key, value in options.items()]
    return f"{name}({', '.join(shown)})"


def _outcome(student: StudentModule, function: RemoteFunction, given: Given) -> tuple[str, str, Any]:
    found = student.probe("functions.outcome", function, list(given.args), given.options)
    if not isinstance(found, tuple) or len(found) != 3:
        raise Refused(f"what {function.name} did cannot be read")
    return str(found[0]), str(found[1])[:60], found[2]


def _argument(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return value.type_name if isinstance(value, Handle) else repr(value)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (bool, int, float)) else describe_value(value)


def _a(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"
