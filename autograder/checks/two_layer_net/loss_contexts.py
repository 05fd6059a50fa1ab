"""Known wrong answers for the cross-entropy, its gradient and the softmax."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.explanations.context import AnswerContext, near
from autograder.checks.two_layer_net.loss_accuracy import sizes_by_name

GUARDS = tuple(10.0**-power for power in range(1, 16))
SMALL = (
    *(10.0**-power for power in (*range(5, 17), 20, 30, 38, 100, 300)),
    *(torch.finfo(dtype).tiny for dtype in (torch.float32, torch.float64)),
    *(torch.finfo(dtype).eps for dtype in (torch.float32, torch.float64)),
)
"""Small numbers that keep a logarithm finite."""
BOUNDS = (1.0, 5.0, 10.0, 20.0, 30.0, 50.0, 80.0, 88.0, 100.0, 500.0, 700.0, 1000.0)


def softmax_context(ytilde: Tensor) -> AnswerContext:
    """The context of the softmax of scores (batch, classes)."""
    scores = ytilde.double()

    def others() -> Mapping[str, Tensor]:
        found = dict(_cut_off(scores))
        found["is the softmax of scores with the wrong sign"] = (-scores).softmax(1)
        found["is computed with powers of 2 instead of e"] = (scores * math.log(2)).softmax(1)
        found["is the softmax of scores divided by the root of the number of classes"] = (
            scores / scores.shape[1] ** 0.5
        ).softmax(1)
        found["is 1 at the largest score and 0 elsewhere"] = F.one_hot(scores.argmax(1), scores.shape[1]).double()
        return found

    return AnswerContext(inputs={"ytilde": ytilde}, others=others)


def _cut_off(scores: Tensor) -> Iterator[tuple[str, Tensor]]:
    """The softmax of clamped scores. If a larger bound gives the same numbers here, the words leave open which it is."""
    for words, low in (("at ±", -1.0), ("from above at ", -math.inf)):
        found = [scores.clamp(low * bound, bound).softmax(1) for bound in BOUNDS]
        for i, (bound, other) in enumerate(zip(BOUNDS, found)):
            open_end = " or more, but all should be used" * any(near(later, other, 1e-4) for later in found[i + 1 :])
            yield f"is the softmax of scores that are cut off {words}{bound:g}{open_end}", other


def loss_of_probabilities(Yhat: Tensor, Y: Tensor) -> AnswerContext:
    """The context of a loss L of probabilities and one-hot targets, both (batch, classes)."""
    p, y = Yhat.double(), Y.double()
    losses = F.nll_loss(p.log(), y.argmax(1), reduction="none")
    return AnswerContext(
        factors=sizes_by_name(*p.shape),
        inputs={"Yhat": Yhat},
        parts=losses,
        others=lambda: _losses(p, y),
    )


def loss_of_scores(ytilde: Tensor, Y: Tensor) -> AnswerContext:
    """The context of a loss of scores and targets, which may be any distribution; both (batch, classes)."""
    scores, y = ytilde.double(), Y.double()

    def others() -> Mapping[str, Tensor]:
        chosen = -(y * scores).sum(1)
        highest = scores.amax(1)
        found = {
            "lacks the logarithm of the sum of the exponentials": chosen.mean(),
            "lacks the score of the true class, which should be subtracted": scores.logsumexp(1).mean(),
            "lacks the largest score: it is subtracted before the exponential, but not added back after the logarithm": (
                chosen + scores.logsumexp(1) - highest
            ).mean(),
            "has the largest score added twice": (chosen + scores.logsumexp(1) + highest).mean(),
            "has the sum of the exponentials instead of its logarithm": (chosen + scores.exp().sum(1)).mean(),
            "has the score of the true class added, but it should be subtracted": (scores.logsumexp(1) - chosen).mean(),
            "takes the softmax over the batch instead of the classes": (-(y * scores.log_softmax(0)).sum(1).mean()),
            "takes one softmax over the whole batch instead of one for each example": (
                -(y * scores.flatten().log_softmax(0).reshape(scores.shape)).sum(1).mean()
            ),
            "uses only the class with the largest target, but targets are a distribution": (
                F.cross_entropy(scores, y.argmax(1))
            ),
            "has scores and targets exchanged": -(scores * y.log_softmax(1)).sum(1).mean(),
            "is the binary cross-entropy of each score, averaged over batch and classes": (
                F.binary_cross_entropy_with_logits(scores, y)
            ),
            "is the binary cross-entropy of each score, summed over the classes": (
                F.binary_cross_entropy_with_logits(scores, y, reduction="none").sum(1).mean()
            ),
            "is a hinge loss": F.multi_margin_loss(scores, y.argmax(1)),
            "is the mean squared error of the scores": ((scores - y) ** 2).mean(),
            "takes the logarithm of the mean instead of the mean of the logarithms": (
                chosen.mean() + scores.exp().sum(1).mean().log()
            ),
        }
        for smoothing in (0.01, 0.05, 0.1, 0.2):
            smoothed = F.cross_entropy(scores, y, label_smoothing=smoothing)
            found[f"has targets smoothed by {smoothing:g}, but they should be used as they are"] = smoothed
        return found | dict(_losses(scores.softmax(1), y))

    return AnswerContext(
        factors=sizes_by_name(*scores.shape),
        inputs={"ytilde": ytilde},
        parts=F.cross_entropy(scores, y, reduction="none"),
        others=others,
    )


def _losses(p: Tensor, y: Tensor) -> Mapping[str, Tensor]:
    """Wrong losses of probabilities p and targets y, both (batch, classes)."""
    true = (p * y).sum(1)
    binary = F.binary_cross_entropy(p.clamp(0, 1), y, reduction="none") if bool((p >= 0).all()) else torch.zeros_like(p)
    square = (p - y) ** 2
    found = {
        "takes probabilities for scores: there is one softmax too many": F.cross_entropy(p, y),
        "is the mean squared error, averaged over batch and classes": square.mean(),
        "is the squared error, summed over the classes": square.sum(1).mean(),
        "is the root of the squared error": square.sum(1).sqrt().mean(),
        "is the mean absolute error": (p - y).abs().mean(),
        "is the absolute error, summed over the classes": (p - y).abs().sum(1).mean(),
        "is the binary cross-entropy of each class, averaged over batch and classes": binary.mean(),
        "is the binary cross-entropy of each class, summed over the classes": binary.sum(1).mean(),
        "is the loss of the most probable class instead of the true class": -p.amax(1).log().mean(),
        "is the entropy of the predictions: the targets are not used": -torch.special.xlogy(p, p).sum(1).mean(),
        "takes the logarithms of all classes: the targets are not used": -p.log().sum(1).mean(),
        "takes the logarithm of the mean probability instead of the mean of the logarithms": -true.mean().log(),
        "lacks the logarithm": -true.mean(),
        "is the probability of a wrong class: the logarithm is missing": 1 - true.mean(),
        "is the focal loss, which weights examples": -((1 - true) ** 2 * true.log()).mean(),
        "has the logarithm of one plus the probability": -(y * p.log1p()).sum(1).mean(),
    }
    for guard in GUARDS:
        guarded = f"has a guard of {guard:g} in the logarithm, which changes the result"
        found[guarded] = -(y * (p + guard).log()).sum(1).mean()
        found[f"has probabilities raised to at least {guard:g} before the logarithm, which changes the result"] = (
            -(y * p.clamp(min=guard).log()).sum(1).mean()
        )
    for small in SMALL:
        for words, of_targets in (("guarded by", y + small), ("raised to at least", y.clamp(min=small))):
            swapped = (
                f"has predictions and targets exchanged: it takes the logarithm of the targets, {words} {small:.2g}, instead "
                "of that of the predictions"
            )
            found[swapped] = -(p * of_targets.log()).sum(1).mean()
    return found


def gradient_of_scores(ytilde: Tensor, Y: Tensor) -> AnswerContext:
    """The context of the gradient of the mean cross-entropy for scores (batch, classes)."""
    others = wrong_differences(ytilde.double(), Y.double())
    return AnswerContext(
        factors=sizes_by_name(*ytilde.shape),
        inputs={"ytilde": ytilde, "Y": Y},
        labels=Y.argmax(1),
        others=lambda: {f"has {words}": value / len(Y) for words, value in others.items()},
    )


def loss_right_for_one_hot(ytilde: Tensor, Y: Tensor) -> AnswerContext:
    """`loss_of_scores` for a loss that is right for one-hot targets, so that causes which spoil it there are excluded."""

    scores = ytilde.double()
    return _right_for_one_hot(loss_of_scores, ytilde, Y, lambda y: (scores.logsumexp(1) - (y * scores).sum(1)).mean())


def gradient_right_for_one_hot(ytilde: Tensor, Y: Tensor) -> AnswerContext:
    """`gradient_of_scores` for a gradient that is right for one-hot targets."""

    return _right_for_one_hot(gradient_of_scores, ytilde, Y, lambda y: (ytilde.double().softmax(1) - y) / len(y))


def _right_for_one_hot(
    context_of: Callable[[Tensor, Tensor], AnswerContext], ytilde: Tensor, Y: Tensor, answer: Callable[[Tensor], Tensor]
) -> AnswerContext:
    """Leaves out the other answers that are wrong for one-hot targets, too; adds those for targets made into integers."""
    context, y = context_of(ytilde, Y), Y.double()
    one_hot = F.one_hot(y.argmax(1), y.shape[1]).double()

    def others() -> Mapping[str, Tensor]:
        there, right = context_of(ytilde, one_hot).others(), answer(one_hot)
        kept = {words: value for words, value in context.others().items() if near(there[words], right, 1e-9)}
        return kept | {
            "takes targets cut off to integers, by a cast such as .long() or .int(), but they are fractions": answer(
                y.trunc()
            ),
            "takes targets rounded to integers, but they are fractions": answer(y.round()),
        }

    return replace(context, others=others)


def wrong_differences(scores: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Wrong values of ŷ − Y (batch, classes), float64, by words that can follow "has"."""
    p = scores.softmax(1)
    difference = p - y
    return {
        "the scores instead of the probabilities": scores - y,
        "the softmax applied twice": p.softmax(1) - y,
        "the probabilities alone: the targets are not subtracted": p,
        "the targets alone: the probabilities are missing": -y,
        "the targets added instead of subtracted": p + y,
        "the softmax over the batch instead of the classes": scores.softmax(0) - y,
        "the sigmoid of the scores instead of their softmax": scores.sigmoid() - y,
        "the exponentials, not divided by their sum": scores.exp() - y,
        "the log-softmax instead of the softmax": p.log() - y,
        "the gradient for the probabilities instead of the scores": -y / p,
        "an extra factor, the derivative of the softmax": p * (difference - (difference * p).sum(1, keepdim=True)),
        "an extra factor ŷ (1 − ŷ) for each class": difference * p * (1 - p),
        "the gradient at the true class alone, and 0 at the others": -y * (1 - p),
        "the class with the largest target instead of the targets, which are a distribution": (
            p - F.one_hot(y.argmax(1), y.shape[1])
        ),
        "1 subtracted from every probability, but the targets should be": p - 1,
        "the sign of the difference instead of the difference": difference.sign(),
        "the square of the difference instead of the difference": difference**2,
    }
