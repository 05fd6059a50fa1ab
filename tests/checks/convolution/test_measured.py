"""The loss and the accuracy of a pass: right ones pass, and wrong ones are explained if nothing else fits."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.checks.convolution.measured import Measured, expect_measures, right_otherwise
from autograder.checks.failure import CheckFailed


def test_means_are_over_the_examples() -> None:
    measured = Measured((3, 1), (1.0, 5.0), (2, 1), 0)
    assert (measured.count, measured.loss, measured.accuracy) == (4, 2.0, 0.75)


MEASURED = Measured((5, 2, 4, 3), (0.9, 2.5, 1.3, 0.4), (5, 1, 2, 0), 0)
LOSS, ACCURACY = MEASURED.loss, MEASURED.accuracy
MEAN_OF_MEANS = sum(MEASURED.losses) / 4
AVERAGED = ": it averages the means of the batches, but batches of unequal size need unequal weights"


def measure(loss: float, accuracy: float, measured: Measured = MEASURED) -> str:
    with pytest.raises(CheckFailed) as caught:
        expect_measures("of an epoch", (loss, accuracy), measured)
    return caught.value.message


@pytest.mark.parametrize(
    "value", [(LOSS, ACCURACY), [LOSS * (1 + 5e-5), ACCURACY], (torch.tensor(LOSS), ACCURACY + 5e-6)]
)
def test_right_measures_pass(value: Any) -> None:
    expect_measures("of an epoch", value, MEASURED)


def test_of_a_tie_either_answer_counts() -> None:
    tied = Measured(MEASURED.sizes, MEASURED.losses, MEASURED.right, 1)
    expect_measures("of an epoch", (LOSS, 9 / 14), tied)
    assert measure(LOSS, 10 / 14, tied).startswith("the accuracy of an epoch is 0.7143, with 8 of 14 examples right")


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (MEAN_OF_MEANS, AVERAGED),
        (14 * LOSS, ": that is the sum over the examples instead of the mean"),
        (4 * MEAN_OF_MEANS, ": that is the sum of the means of the batches instead of the mean over the examples"),
        (
            4 / 14 * MEAN_OF_MEANS,
            ": the means of the batches are added up without weights, then divided by the number of examples",
        ),
        (14 / 4 * LOSS, ": the sum over the examples is divided by the number of batches"),
        (-LOSS, ": its sign is wrong"),
        (0.4, ": that is the loss of the last batch alone"),
        (0.9, ": that is the loss of the first batch alone"),
        ((14 * LOSS - 1.2) / 11, ": the last batch is left out"),
        (0.77, ""),
        (float("nan"), ""),
    ],
)  # fmt: skip
def test_a_wrong_loss_is_explained(loss: float, words: str) -> None:
    assert measure(loss, ACCURACY) == f"the loss of an epoch is {loss:.4g} but should be {LOSS:.4g}{words}"


def test_loss_and_accuracy_in_the_wrong_order() -> None:
    assert measure(ACCURACY, LOSS).endswith(": the two are swapped")


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (100 * ACCURACY, ": it should be a fraction in [0, 1], not a percentage"),
        (8, ": that is the number of right examples"),
        (6 / 14, ": that is the fraction of wrong examples"),
        (0.5, ": it averages the accuracies of the batches, but batches of unequal size need unequal weights"),
        (2.0, ": that is the sum of the accuracies of the batches"),
        (
            2 / 14,
            ": the accuracies of the batches are added up without weights, then divided by the number of examples",
        ),
        (8 / 4 + 1e-9, ": that is the sum of the accuracies of the batches"),
        (8 / 11, ": the last batch is left out"),
        (0.123, ""),
    ],
)
def test_a_wrong_accuracy_is_explained(accuracy: float, words: str) -> None:
    assert measure(LOSS, accuracy) == f"the accuracy of an epoch is {accuracy:.4g}, with 8 of 14 examples right{words}"


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [(1 / 3, "that is the accuracy of the last batch alone"), (0.8, "that is the accuracy of the first batch alone")],
)
def test_one_batch_alone_is_named(accuracy: float, words: str) -> None:
    measured = Measured((5, 2, 4, 3), MEASURED.losses, (4, 1, 2, 1), 0)
    assert measure(measured.loss, accuracy, measured).endswith(words)


@pytest.mark.parametrize("accuracy", [0, 1])
def test_of_nothing_and_of_everything_no_cause_is_claimed(accuracy: float) -> None:
    """The first batch is all right here and the last all wrong; but an integer division gives 0 as well."""
    assert measure(LOSS, accuracy) == f"the accuracy of an epoch is {accuracy}, with 8 of 14 examples right"


RIGHT = Measured((4,), (0.8,), (4,), 0)
OTHER = Measured((3, 5, 4), (0.3, 1.1, 0.6), (3, 1, 2), 0)


def with_others(loss: float, accuracy: float, *others: tuple[tuple[float, float], Measured]) -> str:
    with pytest.raises(CheckFailed) as caught:
        expect_measures("of an epoch", (loss, accuracy), MEASURED, lambda: others)
    return caught.value.message


def test_an_accuracy_cut_to_a_whole_number_is_named_if_it_is_so_on_other_batches() -> None:
    cut = ((OTHER.loss, 0), OTHER), ((RIGHT.loss, 1), RIGHT)
    assert with_others(LOSS, 0, *cut).endswith("right: it is cut to a whole number, as by // or int()")
    last_batch = ((OTHER.loss, 0.5), OTHER), ((RIGHT.loss, 1), RIGHT)
    assert with_others(LOSS, 0, *last_batch).endswith("right: that is the accuracy of the last batch alone")


def test_an_explanation_that_fits_one_number_alone_is_not_claimed() -> None:
    assert with_others(MEAN_OF_MEANS, ACCURACY, ((0.7, 0.5), OTHER)).endswith(f"should be {LOSS:.4g}")
    assert with_others(MEAN_OF_MEANS, ACCURACY, ((2.0 / 3, 0.5), OTHER)).endswith(AVERAGED)


SCORES = torch.tensor([[0.4, 0.3, -0.9], [-0.2, -3.0, -0.1], [3.0, 2.0, 0.0], [0.1, 0.5, 0.2], [-5.0, 1.0, 0.2]])
LABELS = torch.tensor([0, 2, 1, 2, 0])


@pytest.mark.parametrize(
    ("what", "count"),
    [
        ("the lowest score", 1),
        ("the largest of the absolute scores", 1),
        ("the probability of its class is above 1/2", 1),
        ("the score of its class is positive", 3),
        ("over the batch", 1),
    ],
)
def test_answers_are_counted_by_other_rules(what: str, count: int) -> None:
    """The rules: by the highest score of each, the first two are right."""
    (found,) = [hits for words, hits in right_otherwise(SCORES, LABELS).items() if what in words]
    assert found == count


def test_another_rule_is_named() -> None:
    measured = Measured(MEASURED.sizes, MEASURED.losses, MEASURED.right, 0, (), {"an example counts if": (1, 0, 2, 0)})
    assert measure(LOSS, 3 / 14, measured).endswith("8 of 14 examples right: an example counts if")
