"""Where a vision transformer adds its positions, how often, along which axis, and whether they are learned."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.class_token import heads_of
from autograder.checks.transformer.modules import new_model
from autograder.checks.transformer.parameters import Tried, same
from autograder.checks.transformer.small_vits import CLASSES, IMAGE, ROWS, C, new_vit, run, scores_of
from autograder.sandbox.host.student_module import StudentModule

ROUNDED = 1e-5
"""Sinusoidal positions may come from float32."""
IN_EACH_BLOCK = "positions are added in each block"
OF_IMAGES = "each image gets the position of its place in the batch"


def sinusoidal(positions: int, features: int) -> Tensor:
    """Positions (positions, features), with an even number of features."""
    angles = torch.arange(positions)[:, None] / 10000.0 ** (torch.arange(0, features, 2) / features).double()
    return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)


def expect_not_of_images(student: StudentModule, draw: Draw) -> None:
    """Fails if sinusoidal positions are added along the batch, so that all tokens of an image get that of its place."""
    tried, count = Tried.of(student, new_vit(student, draw, 0)), 4
    images = draw.normal(1, *IMAGE).expand(count, -1, -1, -1).contiguous()
    values = tried.random(draw)
    scores = run(tried, values, images)
    if same(scores, scores[:1].expand_as(scores)):
        return
    heads, vectors, table = heads_of(tried), tried.of_size(C), sinusoidal(count, C)
    for token in vectors:
        tokens = values[token].flatten() + table
        for eps, weight, bias in itertools.product((1e-5, 1e-6), vectors, (None, *vectors)):
            normed = F.layer_norm(tokens, (C,), values[weight].flatten(), eps=eps)
            features = normed if bias is None else normed + values[bias].flatten()
            if any(same(scores, head(values, features), ROUNDED) for head in heads):
                raise CheckFailed(
                    "a batch with four copies of an image gives different scores, although nb_blocks=0: "
                    f"{OF_IMAGES}, and so do all of its tokens. Positions run along the tokens, not along the batch axis",
                    mistake=OF_IMAGES,
                )


def expect_before_the_blocks(student: StudentModule, draw: Draw) -> None:
    """Fails if each block adds something to the tokens that is not from its attention or MLP, such as positions."""
    images, values, scores = draw.normal(2, *IMAGE), None, []
    of_the_rest = {name: value.shape for name, value in new_vit(student, draw, 0).parameters()}
    for nb_blocks in (1, 2, 3):
        model = new_vit(student, draw, nb_blocks)
        values = values or {name: draw.normal(*shape) for name, shape in of_the_rest.items()}
        parameters = model.parameters()
        if any(name in values and values[name].shape != value.shape for name, value in parameters):
            return
        model.set_parameters([values.get(name, torch.zeros_like(value)) for name, value in parameters])
        scores.append(scores_of(model, images))
    if same(scores[0], scores[1]) and same(scores[1], scores[2]):
        return
    seen = (
        "with blocks whose parameters are all zero, the scores change with the number of blocks, although such blocks add "
        "nothing to the tokens"
    )
    tried = Tried.of(student, model)
    if values and _are_added_in_each_block(tried, [values.get(name, torch.zeros(1)) for name in tried.names], scores):
        raise CheckFailed(f"{seen}: {IN_EACH_BLOCK}, but should be added once, before the first", mistake=IN_EACH_BLOCK)
    raise CheckFailed(f"{seen}. What else is added in each block? Positions are added once, before the first")


def _are_added_in_each_block(tried: Tried, values: list[Tensor], scores: list[Tensor]) -> bool:
    """Whether scores with 1, 2, 3 blocks without effect are those of a class token with as many times its position.

    values: of the parameters; those of blocks do not matter.
    """
    tables = [value.reshape(-1, C) for value in values if value.numel() == (ROWS**2 + 1) * C]
    rows = [row for table in (*tables, sinusoidal(ROWS**2 + 1, C)) for row in (table[0], table[-1])]
    vectors = [value.flatten() for value in values if value.numel() == C]
    heads = heads_of(tried)
    for token, row, eps, weight, bias in itertools.product(vectors, rows, (1e-5, 1e-6), vectors, (None, *vectors)):
        for head, before in itertools.product(heads, (0, 1)):
            tokens = torch.stack([token + (nb_blocks + before) * row for nb_blocks in range(1, len(scores) + 1)])
            normed = F.layer_norm(tokens, (C,), weight, bias, eps)
            if same(torch.stack([one[0] for one in scores]), head(values, normed), ROUNDED):
                return True
    return False


def expect_known(student: StudentModule, draw: Draw) -> None:
    """Fails if two models with the same parameters differ: then something is random, but is not learned."""
    images, scores = draw.normal(2, *IMAGE), []
    values = None
    for _ in range(2):
        with student.random_state(draw.seed()):
            model = new_vit(student, draw, 1)
        values = values or [value for _, value in model.parameters()]
        model.set_parameters(values)
        scores.append(scores_of(model, images))
    if not same(scores[0], scores[1]):
        seen = "something is drawn at random when they are created, but is never learned"
        raise CheckFailed(
            f"two ViTs with the same parameters give different scores: {seen}. Positions should be sinusoidal or trainable",
            mistake=seen,
        )


def expect_once(student: StudentModule, draw: Draw) -> None:
    """Fails if fixed sinusoidal positions are added to the tokens more than once.

    Swaps two patches of one pixel, and changes their channels so that each token becomes the other token, position
    included, if positions are added `often` times. Attention ignores the order, so the scores stay the same if they are.
    """
    dim, channels, side, first, second = 8, 9, 5, 3, 11
    made = student.ViT(dim, 1, 1, nb_classes=CLASSES, img_size=side, in_chan=channels, num_heads=2)
    example = torch.zeros(1, channels, side, side)
    tried = Tried.of(student, new_model("the result of ViT", made, draw, example=example))
    projections = tried.of_size(dim * channels)
    if tried.of_size(side**2 * dim) or tried.of_size((side**2 + 1) * dim) or len(projections) != 1:
        return  # learned positions may have any scale
    values, images = tried.random(draw), draw.normal(1, channels, side, side)
    scores = run(tried, values, images)
    table = sinusoidal(side**2 + 1, dim)
    weight = values[projections[0]]
    for matrix, offset in itertools.product((weight.reshape(dim, channels), weight.reshape(channels, dim).T), (0, 1)):
        moved = torch.linalg.pinv(matrix) @ (table[second + offset] - table[first + offset])
        for often in (2, 3):
            pixels = images.flatten(2).clone()
            pixels[0, :, first] = images.flatten(2)[0, :, second] + often * moved
            pixels[0, :, second] = images.flatten(2)[0, :, first] - often * moved
            if same(run(tried, values, pixels.reshape(images.shape)), scores, ROUNDED):
                seen = f"the positional embedding is added to the tokens {'twice' if often == 2 else f'{often} times'}"
                raise CheckFailed(f"{seen}, but should be added once: where is it added?", mistake=seen)
