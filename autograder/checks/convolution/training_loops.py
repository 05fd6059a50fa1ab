"""Checks of training loops against a replay, step by step in float64, on the same network and the same batches.

Replays of likely mistakes explain a wrong result.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks.closeness import as_number
from autograder.checks.convolution.wrong_descents import Batch, Right, Steps, wrong_descents
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import Handle, StudentModule

State = dict[str, Tensor]
Build = Callable[[], nn.Module]
"""Makes a new network in its initial state, in float64."""
Criterion = Callable[..., Tensor]

Again = Callable[[], Iterable[tuple[Any, "Measured"]]]
"""Measures other batches: what the student's code returns for each, and what it should be made of."""

CLOSE = 1e-4
CLASSES = 4
SIZES = (5, 2, 4, 3)  # unequal, so that a mean over batches differs from a mean over examples
_TIE = 1e-3


@dataclass(frozen=True)
class Measured:
    """What one pass over the batches measures: the size, the mean loss and the number of right answers of each batch.

    after_softmax: in an evaluation, the losses where a softmax is applied to the scores first.
    ties: the number of examples whose two highest scores are too close for float32; either answer counts for them.
    """

    sizes: tuple[int, ...]
    losses: tuple[float, ...]
    right: tuple[int, ...]
    ties: int
    after_softmax: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        return sum(self.sizes)

    @property
    def loss(self) -> float:
        return sum(loss * size for loss, size in zip(self.losses, self.sizes)) / self.count

    @property
    def accuracy(self) -> float:
        return sum(self.right) / self.count


def draw_batches(draw: Draw, sizes: Sequence[int] = SIZES) -> list[Batch]:
    """Images (size, 1, 2, 3), float32, and labels of four classes, int64."""
    return [
        (draw.normal(size, 1, 2, 3, dtype=torch.float32), torch.from_numpy(draw.rng.integers(0, CLASSES, size)))
        for size in sizes
    ]


def label(network: nn.Module, batches: Sequence[Batch], draw: Draw) -> list[Batch]:
    """The same images, labelled so that the network is right on the whole first batch and on few examples of the others."""
    labelled = []
    for number, (images, _) in enumerate(batches):
        labels = network(images.double()).detach().argmax(1)
        right = number % len(images) if number else len(images)
        others = torch.from_numpy(draw.rng.integers(1, CLASSES, len(images) - right))
        labels[right:] = (labels[right:] + others) % CLASSES
        labelled.append((images, labels))
    return labelled


def replay(
    network: nn.Module,
    batches: Sequence[Batch],
    etas: Sequence[float] = (),
    *,
    momentum: float = 0.0,
    train_mode: bool | Sequence[bool] | None = None,
    criterion: Criterion = F.cross_entropy,
    optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer] | None = None,
    before_step: Callable[[list[nn.Parameter]], Any] = lambda parameters: None,
    added: Container[int] = (),
) -> Measured:
    """One pass over the batches: gradient descent, changing the network, or evaluation.

    etas: the learning rate for each batch, 0 for no step; empty for evaluation.
    momentum: as in torch.optim.SGD.
    train_mode: whether the network is in train mode, for all batches or for each; None for train mode in descent and eval
        mode in evaluation.
    optimizer: makes another optimizer than torch.optim.SGD. Its learning rate is that of the batch.
    before_step: may change the gradients.
    added: the numbers of the batches whose gradients are added to those before.
    """
    modes = bool(etas) if train_mode is None else train_mode
    parameters = list(network.parameters())
    stepper = optimizer(parameters) if optimizer else torch.optim.SGD(parameters, 0.0, momentum)
    losses, after_softmax, right, ties = [], [], [], 0
    for number, (images, labels) in enumerate(batches):
        network.train(modes if isinstance(modes, bool) else modes[number])
        with torch.set_grad_enabled(bool(etas)):
            scores = network(images.double())
            loss = criterion(scores, labels)
        best = scores.detach().topk(2, dim=1).values
        ties += int((best[:, 0] - best[:, 1] < _TIE).sum())
        right.append(int((scores.argmax(1) == labels).sum()))
        losses.append(float(loss.detach()))
        if not etas:
            after_softmax.append(float(criterion(scores.softmax(1), labels)))
        if etas:
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
                before = parameter.grad if number in added else None
                parameter.grad = gradient if before is None else before + gradient
            if etas[number]:
                before_step(parameters)
                stepper.param_groups[0]["lr"] = etas[number]
                stepper.step()
    return Measured(
        tuple(len(labels) for _, labels in batches), tuple(losses), tuple(right), ties, tuple(after_softmax)
    )


def state_of(student: StudentModule, model: Handle) -> State:
    """The state_dict of a network that the grader made and the student's code has worked on."""
    found = student.probe("modules.state", model)
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise CheckFailed("the state_dict of the model cannot be read after your code ran")
    return found


def load(network: nn.Module, found: State) -> nn.Module:
    """Loads a state into the network. Raises CheckFailed if the student's code has changed names or shapes."""
    distance(found, network)
    network.load_state_dict(found)
    return network


def distance(found: State, network: nn.Module) -> float:
    """The largest difference between corresponding numbers; infinite for NaN.

    Raises CheckFailed if the student's code has changed names or shapes.
    """
    expected = network.state_dict()
    alike = found.keys() == expected.keys() and all(found[name].shape == expected[name].shape for name in expected)
    if not alike:
        raise CheckFailed("your code changed the names or shapes of the model's parameters or buffers")
    differences = [(found[name].double() - value.double()).abs().max() for name, value in expected.items()]
    largest = float(torch.stack(differences).max())
    return largest if largest == largest else float("inf")


def expect_measures(what: str, value: Any, measured: Measured, again: Again = tuple) -> None:
    """Fails unless `value` is (loss, accuracy), means over the examples; `what` reads like "of the first epoch".

    `again` measures other batches, to see whether an explanation holds there, too: a single number may fit by chance.
    """
    loss, accuracy = _numbers(what, value)
    if not _near(loss, measured.loss):
        others = _measured_again(what, again)
        if all(_swapped(*pair) for pair in ((loss, accuracy, measured), *others)):
            why = ": the two are swapped"
        else:
            why = _named(
                [(loss, _wrong_losses(measured)), *((other, _wrong_losses(here)) for other, _, here in others)]
            )
        raise CheckFailed(f"the loss {what} is {loss:.4g} but should be {measured.loss:.4g}{why}")
    if not abs(accuracy - measured.accuracy) <= measured.ties / measured.count + 1e-5:
        others = _measured_again(what, again)
        found = [(accuracy, measured), *((other, here) for _, other, here in others)]
        why = _named([(number, _wrong_accuracies(here)) for number, here in found])
        if all(number in (0, 1) for number, _ in found) and len({number for number, _ in found}) == 1:
            why = ""  # 0 and 1 say little: many mistakes give them
        raise CheckFailed(
            f"the accuracy {what} is {accuracy:.4g}, with {sum(measured.right)} of {measured.count} examples right{why}"
        )


def _measured_again(what: str, again: Again) -> list[tuple[float, float, Measured]]:
    """What `again` measures, up to the first call that fails for a reason of its own."""
    found = []
    with suppress(StudentProblem, CheckFailed):
        for value, measured in again():
            found.append((*_numbers(what, value), measured))
    return found


def _numbers(what: str, value: Any) -> tuple[float, float]:
    loss, accuracy = as_pair("epoch should return (loss, accuracy)", value)
    return as_number(f"the loss {what}", loss), as_number(f"the accuracy {what}", accuracy)


def _swapped(loss: float, accuracy: float, measured: Measured) -> bool:
    return _near(accuracy, measured.loss) and abs(loss - measured.accuracy) < 1e-5


def _wrong_losses(measured: Measured) -> dict[str, float]:
    losses, count, batches = measured.losses, measured.count, len(measured.losses)
    total = measured.loss * count
    guesses = {
        "it averages the means of the batches, but batches of unequal size need unequal weights": (
            sum(losses) / batches
        ),
        "that is the sum over the examples instead of the mean": total,
        "that is the sum of the means of the batches instead of the mean over the examples": sum(losses),
        "the means of the batches are added up without weights, then divided by the number of examples": sum(losses)
        / count,
        "the sum over the examples is divided by the number of batches": total / batches,
        "its sign is wrong": -measured.loss,
        "that is the loss of the last batch alone": losses[-1],
        "that is the loss of the first batch alone": losses[0],
    }
    if measured.after_softmax:
        softmaxed = sum(loss * size for loss, size in zip(measured.after_softmax, measured.sizes))
        guesses["a softmax is applied to the scores before the criterion"] = softmaxed / count
    if batches > 1:
        guesses["the last batch is left out"] = (total - losses[-1] * measured.sizes[-1]) / (count - measured.sizes[-1])
    return guesses


def _wrong_accuracies(measured: Measured) -> dict[str, float]:
    right, sizes, count = measured.right, measured.sizes, measured.count
    fractions = [number / size for number, size in zip(right, sizes)]
    guesses = {
        "it should be a fraction in [0, 1], not a percentage": 100 * measured.accuracy,
        "that is the number of right examples": float(sum(right)),
        "that is the fraction of wrong examples": 1 - measured.accuracy,
        "it averages the accuracies of the batches, but batches of unequal size need unequal weights": sum(fractions)
        / len(sizes),
        "that is the sum of the accuracies of the batches": sum(fractions),
        "the accuracies of the batches are added up without weights, then divided by the number of examples": (
            sum(fractions) / count
        ),
        "the number of right examples is divided by the number of batches": sum(right) / len(sizes),
        "that is the accuracy of the last batch alone": fractions[-1],
        "that is the accuracy of the first batch alone": fractions[0],
        "it is cut to a whole number, as by // or int()": float(measured.accuracy == 1),
        "it is rounded to a whole number": float(round(measured.accuracy)),
    }
    if len(sizes) > 1:
        guesses["the last batch is left out"] = sum(right[:-1]) / (count - sizes[-1])
    return guesses


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= CLOSE * (1 + abs(b))


def _named(found: Sequence[tuple[float, dict[str, float]]]) -> str:
    """The first explanation that fits all numbers; each comes with what the explanations would make of it."""
    for words in found[0][1]:
        if all(_near(number, guesses[words]) for number, guesses in found if words in guesses):
            return f": {words}"
    return ""


@dataclass(frozen=True)
class Descent:
    """Settings of gradient descent: pass k has the learning rate eta · gamma^k, all have this momentum and criterion."""

    eta: float
    gamma: float = 1.0
    momentum: float = 0.0
    criterion: Criterion = F.cross_entropy

    def over(self, passes: Sequence[Sequence[Batch]]) -> Right:
        return Right(passes, self.eta, self.gamma, self.momentum, self.criterion)


def expect_descent(found: State, what: str, build: Build, passes: Sequence[Sequence[Batch]], descent: Descent) -> None:
    """Fails unless a model's state `found` is that after this descent; `what` reads like "after an epoch"."""
    if not ends_at(found, build, passes, descent):
        raise CheckFailed(f"{what} {_explain_descent(found, build, passes, descent)}")


def ends_at(found: State, build: Build, passes: Sequence[Sequence[Batch]], descent: Descent) -> bool:
    """Whether this descent over these passes ends in the state `found`."""
    return _distance_to(found, build, descent, descent.over(passes).steps()) <= CLOSE


def _distance_to(found: State, build: Build, descent: Descent, steps: Steps, **changed: Any) -> float:
    network = build()
    options: dict[str, Any] = {"momentum": descent.momentum, "criterion": descent.criterion} | changed
    replay(network, [batch for batch, _ in steps], [eta for _, eta in steps], **options)
    return distance(found, network)


def _explain_descent(found: State, build: Build, passes: Sequence[Sequence[Batch]], descent: Descent) -> str:
    """Explains a wrong state by trying likely mistakes."""
    if distance(found, build()) < 1e-7:
        return "the weights are still the initial ones: no step reached the model that was given"
    right = descent.over(passes)
    # A mistake that hardly matters here ends near many other ends, so it has to explain nearly all of the difference.
    room = min(CLOSE, 0.1 * _distance_to(found, build, descent, right.steps()))
    for wrong in wrong_descents(right):
        if wrong.steps and _distance_to(found, build, descent, wrong.steps, **wrong.options) <= room:
            return wrong.words
    unmoved = [name for name, value in build().named_parameters() if torch.equal(found[name].double(), value)]
    if unmoved:
        kind = "bias" if unmoved[0].endswith("bias") else "weight matrix"
        return f"the {kind} of the model did not change, but other parameters did: does the optimizer have all of them?"
    return "the weights are not those after one gradient step for each batch, in the loader's order"
