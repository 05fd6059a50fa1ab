"""Finds the role of each number in an attention layer's parameters, from how the output responds when it changes.

Students choose names, shapes and layouts: separate layers or a fused one, heads in any order, (out, in) or (in, out). So
no layout is guessed; the layer is treated as a function of its numbers. Values and final projection come first
(`value_path`). Then queries and keys:

- For two tokens x and x − u, the log odds of the two weights that x gives are the difference of its scores,
  (x Wq + bq) · (u Wk) · scale. They are linear in every number of Wq, bq and Wk, and proportional to a feature of x or u.
  The weights, and so the odds, follow from the output, because the values are known by then.
- A bias of the keys adds the same number to all scores of a query and has no effect, so numbers without effect may be one.

The scale is measured, so a wrong one does not matter here.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from autograder.checks.inputs import Draw
from autograder.checks.transformer.shared_heads import explain_heads
from autograder.checks.transformer.value_path import (
    BIAS,
    SAME,
    STEP,
    Groups,
    NoRoles,
    Place,
    ValuePath,
    find_value_path,
    grown_feature,
    growth,
    joined,
    near,
    responses,
    sizes,
    with_other_inputs,
)
from autograder.sandbox.host.student_module import Handle, StudentModule


class OneHead(NoRoles):
    """Raised if all features have the same attention weights, although there should be several heads."""


@dataclass(frozen=True)
class Roles:
    """The roles of a layer's parameters. Weights are (in, out), and the features of a head are next to each other.

    index: for each number of the flattened, joined parameters, its place among the joined blocks of `sizes`; the last place
        is for numbers without effect, such as a bias of the keys.
    scale: the factor of the scores.
    """

    embed_dim: int
    num_heads: int
    index: Tensor
    scale: float

    def gather(self, parameters: Sequence[Tensor]) -> Tensor:
        """Puts the numbers in their places. Those with the same place, such as biases of several heads, add up."""
        total = sum(math.prod(size) for size in sizes(self.embed_dim).values())
        return torch.zeros(total, dtype=torch.float64).index_add(0, self.index, joined(parameters))

    def blocks(self, gathered: Tensor) -> dict[str, Tensor]:
        """Splits gathered numbers into the blocks of `sizes`, by name."""
        parts = torch.split(gathered, [math.prod(size) for size in sizes(self.embed_dim).values()])
        return {name: part.reshape(size) for part, (name, size) in zip(parts, sizes(self.embed_dim).items())}


def find_roles(student: StudentModule, draw: Draw, model: Handle, C: int, num_heads: int) -> Roles:
    """Finds all roles from outputs for one and for two tokens, float64.

    Raises NoRoles if the outputs are not those of an attention, whatever its scale.
    """
    path = find_value_path(student, draw, model, C)
    return with_other_inputs(lambda: _roles(student, draw, model, path, num_heads))


@dataclass
class _Channel:
    """One feature of a head's queries or keys: the strength of its response, and the numbers that belong to it."""

    answer: float
    numbers: dict[int, int] = field(default_factory=dict)  # index in the parameters → feature of the input, or BIAS

    def of(self, x: Tensor, theta: Tensor) -> float:
        """The value of this feature for an input (C,)."""
        return float(sum(theta[number] * (1.0 if c == BIAS else x[c]) for number, c in self.numbers.items()))

    def is_whole(self, C: int) -> bool:
        return set(self.numbers.values()) - {BIAS} == set(range(C))


def _roles(student: StudentModule, draw: Draw, model: Handle, path: ValuePath, num_heads: int) -> Roles:
    C = len(path.bo)
    x, u = draw.normal(C), draw.normal(C)
    longer_x, longer_u = x * growth(C), u * growth(C)
    pairs = [(x, x - u), (longer_x, longer_x - u), (x, x - longer_u)]
    tokens = torch.stack([torch.stack(pair) for pair in pairs])  # (3, 2, C)
    rest = [number for number, place in enumerate(path.places) if place is None]
    if len(rest) < 2 * C * C:
        raise NoRoles(
            f"{len(rest)} numbers of the parameters belong neither to the values nor to the final projection, but queries "
            f"and keys need at least {2 * C * C}: is one of them missing?"
        )
    output, others = responses(student, model, tokens, rest)
    before = path.before_projection(output[:, 0])
    after = path.before_projection(others[:, :, 0])  # (rest, 3, C)
    heads = _heads(path, tokens, before, num_heads)
    odds = _odds(path, tokens, before, heads)
    if not odds.isfinite().all():
        raise NoRoles(_MASKED)
    changed_odds = _odds(path, tokens, after, heads)
    theta = joined([value for _, value in model.parameters()])
    for undo, explanation in _UNDO_SCORES:
        answers = (undo(changed_odds) - undo(odds)) / STEP  # (rest, 3, heads)
        try:
            roles = _from_answers(dict(zip(rest, answers)), x, u, path, heads, theta)
        except NoRoles:
            continue
        if explanation:
            raise NoRoles(explanation, mistake=explanation.partition(":")[0])
        return roles
    if mistake := explain_heads(dict(zip(rest, (changed_odds - odds) / STEP)), x, u, num_heads):
        raise NoRoles(mistake, mistake=mistake)
    raise NoRoles(
        "the input of the softmax is not a multiple of the scalar product of a query and a key, linear layers of the "
        "tokens. What else is between these layers and the softmax?"
    )


_UNDO_SCORES: tuple[tuple[Callable[[Tensor], Tensor], str], ...] = (
    (lambda odds: odds, ""),
    (lambda odds: 2 * torch.atanh(odds), "the softmax is applied twice: the second one makes the weights nearly equal"),
)
"""Functions that recover the scores from the log odds, with an explanation unless they are right as they are."""


_MASKED = (
    "with two tokens, the first gives the whole weight to one of them, or its weights are not numbers: is there a mask?"
)


def _heads(path: ValuePath, tokens: Tensor, mixed: Tensor, num_heads: int) -> list[list[int]]:
    """The channels of each head, which are those in which the first token has the same weight for all inputs (3, 2, C)."""
    first, second = path.values(tokens).unbind(1)
    weights = (mixed - second) / (first - second)  # (3, C)
    if near(weights, weights.round()):
        raise NoRoles(_MASKED)  # then all heads have the same weights, whatever num_heads is
    groups = Groups()
    heads: list[list[int]] = []
    for channel, weight in enumerate(weights.T):
        number = groups.number(weight)
        heads += [[]] * (number == len(heads))
        heads[number] = [*heads[number], channel]
    C = len(path.bo)
    found = sorted(len(head) for head in heads)
    if found == [C // num_heads] * num_heads:
        return heads
    if num_heads == 1:
        raise NoRoles("the output is not a mean of the values with one weight for each token")
    wanted = f"there should be {num_heads} heads of {C // num_heads} features, each with its own weights"
    if len(heads) == 1:
        raise OneHead(
            f"{wanted}, but all {C} features have the same weights: each head should compare its own features of queries "
            "and keys, and have its own softmax"
        )
    if len(set(found)) == 1 and found[0] > 1:
        seen = f"{wanted}, but there are {len(heads)} of {found[0]}"
        raise NoRoles(f"{seen}. How are the two sizes computed from embed_dim and num_heads?", mistake=seen)
    raise NoRoles(
        f"the features of the values do not form {num_heads} heads of {C // num_heads} with their own weights: are queries, "
        "keys and values split in the same way, and are the heads joined as they were split?"
    )


def _odds(path: ValuePath, tokens: Tensor, mixed: Tensor, heads: list[list[int]]) -> Tensor:
    """The log odds (..., 3, heads) of the two weights that the first token gives."""
    first, second = path.values(tokens).unbind(1)
    weights = [
        ((mixed - second) * (first - second))[..., head].sum(-1) / (first - second)[:, head].square().sum(-1)
        for head in heads
    ]
    return torch.stack(weights, -1).logit()


def _from_answers(
    answers: dict[int, Tensor], x: Tensor, u: Tensor, path: ValuePath, heads: list[list[int]], theta: Tensor
) -> Roles:
    """The roles from `answers`: what raising each number adds to the log odds (3, heads), by the number's index."""
    C, size = len(x), len(x) // len(heads)
    queries, keys = _channels(answers, x, u, len(heads))
    places = dict(enumerate(path.places))
    scales: list[float] = []
    for head in range(len(heads)):
        whole = all(channel.is_whole(C) for channel in (*queries[head], *keys[head]))
        if not (len(queries[head]) == len(keys[head]) == size and whole):
            raise NoRoles("")
        for i, query in enumerate(queries[head]):
            key, scale = _partner(query, keys[head], x, u, theta)
            scales.append(scale)
            column = head * size + i
            places |= {p: ("bq", (column,)) if c == BIAS else ("Wq", (c, column)) for p, c in query.numbers.items()}
            places |= {p: ("Wk", (c, column)) for p, c in key.numbers.items()}
    if not near(torch.tensor(scales), torch.tensor(scales[0])):
        raise NoRoles("")
    order = [channel for channels in heads for channel in channels]
    # All measure the same scale; the median avoids those that are inexact because their response is small.
    return Roles(C, len(heads), _index(places, C, order), statistics.median(scales))


def _channels(
    answers: dict[int, Tensor], x: Tensor, u: Tensor, num_heads: int
) -> tuple[list[list[_Channel]], list[list[_Channel]]]:
    """The features of each head's queries and keys, from how their numbers change the log odds."""
    queries: list[list[_Channel]] = [[] for _ in range(num_heads)]
    keys: list[list[_Channel]] = [[] for _ in range(num_heads)]
    for number, answer in answers.items():
        if not answer.isfinite().all():
            raise NoRoles("")
        if (answer.abs() <= SAME).all():
            continue  # like a bias of the keys
        head = int(answer[0].abs().argmax())
        base, with_longer_x, with_longer_u = answer[:, head].tolist()
        query = grown_feature(with_longer_x / base, len(x)) if base else None
        key = grown_feature(with_longer_u / base, len(x)) if base else None
        elsewhere = answer.abs().sum() - answer[:, head].abs().sum()
        if elsewhere > SAME or (query is None) == (key is None) or key == BIAS:
            raise NoRoles("")
        if query is not None:
            _put(queries[head], base / (1.0 if query == BIAS else float(x[query])), number, query)
        elif key is not None:
            _put(keys[head], base / float(u[key]), number, key)
    return queries, keys


def _put(channels: list[_Channel], answer: float, number: int, feature: int) -> None:
    for channel in channels:
        if abs(channel.answer - answer) <= SAME * (abs(answer) + SAME):
            channel.numbers[number] = feature
            return
    channels.append(_Channel(answer, {number: feature}))


def _partner(query: _Channel, keys: list[_Channel], x: Tensor, u: Tensor, theta: Tensor) -> tuple[_Channel, float]:
    """The feature of the keys that a feature of the queries is multiplied by, and the scale of the product."""
    for key in keys:
        scale = query.answer / key.of(u, theta)
        if abs(key.answer / query.of(x, theta) - scale) <= 10 * SAME * abs(scale):
            return key, scale
    raise NoRoles("")


def _index(places: dict[int, Place | None], C: int, order: list[int]) -> Tensor:
    """The place of each number among the joined blocks, with the channels of the values in this order."""
    starts, start = {}, 0
    for name, size in sizes(C).items():
        starts[name] = start
        start += math.prod(size)
    column = {channel: position for position, channel in enumerate(order)}

    def flat(place: Place | None) -> int:
        match place:
            case None:
                return starts["none"]
            case ("Wv", (c, m)):
                return starts["Wv"] + c * C + column[m]
            case ("Wo", (m, n)):
                return starts["Wo"] + column[m] * C + n
            case ("bv", (m,)):
                return starts["bv"] + column[m]
            case (name, (row, other)):
                return starts[name] + row * C + other
            case (name, (only,)):
                return starts[name] + only
        raise AssertionError(place)

    return torch.tensor([flat(places[number]) for number in range(len(places))])
