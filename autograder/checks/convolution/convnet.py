"""Runs a student's `ConvNet` and finds out which of its layers compute what they should."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.convolution.convnet_explanations import ENDS, close, explain_input, explain_layer
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
    random_value,
    step,
)
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.wording import named
from autograder.checks.explanations.explain import explain
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import StudentModule

SCORES = "scores"
"""The key of what the network returns, next to those of the layers."""
_RTOL = {torch.float32: 1e-4, torch.float64: 1e-9}
_BIAS = "its bias is not added"


@dataclass(frozen=True)
class Run:
    """What one run of the network returned.

    layers: the outputs of the eight layers, or of the six up to pool3; None if they could not be observed. A pool may come
        before or after its ReLU.
    kinds: the layers that were observed.
    used: the indices of the numbers in the order of their first use.
    gradients: the gradients of the requested numbers, by index.
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
    """What a run says about a network.

    roles: which of its numbers has which role.
    local: whether each layer was judged by the output of the one before it, so that one mistake is one problem; if not,
        only the scores were judged.
    problems: explanations of what is wrong, by layer, or by SCORES.
    """

    roles: Roles
    local: bool
    problems: dict[str, Finding] = field(default_factory=dict)

    def expect(self, *parts: str) -> None:
        """Fails if one of these parts is wrong, or if anything is when only the scores were judged."""
        for part, problem in self.problems.items():
            if part in parts or not self.local:
                raise CheckFailed(problem.words, mistake=problem.mistake)


class Net:
    """A network that is made and run in the student's worker."""

    def __init__(self, student: StudentModule, **options: Any) -> None:
        self.name = f"ConvNet({', '.join(f'{key}={value}' for key, value in options.items())})"
        self.batch_norm = bool(options.get("batch_norm"))
        self._student = student
        self.model = as_model(self.name, student.ConvNet(**options))
        self.dtype = torch.float32
        self.values: list[Tensor] = []
        self._in_float64: list[Tensor] = []
        self._told_apart = False
        """Whether the values are such that different images must get different scores."""
        images = torch.zeros(2, 3, 32, 32)
        with self._running(images):  # lazy layers have parameters only after it
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
        """Reads the current values of all numbers, or of some by index."""
        wanted = list(range(len(self.numbers))) if wanted is None else wanted
        found = self._student.probe("execution.tensors_at", self.model, wanted)
        if not isinstance(found, list) or len(found) != len(wanted):
            raise Refused(f"the parameters of {self.name} cannot be read")
        values = list(self.values) or [torch.empty(0)] * len(self.numbers)
        for place, value in zip(wanted, found):
            values[place] = as_tensor(self.numbers[place].name, value, self.numbers[place].shape)
        self._keep(values)

    def write(self, values: list[Tensor]) -> None:
        """Sets the values of all numbers."""
        self._student.probe("execution.set_tensors", self.model, values)
        self._told_apart = True
        self._keep(values)

    def _keep(self, values: list[Tensor]) -> None:
        self.values, self._in_float64 = values, [value.double() for value in values]

    def randomise(self, draw: Draw) -> Net:
        """Sets random values that let mistakes show: weights that keep the scale of their input, biases far from 0 and
        of both signs, positive statistics."""
        self.write([random_value(draw, number).to(self.dtype) for number in self.numbers])
        return self

    def double(self) -> Net:
        """Converts the network to float64."""
        self.model.double()
        self.dtype = torch.float64
        self._keep([value.double() for value in self.values])
        return self

    def run(
        self, images: Tensor, training: bool = False, upstream: Tensor | None = None, wanted: list[int] | None = None
    ) -> Run:
        """Runs the network on images (n, 3, height, width).

        With `upstream` (n, 10), the gradient for the scores, the run has the gradients of the numbers `wanted`.
        """
        wanted = wanted or []
        with self._running(images):
            found = self._student.probe("execution.observe", self.model, images, training, upstream, wanted)
        if not isinstance(found, tuple) or len(found) != 4 or not all(isinstance(part, list) for part in found[1:]):
            raise Refused(f"the run of {self.name} cannot be observed")
        output, trail, used, gradients = found
        scores = as_tensor(f"what {self.name} returns for {_images(images)}", output, (len(images), 10), images.dtype)
        if self._told_apart and len(scores) > 1 and bool((scores == scores[0]).all()):
            raise CheckFailed(f"{self.name} returns the same scores for {len(scores)} different images")
        kinds = [str(kind) for kind, _ in trail]
        layers = _as_layers(kinds, [value for _, value in trail])
        used = [index for index in used if index in range(len(self.numbers))]
        if len(gradients) != len(wanted) or not all(value is None or isinstance(value, Tensor) for value in gradients):
            raise Refused(f"the gradients of {self.name} cannot be read")
        return Run(images, training, scores, kinds, layers, used, dict(zip(wanted, gradients)))

    def _running(self, images: Tensor) -> AbstractContextManager[None]:
        """Names the constructor and the images in the message of an exception."""
        return named(f"{self.name} for {_images(images)}")

    def expect_orderly(self, images: Tensor) -> None:
        """Fails if two runs in evaluation differ, or if a run changes its images: then no layer is to blame."""
        first, second = self.run(images), self.run(images)
        if not close(first.scores, second.scores, 1e-4):
            raise CheckFailed(
                f"{self.name} gives other scores for the same images in a second run in evaluation: forward should neither "
                "draw random numbers then nor keep anything from call to call"
            )
        with self._running(images):
            unchanged = self._student.probe("modules.unchanged", self.model, images)
        if not unchanged:
            mistake = "the network changes its input images"
            raise CheckFailed(f"{mistake}, which belong to the caller", mistake=mistake)

    def study(self, run: Run, roles: Roles | None = None) -> Study:
        """Judges a run. Pass roles that are known from a run in eval mode to keep them."""
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
        if local is not None and any(_BIAS in problem.words for problem in local.problems.values()):
            local = self._layer_by_layer(run, roles, by_hand=True)
        return local or Study(given, False, {SCORES: self._whole_problem(run, given)})

    def expected(self, roles: Roles, run: Run) -> list[Tensor]:
        """The right outputs of the eight layers in this run."""
        return outputs(self.canonical(roles), run.images.double(), run.training)

    def canonical(self, roles: Roles) -> dict[str, Tensor]:
        """The current values by role, in float64."""
        return in_roles(roles, self._in_float64)

    def _layer_by_layer(self, run: Run, roles: Roles | None, by_hand: bool = False) -> Study:
        """With `by_hand`, a bias may be added after what was observed as the layer's output."""
        assert run.layers is not None
        rtol, found, problems = _RTOL[run.images.dtype], dict(roles or {}), {}
        before = run.images.double()
        for layer, got in zip(LAYERS, run.layers):
            got = got.double()
            seen = torch.relu(got) if layer in NORMS else got
            problem = self._judge(layer, before, seen, found, rtol, run, search=roles is None)
            if by_hand and _BIAS in problem.words and self._matters(found[f"{layer}.bias"].index, run.images):
                bias = self.canonical(found)[f"{layer}.bias"]
                got, problem = got + bias.reshape(-1, *[1] * (got.dim() - 2)), Finding()
            if problem:
                problems[layer] = problem
            before = got
        if not run.complete:
            return Study(found, True, problems | dict.fromkeys(("fc4", "fc5", SCORES), self._whole_problem(run, found)))
        if not close(before, run.scores, rtol):
            problems[SCORES] = self._wrong_end(_explain_end(before, run.scores, rtol))
        return Study(found, True, problems)

    def _matters(self, index: int, images: Tensor) -> bool:
        """Whether the scores in evaluation change with one of the numbers. Leaves the network as it is now."""
        now = self._student.probe("execution.tensors_at", self.model, list(range(len(self.numbers))))
        if not isinstance(now, list) or len(now) != len(self.numbers):
            raise Refused(f"the parameters of {self.name} cannot be read")
        before = self.run(images).scores
        zero = [torch.zeros_like(value) if place == index else value for place, value in enumerate(now)]
        self._student.probe("execution.set_tensors", self.model, zero)
        after = self.run(images).scores
        self._student.probe("execution.set_tensors", self.model, now)
        return not close(before, after, 1e-4)

    def _judge(
        self, layer: str, before: Tensor, got: Tensor, found: Roles, rtol: float, run: Run, *, search: bool
    ) -> Finding:
        """Explains what is wrong with one layer, given its input; nothing if it is right. Adds its roles to `found`."""
        taken = {piece.index for piece in found.values()}
        left = [number for number in self.numbers if number.index not in taken]
        tries = list(candidates(layer, left, self.batch_norm)) if search else [{}]
        if not tries:
            return self._explain_missing(layer, got)
        for given in tries:
            try:
                expected = step(layer, self.canonical(found | given), before, run.training)
            except (KeyError, RuntimeError):  # no such role, or a size that does not fit
                continue
            if close(expected, got, rtol):
                found |= given
                return Finding()
        found |= tries[0]
        return self._explain_values(layer, before, got, found, rtol, run)

    def _explain_values(self, layer: str, before: Tensor, got: Tensor, found: Roles, rtol: float, run: Run) -> Finding:
        values, what = self.canonical(found), f"{layer} of {self.name}" + (" in training" if run.training else "")
        shown = f"for {_images(run.images)} {what}"
        try:
            shape = tuple(step(layer, values, before, run.training).shape)
            why = explain_layer(layer, values, before, got, rtol, run.training)
        except (KeyError, RuntimeError):
            return Finding(f"{shown} cannot be computed from an input of shape {tuple(before.shape)}")
        if tuple(got.shape) != shape:
            shapes = f"{shown} has an output of shape {tuple(got.shape)}, which should be {shape}"
            return Finding(shapes + why.after_colon, why.mistake)
        why = why or self._explain_what_it_gets(layer, before, run)
        wrong = "has wrong values"
        mistake = f"{what} {wrong}: {why.mistake}" if why.mistake else ""
        return Finding(f"{shown} {wrong}{why.after_colon or self._where(layer)}", mistake)

    def _explain_what_it_gets(self, layer: str, before: Tensor, run: Run) -> Finding:
        """Explains a wrong layer by its input, which is looked at in one more run; nothing in training."""
        if run.training:
            return Finding()
        with self._running(run.images):
            gets = self._student.probe("execution.layer_input", self.model, run.images, LAYERS.index(layer))
        return explain_input(layer, gets, before, self.batch_norm, _RTOL[run.images.dtype])

    def _where(self, layer: str) -> str:
        before = {"conv1": "the images"} | dict(zip(LAYERS[1:], LAYERS))
        if layer in NORMS:
            after = " after batch norm and a ReLU" if self.batch_norm else " after a ReLU"
            return f": it should be the maximum over 2×2 windows of {before[layer]}'s output{after}"
        if layer.startswith("fc"):
            flat = " and the flattening of each image" if layer == "fc4" else ""
            return f", given the output of {before[layer]}: between the two there should be a ReLU{flat}, nothing else"
        given = before[layer] if layer == "conv1" else f"the output of {before[layer]}"
        return f", given {given}: look at its padding and stride, and at what is between the two"

    def _explain_missing(self, layer: str, got: Tensor) -> Finding:
        """Explains a layer for which no number fits."""
        if layer in NORMS:
            conv = NORMS[layer]
            size = WEIGHTS[conv][0]
            missing = "running statistics, a mean and a variance"
            if sum(number.trainable and number.size == size for number in self.numbers) < 2:
                missing = "batch norm's scale and shift"
            return established(f"{self.name} has no {missing} of {size} numbers each for the output of {conv}")
        out, *rest = WEIGHTS[layer]
        inputs = torch.Size(rest).numel()
        return Finding(
            f"{self.name} has no weight of {out}×{inputs} and bias of {out} numbers for {layer}; the layer in its place "
            f"has an output of shape {tuple(got.shape)}"
        )

    def _wrong_end(self, why: Finding) -> Finding:
        start = f"{self.name} does not return the output of fc5 as its scores"
        return Finding(start + why.after_colon, f"{start}: {why.mistake}" if why.mistake else "")

    def _whole_problem(self, run: Run, roles: Roles) -> Finding:
        """Explains wrong scores of a network that could not be judged layer by layer."""
        if roles.keys() >= {f"{layer}.weight" for layer in WEIGHTS}:
            rtol = _RTOL[run.images.dtype]
            why = _explain_end(self.expected(roles, run)[-1], run.scores, rtol)
            if why:
                return self._wrong_end(why)
        seen = ", ".join(run.kinds[:16]) or "nothing"
        return Finding(
            f"the scores of {self.name} for {_images(run.images)} are wrong. It ran these layers: {seen}; it should run "
            "convolution and pooling three times, and then two linear layers"
        )


def _images(images: Tensor) -> str:
    count, _, height, width = images.shape
    return f"{count} image{'s' if count > 1 else ''} of {height}×{width}"


def _as_layers(kinds: list[str], found: list[Any]) -> list[Tensor] | None:
    """The outputs of all eight layers, of the first six if the others differ, or None.

    A convolution may take the place of a fully-connected layer.
    """
    if not all(isinstance(value, Tensor) for value in found):
        raise Refused("the outputs of the network's layers cannot be read")
    if kinds[:6] != ["convolution", "pooling"] * 3:
        return None
    complete = len(kinds) == 8 and "pooling" not in kinds[6:]
    return found[:6] + [value.flatten(1) for value in found[6:]] if complete else found[:6]


def _explain_end(scores: Tensor, got: Tensor, rtol: float) -> Finding:
    for words, change in ENDS.items():
        if close(change(scores), got, rtol):
            return established(f"{words} is applied to it", ", but nothing should be")
    found = explain(got, scores, rtol).replace("the right answer", "fc5's output")
    return Finding(f"what it returns {found}") if "fc5's output" in found else Finding()
