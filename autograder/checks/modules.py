"""Handles of a student's nn.Module, which lives in the worker."""

from __future__ import annotations

from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.student_module import Handle


def as_model(what: str, value: Any) -> Handle:
    """Returns `value` if it is the handle of an nn.Module.

    Args:
        what: how the message names the value, for example "init_model(...)".
        value: anything that a student's function returned.

    Raises:
        CheckFailed: it is something else; the message says what.

    >>> as_model("init_model(...)", None)
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: init_model(...) should be the model, an nn.Module, but is None: is a return \
missing?
    """
    if not isinstance(value, Handle) or value.kind != "module":
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"{what} should be the model, an nn.Module, but is {describe_value(value)}{forgot}")
    return value


def randomise(draw: Draw, model: Handle) -> Handle:
    """Gives the model large random parameters and returns it: with small ones a mistake may not show."""
    model.set_parameters([draw.normal(*value.shape, scale=0.7, dtype=value.dtype) for _, value in model.parameters()])
    return model
