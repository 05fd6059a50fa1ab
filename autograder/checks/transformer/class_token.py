"""Finds the class token of a vision transformer without blocks, whose scores are head(norm(class token))."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.parameters import Tried, Values, same
from autograder.checks.transformer.small_vits import (
    CHANNELS,
    CLASSES,
    HUGE,
    IMAGE,
    PATCH,
    ROWS,
    C,
    exchanged,
    new_vit,
    run,
    times,
)  # fmt: skip
from autograder.sandbox.host.student_module import StudentModule

Head = Callable[[Values, Tensor], Tensor]
"""The scores, from the parameters and the features that the head gets."""
MEAN = "the head gets the mean of all tokens"
NO_NORM = "the final norm is missing"
UNTRAINED = "the class token is not trainable"


def find_class_token(student: StudentModule, draw: Draw) -> str:
    """The name of the class token. Fails if the scores are not the head of the normalized class token."""
    tried = Tried.of(student, new_vit(student, draw, 0))
    values, images = tried.random(draw), draw.normal(2, *IMAGE)
    _expect_image_unseen(tried, values, images, draw)
    heads = heads_of(tried)
    for token in tried.of_size(C):
        huge = times(values, token, HUGE)
        scores = run(tried, huge, images)[0]
        normed = F.layer_norm(huge[token].flatten(), (C,))
        if any(
            same(scores, head(values, affine), 1e-6)
            for affine in _affine(tried, values, normed, [token])
            for head in heads
        ):
            return tried.names[token]
    seen = "with nb_blocks=0 the scores are not head(norm(class token))"
    if mistake := _mistake(tried, values, images, heads, draw):
        claim, advice = mistake
        raise CheckFailed(f"{seen}: {claim}{advice}", mistake=claim)
    raise CheckFailed(f"{seen}{_where_to_look(tried, values, images, heads)}")


def _affine(tried: Tried, values: Values, normed: Tensor, but: Sequence[int]) -> Iterator[Tensor]:
    """What the weight and the bias of a norm, or its weight alone, can make of normalized features."""
    others = [i for i in tried.of_size(C) if i not in but]
    for weight, bias in [*itertools.permutations(others, 2), *((i, None) for i in others)]:
        scaled = normed * values[weight].flatten()
        yield scaled if bias is None else scaled + values[bias].flatten()


def heads_of(tried: Tried) -> list[Head]:
    """The possible heads: the weight may be transposed."""
    weights, biases = tried.of_size(CLASSES * C), tried.of_size(CLASSES)
    if len(weights) != 1 or len(biases) > 1:
        raise CheckFailed(
            f"with embed_dim={C} and nb_classes={CLASSES} there should be one head, a linear layer {C} → {CLASSES}, but the "
            f"number of trainable matrices with {CLASSES * C} numbers is {len(weights)}"
        )

    def of(turned: bool) -> Head:
        def head(values: Values, features: Tensor) -> Tensor:
            weight = values[weights[0]]
            matrix = weight.reshape(C, CLASSES).T if turned else weight.reshape(CLASSES, C)
            return F.linear(features, matrix, values[biases[0]].flatten() if biases else None)

        return head

    return [of(False), of(True)]


def _expect_image_unseen(tried: Tried, values: Values, images: Tensor, draw: Draw) -> None:
    scores = run(tried, values, images[:1])
    seen = []
    for place, (row, column) in enumerate(itertools.product(range(ROWS), repeat=2)):
        changed = images[:1].clone()
        # Random numbers, since a norm on the patches would cancel a constant.
        changed[:, :, row * PATCH : (row + 1) * PATCH, column * PATCH : (column + 1) * PATCH] = draw.normal(
            1, CHANNELS, PATCH, PATCH
        )
        if not same(run(tried, values, changed), scores):
            seen.append(place)
    if not seen:
        return
    unwanted = "with nb_blocks=0 the patches should not influence the scores, but"
    if len(seen) < ROWS * ROWS:
        listed = f"patch {seen[0]}" if len(seen) == 1 else f"patches {' and '.join(map(str, seen))}"
        raise CheckFailed(
            f"{unwanted} {listed} of 0 to {ROWS * ROWS - 1} can change the scores: where in the sequence is the class token?"
        )
    if _is_mean(tried, values, images[:1]):
        raise CheckFailed(f"{unwanted} {MEAN}: it should get the class token alone", mistake=MEAN)
    raise CheckFailed(
        f"{unwanted} all of them change the scores. Which tokens does the head get: the class token alone, or others as "
        "well, such as a mean? And does the final norm take mean and variance of each token by itself?"
    )


def _is_mean(tried: Tried, values: Values, image: Tensor) -> bool:
    """Whether the head gets the mean of all tokens, before the norm or after it.

    The class token and the bias of the patches' projection are made so large that nothing else in the tokens counts: one
    token is the class token then, and the others are the bias.
    """
    patches = ROWS * ROWS
    bright = HUGE * image
    if not same(run(tried, values, exchanged(bright, 0, patches // 2)), run(tried, values, bright), 1e-6):
        return False
    heads = heads_of(tried)
    for token, bias in itertools.permutations(tried.of_size(C), 2):
        huge = times(times(values, token, HUGE), bias, HUGE)
        one, others = huge[token].flatten(), huge[bias].flatten()
        normed = [F.layer_norm(part, (C,)) for part in (one + patches * others, one, others)]
        scores = run(tried, huge, image)[0]
        for mean in (normed[0], (normed[1] + patches * normed[2]) / (1 + patches)):
            ways = _affine(tried, values, mean, [token, bias])
            if any(same(scores, head(values, features), 1e-6) for features in ways for head in heads):
                return True
    return False


def _mistake(tried: Tried, values: Values, images: Tensor, heads: list[Head], draw: Draw) -> tuple[str, str] | None:
    """What is wrong although the patches do not influence the scores, and what to do; None if it is not known."""
    scores = run(tried, values, images)
    for found, name in ((scores, "a softmax"), (scores.exp(), "a log-softmax")):
        if (found >= 0).all() and same(found.sum(1), torch.ones(len(images)), 1e-6):
            return f"{name} is applied to them", ", but ViT should return scores"
    effective = _effective(tried, values, images)
    if any(_is_normalized(tried, values, images, i) for i in effective):
        if any(_is_multiplied(tried, values, images, i, heads) for i in effective):
            return (
                "each feature of the class token is multiplied by a number before the norm",
                ". What is done to the tokens before the blocks? Positions are added to them",
            )
        return None
    if len(effective) == 1:
        huge = times(values, effective[0], HUGE)
        bare = run(tried, huge, images)[0]
        if any(same(bare, head(huge, huge[effective[0]].flatten()), 1e-6) for head in heads):
            return NO_NORM, ", so the head gets the class token itself"
    if name := _untrained(tried, values, images, heads, draw):
        return UNTRAINED, f" ({name} is a buffer, or has requires_grad=False): make it an nn.Parameter"
    return None


def _untrained(tried: Tried, values: Values, images: Tensor, heads: list[Head], draw: Draw) -> str:
    """The name of a buffer, or a parameter without gradients, that is the class token; "" if none is."""
    probe = tried.student.probe
    run(tried, values, images)
    described = probe("execution.describe_tensors", tried.model)
    if not isinstance(described, list):
        return ""
    before = probe("execution.tensors_at", tried.model, list(range(len(described))))
    if not isinstance(before, list) or len(before) != len(described):
        return ""
    for place, (name, _, _, trainable) in enumerate(described):
        value = before[place]
        if trainable or not isinstance(value, Tensor) or value.numel() != C:
            continue
        token = HUGE * draw.normal(*value.shape)
        probe("execution.set_tensors", tried.model, [*before[:place], token, *before[place + 1 :]])
        scores = run(tried, values, images)[0]
        probe("execution.set_tensors", tried.model, before)
        ways = _affine(tried, values, F.layer_norm(token.flatten(), (C,)), [])
        if any(same(scores, head(values, features), 1e-6) for features in ways for head in heads):
            return str(name)
    return ""


def _where_to_look(tried: Tried, values: Values, images: Tensor, heads: list[Head]) -> str:
    if any(_is_normalized(tried, values, images, i) for i in _effective(tried, values, images)):
        return ": is there more than a layer norm with its own weights and a linear layer?"
    return (
        f": no trainable parameter of {C} numbers is a class token that goes through a norm to the head. Is it an "
        "nn.Parameter with requires_grad, and is it concatenated with the tokens?"
    )


def _effective(tried: Tried, values: Values, images: Tensor) -> list[int]:
    """The vectors of C numbers on which the scores depend."""
    scores = run(tried, values, images)
    return [i for i in tried.of_size(C) if not same(run(tried, times(values, i, 0.0), images), scores)]


def _is_multiplied(tried: Tried, values: Values, images: Tensor, token: int, heads: list[Head]) -> bool:
    """Whether a class token with a single feature that is not zero is normalized and read rightly, or is lost.

    It is if its features are multiplied by numbers, of which some may be zero.
    """
    unit = torch.eye(C, dtype=torch.float64)

    def scores(features: Tensor) -> Tensor:
        return run(tried, [features.reshape(v.shape) if i == token else v for i, v in enumerate(values)], images)[0]

    lost, found = scores(0 * unit[0]), [scores(HUGE * one) for one in unit]
    normed = [[F.layer_norm(sign * HUGE * one, (C,)) for sign in (1, -1)] for one in unit]
    others = [i for i in tried.of_size(C) if i != token]
    for weight, bias in [*itertools.permutations(others, 2), *((i, None) for i in others)]:
        gate, offset = values[weight].flatten(), 0.0 if bias is None else values[bias].flatten()
        for head in heads:
            right = [[head(values, way * gate + offset) for way in ways] for ways in normed]
            kept = [any(same(one, way, 1e-6) for way in ways) for one, ways in zip(found, right)]
            if sum(kept) > 1 and all(fits or same(one, lost, 1e-6) for one, fits in zip(found, kept)):
                return True
    return False


def _is_normalized(tried: Tried, values: Values, images: Tensor, place: int) -> bool:
    """Whether only the direction of this vector counts, not its length."""
    first, longer, zero = (run(tried, times(values, place, factor), images) for factor in (HUGE, 2 * HUGE, -HUGE))
    return same(longer, first, 1e-6) and not same(zero, first, 1e-6)
