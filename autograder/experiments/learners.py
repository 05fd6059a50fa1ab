"""Learners: objects that can train for an epoch, be tested, and save and load their state.

The functions of the exercises do the work. Each class calls them in the order that the course describes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.experiments.batches import Batches

Measured = tuple[float, float]
"""Mean loss in nats and accuracy as a fraction, over examples. The loss is nan for a classifier without one."""
State = dict[str, Any]


class Learner(Protocol):
    """The model of one variant, and its training."""

    @property
    def steps(self) -> int:
        """Number of batches in an epoch, including those of the test set."""

    def train(self, epoch: int) -> Measured:
        """Trains for one epoch, counted from 0. Returns averages over its batches, during which the weights change."""

    def test(self) -> Measured:
        """Loss and accuracy on the test set with the current weights."""

    def predict(self, x: Tensor) -> Tensor:
        """Inputs (n, ...) → scores (n, classes), or labels (n,)."""

    def state(self) -> State:
        """Everything that the next epoch depends on, as tensors, numbers, and dicts and lists of these."""

    def load(self, state: State) -> None:
        """Restores a state."""


class Mean:
    """Averages loss and accuracy over examples, from batches of unequal sizes."""

    def __init__(self) -> None:
        self.loss, self.accuracy, self.count = 0.0, 0.0, 0

    def add(self, loss: Any, accuracy: Any, examples: int) -> None:
        self.loss += float(loss) * examples
        self.accuracy += float(accuracy) * examples
        self.count += examples

    @property
    def value(self) -> Measured:
        return self.loss / self.count, self.accuracy / self.count


def accuracy_of(scores: Tensor, labels: Tensor) -> Tensor:
    """The fraction of rows whose highest score is that of their label."""
    return (scores.argmax(dim=1) == labels).float().mean()


def set_gradients(loss: Tensor, model: nn.Module) -> None:
    """Sets the gradient of each trainable parameter. Replaces old gradients, so that none has to be cleared."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # Some gradients may be None: without blocks, a transformer's class token does not depend on its patch embedding.
    for parameter, gradient in zip(trainable, torch.autograd.grad(loss, trainable, allow_unused=True)):
        parameter.grad = gradient


def run_epoch(
    batches: Iterable[tuple[Tensor, Tensor]], model: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> Measured:
    """Runs an epoch like `epoch` of exercise p2_cnn/training, for experiments that do not need that exercise."""
    mean, training = Mean(), optimizer is not None
    model.train(training)
    with torch.set_grad_enabled(training):
        for images, labels in batches:
            scores = model(images)
            loss = F.cross_entropy(scores, labels)
            if optimizer is not None:
                set_gradients(loss, model)
                optimizer.step()
            mean.add(loss.detach(), accuracy_of(scores, labels), len(labels))
    return mean.value


class Network:
    """A model, its optimizer, and a function that runs an epoch with them.

    Args:
        epoch: `(batches, model, optimizer or None)` → loss and accuracy.
        rate: epoch, counted from 0 → learning rate. None: that of the optimizer.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        training: Batches,
        testing: Batches,
        epoch: Callable[..., tuple[Any, Any]] = run_epoch,
        rate: Callable[[int], float] | None = None,
    ) -> None:
        self.model, self.optimizer, self.epoch, self.rate = model, optimizer, epoch, rate
        self.training, self.testing = training, testing

    @property
    def steps(self) -> int:
        return len(self.training) + len(self.testing)

    def train(self, epoch: int) -> Measured:
        if self.rate is not None:
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate(epoch)
        loss, accuracy = self.epoch(self.training, self.model, self.optimizer)
        return float(loss), float(accuracy)

    def test(self) -> Measured:
        loss, accuracy = self.epoch(self.testing, self.model, None)
        return float(loss), float(accuracy)

    def predict(self, x: Tensor) -> Tensor:
        self.model.eval()
        transform = self.testing.transform or (lambda images: images)
        with torch.no_grad():
            parts = x.split(self.testing.size)  # type: ignore[no-untyped-call]  # torch's
            return torch.cat([self.model(transform(part)) for part in parts])

    def state(self) -> State:
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: State) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])


class Perceptron:
    """The network of practical 1, with a subclass for each of the four exercises that train it.

    Args:
        code: the exercise's module.
        training, testing: batches of inputs (batch, nx) and one-hot targets (batch, ny).
        nh: hidden neurons.
        eta: the learning rate, for the gradient of the mean loss.
    """

    def __init__(self, code: ModuleType, training: Batches, testing: Batches, nh: int, eta: float) -> None:
        self.code, self.training, self.testing, self.eta = code, training, testing, eta
        self.start(training.split.x.shape[1], nh, training.split.y.shape[1])

    @property
    def steps(self) -> int:
        return len(self.training) + len(self.testing)

    def start(self, nx: int, nh: int, ny: int) -> None:
        raise NotImplementedError

    def scores(self, X: Tensor) -> Tensor:
        raise NotImplementedError

    def measure(self, Yhat: Tensor, Y: Tensor) -> tuple[Any, Any]:
        return self.code.loss_accuracy(Yhat, Y)  # type: ignore[no-any-return]  # the exercise's contract

    def step(self, X: Tensor, Y: Tensor) -> tuple[Any, Any]:
        """Takes one step of gradient descent. Returns the loss and the accuracy before it."""
        raise NotImplementedError

    def train(self, epoch: int) -> Measured:
        mean = Mean()
        for X, Y in self.training:
            mean.add(*self.step(X, Y), len(X))
        return mean.value

    def test(self) -> Measured:
        mean = Mean()
        with torch.no_grad():
            for X, Y in self.testing:
                mean.add(*self.measure(self.scores(X), Y), len(X))
        return mean.value

    def predict(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.scores(x)

    def state(self) -> State:
        raise NotImplementedError

    def load(self, state: State) -> None:
        raise NotImplementedError


class ByHand(Perceptron):
    """p1_mlp/mlp_by_hand: gradients and steps by hand."""

    params: dict[str, Tensor]

    def start(self, nx: int, nh: int, ny: int) -> None:
        self.params = self.code.init_params(nx, nh, ny)

    def scores(self, X: Tensor) -> Tensor:
        return self.code.forward(self.params, X)[0]  # type: ignore[no-any-return]  # as above

    def step(self, X: Tensor, Y: Tensor) -> tuple[Any, Any]:
        Yhat, outputs = self.code.forward(self.params, X)
        loss, accuracy = self.measure(Yhat, Y)
        self.params = self.code.sgd(self.params, self.code.backward(self.params, outputs, Y), self.eta)
        return loss, accuracy

    def state(self) -> State:
        return {"params": {name: value.detach().clone() for name, value in self.params.items()}}

    def load(self, state: State) -> None:
        self.params = dict(state["params"])


class ByAutograd(ByHand):
    """p1_mlp/mlp_autograd: gradients by autograd, steps by hand."""

    def step(self, X: Tensor, Y: Tensor) -> tuple[Any, Any]:
        loss, accuracy = self.measure(self.scores(X), Y)
        loss.backward()
        self.params = self.code.sgd(self.params, self.eta)
        return loss.detach(), accuracy

    def load(self, state: State) -> None:
        self.params = {name: value.clone().requires_grad_() for name, value in state["params"].items()}


class ByNn(Perceptron):
    """p1_mlp/mlp_nn: layers and loss from torch.nn, steps by hand."""

    model: nn.Module

    def start(self, nx: int, nh: int, ny: int) -> None:
        self.model, self.loss = self.code.init_model(nx, nh, ny)

    def scores(self, X: Tensor) -> Tensor:
        return self.model(X)  # type: ignore[no-any-return]  # torch's own

    def measure(self, Yhat: Tensor, Y: Tensor) -> tuple[Any, Any]:
        return self.code.loss_accuracy(self.loss, Yhat, Y)  # type: ignore[no-any-return]  # as above

    def step(self, X: Tensor, Y: Tensor) -> tuple[Any, Any]:
        loss, accuracy = self.measure(self.scores(X), Y)
        set_gradients(loss, self.model)
        self.model = self.code.sgd(self.model, self.eta)
        return loss.detach(), accuracy

    def state(self) -> State:
        return {"model": self.model.state_dict()}

    def load(self, state: State) -> None:
        self.model.load_state_dict(state["model"])


class ByOptim(ByNn):
    """p1_mlp/mlp_optim: steps by torch.optim as well. Runs on any device."""

    optimizer: torch.optim.Optimizer

    def start(self, nx: int, nh: int, ny: int) -> None:
        self.model, self.loss, self.optimizer = self.code.init_model(nx, nh, ny, self.eta)
        self.model.to(self.training.split.x.device)

    def measure(self, Yhat: Tensor, Y: Tensor) -> tuple[Any, Any]:
        return self.loss(Yhat, Y), accuracy_of(Yhat, Y.argmax(dim=1))

    def step(self, X: Tensor, Y: Tensor) -> tuple[Any, Any]:
        loss, accuracy = self.measure(self.scores(X), Y)
        set_gradients(loss, self.model)
        self.optimizer.step()
        return loss.detach(), accuracy

    def state(self) -> State:
        return {**super().state(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: State) -> None:
        super().load(state)
        self.optimizer.load_state_dict(state["optimizer"])


class SupportVectorMachine:
    """A support vector machine from p1_mlp/svm. It is fitted once and has no loss."""

    def __init__(self, code: ModuleType, training: Batches, testing: Batches, settings: Mapping[str, Any]) -> None:
        self.code, self.settings = code, settings
        self.train_set, self.test_set = (
            (batches.split.x.double().cpu().numpy(), batches.split.y.cpu().numpy()) for batches in (training, testing)
        )
        self.classifier: Any = None

    steps = 1

    def train(self, epoch: int) -> Measured:
        self.classifier = self.code.fit_svm(*self.train_set, **self.settings)
        return math.nan, float(self.code.accuracy(self.classifier, *self.train_set))

    def test(self) -> Measured:
        return math.nan, float(self.code.accuracy(self.classifier, *self.test_set))

    def predict(self, x: Tensor) -> Tensor:
        return torch.from_numpy(self.classifier.predict(x.double().cpu().numpy()))

    def state(self) -> State:
        return {}  # fitting is fast and not random, so `load` repeats it

    def load(self, state: State) -> None:
        self.classifier = self.code.fit_svm(*self.train_set, **self.settings)
