"""Tells why a softmax fails for large scores in float32: what is subtracted from the scores before the exponential."""

from __future__ import annotations

import torch
from torch import Tensor

NOTHING = "the largest score of a query is not subtracted from its scores before the exponential"
OF_SEVERAL = "the same number is subtracted from the scores of several queries, not the largest of each query"
OF_OTHERS = "the largest score of {} is subtracted from the scores, not that of each query"


def what_is_subtracted(scores: Tensor, wrong: Tensor) -> str:
    """What is wrong with a softmax by hand; "" if what is seen has several causes, or none of those that are known.

    The exponential of 89 is infinite in float32, and that of −104 is 0. A query has no numbers if its largest exponential is
    one of these.

    Args:
        scores: (B, heads, N, N), in float64.
        wrong: (B, N), whether the output for a token is NaN or infinite.
    """
    largest = scores.amax(-1)
    subtracted = {
        NOTHING: torch.zeros_like(largest),
        OF_OTHERS.format("the whole batch"): scores.max().expand_as(largest),
        OF_OTHERS.format("each sequence"): scores.amax((1, 2, 3), keepdim=True)[..., 0].expand_as(largest),
        OF_OTHERS.format("each head"): scores.amax((2, 3), keepdim=True)[..., 0].expand_as(largest),
    }
    fitting: dict[str, Tensor] = {}
    for words, maximum in subtracted.items():
        left = largest - maximum
        lost = ((left > 89.5) | (left < -105)).any(1)
        kept = ((left < 86) & (left > -102)).all(1)
        fits = bool(lost.any() and kept.any() and wrong[lost].all() and not wrong[kept].any())
        if fits and not any(torch.equal(maximum, other) for other in fitting.values()):
            fitting[words] = maximum
    if len(fitting) == 1:
        return next(iter(fitting))
    return OF_SEVERAL if fitting and NOTHING not in fitting else ""
