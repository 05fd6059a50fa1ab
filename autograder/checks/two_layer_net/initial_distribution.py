"""Whether initial weights are drawn from N(0, 0.3²), judged by their statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from torch import Tensor

from autograder.checks.cause import Cause, failed, preceded

SIGMA = 0.3
FEWEST = 2000
"""From how many numbers on the kurtosis is judged; its standard deviation is √(24 / n)."""


def expect_normal(parameters: Mapping[str, Tensor]) -> None:
    """Fails unless the weights Wh and Wy look drawn from N(0, 0.3²), and the biases too if they are not zero.

    The bounds are at least six standard deviations of the statistics, so correct code fails less than once in a million
    times; the layers must be large.
    """
    for name in ("Wh", "Wy"):
        _expect_normal(name, parameters[name].double(), parameters)
    for name in ("bh", "by"):
        if parameters[name].any():
            _expect_normal(name, parameters[name].double(), parameters)


def _expect_normal(name: str, weights: Tensor, parameters: Mapping[str, Tensor]) -> None:
    values = weights.flatten()
    mean, sigma = float(values.mean()), float(values.std())
    if abs(mean) > 6 * SIGMA / math.sqrt(len(values)):
        explanation = _all_equal(mean) if not sigma else _uniform(values, mean, sigma)
        explanation = explanation or ": no number is negative" * bool((values >= 0).all())
        raise failed(preceded(f"init_params' {name} has mean {mean:.3g}, but 0 is expected", explanation))
    if abs(sigma / SIGMA - 1) > 6 / math.sqrt(2 * len(values)):
        explanation = _explain_spread(values, mean, sigma, parameters)
        raise failed(
            preceded(f"init_params' {name} has standard deviation {sigma:.3g}, but 0.3 is expected", explanation)
        )
    # 3 for a normal distribution, 1.8 for a uniform one. Of few numbers, such as a bias, it says nothing.
    if len(values) >= FEWEST and not 2.45 < _kurtosis(values, mean, sigma) < 3.75:
        raise failed(Cause(f"init_params' {name} has standard deviation 0.3, but is not normally distributed"))


def _kurtosis(values: Tensor, mean: float, sigma: float) -> float:
    return float(((values - mean) / sigma).pow(4).mean())


def _all_equal(number: float) -> str:
    text = f": all its numbers are {number:.3g}"
    return Cause(text, text)


def _uniform(values: Tensor, mean: float, sigma: float) -> str:
    """Recognises a uniform distribution by its kurtosis, and by the spread that goes with its range."""
    low, high = float(values.min()), float(values.max())
    if not 1.6 < _kurtosis(values, mean, sigma) < 2 or abs(sigma * math.sqrt(12) / (high - low) - 1) > 0.08:
        return ""
    claim = ": the distribution looks uniform"
    return Cause(f"{claim}, from {low:.3g} to {high:.3g}, but should be normal", claim)


def _explain_spread(values: Tensor, mean: float, sigma: float, parameters: Mapping[str, Tensor]) -> str:
    if sigma == 0:
        return _all_equal(mean)
    if uniform := _uniform(values, mean, sigma):
        return uniform
    weights = [parameters[name].double() for name in ("Wh", "Wy")]
    for words, expected in _other_deviations(weights):
        # Both layers must fit, since a single number is close to many by chance.
        if all(abs(float(weight.std()) / known - 1) < 0.02 for weight, known in zip(weights, expected)):
            return Cause(f": {words}, but standard normal numbers should be multiplied by 0.3", f": {words}")
    return ""


def _other_deviations(weights: list[Tensor]) -> Iterator[tuple[str, list[float]]]:
    """Usual standard deviations other than 0.3, for each of the weights (out, in), in words."""
    yield "that is the standard deviation of randn", [1.0 for _ in weights]
    yield "that is 0.3²", [SIGMA**2 for _ in weights]
    yield "that is √0.3", [SIGMA**0.5 for _ in weights]
    sizes = [weight.shape for weight in weights]
    yield "that is one over the root of the layer's inputs", [n**-0.5 for _, n in sizes]
    yield "that is one over the root of the layer's outputs", [m**-0.5 for m, _ in sizes]
    yield "that is 0.3 over the root of the layer's inputs", [SIGMA * n**-0.5 for _, n in sizes]
    yield "that is √(2 / inputs of the layer)", [(2 / n) ** 0.5 for _, n in sizes]
    yield "that is √(2 / (inputs + outputs of the layer))", [(2 / (m + n)) ** 0.5 for m, n in sizes]
