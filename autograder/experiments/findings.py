"""What was measured, and whether an effect that the course's reports found is in it: decided by a rule, never by hand.

One run of one seed: of two accuracies on m test examples the difference counts if it is larger than twice its standard
error, 2 √(2 p (1 − p) / m) with p the mean of both. That is the chance of the draw of test examples alone; another seed
moves results further.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_ROUNDED = 0.01
"""How exact the reports' figures are."""


class Row(NamedTuple):
    """One epoch of one variant, the epoch counted from 1. Losses in nats, accuracies as fractions, seconds of wall time."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


class NotMeasured(LookupError):
    """A variant that an effect speaks of was not run."""


@dataclass(frozen=True)
class Results:
    """The rows of each variant, by its name; and how many test examples and classes there are."""

    rows: Mapping[str, Sequence[Row]]
    test_examples: int
    classes: int

    def of(self, variant: str) -> Sequence[Row]:
        """The rows of a variant; NotMeasured where it has none."""
        if not self.rows.get(variant):
            raise NotMeasured(variant)
        return self.rows[variant]

    def last(self, variant: str) -> Row:
        """After the last epoch."""
        return self.of(variant)[-1]

    def gap(self, variant: str) -> float:
        """Training minus test accuracy, after the last epoch."""
        return self.last(variant).train_accuracy - self.last(variant).test_accuracy

    def margin(self, p: float, q: float) -> float:
        """What two accuracies on the test set have to differ by: twice the standard error of the difference."""
        mean = (p + q) / 2
        return 2 * math.sqrt(max(2 * mean * (1 - mean), 0) / self.test_examples)

    def learned(self, variant: str) -> bool:
        """Whether it is right more often than by chance, in the end."""
        row, chance = self.last(variant), 1 / self.classes
        return not math.isnan(row.test_accuracy) and row.test_accuracy > chance + self.margin(chance, chance)

    def early(self, *variants: str) -> bool:
        """Whether none of them has learned anything yet, so that there is nothing to compare."""
        return not any(self.learned(variant) for variant in variants)

    def rise(self, variant: str) -> float:
        """By which part of its lowest value the test loss stands above it in the end; 0 where it is lowest then."""
        losses = [row.test_loss for row in self.of(variant) if math.isfinite(row.test_loss)]
        return losses[-1] / min(losses) - 1 if losses else math.nan

    def jumps(self, variant: str) -> float:
        """How much the test loss rises from one epoch to the next, summed over the epochs, in nats."""
        losses = [row.test_loss for row in self.of(variant)]
        return sum(max(after - before, 0.0) for before, after in itertools.pairwise(losses))


Found = tuple[str, str]
"""A verdict and the numbers behind it. Verdicts: "seen", "not seen", "the opposite", "within the noise"; "higher" and
"lower" than a reported figure; "too short", where nothing was learned yet; "not comparable"; "not measured"."""


@dataclass(frozen=True)
class Effect:
    """One sentence of the reports, the rule in words, and the rule."""

    reported: str
    rule: str
    judge: Callable[[Results], Found]
    on: tuple[str, ...] = ()
    """The datasets that a reported figure belongs to; () for what is to be expected on any."""

    def found(self, results: Results, dataset: str) -> Found:
        """The verdict on these results; "not comparable" on another dataset, "not measured" without a variant."""
        if self.on and dataset not in self.on:
            return "not comparable", f"reported for {' and '.join(self.on)}, this is {dataset}"
        try:
            return self.judge(results)
        except NotMeasured as missing:
            return "not measured", f"{missing} was not run"


def _unless(early: bool, verdict: str) -> str:
    return "too short" if early else verdict


def higher(a: str, b: str, reported: str) -> Effect:
    """The test accuracy of a is higher than that of b."""

    def judge(results: Results) -> Found:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "seen" if p - q > margin else "the opposite" if q - p > margin else "within the noise"
        return _unless(results.early(a, b), verdict), f"{p:.1%} against {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracy of “{a}” above that of “{b}” by more than the margin", judge)


def same(a: str, b: str, reported: str) -> Effect:
    """Their test accuracies are about the same."""

    def judge(results: Results) -> Found:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "seen" if abs(p - q) <= margin else "not seen"
        return _unless(results.early(a, b), verdict), f"{p:.1%} and {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracies of “{a}” and “{b}” differ by no more than the margin", judge)


def not_higher(a: str, b: str, reported: str) -> Effect:
    """a does not help against b."""

    def judge(results: Results) -> Found:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "not seen" if p - q > margin else "seen"
        return _unless(results.early(a, b), verdict), f"{p:.1%} against {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracy of “{a}” not above that of “{b}” by more than the margin", judge)


def reaches(a: str, accuracy: float, reported: str, on: str, part: str = "test") -> Effect:
    """An accuracy that is given as a number."""

    def judge(results: Results) -> Found:
        got = getattr(results.last(a), f"{part}_accuracy")
        margin = max(results.margin(got, accuracy), _ROUNDED)
        verdict = "seen" if abs(got - accuracy) <= margin else "higher" if got > accuracy else "lower"
        return verdict, f"{got:.1%}, reported {accuracy:.1%}, margin {margin:.1%}"

    return Effect(reported, f"{part} accuracy of “{a}” equal to the reported one, up to the margin or 1%", judge, (on,))


def best(a: str, among: Sequence[str], reported: str) -> Effect:
    """a has the highest test accuracy of several."""

    def judge(results: Results) -> Found:
        reached = {name: results.last(name).test_accuracy for name in among}
        top = max(reached, key=lambda name: reached[name])
        margin = results.margin(reached[top], reached[a])
        verdict = "seen" if top == a else "within the noise" if reached[top] - reached[a] <= margin else "not seen"
        numbers = f"best: “{top}” with {reached[top]:.1%}; “{a}” {reached[a]:.1%}, margin {margin:.1%}"
        return _unless(results.early(*among), verdict), numbers

    return Effect(reported, f"“{a}” has the highest test accuracy of {len(among)}", judge)


def fails(a: str, reported: str) -> Effect:
    """a learns nothing."""

    def judge(results: Results) -> Found:
        row = results.last(a)
        verdict = "not seen" if results.learned(a) else "seen"
        return verdict, f"test accuracy {row.test_accuracy:.1%}, training loss {row.train_loss:.3g} nats"

    return Effect(reported, f"test accuracy of “{a}” within the margin of chance, or below", judge)


def slow(a: str, reported: str, part: float = 0.9) -> Effect:
    """The loss of a has hardly fallen."""

    def judge(results: Results) -> Found:
        loss, start = results.last(a).train_loss, math.log(results.classes)
        verdict = "seen" if loss > part * start else "not seen"
        return verdict, f"training loss {loss:.3f} nats, {start:.3f} by chance"

    return Effect(reported, f"training loss of “{a}” still above {part:.0%} of log(classes) in the end", judge)


def steadiest(a: str, among: Sequence[str], reported: str) -> Effect:
    """The test loss of a jumps least, of those that learn."""

    def judge(results: Results) -> Found:
        results.of(a)
        learning = {name: results.jumps(name) for name in among if results.learned(name)}
        if len(learning) < 2 or len(results.of(a)) < 3:
            return "too short", f"{len(learning)} of {len(among)} variants learned in {len(results.of(a))} epochs"
        calm = min(learning, key=lambda name: learning[name])
        numbers = ", ".join(f"“{name}” {value:.3f}" for name, value in learning.items())
        return ("seen" if calm == a else "not seen"), f"rises of the test loss, in nats: {numbers}"

    return Effect(reported, f"“{a}” has the smallest sum of rises of the test loss, of those that learn", judge)


def overfits(a: str, reported: str, gap: float = 0.1, rise: float = 0.05) -> Effect:
    """The training goes on where the test does not."""

    def judge(results: Results) -> Found:
        row, rows = results.last(a), results.of(a)
        lowest = min(rows, key=lambda row: row.test_loss).epoch
        verdict = "seen" if results.gap(a) >= gap and results.rise(a) >= rise else "not seen"
        return verdict, (
            f"training {row.train_accuracy:.1%}, test {row.test_accuracy:.1%}; the test loss is lowest in epoch {lowest} of "
            f"{len(rows)} and ends {results.rise(a):.0%} above that"
        )

    rule = f"“{a}”: training accuracy at least {gap:.0%} above test, and a test loss that ends {rise:.0%} above its minimum"
    return Effect(reported, rule, judge)


def wider_gap(a: str, b: str, reported: str) -> Effect:
    """a overfits more than b: the distance between training and test is larger."""

    def judge(results: Results) -> Found:
        p, q = results.gap(a), results.gap(b)
        margin = results.margin(results.last(a).test_accuracy, results.last(b).test_accuracy)
        verdict = "seen" if p - q > margin else "the opposite" if q - p > margin else "within the noise"
        return _unless(results.early(a, b), verdict), f"{p:+.1%} against {q:+.1%}, margin {margin:.1%}"

    return Effect(reported, f"training minus test accuracy of “{a}” above that of “{b}” by more than the margin", judge)


def faster(a: str, b: str, reported: str) -> Effect:
    """a has the lower training loss after as many epochs."""

    def judge(results: Results) -> Found:
        p, q = results.last(a).train_loss, results.last(b).train_loss
        return ("seen" if p < 0.95 * q else "not seen"), f"{p:.3f} against {q:.3f} nats"

    return Effect(reported, f"training loss of “{a}” more than 5% below that of “{b}” after the last epoch", judge)
