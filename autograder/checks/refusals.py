"""Checks that a function refuses bad input and accepts good input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.checks.cause import Cause, failed
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.exchanges import Opaque
from autograder.sandbox.host.student_module import RemoteFunction, StudentModule


@dataclass(frozen=True)
class Given:
    """The arguments of one call, and why they are good or bad, for example "the kernel fits exactly"."""

    why: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


def expect_refusals(student: StudentModule, function: RemoteFunction, *, good: list[Given], bad: list[Given]) -> None:
    """Fails unless all bad input raises ValueError or AssertionError, and good input raises nothing.

    Args:
        student: the student's module.
        function: the function to call.
        good: arguments that must be accepted, the simplest first.
        bad: arguments that must be refused.

    Raises:
        CheckFailed: the message quotes the first call that went wrong, and why its arguments are good or bad.
    """
    # This call reports what any call reports, such as a missing name or a forbidden function.
    function(*good[0].args, **good[0].options)
    for given in good:
        kind, name, _ = _outcome(student, function, given)
        if kind != "returned":
            raise CheckFailed(f"{function.in_words(*given.args, **given.options)} raises {_a(name)}: {given.why}")
    # All calls are made before the first is judged: together the outcomes identify the mistake.
    for given, (kind, name, value) in [(given, _outcome(student, function, given)) for given in bad]:
        call = function.in_words(*given.args, **given.options)
        if kind == "raised":
            raise CheckFailed(f"{call} raises {_a(name)}, but should raise a ValueError: {given.why}")
        if kind == "returned":
            raised = " instead of raising it" if isinstance(value, Opaque) and value.type_name.endswith("Error") else ""
            text = f"{call} returns {_shown(value)}{raised or ', but should raise a ValueError'}: {given.why}"
            raise failed(Cause(text, text))


def _outcome(student: StudentModule, function: RemoteFunction, given: Given) -> tuple[str, str, Any]:
    found = student.probe("functions.outcome", function, list(given.args), given.options)
    if not isinstance(found, tuple) or len(found) != 3:
        raise Refused(f"the outcome of {function.name} cannot be read")
    return str(found[0]), str(found[1])[:60], found[2]


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (bool, int, float)) else describe_value(value)


def _a(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"
