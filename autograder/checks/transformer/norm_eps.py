"""Finds the eps of a norm, however large, from how what comes after it grows with the length of a token."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.transformer.norm_kinds import RIGHT_EPS, biased

LENGTHS = 10.0 ** torch.arange(-4, 4.1, 0.5, dtype=torch.float64)
FITS = 1e-4
SMALLEST, LARGEST = 1e-8, 1e8
"""An eps outside of these cannot be measured with tokens of these lengths."""


def explain_eps(added: Callable[[Tensor], Tensor], x: Tensor) -> str:
    """A predicate such as "has an eps of 0.5, ..." for the norm; "" if it does not divide by a deviation and an eps.

    Args:
        added: what the half after the norm makes of single tokens (n, 1, C): linear in the norm's output, but for a constant.
        x: a token (C,).
    """
    x = biased(x, 0.0)
    tokens = (LENGTHS[:, None] * x)[:, None]
    there, back = added(tokens)[:, 0], added(-tokens)[:, 0]
    odd = there - back  # without the constant
    shares = odd @ odd[-1] / odd[-1].square().sum()
    if not bool((shares > 0).all()):
        return ""
    divisors = LENGTHS / shares  # times an unknown number; the deviation of the tokens is LENGTHS
    if eps := _ratio(divisors.square(), LENGTHS.square()):
        if any(math.isclose(eps, right, rel_tol=0.1) for right in RIGHT_EPS):
            return ""
        number = _in_words(eps, len(x))
        large = ": tokens of a smaller variance do not get variance 1" if eps > 1 else ""
        return f"has an eps of {number}, but 1e-5 or 1e-6 is expected{large}"
    if eps := _ratio(divisors, LENGTHS):
        return f"adds eps, {_in_words(eps**2, len(x), root=True)}, to the standard deviation instead of to the variance"
    return ""


def _ratio(divisors: Tensor, deviations: Tensor) -> float:
    """The eps for which the divisors are proportional to the deviations plus eps; 0 if there is none."""
    rows = torch.stack([deviations / divisors, 1 / divisors], 1)
    a, b = torch.linalg.lstsq(rows, torch.ones(len(rows), 1, dtype=torch.float64)).solution.flatten().tolist()
    if a <= 0 or not bool(((rows @ torch.tensor([a, b], dtype=torch.float64) - 1).abs() < FITS).all()):
        return 0.0
    return b / a if SMALLEST < b / a < LARGEST else 0.0


def _in_words(eps: float, n: int, root: bool = False) -> str:
    """The eps, or "about" it: for a variance that divides by n − 1 it would be n / (n − 1) times as large."""
    for number in (eps, eps * n / (n - 1)):
        value = math.sqrt(number) if root else number
        if math.isclose(value, float(f"{value:.0e}"), rel_tol=1e-3):
            return f"{float(f'{value:.0e}'):g}"
    return f"about {math.sqrt(eps) if root else eps:.2g}"
