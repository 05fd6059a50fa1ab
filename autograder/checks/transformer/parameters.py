"""Runs a student's module with chosen values of its parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.inputs import Draw
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

SAME = 1e-8
Values = Sequence[Tensor]
"""The trainable parameters, in the module's order."""


def same(a: Tensor, b: Tensor, tolerance: float = SAME) -> bool:
    """Whether |a − b| ≤ tolerance · (1 + |b|) everywhere."""
    return bool(((a - b).abs() <= tolerance * (1 + b.abs())).all())


@dataclass(frozen=True)
class Tried:
    """A student's module that can be run with any values of its parameters."""

    student: StudentModule
    model: Handle
    names: list[str]
    shapes: list[tuple[int, ...]]

    @classmethod
    def of(cls, student: StudentModule, model: Handle) -> Tried:
        """Switches the module to eval mode and float64."""
        model.eval()
        model.double()
        parameters = model.parameters()
        return cls(student, model, [name for name, _ in parameters], [tuple(value.shape) for _, value in parameters])

    @property
    def sizes(self) -> list[int]:
        return [math.prod(shape) for shape in self.shapes]

    def of_size(self, size: int) -> list[int]:
        """The indices of the parameters with this many numbers."""
        return [i for i, one in enumerate(self.sizes) if one == size]

    def random(self, draw: Draw, scale: float = 0.6) -> list[Tensor]:
        """Random values for all parameters."""
        return [draw.normal(*shape, scale=scale) for shape in self.shapes]

    def only(self, values: Values, kept: Sequence[int]) -> list[Tensor]:
        """The values with all but the kept ones set to zero."""
        return [value if i in kept else torch.zeros_like(value) for i, value in enumerate(values)]

    def outputs(self, cases: Sequence[Values], x: Tensor, shape: tuple[int, ...]) -> list[Tensor]:
        """The outputs for x, of this shape, with each of these values of the parameters."""
        found = self.student.probe("transformer.with_parameters", self.model, [list(case) for case in cases], x)
        if not isinstance(found, list) or len(found) != len(cases):
            raise Refused(f"the output of {self.model.type_name} for {tuple(x.shape)} cannot be read")
        return [as_tensor("the output", output, shape, x.dtype) for output in found]

    def output(self, values: Values, x: Tensor) -> Tensor:
        """The output for x, in the shape of x."""
        return self.outputs([values], x, tuple(x.shape))[0]
