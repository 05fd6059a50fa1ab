"""Checks of BatchNorm2d against PyTorch's: its output, state and gradients, each with likely mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from autograder.checks.closeness import as_tensor, expect_close
from autograder.checks.convolution.batch_statistics import (
    Normalized,
    Scale,
    Statistics,
    used_statistics,
    wrong_statistics,
)
from autograder.checks.convolution.wording import named
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.student_module import Handle, StudentModule

State = dict[str, Tensor]
RTOL = {torch.float32: 1e-4, torch.float64: 1e-9}


@dataclass(frozen=True)
class Seen:
    """A batch x, the student's output y, and PyTorch's running statistics before and after it."""

    x: Tensor
    y: Tensor
    before: State
    after: State


class Pair:
    """A student's layer and PyTorch's, float64, with the same random weight and bias."""

    def __init__(
        self, student: StudentModule, draw: Draw, channels: int, dtype: torch.dtype = torch.float64, **options: Any
    ) -> None:
        self.student, self.dtype = student, dtype
        shown = ", ".join([str(channels), *(f"{name}={value}" for name, value in options.items())])
        self.name = f"BatchNorm2d({shown})"
        self.layer = as_model(self.name, student.BatchNorm2d(channels, **options))
        if dtype == torch.float64:
            self.layer.double()
        self.torchs = nn.BatchNorm2d(channels, **options).double()
        scale, shift = (draw.normal(channels, dtype=torch.float32) for _ in range(2))
        parameters = self.layer.parameters()
        if len(parameters) != 2 or any(value.numel() != channels for _, value in parameters):
            there = ", ".join(f"{name} {tuple(value.shape)}" for name, value in parameters) or "none"
            raise CheckFailed(f"BatchNorm2d({shown}) should have two parameters of {channels} numbers; it has: {there}")
        # Another check looks at the names. With other names, the weight is the parameter that starts with ones.
        named = {name for name, _ in parameters} == {"weight", "bias"}
        first_is_weight = parameters[0][0] == "weight" if named else bool(parameters[0][1].mean() > 0.5)
        values = (scale, shift) if first_is_weight else (shift, scale)
        self.layer.set_parameters([new.reshape(old.shape).to(old.dtype) for new, (_, old) in zip(values, parameters)])
        self.torchs.load_state_dict({"weight": scale, "bias": shift}, strict=False)

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs of the student's layer and of PyTorch's for x (batch, channels, height, width), in the same shape."""
        y = as_tensor("BatchNorm2d's output", self.layer(x.to(self.dtype)), tuple(x.shape), self.dtype)
        return y, self.torchs(x.to(self.dtype).double()).detach()

    def see(self, x: Tensor) -> tuple[Seen, Tensor]:
        """Passes x to both layers; returns what was seen, and PyTorch's output."""
        before = _copied(self.torchs)
        y, expected = self(x)
        return Seen(x, y, before, _copied(self.torchs)), expected

    def train(self, training: bool = True) -> None:
        """Switches both layers to train or eval mode."""
        (self.layer.train if training else self.layer.eval)()
        self.torchs.train(training)

    def state(self) -> State:
        """The state_dict of the student's layer."""
        return read_state(self.student, self.layer)


def _copied(layer: nn.Module) -> State:
    return {name: value.clone() for name, value in layer.state_dict().items()}


def read_state(student: StudentModule, layer: Handle) -> State:
    """The state_dict of a student's layer."""
    with named("BatchNorm2d's state_dict()"):
        found = student.probe("modules.state", layer)
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise CheckFailed("the state_dict of BatchNorm2d cannot be read: it should be a dict of tensors by name")
    return found


def draw_images(draw: Draw, *shape: int) -> Tensor:
    """Random images (batch, channels, height, width); each channel has another mean and standard deviation."""
    channels = shape[1]
    mean, spread = draw.normal(channels, 1, 1), torch.from_numpy(draw.rng.uniform(0.5, 2.0, (channels, 1, 1)))
    return draw.normal(*shape) * spread + mean


def draw_batches(draw: Draw, channels: int) -> list[Tensor]:
    """Batches of several images and of one, none of them square."""
    return [
        draw_images(draw, batch, channels, *size)
        for batch, size in ((5, (4, 6)), (2, (3, 7)), (1, (5, 2)), (4, (1, 3)))
    ]


def agree(got: Tensor, expected: Tensor, rtol: float) -> bool:
    """Whether |got − expected| ≤ rtol · (1 + |expected|) everywhere."""
    return bool(((got.double() - expected).abs() <= rtol * (1 + expected.abs())).all())


def _normalized(
    x: Tensor,
    torchs: nn.BatchNorm2d,
    dims: tuple[int, ...],
    *,
    unbiased: bool = False,
    eps: float | None = None,
    root: bool = True,
) -> Tensor:
    x = x.double()
    variance = x.var(dims, keepdim=True, unbiased=unbiased) + (torchs.eps if eps is None else eps)
    return (x - x.mean(dims, keepdim=True)) / (variance.sqrt() if root else variance)


def _root(x: Tensor, torchs: nn.BatchNorm2d) -> Tensor:
    return (x.double().var((0, 2, 3), keepdim=True, unbiased=False) + torchs.eps).sqrt()


def explain_output(seen: list[Seen], torchs: nn.BatchNorm2d, rtol: float) -> None:
    """Raises CheckFailed with the likely mistake in training that gives all these outputs; returns if none does."""
    guesses = [_training_guesses(batch, torchs) for batch in seen]
    for words in guesses[0]:
        if all(agree(batch.y, guess[words], rtol) for batch, guess in zip(seen, guesses)):
            raise CheckFailed(f"BatchNorm2d's output in training {words}", mistake=words)
    weight, bias = (value.detach().reshape(-1, 1, 1) for value in (torchs.weight, torchs.bias))
    scale = Scale(weight, bias, torchs.eps)
    batches = [Normalized(batch.x.double(), batch.y, _running(batch.before), _running(batch.after)) for batch in seen]
    wrong = [wrong_statistics(batch) for batch in batches]
    for words in wrong[0]:
        if all(
            agree(batch.y, scale.output(batch.x, *statistics[words]), rtol) for batch, statistics in zip(batches, wrong)
        ):
            raise CheckFailed(f"BatchNorm2d's output in training {words}", mistake=words)
    used = used_statistics(batches, scale)
    if used:
        raise CheckFailed(f"BatchNorm2d's output in training {used}")


def _running(state: State) -> Statistics:
    return state["running_mean"].double(), state["running_var"].double()


def _training_guesses(batch: Seen, torchs: nn.BatchNorm2d) -> dict[str, Tensor]:
    """Outputs of likely mistakes in training, by words."""
    x = batch.x
    weight, bias = (value.detach().reshape(-1, 1, 1) for value in (torchs.weight, torchs.bias))
    channel = (0, 2, 3)
    right = _normalized(x, torchs, channel)
    spread = x.double().var(channel, keepdim=True, unbiased=False).sqrt() + torchs.eps

    def by_running(kept: State) -> Tensor:
        mean, var = (kept[name].reshape(-1, 1, 1) for name in ("running_mean", "running_var"))
        return (x - mean) / (var + torchs.eps).sqrt() * weight + bias

    per_image = x.double().sum(channel, keepdim=True) / len(x)
    about_it = (((x - per_image) ** 2).sum(channel, keepdim=True) / len(x) + torchs.eps).sqrt()
    squares = (x.double() ** 2).mean(channel, keepdim=True) + torchs.eps
    return {
        "is normalized by the unbiased variance, but should be by the biased one, which divides by n": (
            _normalized(x, torchs, channel, unbiased=True) * weight + bias
        ),
        "has each image normalized by itself, but a channel's statistics are taken over the whole batch": (
            _normalized(x, torchs, (2, 3)) * weight + bias
        ),
        "is normalized by statistics over all channels, but each channel has its own": (
            _normalized(x, torchs, (0, 1, 2, 3)) * weight + bias
        ),
        "has each image normalized over all its channels, but each channel has its own statistics, over the batch": (
            _normalized(x, torchs, (1, 2, 3)) * weight + bias
        ),
        "has each pixel normalized by itself, but a channel's statistics are taken over height and width, too": (
            _normalized(x, torchs, (0,)) * weight + bias
        ),
        "is divided by the variance instead of its root": _normalized(x, torchs, channel, root=False) * weight + bias,
        "has eps added after the root, but it should be added to the variance": (
            (x - x.mean(channel, keepdim=True)) / spread * weight + bias
        ),
        f"uses an eps of 1e-5, but should use eps={torchs.eps}, as given": _normalized(x, torchs, channel, eps=1e-5)
        * weight
        + bias,
        f"lacks eps, which is {torchs.eps}": _normalized(x, torchs, channel, eps=0.0) * weight + bias,
        "is normalized by the running statistics, which are for evaluation; in training, use those of the batch": (
            by_running(batch.before)
        ),
        "is normalized by the running statistics after their update; in training, use those of the batch": (
            by_running(batch.after)
        ),
        "is normalized by the initial running statistics, 0 and 1; in training, use those of the batch": (
            x / (1 + torchs.eps) ** 0.5 * weight + bias
        ),
        "is divided by the root of the mean of x², but the variance is the mean of (x − mean)²": (
            (x - x.mean(channel, keepdim=True)) / squares.sqrt() * weight + bias
        ),
        "has sums over batch, height and width divided by the number of images alone: a channel has batch · height · width "
        "numbers": (x - per_image) / about_it * weight + bias,
        "is multiplied by the absolute value of weight, but weight may be negative": right * weight.abs() + bias,
        "is multiplied by 1 + weight instead of weight": right * (1 + weight) + bias,
        "lacks the subtraction of the mean": (
            (right + x.mean(channel, keepdim=True) / _root(x, torchs)) * weight + bias
        ),
        "lacks weight and bias": right,
        "lacks the bias": right * weight,
        "lacks the weight": right + bias,
        "has the bias added before the multiplication by the weight": (right + bias) * weight,
    }


def explain_evaluation(x: Tensor, y: Tensor, kept: State, torchs: nn.BatchNorm2d) -> None:
    """Raises CheckFailed if y is an output in evaluation that uses statistics of the batch; otherwise returns.

    kept: the running statistics of the layer.
    """
    weight, bias = (value.detach().reshape(-1, 1, 1) for value in (torchs.weight, torchs.bias))
    x, channel = x.double(), (0, 2, 3)
    mean, var = (kept[name].double().reshape(-1, 1, 1) for name in ("running_mean", "running_var"))
    own_mean, own_var = x.mean(channel, keepdim=True), x.var(channel, keepdim=True, unbiased=False)
    guesses = {
        "normalizes by the batch: use the running statistics": (own_mean, own_var),
        "subtracts the mean of the batch: use the running mean": (own_mean, var),
        "divides by the standard deviation of the batch: use the running variance": (mean, own_var),
        "uses neither the running statistics nor those of the batch: it only scales and shifts": (
            0 * mean,
            1 + 0 * var,
        ),
    }
    for words, (centre, spread) in guesses.items():
        if agree(y, (x - centre) / (spread + torchs.eps).sqrt() * weight + bias, 1e-4):
            raise CheckFailed(f"BatchNorm2d in evaluation {words}", mistake=words.partition(": ")[0])


def of_state(state: State, name: str, shape: tuple[int, ...]) -> Tensor:
    """The tensor `name` of a layer's state_dict. Raises CheckFailed if it is missing or has another shape."""
    if name not in state:
        there = ", ".join(state) or "nothing"
        mistake = f"the state_dict of BatchNorm2d lacks {name}"
        raise CheckFailed(f"{mistake}, so it is not saved; it has: {there}", mistake=mistake)
    return as_tensor(f"{name} in the state_dict", state[name], shape)


def expect_gradients(pair: Pair, x: Tensor, upstream: Tensor, training: bool) -> None:
    """Fails unless gradients reach the input, weight and bias; in training they must be PyTorch's."""
    found = _gradients(pair, x, upstream)
    leaf = x.clone().requires_grad_()
    pair.torchs.zero_grad()
    torch.autograd.backward([pair.torchs(leaf)], [upstream])
    expected = {"input": leaf.grad, "weight": pair.torchs.weight.grad, "bias": pair.torchs.bias.grad}
    for name, value in expected.items():
        assert value is not None
        label = f"the gradient for the {name} in {'training' if training else 'evaluation'}"
        got = found[name] if name in found else _best(found, value)
        if got is None:
            raise CheckFailed(f"{label} is missing: is something detached, or computed under no_grad?")
        if not training:
            continue  # its value depends on the running statistics, which another check compares
        got = as_tensor(label, got.reshape(value.shape), tuple(value.shape))
        constant = upstream * pair.torchs.weight.detach().reshape(-1, 1, 1) / _root(x, pair.torchs)
        if name == "input" and agree(got, constant, 1e-8):
            mistake = f"{label} treats mean and variance as constants"
            raise CheckFailed(
                f"{mistake}: they depend on the batch, so the gradient must flow through them, too", mistake=mistake
            )
        expect_close(label, got, value, rtol=1e-8)


def _gradients(pair: Pair, x: Tensor, upstream: Tensor) -> dict[str, Tensor | None]:
    """The gradients for the parameters, by name, and for the input, by "input"."""
    try:
        with named(f"the backward pass of {pair.name} for x of shape {tuple(x.shape)}"):
            of_input, of_parameters = pair.student.probe("modules.gradients", pair.layer, x, upstream)
    except Raised as error:
        if "backward through the graph a second time" not in error.message:
            raise
        mistake = "the gradient of a batch flows back into earlier batches"
        raise CheckFailed(
            f"{mistake}: update the running statistics without autograd, with detach or no_grad", mistake=mistake
        ) from None
    return {**of_parameters, "input": of_input}


def _best(gradients: dict[str, Tensor | None], expected: Tensor) -> Tensor | None:
    """The best fitting gradient, for parameters with other names than weight and bias."""
    fitting = [value for value in gradients.values() if value is not None and value.numel() == expected.numel()]
    return min(fitting, key=lambda value: float((value.flatten() - expected).abs().max()), default=None)
