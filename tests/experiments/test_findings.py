"""The rules that decide whether the results show a reported effect."""

from __future__ import annotations

import math

import pytest
import torch

from autograder.experiments.attention import class_attention
from autograder.experiments.batches import Batches
from autograder.experiments.data import Data, Split, as_colour, load
from autograder.experiments.findings import (
    Results,
    Row,
    best,
    fails,
    faster,
    higher,
    not_higher,
    overfits,
    reaches,
    same,
    slow,
    steadiest,
    wider_gap,
)


def rows(*test: float, train: float = 0.9, losses: tuple[float, ...] | None = None) -> list[Row]:
    """One row for each test accuracy."""
    losses = losses or tuple(1 - value for value in test)
    return [Row(n + 1, 0.1, train, loss, value, 1.0) for n, (value, loss) in enumerate(zip(test, losses))]


def results(examples: int = 10_000, **variants: list[Row]) -> Results:
    return Results(variants, examples, classes=10)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [(0.70, 0.60, "seen"), (0.60, 0.70, "the opposite"), (0.701, 0.700, "within the noise"), (0.1, 0.1, "too short")],
)
def test_higher_means_by_more_than_the_margin(a: float, b: float, verdict: str) -> None:
    assert higher("a", "b", "").finding(results(a=rows(a), b=rows(b)), "cifar10")[0] == verdict


def test_the_margin_is_two_standard_errors_of_a_difference() -> None:
    assert results(examples=200).margin(0.5, 0.5) == pytest.approx(2 * math.sqrt(0.25 / 200 + 0.25 / 200))


@pytest.mark.parametrize(("b", "same_", "not_higher_"), [(0.705, "seen", "seen"), (0.5, "not seen", "not seen")])
def test_same_and_not_higher(b: float, same_: str, not_higher_: str) -> None:
    measured = results(a=rows(0.7), b=rows(b))
    assert same("a", "b", "").finding(measured, "colour")[0] == same_
    assert not_higher("a", "b", "").finding(measured, "colour")[0] == not_higher_


@pytest.mark.parametrize(
    ("got", "dataset", "verdict"),
    [
        (0.705, "cifar10", "seen"),
        (0.8, "cifar10", "higher"),
        (0.6, "cifar10", "lower"),
        (0.7, "colour", "not comparable"),
    ],
)
def test_a_reported_number_belongs_to_its_dataset(got: float, dataset: str, verdict: str) -> None:
    assert reaches("a", 0.7, "", "cifar10").finding(results(a=rows(got)), dataset)[0] == verdict


def test_best_of_several() -> None:
    measured = results(a=rows(0.7), b=rows(0.5), c=rows(0.3))
    assert best("a", ("a", "b", "c"), "").finding(measured, "colour")[0] == "seen"
    assert best("b", ("a", "b", "c"), "").finding(measured, "colour")[0] == "not seen"


@pytest.mark.parametrize(("accuracy", "verdict"), [(0.1, "seen"), (0.2, "not seen")])
def test_failing_means_no_better_than_chance(accuracy: float, verdict: str) -> None:
    assert fails("a", "").finding(results(a=rows(accuracy)), "colour")[0] == verdict


@pytest.mark.parametrize(
    ("accuracies", "losses", "verdict"),
    [
        ((0.6, 0.7, 0.7), (1.0, 0.8, 1.2), "seen"),
        ((0.6, 0.7, 0.7), (1.0, 0.8, 0.7), "not seen"),
        ((0.6, 0.7, 0.95), (1.0, 0.8, 1.2), "not seen"),
    ],
)
def test_overfitting_needs_a_gap_and_a_rising_test_loss(
    accuracies: tuple[float, ...], losses: tuple[float, ...], verdict: str
) -> None:
    measured = results(a=rows(*accuracies, train=1.0, losses=losses))
    assert overfits("a", "").finding(measured, "colour")[0] == verdict


def test_the_steadiest_variant_is_one_that_learns() -> None:
    still = rows(0.1, 0.1, 0.1, losses=(2.3, 2.3, 2.3))
    calm, wild = rows(0.5, 0.6, 0.7, losses=(1.5, 1.2, 1.0)), rows(0.5, 0.6, 0.7, losses=(1.5, 2.0, 1.0))
    measured = results(still=still, calm=calm, wild=wild)
    assert steadiest("calm", ("still", "calm", "wild"), "").finding(measured, "colour")[0] == "seen"
    assert steadiest("wild", ("still", "calm", "wild"), "").finding(measured, "colour")[0] == "not seen"


def test_a_wider_gap_and_a_lower_loss() -> None:
    measured = results(a=rows(0.6, train=1.0), b=rows(0.6, train=0.7))
    assert wider_gap("a", "b", "").finding(measured, "colour")[0] == "seen"
    assert wider_gap("b", "a", "").finding(measured, "colour")[0] == "the opposite"
    assert faster("a", "b", "").finding(measured, "colour")[0] == "not seen"


def test_slow_means_that_the_loss_hardly_fell() -> None:
    high, low = ([Row(1, loss, 0.1, 2.3, 0.1, 1.0)] for loss in (2.2, 1.0))
    assert [slow(name, "").finding(results(a=high, b=low), "colour")[0] for name in "ab"] == ["seen", "not seen"]


def test_a_variant_that_was_not_run_is_reported() -> None:
    assert higher("a", "b", "").finding(results(a=rows(0.7)), "colour") == ("not measured", "b was not run")


def test_a_loss_that_is_nan_breaks_no_rule() -> None:
    measured = results(a=rows(0.1, 0.1, losses=(math.nan, math.nan)), b=rows(0.5, 0.6))
    for effect in (fails("a", ""), overfits("a", ""), steadiest("b", ("a", "b"), ""), higher("b", "a", "")):
        assert effect.finding(measured, "colour")[0] != ""


def test_batches_contain_every_example_once_in_a_new_order() -> None:
    split = Split(torch.arange(10.0)[:, None], torch.arange(10))
    batches = Batches(split, 4, torch.Generator().manual_seed(0))
    first, second = ([y for _, y in batches] for _ in range(2))
    assert [len(batch) for batch in first] == [4, 4, 2]
    assert sorted(torch.cat(first).tolist()) == sorted(torch.cat(second).tolist()) == list(range(10))
    assert not torch.equal(torch.cat(first), torch.cat(second))


def test_a_subset_is_drawn_from_all_classes() -> None:
    circles = load("circles", [], subset=20)
    assert set(circles.train.y.tolist()) == {0, 1}
    assert len(circles.train) == len(circles.test) == 20


def test_digits_become_colour_images() -> None:
    digits = Data(*[Split(torch.rand(2, 1, 28, 28), torch.arange(2))] * 2, "digits", "made here")
    image = as_colour(digits).train.x
    assert image.shape == (2, 3, 32, 32)
    assert torch.equal(image[:, 1, 2:-2, 2:-2], digits.train.x[:, 0])


class Attending(torch.nn.Module):
    """A model whose class token is at `place`, and whose scores depend only on that token's row."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place
        self.scores = torch.nn.Parameter(torch.rand(1, 2, 5, 5, generator=torch.Generator().manual_seed(0)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        weights = torch.softmax(self.scores, dim=-1)
        return (weights @ torch.arange(5.0)[:, None])[:, :, self.place].flatten(1)


@pytest.mark.parametrize("place", [0, 4])
def test_attention_is_found_at_every_place_of_the_class_token(place: int) -> None:
    model = Attending(place)
    weights = torch.softmax(model.scores, dim=-1)[0, :, place]
    patches = [token for token in range(5) if token != place]
    found = class_attention(model, torch.zeros(1, 4, 4))
    assert found is not None
    assert torch.equal(found, weights[:, patches].detach())


def test_a_model_without_a_softmax_has_no_attention() -> None:
    assert class_attention(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2)), torch.rand(1, 2, 2)) is None
