"""Checks of training loops against a replay, step by step in float64, on the same network and the same batches.

Replays of likely mistakes explain a wrong result.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks.closeness import as_number
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.measured import Again, Measured, expect_measures, right_otherwise
from autograder.checks.convolution.wrong_descents import Batch, Right, Steps, wrong_descents
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.loss_accuracy import as_pair
from autograder.sandbox.host.student_module import Handle, StudentModule

State = dict[str, Tensor]
Build = Callable[[], nn.Module]
"""Makes a new network in its initial state, in float64."""
Criterion = Callable[..., Tensor]

_UNEXPLAINED = "the weights are not those after one gradient step for each batch, in the loader's order"
CLOSE = 1e-4
CLASSES = 4
SIZES = (5, 2, 4, 3)  # unequal, so that a mean over batches differs from a mean over examples
_TIE = 1e-3


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
    losses, after_softmax, right, otherwise, ties = [], [], [], [], 0
    for number, (images, labels) in enumerate(batches):
        network.train(modes if isinstance(modes, bool) else modes[number])
        with torch.set_grad_enabled(bool(etas)):
            scores = network(images.double())
            loss = criterion(scores, labels)
        best = scores.detach().topk(2, dim=1).values
        ties += int((best[:, 0] - best[:, 1] < _TIE).sum())
        right.append(int((scores.argmax(1) == labels).sum()))
        otherwise.append(right_otherwise(scores.detach(), labels))
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
        tuple(len(labels) for _, labels in batches),
        tuple(losses),
        tuple(right),
        ties,
        tuple(after_softmax),
        {words: tuple(hits[words] for hits in otherwise) for words in otherwise[0]} if otherwise else {},
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


@dataclass(frozen=True)
class Descent:
    """Settings of gradient descent: pass k has the learning rate eta · gamma^k, all have this momentum and criterion."""

    eta: float
    gamma: float = 1.0
    momentum: float = 0.0
    criterion: Criterion = F.cross_entropy

    def over(self, passes: Sequence[Sequence[Batch]]) -> Right:
        return Right(passes, self.eta, self.gamma, self.momentum, self.criterion)


def expect_descent(
    found: State,
    what: str,
    build: Build,
    passes: Sequence[Sequence[Batch]],
    descent: Descent,
    look: Callable[[], Finding] = Finding,
) -> None:
    """Fails unless a model's state `found` is that after this descent; `what` reads like "after an epoch".

    `look` says what else was seen if no likely mistake ends there.
    """
    if not ends_at(found, build, passes, descent):
        why = _explain_descent(found, build, passes, descent)
        why = why or look() or Finding(_UNEXPLAINED)
        raise CheckFailed(f"{what} {why.words}", mistake=why.mistake)


def ends_at(found: State, build: Build, passes: Sequence[Sequence[Batch]], descent: Descent) -> bool:
    """Whether this descent over these passes ends in the state `found`."""
    return _distance_to(found, build, descent, descent.over(passes).steps()) <= CLOSE


def _distance_to(found: State, build: Build, descent: Descent, steps: Steps, **changed: Any) -> float:
    network = build()
    options: dict[str, Any] = {"momentum": descent.momentum, "criterion": descent.criterion} | changed
    replay(network, [batch for batch, _ in steps], [eta for _, eta in steps], **options)
    return distance(found, network)


def _explain_descent(found: State, build: Build, passes: Sequence[Sequence[Batch]], descent: Descent) -> Finding:
    """Explains a wrong state by trying likely mistakes."""
    if distance(found, build()) < 1e-7:
        return Finding("the weights are still the initial ones: no step reached the model that was given")
    right = descent.over(passes)
    # A mistake that hardly matters here ends near many other ends, so it has to explain nearly all of the difference.
    room = min(CLOSE, 0.1 * _distance_to(found, build, descent, right.steps()))
    for wrong in wrong_descents(right):
        if wrong.steps and _distance_to(found, build, descent, wrong.steps, **wrong.options) <= room:
            mistake, colon, remedy = wrong.words.partition(": ")
            return established(mistake, colon + remedy)
    unmoved = _unmoved(found, build())
    if unmoved:
        return established(
            f"{unmoved} did not change, but other parameters did", ": does the optimizer have all of them?"
        )
    return Finding()


def _unmoved(found: State, network: nn.Module) -> str:
    """The parameters of linear layers that are as they were in the network, in words; "" if there are none."""
    layers = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    words = []
    for number, (name, layer) in enumerate(layers, 1):
        where = f" of layer {number}" if len(layers) > 1 else " of the model"
        kinds = {"weight": "the weight matrix", "bias": "the bias"}
        kept = [
            kinds[kind]
            for kind, value in layer.named_parameters()
            if torch.equal(found[f"{name}.{kind}"].double(), value)
        ]
        if kept:
            words.append(" and ".join(kept) + where)
    return " and ".join(words)


def expect_on_the_way(
    what: str, value: Any, network: nn.Module, batches: Sequence[Batch], eta: float, again: Again = tuple
) -> None:
    """Fails unless loss and accuracy are measured on the scores before each step. Trains the network.

    `again` trains on other batches, as in `expect_measures`; see `draw_telling`.
    """
    loss = as_number(f"the loss {what}", as_pair("epoch should return (loss, accuracy)", value)[0])
    expected, others = _on_the_way(network, batches, eta)
    for words, other in others.items():
        if abs(loss - other.loss) < 1e-5 < abs(loss - expected.loss):
            mistake = f"the loss {what} is {words}"
            raise CheckFailed(
                f"{mistake}: measure each batch during the epoch, with the scores that its step is computed from",
                mistake=mistake,
            )
    expect_measures(f"{what}, measured during the epoch,", value, expected, again)


def on_the_way(network: nn.Module, batches: Sequence[Batch], etas: Sequence[float]) -> list[Measured]:
    """What each epoch of a training measures on the scores before each step. Trains the network."""
    return [_on_the_way(network, batches, eta)[0] for eta in etas]


def draw_telling(draw: Draw, build: Build, eta: float) -> tuple[list[Batch], Measured]:
    """Batches with which the accuracy of an epoch of training differs from those of other models, and what it measures."""
    for _ in range(200):
        batches = draw_batches(draw)
        measured, others = _on_the_way(build(), batches, eta)
        counts = {sum(measured.right), *(sum(other.right) for other in others.values())}
        if len(counts) == 1 + len(others) and not measured.ties:
            break
    return batches, measured


def _on_the_way(network: nn.Module, batches: Sequence[Batch], eta: float) -> tuple[Measured, dict[str, Measured]]:
    """Trains the network; returns what it measures, and what is measured with other models than that of each step."""
    first, before, after = replay(network, batches), [], []
    for batch in batches:
        before.append(replay(network, [batch], [eta]))
        after.append(replay(network, [batch], train_mode=True))
    others = {
        "that of the model before the epoch": first,
        "that of the model after the epoch": replay(network, batches),
        "measured on each batch after the step on it": _joined(after),
    }
    should = "but should be that of the scores from which each step is computed"
    counted_otherwise = {f"it is {words}, {should}": other.right for words, other in others.items()}
    return replace(_joined(before), counted_otherwise=counted_otherwise), others


def _joined(parts: Sequence[Measured]) -> Measured:
    """What was measured of single batches, one after the other, as that of all."""
    sizes, losses, right = (tuple(getattr(part, name)[0] for part in parts) for name in ("sizes", "losses", "right"))
    return Measured(sizes, losses, right, sum(part.ties for part in parts))


def rates_of(states: Sequence[State], build: Build, batch: Batch) -> list[float] | None:
    """The learning rate of each step between successive states, if each is a step along the gradient of the cross-entropy
    of this batch; None if one is not. A pass without a step is left out."""
    rates = []
    for before, after in itertools.pairwise(states):
        if all(torch.equal(before[name], after[name]) for name in before):
            continue
        network = load(build(), before)
        network.train()
        parameters = dict(network.named_parameters())
        loss = F.cross_entropy(network(batch[0].double()), batch[1])
        gradients = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values()))))
        step = torch.cat([(before[name] - after[name]).double().flatten() for name in parameters])
        gradient = torch.cat([gradients[name].flatten() for name in parameters])
        rate = float(step @ gradient / (gradient @ gradient))
        if float((step - rate * gradient).norm()) > 1e-3 * float(step.norm()):
            return None
        rates.append(rate)
    return rates
