"""Says whether an answer is right and, where it is not, in what way it is wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.student import describe_value

TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-5}


def as_tensor(what: str, value: Any, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> Tensor:
    """`value` as a tensor of that shape and dtype, or a failed check that says what came instead."""
    if not isinstance(value, Tensor):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"{what} should be a tensor of shape {shape}, and is {describe_value(value)}{forgot}")
    if tuple(value.shape) != shape:
        transposed = " (that is its transpose)" if tuple(value.shape) == shape[::-1] and len(shape) > 1 else ""
        raise CheckFailed(f"{what} should have shape {shape}, and has {tuple(value.shape)}{transposed}")
    if dtype is not None and value.dtype != dtype:
        raise CheckFailed(
            f"{what} should keep the inputs' dtype {dtype}, and is {value.dtype}: is a number or tensor of another "
            "dtype mixed in, or a conversion such as .float()?"
        )
    return value.detach()


def as_number(what: str, value: Any) -> float:
    """A float or a tensor of one element as a float, or a failed check."""
    if isinstance(value, (Tensor, np.ndarray)):
        if math.prod(value.shape) != 1 or len(value.shape) > 0:
            raise CheckFailed(f"{what} should be one number, and is {describe_value(value)}: is a mean or sum missing?")
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"{what} should be a number, and is {describe_value(value)}{forgot}")
    return float(value)


def expect_close(
    what: str, got: Tensor, expected: Tensor, *, rtol: float, factors: dict[str, float] | None = None
) -> None:
    """Fails unless |got − expected| ≤ rtol · (1 + |expected|) everywhere; `factors` names what a ratio could be."""
    got, expected = got.detach().double(), expected.detach().double()
    bad = ~((got - expected).abs() <= rtol * (1 + expected.abs()))
    if bad.any():
        reason = explain(got, expected, rtol, factors or {})
        raise CheckFailed(f"{what} {reason}" if reason else f"{what} is wrong{_where(got, expected, bad)}")


def expect_number(
    what: str, value: Any, expected: float, *, rtol: float, factors: dict[str, float] | None = None
) -> None:
    """The same for one number."""
    got = torch.tensor(as_number(what, value), dtype=torch.float64)
    expect_close(what, got, torch.tensor(expected, dtype=torch.float64), rtol=rtol, factors=factors)


def explain(got: Tensor, expected: Tensor, rtol: float, factors: dict[str, float]) -> str:
    """The general way in which a wrong answer is wrong, or "" where none is seen."""
    if not torch.isfinite(got).all():
        kind = "NaN" if got.isnan().any() else "infinite"
        count = int((~torch.isfinite(got)).sum())
        where = f" in {count} of {got.numel()} places" if got.numel() > 1 else ""
        return f"is {kind}{where}: does an exponential overflow, or a logarithm meet 0?"
    error = float(((got - expected).abs() / (1 + expected.abs())).max())
    if error < 1e-3:
        return (
            f"is right to {error:.0e} only, and {rtol:.0e} is asked for: is a part of it computed in a lower precision, "
            "or is a guard against zero too large?"
        )
    large = expected.abs() > 1e-6
    if large.any() and _agree(ratio := got[large] / expected[large], ratio.median(), max(rtol, 1e-4)):
        factor = float(ratio.median())
        known = {"−1 (the sign)": -1.0, "2": 2.0, "1/2": 0.5} | {
            key: number for name, size in factors.items()
            for key, number in ((f"{size:g}, {name}", size), (f"1/{size:g}, one over {name}", 1 / size),
                                (f"1/{size * size:g}, one over {name} squared", 1 / size**2))
        }  # fmt: skip
        if abs(factor) < 1e-12:
            return "is zero everywhere"
        if got.numel() > 1 or any(math.isclose(factor, number, rel_tol=1e-4) for number in known.values()):
            named = [name for name, number in known.items() if math.isclose(factor, number, rel_tol=1e-4)]
            return f"is the right answer times {named[0] if named else f'{factor:.4g}'}"
    if got.dim() == 2 and got.shape[0] == got.shape[1] and torch.allclose(got.T, expected, rtol=1e-4, atol=1e-6):
        return "is the transpose of the right answer"
    if got.numel() > 1 and _agree(offset := got - expected, offset.median(), max(rtol, 1e-4)):
        return f"is the right answer plus {float(offset.median()):.4g} everywhere"
    return ""


def _agree(values: Tensor, with_value: Tensor, rtol: float) -> bool:
    return bool(((values - with_value).abs() <= rtol * (with_value.abs() + 1e-12)).all())


def _where(got: Tensor, expected: Tensor, bad: Tensor) -> str:
    if got.dim() == 0:
        return f": expected {float(expected):.4g}, got {float(got):.4g}"
    worst = int((got - expected).abs().flatten().argmax())
    index = tuple(int(i) for i in np.unravel_index(worst, tuple(got.shape)))
    return (
        f" in {int(bad.sum())} of {bad.numel()} places; the worst is at {list(index)}: "
        f"expected {float(expected[index]):.4g}, got {float(got[index]):.4g}"
    )


def expect_unchanged(student: Any) -> None:
    """Fails if one of the calls so far wrote into an argument."""
    for call in student.calls:
        if call.changed:
            raise CheckFailed(
                f"{call.function} writes into its argument {call.changed[0]}, which is the caller's: make something new "
                "(x - y in place of x -= y, no trailing underscore as in x.sub_, a copy before an assignment)"
            )
