"""The tokens that reach the first block of a vision transformer: one for each patch, with sinusoidal or learned positions."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.modules import called, new_model
from autograder.sandbox.host.student_module import Handle, StudentModule

C, PATCH, ROWS = 12, 2, 5
"""Features, the size of a patch, and how many rows and columns of patches there are: enough to know a wave."""
EXACT = 3e-6
"""More than float32 rounds off in sums of a few numbers near 1."""


def expect_right_tokens(student: StudentModule, draw: Draw) -> None:
    """Fails unless each patch makes one token, and its position is sinusoidal or learned, as far as tokens can be found."""
    size, tokens = ROWS * PATCH, ROWS * ROWS + 1
    images = draw.normal(2, 1, size, size)

    def vit(nb_blocks: int) -> Handle:
        made = student.ViT(C, nb_blocks, PATCH, nb_classes=3, img_size=size, in_chan=1, num_heads=3)
        return new_model("the result of ViT", made, draw, example=images.float())

    around, model = [value.numel() for _, value in vit(0).parameters()], vit(1)
    what = called(model, images)
    found = student.probe("inline_blocks.first_tokens", model, images, tokens, C, around, PATCH, what=what)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[0], Tensor):
        return
    table, changed = found
    for patch, places in enumerate(changed):
        if len(places) > 1:
            raise CheckFailed(
                f"the pixels of patch {patch} change {len(places)} of the tokens that the first block gets, but should "
                f"change one. A patch is a square, here of {PATCH} × {PATCH} pixels: how is the image cut?"
            )
    places = [one[0] for one in changed if one]
    if len(set(places)) == ROWS * ROWS:
        _expect_waves(table[places].double().reshape(ROWS, ROWS, C).numpy())


def _expect_waves(table: np.ndarray) -> None:
    """Fails if fixed positions (rows, columns, C) are no waves along the patches, or along their rows and columns."""
    if np.abs(table).max() < EXACT:
        return  # they are learned
    in_line = table.reshape(-1, 1, C)
    if any(np.abs(_curvature(one, axis)).max() > 1e-3 for one in (in_line, table) for axis in (0, 1)) and all(
        _is_wave(in_line[..., j], 0) or (_is_sum(column) and _is_wave(column, 0) and _is_wave(column, 1))
        for j, column in enumerate(np.moveaxis(table, 2, 0))
    ):
        return
    shown = ", ".join(f"{value:.3g}" for value in in_line[:4, 0, 0])
    raise CheckFailed(
        "the positions that are added to the patches are fixed, but no waves along the sequence: positions should be "
        f"sinusoidal or trainable. The first feature of the patches 0, 1, 2 and 3 gets {shown}, …"
    )


def _curvature(table: np.ndarray, axis: int) -> np.ndarray:
    return np.diff(table, 2, axis=axis) if table.shape[axis] > 2 else np.zeros(1)


def _is_sum(column: np.ndarray) -> bool:
    """Whether numbers (rows, columns) are a number for the row plus a number for the column."""
    return bool(np.abs(np.diff(np.diff(column, axis=0), axis=1)).max() < EXACT)


def _is_wave(column: np.ndarray, axis: int) -> bool:
    """Whether numbers are a constant plus a sine of any amplitude, frequency and phase along an axis.

    The differences d of neighbours are a sine of the same frequency, so d[i + 1] + d[i − 1] is the same multiple of each
    d[i].
    """
    steps = np.moveaxis(np.diff(column, axis=axis), axis, 0)
    middle, around = steps[1:-1], steps[2:] + steps[:-2]
    factor = float(np.clip((middle * around).sum() / max((middle**2).sum(), 1e-30), -2, 2))
    return bool(np.abs(around - factor * middle).max() < EXACT * (1 + np.abs(column).max()))
