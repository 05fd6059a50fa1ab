"""A student's `ConvNet` in the grader's hands: its numbers, its runs, and which of its layers give what they should."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.convolution.convnet_explanations import ENDS, close, why
from autograder.checks.convolution.convnet_reference import (
    LAYERS,
    NORMS,
    WEIGHTS,
    Number,
    Roles,
    assignments,
    candidates,
    in_roles,
    outputs,
    step,
)
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.sandbox.host.errors import Raised, Refused
from autograder.sandbox.host.student_module import StudentModule

SCORES = "scores"
"""What the network returns, as a key beside the layers."""
_RTOL = {torch.float32: 1e-4, torch.float64: 1e-9}
_FAN_IN = {2_400: 75, 51_200: 800, 102_400: 1_600, 1_024_000: 1_024, 10_000: 1_000}  # by the size of a weight


@dataclass(frozen=True)
class Run:
    """What one run of the network gave.

    `layers`: the outputs of the eight layers, or of the six up to pool3, where they could be seen (whether a pool comes
    before its ReLU or after it is free); `kinds`: what was seen; `used`: the numbers' places in the order of their first
    use; `gradients`: by place.
    """

    images: Tensor
    training: bool
    scores: Tensor
    kinds: list[str]
    layers: list[Tensor] | None
    used: list[int]
    gradients: dict[int, Tensor | None]

    @property
    def complete(self) -> bool:
        return self.layers is not None and len(self.layers) == len(LAYERS)


@dataclass(frozen=True)
class Study:
    """Which number has which role, and what is wrong: by layer or "scores", the reason in words.

    `local`: each layer was judged by what came out of the one before it, so that one mistake is one problem; otherwise
    the network was judged as a whole, by its scores.
    """

    roles: Roles
    local: bool
    problems: dict[str, str] = field(default_factory=dict)

    def expect(self, *parts: str) -> None:
        """Fails where one of these is wrong, the first in order; judged as a whole, where anything is."""
        for part, problem in self.problems.items():
            if part in parts or not self.local:
                raise CheckFailed(problem)


class Net:
    """A new network of the student's."""

    def __init__(self, student: StudentModule, **options: Any) -> None:
        self.name = f"ConvNet({', '.join(f'{key}={value}' for key, value in options.items())})"
        self.batch_norm = bool(options.get("batch_norm"))
        self._student = student
        self.model = as_model(self.name, student.ConvNet(**options))
        self.dtype = torch.float32
        self.values: list[Tensor] = []
        self._in_float64: list[Tensor] = []
        images = torch.zeros(2, 3, 32, 32)
        with self._running(images):  # lazy layers have their parameters only then
            student.probe("execution.first_run", self.model, images)
        self.numbers = self._listing()

    def _listing(self) -> list[Number]:
        found = self._student.probe("execution.describe_tensors", self.model)
        if not isinstance(found, list) or not all(isinstance(item, tuple) and len(item) == 4 for item in found):
            raise Refused(f"the parameters of {self.name} cannot be read")
        return [
            Number(place, str(name), tuple(shape), str(dtype), trainable is True)
            for place, (name, shape, dtype, trainable) in enumerate(found)
        ]

    def read(self, wanted: list[int] | None = None) -> None:
        """Takes the values as they are now, of all numbers or of some."""
        wanted = list(range(len(self.numbers))) if wanted is None else wanted
        found = self._student.probe("execution.tensors_at", self.model, wanted)
        if not isinstance(found, list) or len(found) != len(wanted):
            raise Refused(f"the parameters of {self.name} cannot be read")
        values = list(self.values) or [torch.empty(0)] * len(self.numbers)
        for place, value in zip(wanted, found):
            values[place] = as_tensor(self.numbers[place].name, value, self.numbers[place].shape)
        self._keep(values)

    def write(self, values: list[Tensor]) -> None:
        self._student.probe("execution.set_tensors", self.model, values)
        self._keep(values)

    def _keep(self, values: list[Tensor]) -> None:
        self.values, self._in_float64 = values, [value.double() for value in values]

    def randomise(self, draw: Draw) -> Net:
        """Gives every number a value that shows: weights that keep the scale, vectors far from 0, some of them negative,
        positive statistics."""
        self.write([_random(draw, number).to(self.dtype) for number in self.numbers])
        return self

    def double(self) -> Net:
        self.model.double()
        self.dtype = torch.float64
        self._keep([value.double() for value in self.values])
        return self

    def run(
        self, images: Tensor, training: bool = False, upstream: Tensor | None = None, wanted: list[int] | None = None
    ) -> Run:
        """One run; with `upstream`, the gradient for the scores, it has the gradients of the numbers `wanted`."""
        wanted = wanted or []
        with self._running(images):
            found = self._student.probe("execution.observe", self.model, images, training, upstream, wanted)
        if not isinstance(found, tuple) or len(found) != 4 or not all(isinstance(part, list) for part in found[1:]):
            raise Refused(f"what {self.name} does while it runs cannot be read")
        output, trail, used, gradients = found
        scores = as_tensor(f"what {self.name} returns for {_images(images)}", output, (len(images), 10), images.dtype)
        kinds = [str(kind) for kind, _ in trail]
        layers = _as_layers(kinds, [value for _, value in trail])
        used = [index for index in used if index in range(len(self.numbers))]
        if len(gradients) != len(wanted) or not all(value is None or isinstance(value, Tensor) for value in gradients):
            raise Refused(f"the gradients of {self.name} cannot be read")
        return Run(images, training, scores, kinds, layers, used, dict(zip(wanted, gradients)))

    @contextmanager
    def _running(self, images: Tensor) -> Iterator[None]:
        """Says in the student's words what raised."""
        try:
            yield
        except Raised as problem:
            what = problem.message.partition(" raised ")[2]
            if not what:
                raise
            message = f"{self.name} for {_images(images)} raised {what}"
            raise Raised(message, problem.printed).with_traceback(problem.__traceback__) from None

    def study(self, run: Run, roles: Roles | None = None) -> Study:
        """Judges a run. Roles that are known already, from a run in evaluation, are taken as they are."""
        local = self._layer_by_layer(run, roles) if run.layers is not None else None
        if local is not None and not local.problems:
            return local
        tries: Iterable[Roles] = assignments(self.numbers, run.used, self.batch_norm)
        if roles is not None or run.complete:
            tries = [roles if roles is not None else {}, *itertools.islice(tries, 2)]
        given: Roles = {}
        for given in tries:
            if given.keys() >= {f"{layer}.weight" for layer in WEIGHTS}:
                expected = self.expected(given, run)[-1]
                if close(expected, run.scores, _RTOL[run.images.dtype]):
                    return Study(given, False)
        return local or Study(given, False, {SCORES: self._whole_problem(run, given)})

    def expected(self, roles: Roles, run: Run) -> list[Tensor]:
        """What the eight layers should have given in this run."""
        return outputs(self.canonical(roles), run.images.double(), run.training)

    def canonical(self, roles: Roles) -> dict[str, Tensor]:
        return in_roles(roles, self._in_float64)

    def _layer_by_layer(self, run: Run, roles: Roles | None) -> Study:
        assert run.layers is not None
        rtol, found, problems = _RTOL[run.images.dtype], dict(roles or {}), {}
        before = run.images.double()
        for layer, got in zip(LAYERS, run.layers):
            got = got.double()
            seen = torch.relu(got) if layer in NORMS else got
            problem = self._judge(layer, before, seen, found, rtol, run, search=roles is None)
            if problem:
                problems[layer] = problem
            before = got
        if not run.complete:
            return Study(found, True, problems | dict.fromkeys(("fc4", "fc5", SCORES), self._whole_problem(run, found)))
        if not close(before, run.scores, rtol):
            problems[SCORES] = (
                f"{self.name} does not return the scores that fc5 gives{_why_end(before, run.scores, rtol)}"
            )
        return Study(found, True, problems)

    def _judge(
        self, layer: str, before: Tensor, got: Tensor, found: Roles, rtol: float, run: Run, *, search: bool
    ) -> str:
        """What is wrong with one layer, given what came out of the one before; its roles are added to `found`."""
        taken = {piece.index for piece in found.values()}
        left = [number for number in self.numbers if number.index not in taken]
        tries = list(candidates(layer, left, self.batch_norm)) if search else [{}]
        if not tries:
            return self._lacking(layer, got)
        for given in tries:
            try:
                expected = step(layer, self.canonical(found | given), before, run.training)
            except (KeyError, RuntimeError):  # no such role, or a size that does not fit
                continue
            if close(expected, got, rtol):
                found |= given
                return ""
        found |= tries[0]
        return self._problem(layer, before, got, found, rtol, run)

    def _problem(self, layer: str, before: Tensor, got: Tensor, found: Roles, rtol: float, run: Run) -> str:
        values, when = self.canonical(found), f" of {self.name}" + (" in training" if run.training else "")
        shown = f"for {_images(run.images)} {layer}{when}"
        try:
            shape = tuple(step(layer, values, before, run.training).shape)
            reason = why(layer, values, before, got, rtol, run.training)
        except (KeyError, RuntimeError):
            return f"{shown} cannot follow: it gets {tuple(before.shape)}"
        if tuple(got.shape) != shape:
            return f"{shown} returns {tuple(got.shape)}, and should return {shape}{reason}"
        return f"{shown} gives wrong values{reason or self._where(layer)}"

    def _where(self, layer: str) -> str:
        before = {"conv1": "the images"} | dict(zip(LAYERS[1:], LAYERS))
        if layer in NORMS:
            norm = ", batch norm" if self.batch_norm else ""
            return f": it is to be the maximum over 2×2 of {before[layer]}'s output{norm} and a ReLU"
        if layer.startswith("fc"):
            flat = "the flattening of each image by itself, " if layer == "fc4" else ""
            return f", seen what comes from {before[layer]}: what stands between the two? A ReLU should, {flat}nothing else"
        return f", seen what comes from {before[layer]}: its padding, its stride, and what stands between the two?"

    def _lacking(self, layer: str, got: Tensor) -> str:
        """A layer for which no number fits."""
        if layer in NORMS:
            conv = NORMS[layer]
            size = WEIGHTS[conv][0]
            missing = "running statistics, a mean and a variance"
            if sum(number.trainable and number.size == size for number in self.numbers) < 2:
                missing = "batch norm's scale and shift"
            return f"{self.name} has no {missing} of {size} numbers each for {conv}"
        out, *rest = WEIGHTS[layer]
        inputs = torch.Size(rest).numel()
        return (
            f"{self.name} has no weight and bias for {layer}, {out}×{inputs} and {out} numbers; what runs in its place "
            f"returns {tuple(got.shape)}"
        )

    def _whole_problem(self, run: Run, roles: Roles) -> str:
        """For a network that could not be judged layer by layer."""
        if roles.keys() >= {f"{layer}.weight" for layer in WEIGHTS}:
            rtol = _RTOL[run.images.dtype]
            reason = _why_end(self.expected(roles, run)[-1], run.scores, rtol)
            if reason:
                return f"{self.name} does not return the scores of fc5{reason}"
        seen = ", ".join(run.kinds[:16]) or "nothing"
        return (
            f"the scores of {self.name} for {_images(run.images)} are wrong. While it runs, these layers are seen: {seen}; "
            "asked for are three times convolution and pooling, and then two linear layers"
        )


def _images(images: Tensor) -> str:
    count, _, height, width = images.shape
    return f"{count} image{'s' if count > 1 else ''} of {height}×{width}"


def _as_layers(kinds: list[str], found: list[Any]) -> list[Tensor] | None:
    """The outputs of all eight layers, of the first six where the rest is otherwise, or None.

    A convolution may stand for a fully-connected layer.
    """
    if not all(isinstance(value, Tensor) for value in found):
        raise Refused("the outputs of the network's layers cannot be read")
    if kinds[:6] != ["convolution", "pooling"] * 3:
        return None
    complete = len(kinds) == 8 and "pooling" not in kinds[6:]
    return found[:6] + [value.flatten(1) for value in found[6:]] if complete else found[:6]


def _why_end(scores: Tensor, got: Tensor, rtol: float) -> str:
    for words, change in ENDS.items():
        if close(change(scores), got, rtol):
            return f": {words} follows, and nothing should"
    return ""


def _random(draw: Draw, number: Number) -> Tensor:
    if number.size in _FAN_IN:
        return draw.normal(*number.shape, scale=(2 / _FAN_IN[number.size]) ** 0.5)
    low, high = (0.3, 0.9) if number.trainable else (0.05, 0.5)
    size = torch.from_numpy(draw.rng.uniform(low, high, number.shape))
    sign = torch.from_numpy(draw.rng.integers(0, 2, number.shape) * 2 - 1) if number.trainable else 1
    return size * sign
