"""The blocks of a vision transformer: whether all are used and have their own parameters, and whether one is right."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.block_parts import HEADS, C
from autograder.checks.transformer.block_reference import ReferenceBlock
from autograder.checks.transformer.block_roles import BlockRoles
from autograder.checks.transformer.modules import called, new_model
from autograder.checks.transformer.parameters import same
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

Uses = list[tuple[str, int, int]]
"""Of each parameter: its name, how many numbers it has, and how often the scores use it."""


def expect_all_used(student: StudentModule, models: Sequence[Handle], images: Tensor, embed_dim: int) -> None:
    """Fails if a block is not used or if blocks share parameters.

    models: vision transformers with 1, 2, 3, ... blocks.
    """
    found = [_uses(student, model, images) for model in models]
    if not all(any(times for *_, times in uses) for uses in found):
        return  # no gradient comes back at all, which another check says
    counts = [sum(size for _, size, times in uses if times) for uses in found]
    for nb_blocks in range(1, len(counts)):
        if counts[nb_blocks] - counts[nb_blocks - 1] >= 12 * embed_dim**2:
            continue
        idle = [name for name, _, times in found[nb_blocks] if not times]
        if idle and not _depends_on(models[nb_blocks], images, idle):
            seen = f"with {nb_blocks + 1} blocks the scores do not depend on {_listed(idle)}"
            if mistake := _only_one(models[0], models[nb_blocks], images, idle):
                raise CheckFailed(
                    f"{seen}: {mistake}, and the scores are the same as without the others. Does each block get the result "
                    "of the one before it?",
                    mistake=mistake,
                )
            raise CheckFailed(f"{seen}: is each block called, with the result of the one before it?")
    most = [_most_by_size(uses) for uses in found]
    for size in set.intersection(*map(set, most)):
        often = [one[size] for one in most]
        if all(before < after for before, after in itertools.pairwise(often)):
            name = next(name for name, one, times in found[-1] if one == size and times == often[-1])
            seen = (
                f"the scores use the parameter {name} {_times(often[-2])} with {len(found) - 1} blocks and "
                f"{_times(often[-1])} with {len(found)}"
            )
            raise CheckFailed(f"{seen}: what a block uses should be its own, not shared by all", mistake=seen)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + " and more" * (len(names) > 3)


def _only_one(single: Handle, model: Handle, images: Tensor, idle: Sequence[str]) -> str:
    """Says which block acts alone; "" unless a vision transformer with one block gives the same scores.

    single: one with one block, which gets the parameters of the model that are not idle.
    """
    parameters = model.parameters()
    used = [(name, value) for name, value in parameters if name not in idle]
    before = [value for _, value in single.parameters()]
    if [value.shape for _, value in used] != [value.shape for value in before]:
        return ""
    expected = model(images)
    single.set_parameters([value for _, value in used])
    found = single(images)
    single.set_parameters(before)
    if not (isinstance(expected, Tensor) and isinstance(found, Tensor) and same(found, expected, 1e-4)):
        return ""
    names = [name for name, _ in parameters]
    first, last = names.index(idle[0]), names.index(idle[-1])
    inside = [name for name in names[first : last + 1] if name not in idle]
    # The parameters of blocks have a row of names, and those of the block that acts are before, in or after the idle ones.
    shapes = [value.shape for name, value in parameters if name in idle]
    size = _period(shapes)
    after = [value.shape for _, value in parameters[last + 1 : last + 1 + size]]
    ahead = [value.shape for _, value in parameters[max(0, first - size) : first]]
    which = "one block"
    if not inside and after == shapes[:size] != ahead:
        which = "the last block"
    elif not inside and ahead == shapes[:size] != after:
        which = "the first block"
    return f"only {which} acts"


def _period(shapes: Sequence[object]) -> int:
    """After how many shapes they begin again; all of them if they do not."""
    return next(
        (
            n
            for n in range(1, len(shapes))
            if len(shapes) % n == 0 and list(shapes) == list(shapes[:n]) * (len(shapes) // n)
        ),
        len(shapes),
    )


def _uses(student: StudentModule, model: Handle, images: Tensor) -> Uses:
    found = student.probe("transformer.uses", model, images, what=called(model, images).removesuffix(","))
    if not isinstance(found, list):
        raise Refused("the use of the parameters cannot be read")
    return [(str(name), int(size), int(times)) for name, size, times in found]


def _most_by_size(uses: Uses) -> dict[int, int]:
    most: dict[int, int] = {}
    for _, size, times in uses:
        most[size] = max(most.get(size, 0), times)
    return most


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _depends_on(model: Handle, images: Tensor, names: Sequence[str]) -> bool:
    """Whether the scores change with these parameters, although no gradient comes back to them."""
    before, parameters = model(images), model.parameters()
    model.set_parameters([value * -1.5 - 0.5 if name in names else value for name, value in parameters])
    after = model(images)
    model.set_parameters([value for _, value in parameters])
    return isinstance(before, Tensor) and isinstance(after, Tensor) and not same(after, before)


def expect_right_block(student: StudentModule, draw: Draw) -> None:
    """Fails unless the block of a vision transformer is that of `transformer_block`, as far as it can be found."""
    block = _block(student, draw)
    if not isinstance(block, Handle):
        return
    roles = BlockRoles(student, draw, block)
    width = 4 * C
    if len(roles.block.of_size(width * C)) != 2 or len(roles.block.of_size(width)) > 1:
        return  # the MLP is written in a way that cannot be told from the attention
    try:
        _expect_reference(roles, draw)
    except CheckFailed as problem:
        seen = f"a block of your ViT is not the one of transformer_block: {problem}"
        raise CheckFailed(seen, mistake=problem.mistake) from problem


def _block(student: StudentModule, draw: Draw) -> Any:
    """The block of a vision transformer, as a module: one of its own, or the steps in `forward`; None if it is not found."""
    size, patch = 4, 2
    tokens, images = (size // patch) ** 2 + 1, draw.normal(2, 1, size, size)

    def vit(nb_blocks: int) -> Handle:
        made = student.ViT(C, nb_blocks, patch, nb_classes=3, img_size=size, in_chan=1, num_heads=HEADS)
        return new_model("the result of ViT", made, draw, example=images.float())

    one_block = vit(1)
    without, model = ([value.numel() for _, value in one.parameters()] for one in (vit(0), one_block))
    what = called(one_block, images)
    block = student.probe("transformer.block_of", one_block, images, tokens, C, 12 * C * C + 2 * C, what=what)
    if isinstance(block, Handle) and sum(v.numel() for _, v in block.parameters()) == sum(model) - sum(without):
        return block
    return student.probe("inline_blocks.inline_block", one_block, images, tokens, C, without, what=what)


def _expect_reference(roles: BlockRoles, draw: Draw) -> None:
    roles.expect_residuals()
    roles.mlp(roles.halves()[1])  # before the attention, for which a wrong MLP could be mistaken
    reference = ReferenceBlock.of(roles)
    values = roles.block.random(draw)
    x = draw.normal(2, 5, C)
    found = roles.block.output(values, x)
    if not same(found, reference(values, x), 1e-7):
        reference.explain(values, x, found)
