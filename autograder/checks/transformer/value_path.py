"""Finds the values and the final projection among an attention layer's parameters, from outputs for single tokens.

A single token attends only to itself, whatever queries and keys are, so its output is (x Wv + bv) Wo + bo. A number of Wo
moves one feature of the output, in proportion to a feature of the value. A number of Wv moves all features, along a row of
Wo and in proportion to a feature of x.

Inputs come in pairs in which feature c grows by the factor 1 + (c + 1) / C. A response that grows by this factor belongs to
feature c, and one that does not grow belongs to a bias. Everything is affine in the number that changes, so steps need not
be small, and float64 is exact up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.explanations.context import shown_factor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

STEP = 0.5
SAME = 1e-6
"""Measured numbers closer than this count as equal: rounding errors are about 1e-12, other differences rarely this small."""
BIAS = -1
"""Stands for a bias where a feature is expected."""

Place = tuple[str, tuple[int, ...]]
"""A block and the position in it: ("Wo", (m, n))."""
T = TypeVar("T")


NO_PROJECTION = "the final projection is missing"


class NoRoles(CheckFailed):
    """Raised if the layer is not an attention, as a function of its parameters; the message explains why."""


@dataclass(frozen=True)
class ValuePath:
    """The two linear layers that a single token passes: Wv (C, C), bv (C,), Wo (C, C), bo (C,), weights as (in, out).

    places: the place of each number of the flattened, joined parameters; None if it has no effect.
    """

    Wv: Tensor
    bv: Tensor
    Wo: Tensor
    bo: Tensor
    places: list[Place | None]

    def values(self, x: Tensor) -> Tensor:
        """The values of tokens x (..., C)."""
        return x @ self.Wv + self.bv

    def before_projection(self, output: Tensor) -> Tensor:
        """The weighted means of values that give this output (..., C)."""
        flat = (output - self.bo).reshape(-1, len(self.bo))
        inverse: Tensor = torch.linalg.inv(self.Wo)
        return (flat @ inverse).reshape(output.shape)


def sizes(C: int) -> dict[str, tuple[int, ...]]:
    """The shape of each block that a number can belong to, by name."""
    return {"Wq": (C, C), "bq": (C,), "Wk": (C, C), "Wv": (C, C), "bv": (C,), "Wo": (C, C), "bo": (C,), "none": (1,)}


def joined(parameters: Sequence[Tensor]) -> Tensor:
    """All numbers of the parameters in one float64 vector."""
    return torch.cat([value.double().flatten() for value in parameters])


def find_value_path(student: StudentModule, draw: Draw, model: Handle, C: int) -> ValuePath:
    """Finds values and final projection from outputs for single tokens, float64.

    Raises NoRoles if the outputs are not (x Wv + bv) Wo + bo.
    """
    return with_other_inputs(lambda: _value_path(student, draw, model, C))


def with_other_inputs(find: Callable[[], T]) -> T:
    """Tries again with other inputs after a failure: two different numbers may have been too close to each other."""
    try:
        return find()
    except NoRoles:
        return find()


def responses(student: StudentModule, model: Handle, x: Tensor, chosen: list[int]) -> tuple[Tensor, Tensor]:
    """The output, and the outputs (chosen, *x.shape) after raising each of the chosen numbers by STEP."""
    what = f"the {model.type_name}, given x of shape {tuple(x.shape)},"
    match student.probe("attention.responses", model, x, STEP, chosen, what=what):
        case (Tensor() as output, list() as others) if all(isinstance(other, Tensor) for other in others):
            if others and all(found.shape == x.shape for found in (output, *others)):
                return output.double(), torch.stack(others).double()
    raise Refused(f"{what} does not return a tensor of that shape")


def growth(C: int) -> Tensor:
    """The factor by which each feature grows."""
    return 1 + torch.arange(1, C + 1, dtype=torch.float64) / C


def grown_feature(ratio: float, C: int) -> int | None:
    """The feature that grows by this factor, or BIAS for 1, or None."""
    place = (ratio - 1) * C
    nearest = round(place) if math.isfinite(place) else -1
    return nearest - 1 if 0 <= nearest <= C and abs(place - nearest) < 10 * SAME else None


def near(a: Tensor, b: Tensor) -> bool:
    """Whether measured numbers are equal."""
    return bool(((a - b).abs() <= SAME * (1 + b.abs())).all())


@dataclass
class Groups:
    """Groups of things that have the same measured vector."""

    keys: list[Tensor] = field(default_factory=list)

    def number(self, key: Tensor) -> int:
        """The number of the group with this vector; makes a new group if there is none."""
        for number, known in enumerate(self.keys):
            if near(key, known):
                return number
        self.keys.append(key)
        return len(self.keys) - 1


def _value_path(student: StudentModule, draw: Draw, model: Handle, C: int) -> ValuePath:
    x = draw.normal(C)
    tokens = torch.stack([x, x * growth(C)])
    theta = joined([value for _, value in model.parameters()])
    output, others = responses(student, model, tokens[:, None], list(range(len(theta))))
    answers = (others - output)[:, :, 0] / STEP  # (numbers, 2, C)
    moved = (answers.abs() > SAME).any(1)  # (numbers, C): the features of the output that a number moves
    if near(output[0], output[1]):
        raise NoRoles(
            "the output is the same for different single tokens, but should be the projection of their values"
        )
    if int(moved.any(1).sum()) > 3 * C * C:
        raise NoRoles(
            "the output for a single token depends on queries and keys, but the token attends only to itself, so its weight "
            "should be 1. Which axes do your scores compare, is there a softmax, and over which axis does it run?"
        )
    blocks = {name: torch.zeros(size, dtype=torch.float64) for name, size in sizes(C).items()}
    places: list[Place | None] = [None] * len(theta)
    channels = Groups()
    for number in (moved.sum(1) == 1).nonzero().flatten().tolist():
        n = int(moved[number].nonzero())
        answer = answers[number, :, n]
        is_bias = near(answer, torch.ones(2))
        places[number] = ("bo", (n,)) if is_bias else ("Wo", (channels.number(answer), n))
    if (moved.sum(1) > 1).sum() == 0:
        raise NoRoles(f"a single token passes only one linear layer, that of the values: {NO_PROJECTION}")
    if len(channels.keys) != C:
        _expect_affine(model, draw, C)
    if len(channels.keys) > C:
        raise NoRoles(f"{_one_token(C)}{_MORE_THAN_THAT}")
    if len(channels.keys) < C:
        raise NoRoles(
            f"{_one_token(C)}: the final projection gets {len(channels.keys)} different features, but the values of all "
            f"heads side by side have {C}"
        )
    for number, place in enumerate(places):
        if place is not None:
            blocks[place[0]][place[1]] += theta[number]
    for number in (moved.sum(1) > 1).nonzero().flatten().tolist():
        first, second = answers[number]
        feature = grown_feature(float(first @ second / (first @ first)), C)
        row = first if feature is None or feature == BIAS else first / x[feature]
        matches = [m for m in range(C) if near(row, blocks["Wo"][m])]
        if feature is None or len(matches) != 1:
            weight = "" if feature is None else _weight_of_one(row, blocks["Wo"])
            if not weight:
                _expect_affine(model, draw, C)
            seen = f"{_one_token(C)}{weight}"
            if weight:
                advice = ": a token alone should have the weight 1. What happens after the softmax?"
                raise NoRoles(f"{seen}{advice}", mistake=seen)
            raise NoRoles(f"{seen}{_MORE_THAN_THAT}")
        place = ("bv", (matches[0],)) if feature == BIAS else ("Wv", (feature, matches[0]))
        places[number] = place
        blocks[place[0]][place[1]] += theta[number]
    path = ValuePath(blocks["Wv"], blocks["bv"], blocks["Wo"], blocks["bo"], places)
    excess = output[:, 0] - (path.values(tokens) @ path.Wo + path.bo)
    if near(excess, tokens):
        seen = "the input is added to the output"
        raise NoRoles(f"{seen}: the residual connection belongs to the block around this layer", mistake=seen)
    if not near(excess, torch.zeros(2, C)):
        _expect_affine(model, draw, C)
        raise NoRoles(f"{_one_token(C)}{_MORE_THAN_THAT}")
    return path


_MORE_THAN_THAT = (
    ", although it is linear in the token: is there another layer, or something that is added or multiplied?"
)


def _expect_affine(model: Handle, draw: Draw, C: int) -> None:
    """Fails unless the output for a single token is a linear layer of the token, whatever its parameters."""
    x = 1000 * draw.normal(4, C)

    def output(tokens: Tensor) -> Tensor:
        return as_tensor("the output", model(tokens[:, None]), (len(tokens), 1, C)).double()[:, 0]

    one, two, third, fourth = output(torch.stack([x[0], x[1], x[2], x[0] + x[1] - x[2]]) / 1000)
    if near(one + two, third + fourth):
        return
    large, larger = output(x), output(2 * x + 1000)
    same = bool(((large - larger).abs() <= 1e-4 * (1 + large.abs())).all())
    if same and not near(large, large.roll(1, 0)):
        raise NoRoles(
            f"{_one_token(C)}: it is the same for a large token and for twice the token plus a constant. Is the token "
            "normalized first? That belongs to the block around this layer"
        )
    raise NoRoles(
        f"{_one_token(C)}, as it is not linear in the token: is there an activation or a normalization? With one token the "
        "softmax gives the weight 1, so only two linear layers should be left"
    )


def _weight_of_one(row: Tensor, Wo: Tensor) -> str:
    """Explains a response by a weight of the token other than 1; "" if it is no multiple of a row of the projection."""
    for candidate in Wo:
        weight = float(row @ candidate / (candidate @ candidate))
        if near(row, weight * candidate):
            return f", but of {shown_factor(weight)} times its value"
    return ""


def _one_token(C: int) -> str:
    return f"the output for a single token of {C} features is not the final projection of its value"
