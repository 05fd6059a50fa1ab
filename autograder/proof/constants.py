"""A submission whose results are all the same constant, in the right shapes. It must earn nothing for its results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.checks.grader import Grader
from autograder.results import ExerciseResult

CONSTANTS = (0.0, 1.0)

_WRAPPER = '''

def _replace_results(names, number):
    """Replaces the results of these functions, and of the forward of these classes, by a constant."""
    import functools

    import torch

    def constant(value):
        if isinstance(value, torch.Tensor):
            return torch.full_like(value, number)
        if isinstance(value, (bool, int, float)):
            return type(value)(number)
        if isinstance(value, dict):
            return {{key: constant(item) for key, item in value.items()}}
        if isinstance(value, (list, tuple)):
            return type(value)(constant(item) for item in value)
        if isinstance(value, torch.nn.Module) and "forward" not in vars(value):
            value.forward = replaced(value.forward)
        return value

    def replaced(function):
        @functools.wraps(function)
        def call(*arguments, **options):
            return constant(function(*arguments, **options))

        return call

    for name in names:
        value = globals()[name]
        if not isinstance(value, type):
            globals()[name] = replaced(value)
        elif hasattr(value, "forward"):
            value.forward = replaced(value.forward)


_replace_results({names!r}, {number!r})
'''


def with_constants(solution: str, public: Sequence[str], number: float) -> str:
    """The solution's source, with `number` in place of every number that its functions and networks return."""
    return solution + _WRAPPER.format(names=tuple(public), number=number)


def paid_for_constants(grader: Grader, result: ExerciseResult) -> Iterator[str]:
    """The names of the checks that pass although every result is a constant, and do not say that they may."""
    allowed = {check.id for check in grader.checks if check.spec.apart_from_values}
    for check in result.checks:
        if check.status == "passed" and check.id not in allowed:
            yield check.id.name
