"""A scale that was measured is compared as the number that it stands for."""

from __future__ import annotations

import pytest
import torch

from autograder.checks.attention_roles import _without_error

ROUNDED = float(torch.tensor(3**-0.5, dtype=torch.float32))


@pytest.mark.parametrize(
    ("measured", "exact"),
    [(3**-0.5 * (1 + 1e-9), 3**-0.5), (ROUNDED * (1 - 1e-10), ROUNDED), (1 / 3, 1 / 3), (0.577, 0.577)],
)
def test_an_error_of_measurement_is_taken_off_and_a_wrong_scale_stays(measured: float, exact: float) -> None:
    assert _without_error(measured, 3) == exact
