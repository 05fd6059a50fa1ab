"""Explains a vision transformer whose parameters do not grow with each of its blocks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from autograder.checks.inputs import Draw
from autograder.checks.transformer.modules import NOT_FOUND
from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.small_vits import IMAGE, new_vit, scores_of
from autograder.sandbox.host.student_module import StudentModule

SAME_BLOCK = "the same block is used several times"
ONE_BLOCK = "only one block is used, whatever nb_blocks is"


def blocks_count(student: StudentModule, draw: Draw) -> bool:
    """Whether the scores depend on nb_blocks, for 1 and 2 blocks with equally many parameters."""
    seed, images, scores, values = draw.seed(), draw.normal(2, *IMAGE, dtype=torch.float32), [], None
    for nb_blocks in (1, 2):
        with student.random_state(seed):
            model = new_vit(student, draw, nb_blocks, torch.float32)
        values = values or [value for _, value in model.parameters()]
        model.set_parameters(values)
        scores.append(scores_of(model, images))
    return not same(scores[0], scores[1], 1e-5)


def why_none(student: StudentModule, draw: Draw, each: Sequence[int]) -> tuple[str, str]:
    """Why the first block adds no parameters, although later ones do, and the mistake that this shows, if any.

    `each` is what each of them adds.
    """
    few = next(nb for nb, added in enumerate(each) if added)  # as many parameters as with 0 blocks
    seed = draw.seed()
    with student.random_state(seed):  # so that random values that are not parameters are the same too
        without, model = new_vit(student, draw, 0, torch.float32), new_vit(student, draw, few, torch.float32)
    model.set_parameters([value for _, value in without.parameters()])
    images = draw.normal(2, *IMAGE, dtype=torch.float32)
    if not same(scores_of(model, images), scores_of(without, images), 1e-5):
        return f"nb_blocks={few} adds none. {NOT_FOUND}. Where do you keep the first block?", ""
    seen = f"ViT with nb_blocks={few} has none, and gives the same scores as with nb_blocks=0"
    if len(set(each[few:])) > 1:
        return seen, ""
    return f"{seen}: ", f"{('one block', 'two blocks')[few - 1]} too few"
