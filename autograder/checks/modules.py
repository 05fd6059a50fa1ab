"""A student's nn.Module as a grader holds it: a handle, whose parameters the check sets."""

from __future__ import annotations

from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.student_module import Handle, describe_value


def as_model(what: str, value: Any) -> Handle:
    """`value` as the handle of an nn.Module, or a failed check that says what came instead.

    >>> as_model("init_model(...)", None)
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: init_model(...) should be the model, an nn.Module, and is None: is a return \
missing?
    """
    if not isinstance(value, Handle) or value.kind != "module":
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"{what} should be the model, an nn.Module, and is {describe_value(value)}{forgot}")
    return value


def randomise(draw: Draw, model: Handle) -> Handle:
    """Gives the model large random parameters, so that no part of it hides behind small numbers."""
    model.set_parameters([draw.normal(*value.shape, scale=0.7, dtype=value.dtype) for _, value in model.parameters()])
    return model
