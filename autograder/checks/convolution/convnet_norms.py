"""After which convolutions of a student's `ConvNet` a batch norm stands, where some batch norms are missing."""

from __future__ import annotations

import torch

from autograder.checks.convolution.convnet import Net, Run
from autograder.checks.convolution.convnet_explanations import close
from autograder.checks.convolution.convnet_reference import LAYERS, NORMS, candidates, step


def missing_norm(net: Net, run: Run) -> str:
    """Which batch norm is left out, or stands after two convolutions, in words; "" if that cannot be seen.

    run: of the network with random values, in evaluation.
    """
    if run.layers is None:
        return ""
    seen = {NORMS[pool]: _norm_before(net, run, pool) for pool in NORMS}
    without = [conv for conv, norm in seen.items() if norm == ()]
    if len(without) == 1 and None not in seen.values():
        return f"there is no batch norm after {without[0]}"
    for first in seen:
        for second in seen:
            if first < second and seen[first] and seen[first] == seen[second]:
                return f"the same batch norm stands after {first} and after {second}"
    return ""


def _norm_before(net: Net, run: Run, pool: str) -> tuple[int, ...] | None:
    """The indices of the numbers by which the output before a pool is normalized; () if it is not; None if neither fits."""
    assert run.layers is not None
    place = LAYERS.index(pool)
    before, got = run.layers[place - 1].double(), torch.relu(run.layers[place].double())
    for given in ({}, *candidates(pool, net.numbers, batch_norm=True)):
        if close(step(pool, net.canonical(given), before), got, 1e-4):
            return tuple(piece.index for piece in given.values())
    return None
