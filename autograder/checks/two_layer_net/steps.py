"""Checks of one step of gradient descent on several parameters: which are right, and whose gradient a wrong one has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checks.cause import Cause, failed, mistake_of, preceded
from autograder.checks.closeness import expect_close, is_close
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explain
from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.network_contexts import step_context


@dataclass(frozen=True)
class Step:
    """What was added to a parameter; its value before and its gradient have the same shape."""

    name: str
    got: Tensor
    old: Tensor
    gradient: Tensor
    eta: float
    second: bool = False

    @property
    def right(self) -> Tensor:
        return -self.eta * self.gradient.double()

    @property
    def context(self) -> AnswerContext:
        return step_context(self.old, self.gradient, self.eta, second=self.second)


def expect_steps(steps: Sequence[Step], *, rtol: float, what: str = "the step of {}") -> None:
    """Fails if a step is wrong: with the cause that all steps have in common, or at the first wrong step, and then says
    which steps are right and which wrong."""
    right = [step.name for step in steps if is_close(step.got, step.right, rtol=rtol)]
    for step in steps:
        try:
            expect_close(what.format(step.name), step.got, step.right, rtol=rtol, context=step.context)
        except CheckFailed as failure:
            if cause := _of_all(steps, rtol):
                raise failed(preceded(f"{what.format('every parameter')} ", cause)) from None
            wrong = [other.name for other in steps if other.name not in right]
            which = f". Right: {_listed(right)}; wrong: {_listed(wrong)}" if right else ""
            cut = _of_one_vector(steps, wrong, rtol)
            raise CheckFailed(f"{failure.message}{which}{cut}", mistake=mistake_of(cut) or failure.mistake) from None


def _of_all(steps: Sequence[Step], rtol: float) -> str:
    """The cause that explains every step; "" if there is none."""
    found = {explain(step.got.double(), step.right, rtol, step.context) for step in steps}
    cause = found.pop()
    return cause if isinstance(cause, Cause) and not found and len(steps) > 1 else ""


def _of_one_vector(steps: Sequence[Step], wrong: list[str], rtol: float) -> str:
    """Recognises gradients that are cut out of one long vector at wrong places, for every wrong step."""
    vector, begin, found = torch.cat([step.right.flatten() for step in steps]), 0, ""
    for step in steps:
        size, got = step.got.numel(), step.got.double().flatten()
        if step.name in wrong:
            places = [
                i
                for i in range(len(vector) - size + 1)
                if size > 1 and i != begin and is_close(got, vector[i : i + size], rtol=rtol)
            ]
            if not places:
                return ""
            claim = f"With all gradients in one vector, {step.name} gets the numbers from {places[0]} on"
            found = found or Cause(f". {claim}, but its own begin at {begin}", claim)
        begin += size
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
