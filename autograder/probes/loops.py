"""Arguments for a student's training loop: networks whose output reveals their mode, and loaders of several kinds.

The grader builds the same networks to compute the loop's expected result. Networks and optimizers are made with autograd's
recording on, so that an earlier evaluation that left it off fails only the check that asks for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Batch = tuple[Tensor, Tensor]


class Flat(nn.Flatten):
    """Flattens images and takes nothing else, so that images that were flattened before are noticed."""

    def forward(self, images: Tensor) -> Tensor:
        if images.dim() != 4:
            raise ValueError(
                f"the model got a tensor of shape {tuple(images.shape)}, but should get the images of the loader as they "
                "are, (batch, channels, height, width)"
            )
        self.got = images.detach().clone()
        return super().forward(images)


class Mode(nn.Module):
    """Adds one vector (classes,) to the scores in train mode, and another while gradients are recorded."""

    def __init__(self, in_training: Tensor, with_gradients: Tensor) -> None:
        super().__init__()
        self.in_training, self.with_gradients = in_training, with_gradients

    def forward(self, scores: Tensor) -> Tensor:
        if self.training:
            scores = scores + self.in_training
        if scores.requires_grad:
            scores = scores + self.with_gradients
        return scores


def linear(state: dict[str, Tensor], in_training: Tensor, with_gradients: Tensor) -> nn.Module:
    """A linear classifier whose scores depend on its mode. `state`: 1.0.weight (classes, d), 1.0.bias (classes,)."""
    layer = nn.Linear(state["1.0.weight"].shape[1], state["1.0.weight"].shape[0])
    # The module that checks its mode is two levels down, so setting `training` on the root alone does not reach it.
    return loaded(nn.Sequential(Flat(), nn.Sequential(layer, Mode(in_training, with_gradients))), state)


def normalized(state: dict[str, Tensor]) -> nn.Module:
    """A network of two linear layers with batch norm between them."""
    hidden, features = state["1.weight"].shape
    classes = state["4.weight"].shape[0]
    layers = (nn.Linear(features, hidden), nn.BatchNorm1d(hidden), nn.Tanh(), nn.Linear(hidden, classes))
    return loaded(nn.Sequential(nn.Flatten(), *layers), state)


def two_layers(state: dict[str, Tensor]) -> nn.Module:
    """A network of two linear layers. `state`: 1.weight (hidden, d), 1.bias, 3.weight (classes, hidden), 3.bias."""
    hidden, features = state["1.weight"].shape
    layers = nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, state["3.weight"].shape[0])
    return loaded(nn.Sequential(Flat(), *layers), state)


def digits() -> nn.Module:
    """A small network for images (batch, 1, 28, 28) of ten classes, with weights from the global random state."""
    torch.set_grad_enabled(True)
    return nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 32), nn.ReLU(), nn.Linear(32, 10))


def loaded(module: nn.Module, state: dict[str, Tensor]) -> nn.Module:
    """The module with this state, in eval mode, so that the loop must set the mode that it needs."""
    torch.set_grad_enabled(True)
    module.load_state_dict(state)
    return module.eval()


def cross_entropy(smoothing: float) -> nn.Module:
    return nn.CrossEntropyLoss(label_smoothing=smoothing)


class Listening(nn.CrossEntropyLoss):
    """A cross-entropy that keeps what it was called with last, and what it returned."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[str, Tensor] = {}

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        loss = super().forward(scores, labels)
        self.heard = {"scores": scores.detach().clone(), "labels": labels.clone(), "loss": loss.detach()}
        return loss


def listening_cross_entropy() -> nn.Module:
    return Listening()


def heard(model: nn.Module, criterion: Listening) -> dict[str, Tensor]:
    """What the criterion was called with last and returned, and the last "images" of a model made here."""
    images = getattr(model[0], "got", None)  # type: ignore[index]
    return criterion.heard | ({} if images is None else {"images": images})


def cross_entropy_function() -> Callable[..., Tensor]:
    return F.cross_entropy


def optimizer(model: nn.Module, eta: float, momentum: float = 0.0) -> torch.optim.Optimizer:
    torch.set_grad_enabled(True)
    made = torch.optim.SGD(model.parameters(), lr=eta, momentum=momentum)
    made.register_step_pre_hook(_count_step)
    return made


def _count_step(optimizer: torch.optim.Optimizer, *_: Any) -> None:
    """Counts a step, and whether any parameter has a gradient other than 0 then."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    moves = any(parameter.grad is not None and bool(parameter.grad.any()) for parameter in parameters)
    steps, moving = steps_taken(optimizer)
    optimizer.steps_taken = steps + 1, moving + moves  # type: ignore[attr-defined]


def steps_taken(optimizer: torch.optim.Optimizer) -> tuple[int, int]:
    """How many steps an optimizer made here has taken, and in how many of them there were gradients other than 0."""
    return getattr(optimizer, "steps_taken", (0, 0))


def frozen(model: nn.Module) -> int:
    """The number of parameters that require no gradients."""
    return sum(not parameter.requires_grad for parameter in model.parameters())


class Passes:
    """A loader that has only `__iter__`. If `rotate` is set, pass k starts at batch k; else all passes are equal."""

    def __init__(self, batches: list[Batch], rotate: bool) -> None:
        self._batches, self._rotate, self._passes = batches, rotate, 0

    def __iter__(self) -> Iterator[Batch]:
        first = self._passes % len(self._batches) if self._rotate else 0
        self._passes += 1
        yield from self._batches[first:] + self._batches[:first]


class Watched:
    """A loader that keeps the parameters that a model has when a pass begins."""

    def __init__(self, batches: list[Batch], model: nn.Module) -> None:
        self._batches, self._model = batches, model
        self.states: list[dict[str, Tensor]] = []

    def __iter__(self) -> Iterator[Batch]:
        self.states.append({name: value.detach().clone() for name, value in self._model.named_parameters()})
        yield from self._batches


def watched(batches: list[Batch], model: nn.Module) -> Watched:
    return Watched(batches, model)


def states(loader: Watched) -> list[dict[str, Tensor]]:
    return loader.states


def passes(batches: list[Batch], rotate: bool) -> Passes:
    return Passes(batches, rotate)


def data_loader(images: Tensor, labels: Tensor, batch_size: int) -> Any:
    dataset = torch.utils.data.TensorDataset(images, labels)
    return torch.utils.data.DataLoader(dataset, batch_size=batch_size)


class Shuffled:
    """A loader that shuffles before each pass. Its last batch may be smaller than the others."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator) -> None:
        self._images, self._labels, self._batch_size, self._generator = images, labels, batch_size, generator

    def __iter__(self) -> Iterator[Batch]:
        order = torch.randperm(len(self._labels), generator=self._generator)
        for batch in torch.split(order, self._batch_size):
            yield self._images[batch], self._labels[batch]

    def __len__(self) -> int:
        return -(-len(self._labels) // self._batch_size)


def shuffled(images: Tensor, labels: Tensor, batch_size: int, generator: torch.Generator) -> Shuffled:
    return Shuffled(images, labels, batch_size, generator)
