"""The measurements of a run, and rules that decide whether they show an effect that the course's reports describe.

A run uses a single seed. The difference of two accuracies on m test examples counts if it exceeds twice its standard
error, 2 √(2 p (1 − p) / m), where p is their mean. This only covers the random choice of test examples; results vary
more between seeds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_ROUNDED = 0.01
"""The precision of the reports' figures."""


class Row(NamedTuple):
    """One epoch of one variant. `epoch` counts from 1; losses in nats, accuracies as fractions, seconds of wall time."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


class NotMeasured(LookupError):
    """A variant that an effect refers to was not run."""


@dataclass(frozen=True)
class Results:
    """The rows of each variant by name, and the numbers of test examples and classes."""

    rows: Mapping[str, Sequence[Row]]
    test_examples: int
    classes: int

    def of(self, variant: str) -> Sequence[Row]:
        """The rows of a variant. Raises NotMeasured if it has none."""
        if not self.rows.get(variant):
            raise NotMeasured(variant)
        return self.rows[variant]

    def last(self, variant: str) -> Row:
        """The row of a variant after its last epoch."""
        return self.of(variant)[-1]

    def gap(self, variant: str) -> float:
        """Training minus test accuracy after the last epoch."""
        return self.last(variant).train_accuracy - self.last(variant).test_accuracy

    def margin(self, p: float, q: float) -> float:
        """The smallest difference of two test accuracies that counts: twice its standard error."""
        mean = (p + q) / 2
        return 2 * math.sqrt(max(2 * mean * (1 - mean), 0) / self.test_examples)

    def learned(self, variant: str) -> bool:
        """Whether a variant's last test accuracy is above chance."""
        row, chance = self.last(variant), 1 / self.classes
        return not math.isnan(row.test_accuracy) and row.test_accuracy > chance + self.margin(chance, chance)

    def early(self, *variants: str) -> bool:
        """Whether none of the variants has learned anything yet, so that there is nothing to compare."""
        return not any(self.learned(variant) for variant in variants)

    def rise(self, variant: str) -> float:
        """The relative rise of the test loss from its minimum to the last epoch, 0 if the last value is the minimum."""
        losses = [row.test_loss for row in self.of(variant) if math.isfinite(row.test_loss)]
        return losses[-1] / min(losses) - 1 if losses else math.nan

    def jumps(self, variant: str) -> float:
        """The sum of all rises of the test loss between successive epochs, in nats."""
        losses = [row.test_loss for row in self.of(variant)]
        return sum(max(after - before, 0.0) for before, after in itertools.pairwise(losses))


Finding = tuple[str, str]
"""A verdict and the numbers behind it. Verdicts: "seen", "not seen", "the opposite", "within the noise"; "higher" and
"lower" than a reported figure; "too short" if nothing was learned yet; "not comparable"; "not measured"."""


@dataclass(frozen=True)
class Effect:
    """One statement of the reports, and the rule that checks it, in words and as a function."""

    reported: str
    rule: str
    judge: Callable[[Results], Finding]
    on: tuple[str, ...] = ()
    """The datasets that a reported figure applies to; () for an effect that is expected on every dataset."""

    def finding(self, results: Results, dataset: str) -> Finding:
        """The verdict on these results: "not comparable" on another dataset, "not measured" if a variant is missing."""
        if self.on and dataset not in self.on:
            return "not comparable", f"reported for {' and '.join(self.on)}, but this is {dataset}"
        try:
            return self.judge(results)
        except NotMeasured as missing:
            return "not measured", f"{missing} was not run"


def _unless(early: bool, verdict: str) -> str:
    return "too short" if early else verdict


def higher(a: str, b: str, reported: str) -> Effect:
    """Expects the test accuracy of a to be higher than that of b."""

    def judge(results: Results) -> Finding:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "seen" if p - q > margin else "the opposite" if q - p > margin else "within the noise"
        return _unless(results.early(a, b), verdict), f"{p:.1%} against {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracy of “{a}” above that of “{b}” by more than the margin", judge)


def same(a: str, b: str, reported: str) -> Effect:
    """Expects the test accuracies of a and b to be about the same."""

    def judge(results: Results) -> Finding:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "seen" if abs(p - q) <= margin else "not seen"
        return _unless(results.early(a, b), verdict), f"{p:.1%} and {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracies of “{a}” and “{b}” differ by no more than the margin", judge)


def not_higher(a: str, b: str, reported: str) -> Effect:
    """Expects the test accuracy of a not to be higher than that of b."""

    def judge(results: Results) -> Finding:
        p, q = results.last(a).test_accuracy, results.last(b).test_accuracy
        margin = results.margin(p, q)
        verdict = "not seen" if p - q > margin else "seen"
        return _unless(results.early(a, b), verdict), f"{p:.1%} against {q:.1%}, margin {margin:.1%}"

    return Effect(reported, f"test accuracy of “{a}” not above that of “{b}” by more than the margin", judge)


def reaches(a: str, accuracy: float, reported: str, on: str, part: str = "test") -> Effect:
    """Expects an accuracy that is reported as a number, on one dataset."""

    def judge(results: Results) -> Finding:
        got = getattr(results.last(a), f"{part}_accuracy")
        margin = max(results.margin(got, accuracy), _ROUNDED)
        verdict = "seen" if abs(got - accuracy) <= margin else "higher" if got > accuracy else "lower"
        return verdict, f"{got:.1%}, reported {accuracy:.1%}, margin {margin:.1%}"

    return Effect(reported, f"{part} accuracy of “{a}” equal to the reported one, up to the margin or 1%", judge, (on,))


def best(a: str, among: Sequence[str], reported: str) -> Effect:
    """Expects a to have the highest test accuracy among several variants."""

    def judge(results: Results) -> Finding:
        reached = {name: results.last(name).test_accuracy for name in among}
        top = max(reached, key=lambda name: reached[name])
        margin = results.margin(reached[top], reached[a])
        verdict = "seen" if top == a else "within the noise" if reached[top] - reached[a] <= margin else "not seen"
        numbers = f"best: “{top}” with {reached[top]:.1%}; “{a}” {reached[a]:.1%}, margin {margin:.1%}"
        return _unless(results.early(*among), verdict), numbers

    return Effect(reported, f"“{a}” has the highest test accuracy of {len(among)}", judge)


def fails(a: str, reported: str) -> Effect:
    """Expects a to learn nothing."""

    def judge(results: Results) -> Finding:
        row = results.last(a)
        verdict = "not seen" if results.learned(a) else "seen"
        return verdict, f"test accuracy {row.test_accuracy:.1%}, training loss {row.train_loss:.3g} nats"

    return Effect(reported, f"test accuracy of “{a}” within the margin of chance, or below", judge)


def slow(a: str, reported: str, part: float = 0.9) -> Effect:
    """Expects the training loss of a to fall hardly at all."""

    def judge(results: Results) -> Finding:
        loss, start = results.last(a).train_loss, math.log(results.classes)
        verdict = "seen" if loss > part * start else "not seen"
        return verdict, f"training loss {loss:.3f} nats, {start:.3f} at chance"

    return Effect(reported, f"training loss of “{a}” still above {part:.0%} of log(classes) at the end", judge)


def steadiest(a: str, among: Sequence[str], reported: str) -> Effect:
    """Expects the test loss of a to rise least between epochs, among the variants that learn."""

    def judge(results: Results) -> Finding:
        results.of(a)
        learning = {name: results.jumps(name) for name in among if results.learned(name)}
        if len(learning) < 2 or len(results.of(a)) < 3:
            epochs = len(results.of(a))
            numbers = f"{len(learning)} of {len(among)} variants learned in {epochs} epoch{'s' * (epochs != 1)}"
            return "too short", numbers
        least = min(learning, key=lambda name: learning[name])
        numbers = ", ".join(f"“{name}” {value:.3f}" for name, value in learning.items())
        return ("seen" if least == a else "not seen"), f"rises of the test loss, in nats: {numbers}"

    return Effect(reported, f"“{a}” has the smallest sum of rises of the test loss among those that learn", judge)


def overfits(a: str, reported: str, gap: float = 0.1, rise: float = 0.05) -> Effect:
    """Expects a to overfit: training keeps improving while the test loss rises."""

    def judge(results: Results) -> Finding:
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
    """Expects a to overfit more than b: its gap between training and test accuracy is larger."""

    def judge(results: Results) -> Finding:
        p, q = results.gap(a), results.gap(b)
        margin = results.margin(results.last(a).test_accuracy, results.last(b).test_accuracy)
        verdict = "seen" if p - q > margin else "the opposite" if q - p > margin else "within the noise"
        return _unless(results.early(a, b), verdict), f"{p:+.1%} against {q:+.1%}, margin {margin:.1%}"

    return Effect(reported, f"training minus test accuracy of “{a}” above that of “{b}” by more than the margin", judge)


def faster(a: str, b: str, reported: str) -> Effect:
    """Expects a to have the lower training loss after the same number of epochs."""

    def judge(results: Results) -> Finding:
        p, q = results.last(a).train_loss, results.last(b).train_loss
        return ("seen" if p < 0.95 * q else "not seen"), f"{p:.3f} against {q:.3f} nats"

    return Effect(reported, f"training loss of “{a}” more than 5% below that of “{b}” after the last epoch", judge)
