"""Checks of the dropout between fc4 and fc5 of a student's `ConvNet`."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.convolution.convnet import Net, Run
from autograder.checks.convolution.convnet_explanations import close
from autograder.checks.convolution.convnet_reference import Piece
from autograder.checks.failure import CheckFailed


def into_fc5(net: Net, fc5: Piece, run: Run) -> Tensor:
    """What fc5 gets in training, (6, 1000): the gradient of its weight if those of the scores are the identity matrix."""
    gradient = run.gradients[fc5.index]
    if gradient is None:
        raise CheckFailed(f"no gradient reaches the weight of fc5 of {net.name} in training, so no dropout can be seen")
    return fc5.of([gradient if i == fc5.index else value for i, value in enumerate(net.values)]).double()[:6]


def expect_dropout(net: Net, p: float, hidden: Tensor, into: list[Tensor]) -> None:
    """Fails unless dropout is right. `hidden` (6, 1000): the values after fc4's ReLU; `into`: fc5's input in two runs."""
    live = hidden > 0.1
    ratio = into[0] / hidden.clamp(min=0.1)
    dropped = (ratio.abs() < 1e-3) & live
    kept = ratio[live & ~dropped]
    count, share = int(live.sum()), float(dropped.sum()) / max(1, int(live.sum()))
    if count < 1000:
        raise CheckFailed(f"fc4 of {net.name} returns hardly any number above 0 in training")
    if share == 0 and bool(((kept - 1).abs() < 1e-3).all()):
        mistake = f"nothing is dropped between fc4 and fc5 of {net.name} in training"
        raise CheckFailed(mistake, mistake=mistake)
    rows = dropped.sum(1) / live.sum(1)
    if bool(((rows == 0) | (rows == 1)).all()) and share < 1 and close(torch.full_like(kept, 1 / (1 - p)), kept, 1e-3):
        mistake = "in training, dropout drops whole images"
        raise CheckFailed(f"{mistake}: draw for each number of each image independently", mistake=mistake)
    if not bool(((kept - 1 / (1 - p)).abs() < 2e-3 / (1 - p)).all()):
        mistake = _mistaken_factor(kept, p, share)
        raise CheckFailed(
            f"in the input of fc5 of {net.name} in training, {mistake or _why_kept(kept, p)}", mistake=mistake
        )
    if abs(share - p) > 6 * (p * (1 - p) / count) ** 0.5:
        raise CheckFailed(f"{share:.1%} of the input of fc5 is dropped in training with dropout={p}")
    both = live[:-1] & live[1:]
    if bool((dropped[:-1] == dropped[1:])[both].all()):
        mistake = "in training, the same numbers are dropped for all images of a batch"
        raise CheckFailed(f"{mistake}: draw for each image independently", mistake=mistake)
    if bool((dropped == ((into[1] / hidden.clamp(min=0.1)).abs() < 1e-3) & live).all()):
        mistake = "two runs in training drop the same numbers"
        raise CheckFailed(f"{mistake}: draw them anew in each run", mistake=mistake)


def _factor(kept: Tensor) -> float | None:
    """What all kept numbers are multiplied by; None if it is not the same for all."""
    factor = float(kept.median()) if len(kept) else 0.0
    return factor if len(kept) and bool(((kept - factor).abs() < 2e-3 * abs(factor)).all()) else None


def _mistaken_factor(kept: Tensor, p: float, share: float) -> str:
    """The mistake that gives the factor of the kept numbers and the share of those dropped; "" if none is known."""
    factor = _factor(kept)
    if factor is None:
        return ""
    if abs(factor - 1) < 2e-3:
        return f"the kept numbers are not scaled up by 1/(1 - {p})"
    if abs(factor - 1 / p) < 2e-3 / p and abs(share - (1 - p)) < 0.1:
        return f"{share:.0%} are dropped and the rest scaled by 1/{p}: p and 1 - p are swapped"
    if abs(factor - 1 / (1 - p) ** 2) < 2e-3 * factor and abs(share - 1 + (1 - p) ** 2) < 0.06:
        return f"{share:.0%} are dropped and the rest scaled by {factor:.3g} = 1/(1 - {p})²: there are two dropouts"
    if abs(factor * (1 - share) - 1) < 0.06:
        return f"{share:.0%} are dropped and the rest scaled by {factor:.3g}, which belongs to another p"
    return ""


def _why_kept(kept: Tensor, p: float) -> str:
    factor = _factor(kept)
    if factor is None:
        return f"the numbers are neither 0 nor 1/(1 - {p}) times the output of fc4 after its ReLU"
    return f"the kept numbers are scaled by {factor:.3g}, but should be scaled by 1/(1 - {p})"
