"""Right training loops pass; wrong ones are explained."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks.convolution.training_loops import (
    CLASSES,
    Descent,
    State,
    distance,
    draw_batches,
    ends_at,
    expect_descent,
    expect_on_the_way,
    label,
    load,
    replay,
    state_of,
)
from autograder.checks.convolution.wrong_descents import Batch
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from tests.checks.students import student_of

DRAW = Draw(1, "a check")
PASSES = [draw_batches(DRAW) for _ in range(3)]
BATCHES = PASSES[0]
ETA, GAMMA = 0.3, 0.6  # no simple factor, so that no two mistakes end alike
STATE = {"1.weight": DRAW.normal(CLASSES, 6), "1.bias": DRAW.normal(CLASSES), "2.shift": DRAW.normal(CLASSES)}
SMOOTHED = functools.partial(F.cross_entropy, label_smoothing=0.3)


class AddedInTraining(nn.Module):
    """Makes training and evaluation different, as a dropout does, and leaves nothing to chance."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(CLASSES))

    def forward(self, scores: Tensor) -> Tensor:
        return scores + self.shift * self.training


def build() -> nn.Module:
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, CLASSES), AddedInTraining()).double()
    network.load_state_dict(STATE)
    return network


def trained(
    passes: Sequence[Sequence[Batch]] = PASSES,
    *,
    eta: float = ETA,
    decay: Callable[[int, int], float] = lambda epoch, step: GAMMA**epoch,
    momentum: float = 0.0,
    optimizer: Callable[..., torch.optim.Optimizer] | None = None,
    before_step: Callable[..., Any] = lambda parameters: None,
    criterion: Callable[..., Tensor] = F.cross_entropy,
    train_mode: bool = True,
    zero: bool = True,
    steps_for: Callable[[int, int], int] = lambda batch, last: 1,
    only: str = "",
) -> State:
    """Where torch's own SGD ends; `steps_for` says how many steps follow a batch, of which the last has this number."""
    network = build().train(train_mode)
    parameters = [p for name, p in network.named_parameters() if only in name]
    made = optimizer(parameters, lr=eta) if optimizer else torch.optim.SGD(parameters, eta, momentum)
    step = 0
    for epoch, batches in enumerate(passes):
        for number, (images, labels) in enumerate(batches):
            made.param_groups[0]["lr"] = eta * decay(epoch, step)
            for _ in range(max(1, steps_for(number, len(batches) - 1))):
                if zero:
                    made.zero_grad()
                criterion(network(images.double()), labels).backward()
                if steps_for(number, len(batches) - 1):
                    before_step(parameters)
                    made.step()
            step += 1
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def descend(network: nn.Module, batches: Sequence[Batch] = BATCHES) -> None:
    replay(network, batches, [ETA] * len(batches))


def explanation(found: State, passes: Sequence[Sequence[Batch]] = PASSES, **options: Any) -> str:
    descent = Descent(ETA, **{"gamma": GAMMA, **options})
    with pytest.raises(CheckFailed) as caught:
        expect_descent(found, "after fit", build, passes, descent)
    start, words = caught.value.message[:10], caught.value.message[10:]
    assert start == "after fit "
    return words


# Right loops.


@pytest.mark.parametrize(
    ("found", "descent"),
    [
        (trained(), Descent(ETA, GAMMA)),
        (trained(decay=lambda epoch, step: 1.0), Descent(ETA)),
        (trained(decay=lambda epoch, step: 1.0, momentum=0.8), Descent(ETA, momentum=0.8)),
        (trained(criterion=SMOOTHED), Descent(ETA, GAMMA, criterion=SMOOTHED)),
    ],
    ids=["decaying", "plain", "with momentum", "of another criterion"],
)
def test_torchs_own_descent_passes(found: State, descent: Descent) -> None:
    assert ends_at(found, build, PASSES, descent)
    expect_descent(found, "after fit", build, PASSES, descent)


def test_the_rates_fall_from_pass_to_pass() -> None:
    rates = [rate for _, rate in Descent(0.8, 0.5).over([BATCHES[:2], BATCHES[:1]]).steps()]
    assert rates == [0.8, 0.8, 0.4]


# Wrong loops.

ANOTHER = "the weights are not those after one gradient step for each batch, in the loader's order"
WRONG: list[tuple[str, dict[str, Any]]] = [
    (
        "the weights are those of a model that trained in eval mode: call model.train() before each epoch",
        {"train_mode": False},
    ),
    ("the gradients add up from batch to batch: set them to zero before each step", {"zero": False}),
    ("the weights went up the gradient", {"criterion": lambda scores, labels: -F.cross_entropy(scores, labels)}),
    (
        "the steps are too large by a factor of the batch size: the criterion is a mean already",
        {"criterion": functools.partial(F.cross_entropy, reduction="sum")},
    ),
    ("the last batch was left out", {"passes": [batches[:-1] for batches in PASSES]}),
    (
        "only the first batch was visited: is there a return inside the loop?",
        {"passes": [batches[:1] for batches in PASSES]},
    ),
    ("each batch was followed by two steps", {"steps_for": lambda batch, last: 2}),
    ("the steps are twice as long as they should be", {"eta": 2 * ETA}),
    ("the steps have a momentum of 0.9, but should have none", {"momentum": 0.9}),
    ("the learning rate did not decay", {"decay": lambda epoch, step: 1.0}),
    (
        "the learning rate decayed before the first epoch, but should decay after each epoch",
        {"decay": lambda epoch, step: GAMMA ** (epoch + 1)},
    ),
    (
        "the learning rate decayed after each batch, but should decay after each epoch",
        {"decay": lambda epoch, step: GAMMA**step},
    ),
    ("the weights are those of one more epoch: how often does the loop run?", {"passes": [*PASSES, PASSES[-1]]}),
    (
        "the weights are those of one epoch less: does every epoch train, and do the weights of the last one stay?",
        {"passes": PASSES[:-1]},
    ),
    (
        "every epoch had the batches of the first: iterate over the loader again in each epoch to get new ones",
        {"passes": [BATCHES] * 3},
    ),
    ("the learning rate was 0.01 in the first epoch instead of 0.3", {"eta": 0.01}),
    (
        "the learning rate was multiplied by gamma twice after each epoch",
        {"decay": lambda epoch, step: GAMMA ** (2 * epoch)},
    ),
    ("the learning rate decayed only after every other epoch", {"decay": lambda epoch, step: GAMMA ** (epoch // 2)}),
    (
        "the learning rate was multiplied by 0.9 after each epoch instead of 0.6",
        {"decay": lambda epoch, step: 0.9**epoch},
    ),
    (
        "the bias of the model did not change, but other parameters did: does the optimizer have all of them?",
        {"only": "weight"},
    ),
    (ANOTHER, {"eta": 0.17}),
    ("the batches were visited in reverse order", {"passes": [batches[::-1] for batches in PASSES]}),
    ("the first batch was left out", {"passes": [batches[1:] for batches in PASSES]}),
    (ANOTHER, {"passes": [[batches[i] for i in (2, 0, 3, 1)] for batches in PASSES]}),
    (
        "the learning rate was multiplied by 0.9 after each batch",
        {"decay": lambda epoch, step: GAMMA**epoch * 0.9**step},
    ),
    (
        "the learning rate decayed a little after each batch, by gamma in a whole epoch, but should stay the same during "
        "an epoch",
        {"decay": lambda epoch, step: GAMMA ** (step / 4)},
    ),
    (
        "a softmax is applied to the scores before the criterion, which takes the scores themselves",
        {"criterion": lambda scores, labels: F.cross_entropy(scores.softmax(1), labels)},
    ),
    (
        "every step also pulls the weights towards zero, as a weight decay of 0.0005 does",
        {"optimizer": functools.partial(torch.optim.SGD, weight_decay=0.0005)},
    ),
    ("the steps are those of Adam, not those of gradient descent", {"optimizer": torch.optim.Adam}),
    ("the steps have a momentum of 0.5, but should have none", {"momentum": 0.5}),
    (
        "the steps have a momentum of gamma, 0.6, and a constant learning rate: is gamma an argument of the optimizer?",
        {"momentum": GAMMA, "decay": lambda epoch, step: 1.0},
    ),
    (
        "the gradients are clipped to a norm of 1",
        {"before_step": functools.partial(nn.utils.clip_grad_norm_, max_norm=1.0)},
    ),
    (
        "there was one step an epoch, with the gradient of its last batch: each batch needs a step",
        {"steps_for": lambda batch, last: int(batch == last)},
    ),
]


@pytest.mark.parametrize(("words", "options"), WRONG)
def test_a_wrong_loop_is_named(words: str, options: dict[str, Any]) -> None:
    assert explanation(trained(**options)) == words


def test_a_layer_that_did_not_change_is_named() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, CLASSES)).double()
    start = {name: value.clone() for name, value in network.state_dict().items()}
    replay(network, BATCHES, [ETA] * len(BATCHES))
    found = network.state_dict() | {"1.weight": start["1.weight"], "1.bias": start["1.bias"]}

    def same() -> nn.Module:
        return load(nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, CLASSES)).double(), start)

    with pytest.raises(CheckFailed, match="fit the weight matrix and the bias of layer 1 did not change, but other"):
        expect_descent(found, "after fit", same, [BATCHES], Descent(ETA))


def test_a_model_that_is_as_it_was_is_named() -> None:
    assert explanation(STATE) == "the weights are still the initial ones: no step reached the model that was given"


@pytest.mark.parametrize(
    ("zero", "words"),
    [
        (False, "there was a single step, with the gradients of all batches: each batch needs a step"),
        (True, "there was a single step, with the gradient of the last batch: each batch needs a step"),
    ],
)
def test_a_single_step_for_an_epoch_is_named(zero: bool, words: str) -> None:
    assert (
        explanation(trained([BATCHES], zero=zero, steps_for=lambda batch, last: int(batch == last)), [BATCHES]) == words
    )


def test_another_criterion_than_the_one_given_is_named() -> None:
    assert (
        explanation(trained(), criterion=SMOOTHED)
        == "the loss is the cross-entropy instead of the criterion that was given"
    )


def test_an_optimizer_of_their_own_is_named() -> None:
    assert (
        explanation(trained(), momentum=0.8)
        == "the steps are those of plain descent, but the optimizer that was given has a momentum"
    )


# What is measured.


def test_a_replay_measures_each_batch() -> None:
    found = replay(build(), BATCHES)
    network = build().eval()
    for number, (images, labels) in enumerate(BATCHES):
        scores = network(images.double())
        assert found.losses[number] == pytest.approx(float(F.cross_entropy(scores, labels).detach()))
        assert found.right[number] == int((scores.argmax(1) == labels).sum())
    assert found.sizes == tuple(len(labels) for _, labels in BATCHES)
    assert found.ties == 0


def test_an_evaluation_leaves_the_network_as_it_was_and_a_training_does_not() -> None:
    network = build()
    replay(network, BATCHES)
    assert distance(STATE, network) == 0
    replay(network, BATCHES, [ETA] * len(BATCHES))
    assert distance(STATE, network) > 0.01


def test_the_mode_is_that_of_a_training_where_there_are_rates() -> None:
    in_training, in_evaluation = replay(build(), BATCHES, [0.0] * 4), replay(build(), BATCHES)
    assert in_training.losses != in_evaluation.losses
    assert replay(build(), BATCHES, train_mode=True).losses == in_training.losses


def test_scores_that_are_nearly_equal_count_as_ties() -> None:
    network = build()
    nn.init.zeros_(network[1].weight)
    network[1].bias.data = torch.tensor([1.0, 1.0005, 0, 0]).double()
    assert replay(network, BATCHES).ties == sum(len(labels) for _, labels in BATCHES)


def test_batches_hold_small_images_of_all_classes() -> None:
    batches = draw_batches(Draw(3, "batches"), (60, 7))
    assert [tuple(images.shape) for images, _ in batches] == [(60, 1, 2, 3), (7, 1, 2, 3)]
    assert batches[0][0].dtype == torch.float32
    assert set(batches[0][1].tolist()) == set(range(CLASSES))


def test_labels_make_the_first_batch_right_and_few_of_the_others() -> None:
    measured = replay(build(), label(build().eval(), BATCHES, Draw(2, "labels")))
    assert measured.right == (5, 1, 2, 0)


@pytest.mark.parametrize(
    ("words", "loss"),
    [
        ("that of the model before the epoch", lambda network: replay(network, BATCHES).loss),
        ("that of the model after the epoch", lambda network: (descend(network), replay(network, BATCHES).loss)[1]),
        (
            "measured on each batch after the step on it",
            lambda network: (
                sum(
                    (descend(network, [batch]), replay(network, [batch], train_mode=True).loss * len(batch[1]))[1]
                    for batch in BATCHES
                )
                / sum(len(labels) for _, labels in BATCHES)
            ),
        ),
    ],
)
def test_when_a_loss_was_measured_is_named(words: str, loss: Callable[[nn.Module], float]) -> None:
    nn.init.zeros_((network := build())[2].shift)
    value = loss(network)
    nn.init.zeros_((again := build())[2].shift)
    with pytest.raises(CheckFailed, match=f"the loss of an epoch is {words}: measure each batch during"):
        expect_on_the_way("of an epoch", (value, 0.5), again, BATCHES, ETA)


# The state of a network.


def test_the_largest_difference_counts() -> None:
    found = {name: value.clone() for name, value in STATE.items()}
    found["1.bias"][2] += 0.25
    assert distance(found, build()) == pytest.approx(0.25)
    found["1.bias"][2] = torch.nan
    assert distance(found, build()) == float("inf")


@pytest.mark.parametrize(
    "found", [STATE | {"3.weight": torch.ones(1)}, STATE | {"1.bias": torch.ones(3)}, {"1.weight": STATE["1.weight"]}]
)
def test_other_names_and_shapes_are_no_state_of_this_network(found: State) -> None:
    for use in (distance, lambda state, network: load(network, state)):
        with pytest.raises(
            CheckFailed, match=r"your code changed the names or shapes of the model's parameters or buffers$"
        ):
            use(found, build())


def test_a_state_is_loaded() -> None:
    found = {name: 2 * value for name, value in STATE.items()}
    assert distance(found, load(build(), found)) == 0


def test_the_state_of_a_students_model_is_read() -> None:
    student = student_of("import torch\ndef model():\n    return torch.nn.BatchNorm1d(2)\n")
    assert state_of(student, student.model()).keys() == {
        "weight", "bias", "running_mean", "running_var", "num_batches_tracked",
    }  # fmt: skip


def test_a_state_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    student = student_of("import torch\ndef model():\n    return torch.nn.BatchNorm1d(2)\n")
    model = student.model()
    monkeypatch.setattr(student, "probe", lambda *_: {"weight": None})
    with pytest.raises(CheckFailed, match=re.escape("the state_dict of the model cannot be read after your code ran")):
        state_of(student, model)
