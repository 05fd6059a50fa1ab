"""The tokens that reach the first block of a vision transformer: one for each patch, with sinusoidal or learned positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.modules import called, new_model
from autograder.checks.transformer.parameters import same
from autograder.sandbox.host.student_module import Handle, StudentModule

C, PATCH, ROWS = 12, 2, 5
"""Features, the size of a patch, and how many rows and columns of patches there are: enough to know a wave."""
EXACT = 3e-6
"""More than float32 rounds off in sums of a few numbers near 1."""


def expect_right_tokens(student: StudentModule, draw: Draw) -> None:
    """Fails unless each patch makes one token, and its position is sinusoidal or learned, as far as tokens can be found."""
    found = _first_tokens(student, draw)
    if found is None:
        return
    table, changed = found
    for patch, places in enumerate(changed):
        if len(places) > 1:
            raise CheckFailed(
                f"the pixels of patch {patch} change {len(places)} of the tokens that the first block gets, but should "
                f"change one. A patch is a square, here of {PATCH} × {PATCH} pixels: how is the image cut?"
            )
    if (of_patches := _of_patches(table, changed)) is not None:
        if of_patches.abs().max() > EXACT and (of_patches - of_patches[:1]).abs().max() < EXACT:
            seen = "the same numbers are added to all patches"
            raise CheckFailed(
                f"{seen}, but each needs its own position: over which axis is the positional embedding added?",
                mistake=seen,
            )
        _expect_waves(of_patches.reshape(ROWS, ROWS, C).numpy())


def _vit(student: StudentModule, draw: Draw, nb_blocks: int) -> Handle:
    size = ROWS * PATCH
    made = student.ViT(C, nb_blocks, PATCH, nb_classes=3, img_size=size, in_chan=1, num_heads=3)
    return new_model("the result of ViT", made, draw, example=torch.zeros(1, 1, size, size))


def _images(draw: Draw) -> Tensor:
    return draw.normal(2, 1, ROWS * PATCH, ROWS * PATCH)


def _first_tokens(student: StudentModule, draw: Draw) -> tuple[Tensor, list[list[int]]] | None:
    """What the probe `first_tokens` finds: the fixed positions of all tokens, and which of them each patch changes."""
    images = _images(draw)
    around, model = [value.numel() for _, value in _vit(student, draw, 0).parameters()], _vit(student, draw, 1)
    what = called(model, images)
    found = student.probe("inline_blocks.first_tokens", model, images, ROWS * ROWS + 1, C, around, PATCH, what=what)
    return found if isinstance(found, tuple) and len(found) == 2 and isinstance(found[0], Tensor) else None


def _of_patches(table: Tensor, changed: list[list[int]]) -> Tensor | None:
    """The positions of the patches, in their order; None if not each of them has a token."""
    places = [one[0] for one in changed if one]
    return table[places].double() if len(set(places)) == ROWS * ROWS else None


@dataclass(frozen=True)
class Missing:
    """Positions that patches do not have: what is wrong, and what helps."""

    claim: str
    advice: str


def missing_positions(student: StudentModule, draw: Draw) -> Missing | None:
    """What is wrong with the positions of a network that does not know the order of its patches; None if it is not known."""
    found = _first_tokens(student, draw)
    of_patches = None if found is None else _of_patches(*found)
    if of_patches is not None and of_patches.abs().max() > EXACT:
        return None
    unused = _unused_tables(student, draw)
    if unused is None or (of_patches is None and not unused):
        return None
    seen = f", and the scores do not depend on {', '.join(unused)}" if unused else ""
    return Missing("no positions are added to the patches", f"{seen}. Add them to the tokens before the first block")


def _unused_tables(student: StudentModule, draw: Draw) -> list[str] | None:
    """Parameters and buffers with a vector for each token or each patch; None if the scores depend on one of them."""
    model, images = _vit(student, draw, 1), _images(draw)
    described = student.probe("execution.describe_tensors", model)
    if not isinstance(described, list):
        return None
    before = student.probe("execution.tensors_at", model, list(range(len(described))))
    if not isinstance(before, list) or len(before) != len(described):
        return None
    scores, unused = model(images), []
    for place, (name, *_) in enumerate(described):
        value = before[place]
        if not isinstance(value, Tensor) or value.numel() not in (ROWS * ROWS * C, (ROWS * ROWS + 1) * C):
            continue
        other = draw.normal(*value.shape)
        student.probe("execution.set_tensors", model, [*before[:place], other, *before[place + 1 :]])
        now = model(images)
        if not (isinstance(scores, Tensor) and isinstance(now, Tensor) and same(now, scores)):
            return None
        unused.append(str(name))
    return unused


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
    seen = "the positions that are added to the patches are fixed, but no waves along the sequence"
    raise CheckFailed(
        f"{seen}: positions should be sinusoidal or trainable. The first feature of the patches 0, 1, 2 and 3 gets "
        f"{shown}, …",
        mistake=seen,
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
