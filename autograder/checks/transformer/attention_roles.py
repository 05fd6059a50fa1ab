"""Which number of an attention layer's parameters plays which part, read off from what the output does when it changes.

Names, shapes and layouts are free: separate layers or a fused one, heads in any order, (out, in) or (in, out), numbers
of a head anywhere. So no layout is guessed. The layer is taken as a function of its numbers, which is simple enough:

- One token attends to itself alone, whatever queries and keys are: (x Wv + bv) Wo + bo. A number of Wo moves one feature
  of the output, by what its channel holds; a number of Wv moves all of them, along a row of Wo and in proportion to one
  feature of x.
- With two tokens x and x − u, the log of the odds of the two weights that x gives is what went into the softmax:
  (x Wq + bq) · (u Wk) · scale, linear in every number of Wq, bq and Wk, and in proportion to one feature of x or of u.
  The weights, and so their odds, follow from the output, since the values are known by then.
- A bias of the keys adds the same to all scores of a query and changes nothing: numbers without effect can be that.

Inputs come in pairs in which feature c grows by the factor 1 + (c + 1) / C: a response that grows by it is feature c's,
and one that stays as it is, a bias's. Everything is affine in the number that is changed, so steps need not be small,
and in float64 all is exact but for rounding. The scale is measured: it need not be the right one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

STEP = 0.5
SAME = 1e-6
"""Measured numbers nearer than this are one: rounding makes some 1e-12, and different numbers are rarely as near."""
BIAS = -1
"""In place of a feature."""

Place = tuple[str, tuple[int, ...]]
"""A block and the position in it: ("Wo", (m, n))."""
T = TypeVar("T")


class NoRoles(CheckFailed):
    """The layer is no such function of its parameters."""


@dataclass(frozen=True)
class ValuePath:
    """What a single token goes through: Wv (C, C), bv (C,), Wo (C, C), bo (C,), weights as (in, out).

    `places`: the place of each number of the parameters, these flattened and joined; None where it has no effect.
    """

    Wv: Tensor
    bv: Tensor
    Wo: Tensor
    bo: Tensor
    places: list[Place | None]

    def values(self, x: Tensor) -> Tensor:
        return x @ self.Wv + self.bv

    def before_projection(self, output: Tensor) -> Tensor:
        """The means of values that became this output."""
        flat = (output - self.bo).reshape(-1, len(self.bo))
        inverse: Tensor = torch.linalg.inv(self.Wo)
        return (flat @ inverse).reshape(output.shape)


@dataclass(frozen=True)
class Roles:
    """A layer with its parameters by their roles. Weights are (in, out); the features of a head stand side by side.

    `index`: for each number of the parameters, these flattened and joined, its place among the blocks of `sizes`, joined
    too; the last place is for what has no effect, such as a bias of the keys. `scale`: what multiplies the scores.
    """

    embed_dim: int
    num_heads: int
    index: Tensor
    scale: float

    def gather(self, parameters: Sequence[Tensor]) -> Tensor:
        """The numbers of the parameters at their places; what shares one, such as a bias for each head, is added."""
        total = sum(math.prod(size) for size in sizes(self.embed_dim).values())
        return torch.zeros(total, dtype=torch.float64).index_add(0, self.index, joined(parameters))

    def blocks(self, gathered: Tensor) -> dict[str, Tensor]:
        parts = torch.split(gathered, [math.prod(size) for size in sizes(self.embed_dim).values()])
        return {name: part.reshape(size) for part, (name, size) in zip(parts, sizes(self.embed_dim).items())}


def sizes(C: int) -> dict[str, tuple[int, ...]]:
    """The blocks that a number can belong to, and their shapes."""
    return {"Wq": (C, C), "bq": (C,), "Wk": (C, C), "Wv": (C, C), "bv": (C,), "Wo": (C, C), "bo": (C,), "none": (1,)}


def joined(parameters: Sequence[Tensor]) -> Tensor:
    return torch.cat([value.double().flatten() for value in parameters])


def find_value_path(student: StudentModule, draw: Draw, model: Handle, C: int) -> ValuePath:
    """From outputs for single tokens, in float64. NoRoles where they are not (x Wv + bv) Wo + bo."""
    return _with_other_inputs(lambda: _value_path(student, draw, model, C))


def find_roles(student: StudentModule, draw: Draw, model: Handle, C: int, num_heads: int) -> Roles:
    """From outputs for one and for two tokens, in float64. NoRoles where they are no attention, whatever the scale."""
    path = find_value_path(student, draw, model, C)
    return _with_other_inputs(lambda: _roles(student, draw, model, path, num_heads))


def _with_other_inputs(find: Callable[[], T]) -> T:
    """Once more where it fails: two different numbers may have been near each other."""
    try:
        return find()
    except NoRoles:
        return find()


def _responses(student: StudentModule, model: Handle, x: Tensor, chosen: list[int]) -> tuple[Tensor, Tensor]:
    """The output, and what raising each of the chosen numbers by STEP makes of it: (chosen, *x.shape)."""
    match student.probe("attention.responses", model, x, STEP, chosen):
        case (Tensor() as output, list() as others) if all(isinstance(other, Tensor) for other in others):
            if others and all(found.shape == x.shape for found in (output, *others)):
                return output.double(), torch.stack(others).double()
    raise Refused(f"what the {model.type_name} makes of float64{list(x.shape)} cannot be read")


def _growth(C: int) -> Tensor:
    return 1 + torch.arange(1, C + 1, dtype=torch.float64) / C


def _feature(ratio: float, C: int) -> int | None:
    """The feature that grows by this factor, or BIAS for 1, or None."""
    place = (ratio - 1) * C
    nearest = round(place) if math.isfinite(place) else -1
    return nearest - 1 if 0 <= nearest <= C and abs(place - nearest) < 10 * SAME else None


def _near(a: Tensor, b: Tensor) -> bool:
    return bool(((a - b).abs() <= SAME * (1 + b.abs())).all())


@dataclass
class _Groups:
    """Things told apart by a measured vector."""

    keys: list[Tensor] = field(default_factory=list)

    def number(self, key: Tensor) -> int:
        """Which group has this vector; a new one if none has."""
        for number, known in enumerate(self.keys):
            if _near(key, known):
                return number
        self.keys.append(key)
        return len(self.keys) - 1


def _value_path(student: StudentModule, draw: Draw, model: Handle, C: int) -> ValuePath:
    x = draw.normal(C)
    tokens = torch.stack([x, x * _growth(C)])
    theta = joined([value for _, value in model.parameters()])
    output, others = _responses(student, model, tokens[:, None], list(range(len(theta))))
    answers = (others - output)[:, :, 0] / STEP  # (numbers, 2, C)
    moved = (answers.abs() > SAME).any(1)  # (numbers, C): which features of the output a number moves
    if int(moved.any(1).sum()) > 3 * C * C:
        raise NoRoles(
            "the output for a single token depends on queries and keys: it has only itself to attend to, so its weight "
            "is 1 whatever they are. Which axes do your scores compare, and over which is the softmax?"
        )
    blocks = {name: torch.zeros(size, dtype=torch.float64) for name, size in sizes(C).items()}
    places: list[Place | None] = [None] * len(theta)
    channels = _Groups()
    for number in (moved.sum(1) == 1).nonzero().flatten().tolist():
        n = int(moved[number].nonzero())
        answer = answers[number, :, n]
        is_bias = _near(answer, torch.ones(2))
        places[number] = ("bo", (n,)) if is_bias else ("Wo", (channels.number(answer), n))
    if _near(output[0], output[1]):
        raise NoRoles("a single token comes out the same whatever it is: its weight is to be 1, and seems to be 0")
    if (moved.sum(1) > 1).sum() == 0:
        raise NoRoles(
            "a single token goes through one linear layer only, that of the values: the final projection is missing"
        )
    if len(channels.keys) > C:
        raise NoRoles(f"{_one_token(C)}{_MORE_THAN_THAT}")
    if len(channels.keys) < C:
        raise NoRoles(
            f"{_one_token(C)}: the final projection takes {len(channels.keys)} different features, where the values "
            f"of all heads side by side have {C}"
        )
    for number, place in enumerate(places):
        if place is not None:
            blocks[place[0]][place[1]] += theta[number]
    for number in (moved.sum(1) > 1).nonzero().flatten().tolist():
        first, second = answers[number]
        feature = _feature(float(first @ second / (first @ first)), C)
        row = first if feature is None or feature == BIAS else first / x[feature]
        matches = [m for m in range(C) if _near(row, blocks["Wo"][m])]
        if feature is None or len(matches) != 1:
            weight = "" if feature is None else _weight_of_one(row, blocks["Wo"])
            raise NoRoles(f"{_one_token(C)}{weight or _MORE_THAN_THAT}")
        place = ("bv", (matches[0],)) if feature == BIAS else ("Wv", (feature, matches[0]))
        places[number] = place
        blocks[place[0]][place[1]] += theta[number]
    path = ValuePath(blocks["Wv"], blocks["bv"], blocks["Wo"], blocks["bo"], places)
    excess = output[:, 0] - (path.values(tokens) @ path.Wo + path.bo)
    if _near(excess, tokens):
        raise NoRoles(
            "the input is added to the output: the residual connection belongs to the block around this layer"
        )
    if not _near(excess, torch.zeros(2, C)):
        raise NoRoles(f"{_one_token(C)}{_MORE_THAN_THAT}")
    return path


_MORE_THAN_THAT = ": is there more in it than two linear layers, such as an activation or a normalization?"


def _weight_of_one(row: Tensor, Wo: Tensor) -> str:
    """What a token weighs, where it is not 1, if an answer is that many times a row of the final projection."""
    for candidate in Wo:
        weight = float(row @ candidate / (candidate @ candidate))
        if _near(row, weight * candidate):
            return f", but of {weight:.4g} times that: a token alone has the weight 1. What happens after the softmax?"
    return ""


def _one_token(C: int) -> str:
    return f"the output for a single token of {C} features is not the final projection of its value"


@dataclass
class _Channel:
    """One feature of a head's queries, or of its keys: what it answers to, and where its numbers are."""

    answer: float
    numbers: dict[int, int] = field(default_factory=dict)  # of the parameters, to the feature of the input, or BIAS

    def of(self, x: Tensor, theta: Tensor) -> float:
        """This feature for an input (C,)."""
        return float(sum(theta[number] * (1.0 if c == BIAS else x[c]) for number, c in self.numbers.items()))

    def is_whole(self, C: int) -> bool:
        return set(self.numbers.values()) - {BIAS} == set(range(C))


def _roles(student: StudentModule, draw: Draw, model: Handle, path: ValuePath, num_heads: int) -> Roles:
    C = len(path.bo)
    x, u = draw.normal(C), draw.normal(C)
    longer_x, longer_u = x * _growth(C), u * _growth(C)
    pairs = [(x, x - u), (longer_x, longer_x - u), (x, x - longer_u)]
    tokens = torch.stack([torch.stack(pair) for pair in pairs])  # (3, 2, C)
    rest = [number for number, place in enumerate(path.places) if place is None]
    if len(rest) < 2 * C * C:
        raise NoRoles(
            f"{len(rest)} numbers of the parameters have no part in the values and the final projection, and queries "
            f"and keys have at least {2 * C * C}: is one of them missing?"
        )
    output, others = _responses(student, model, tokens, rest)
    before = path.before_projection(output[:, 0])
    after = path.before_projection(others[:, :, 0])  # (rest, 3, C)
    heads = _heads(path, tokens, before, num_heads)
    odds = _odds(path, tokens, before, heads)
    if not odds.isfinite().all():
        raise NoRoles(_MASKED)
    changed_odds = _odds(path, tokens, after, heads)
    theta = joined([value for _, value in model.parameters()])
    for undo, reason in _SEEN_BY_THE_SOFTMAX:
        answers = (undo(changed_odds) - undo(odds)) / STEP  # (rest, 3, heads)
        try:
            roles = _from_answers(dict(zip(rest, answers)), x, u, path, heads, theta)
        except NoRoles:
            continue
        if reason:
            raise NoRoles(reason)
        return roles
    raise NoRoles(
        "what goes into the softmax is not the scalar product of a query and a key, a linear layer each, times a number"
    )


_SEEN_BY_THE_SOFTMAX: tuple[tuple[Callable[[Tensor], Tensor], str], ...] = (
    (lambda odds: odds, ""),
    (lambda odds: 2 * torch.atanh(odds), "the softmax is applied twice: the second one makes the weights nearly equal"),
)
"""What was done to the scores, undone."""


_MASKED = "of two tokens, one gets a weight of 0, or one that is no number: is something masked?"


def _heads(path: ValuePath, tokens: Tensor, mixed: Tensor, num_heads: int) -> list[list[int]]:
    """The channels of each head: those in which the first token has the same weight, for all inputs (3, 2, C)."""
    first, second = path.values(tokens).unbind(1)
    weights = (mixed - second) / (first - second)  # (3, C)
    if _near(weights, weights.round()):
        raise NoRoles(_MASKED)  # all heads have the same weights then, and num_heads is not to blame
    groups = _Groups()
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
        raise NoRoles("the output is no weighted mean of the values with one weight for each token")
    wanted = f"there should be {num_heads} heads of {C // num_heads} features, each with weights of its own"
    if len(heads) == 1:
        raise NoRoles(f"{wanted}. Here all {C} features share theirs: is num_heads used, with a softmax for each head?")
    if len(set(found)) == 1 and found[0] > 1:
        raise NoRoles(f"{wanted}. Here there are {len(heads)} of {found[0]}: do the two sizes come from the arguments?")
    raise NoRoles(
        f"the values' features do not fall into {num_heads} heads of {C // num_heads} that each have weights of their "
        "own: are queries, keys and values split in the same way, and the heads joined as they were split?"
    )


def _odds(path: ValuePath, tokens: Tensor, mixed: Tensor, heads: list[list[int]]) -> Tensor:
    """The log of the odds of the two weights that the first token gives, (..., 3, heads)."""
    first, second = path.values(tokens).unbind(1)
    weights = [
        ((mixed - second) * (first - second))[..., head].sum(-1) / (first - second)[:, head].square().sum(-1)
        for head in heads
    ]
    return torch.stack(weights, -1).logit()


def _from_answers(
    answers: dict[int, Tensor], x: Tensor, u: Tensor, path: ValuePath, heads: list[list[int]], theta: Tensor
) -> Roles:
    """`answers`: by the number of the parameters that was raised, what it adds to the odds, (3, heads)."""
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
    if not _near(torch.tensor(scales), torch.tensor(scales[0])):
        raise NoRoles("")
    order = [channel for channels in heads for channel in channels]
    # All measure the same; one whose answer is small is less exact, and the median is not.
    return Roles(C, len(heads), _index(places, C, order), statistics.median(scales))


def _channels(
    answers: dict[int, Tensor], x: Tensor, u: Tensor, num_heads: int
) -> tuple[list[list[_Channel]], list[list[_Channel]]]:
    """The features of each head's queries and keys, by what the numbers in them do to the odds."""
    queries: list[list[_Channel]] = [[] for _ in range(num_heads)]
    keys: list[list[_Channel]] = [[] for _ in range(num_heads)]
    for number, answer in answers.items():
        if not answer.isfinite().all():
            raise NoRoles("")
        if (answer.abs() <= SAME).all():
            continue  # as a bias of the keys
        head = int(answer[0].abs().argmax())
        base, with_longer_x, with_longer_u = answer[:, head].tolist()
        query = _feature(with_longer_x / base, len(x)) if base else None
        key = _feature(with_longer_u / base, len(x)) if base else None
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
    """The feature of the keys that this one of the queries is multiplied with, and the scale of the product."""
    for key in keys:
        scale = query.answer / key.of(u, theta)
        if abs(key.answer / query.of(x, theta) - scale) <= 10 * SAME * abs(scale):
            return key, scale
    raise NoRoles("")


def _index(places: dict[int, Place | None], C: int, order: list[int]) -> Tensor:
    """Places among the joined blocks, with the channels of the values in this order."""
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
