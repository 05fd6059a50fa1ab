"""Softmax, cross-entropy and its gradient, compared with torch's own in float64."""

import torch
from torch.nn import functional as F

from autograder.checks.attempts import attempted
from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close, expect_unchanged, is_close
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import AUTOGRAD, SOFTMAXES, combine
from autograder.checks.two_layer_net.confirmed import Answer, expect_number_each_time
from autograder.checks.two_layer_net.loss_contexts import (
    gradient_of_scores,
    gradient_right_for_one_hot,
    loss_of_scores,
    loss_right_for_one_hot,
    softmax_context,
)
from autograder.checks.two_layer_net.loss_probes import seen_of_a_loss

EXERCISE = ExerciseSpec(
    public=("softmax", "cross_entropy", "cross_entropy_gradient"), forbidden=combine(SOFTMAXES, AUTOGRAD)
)
# Unequal sizes, so that swapped axes are noticed; a batch of one; two classes; more classes than examples.
SIZES = ((7, 4), (1, 3), (5, 2), (3, 6), (4, 4))


def _loss(scores, targets):
    return F.cross_entropy(scores.double(), targets.double())


def _gradient(scores, targets):
    leaf = scores.double().clone().requires_grad_()  # `scores` may be asked again, and then must not require a gradient
    return torch.autograd.grad(_loss(leaf, targets), leaf)[0]


def _distributions(draw):
    """Makes targets of which the last row is a smoothed one-hot row, with more than one half for a class."""

    def make(batch, classes):
        targets = draw.distribution(batch, classes)
        targets[-1] = 0.3 * targets[-1] + 0.7 * draw.one_hot(1, classes)[0]
        return targets

    return make


def _large_scores(draw, batch, classes):
    """Scores up to ±1e4: rows far apart from each other, and rows whose two highest scores are close."""
    scores = draw.normal(batch, classes, scale=2000.0).clamp(-9000.0, 9000.0)
    level = torch.tensor([9990.0, -9990.0, 0.0])[torch.arange(batch) % 3].double()
    scores[:, 0], scores[:, 1] = level + draw.normal(batch), level + draw.normal(batch)
    scores[:, 2:] = torch.minimum(scores[:, 2:], level[:, None] - 1)
    return scores.clamp(-1e4, 1e4)


VALUES = ["test_softmax_is_right", "test_cross_entropy_of_one_hot_targets", "test_gradient_of_one_hot_targets"]


@check(points=1)
def test_softmax_is_right(student, draw):
    """softmax turns each row of scores into probabilities"""
    for batch, classes in SIZES:
        scores = draw.normal(batch, classes, scale=2.0)
        for dtype, rtol in TOLERANCE.items():
            got = as_tensor("softmax(ytilde)", student.softmax(scores.to(dtype)), (batch, classes))
            rows, columns = (got.double().sum(dim=axis) for axis in (1, 0))
            if is_close(columns, torch.ones(classes), rtol=1e-4) and not is_close(rows, torch.ones(batch), rtol=1e-4):
                mistake = "the columns of softmax(ytilde) sum to 1, but the rows should"
                raise CheckFailed(f"{mistake}: you sum over the batch", mistake=mistake)
            expected = torch.softmax(scores.to(dtype).double(), 1)
            expect_close("softmax(ytilde)", got, expected, rtol=rtol, context=softmax_context(scores.to(dtype)))


@check(points=1, needs=[test_softmax_is_right])
def test_softmax_of_large_scores(student, draw):
    """softmax is finite and right for scores up to ±1e4"""
    for batch, classes in ((6, 5), (1, 3), (3, 2)):
        scores = _large_scores(draw, batch, classes)
        for dtype, rtol in ((torch.float64, 1e-9), (torch.float32, 1e-3)):
            got = as_tensor("softmax of large scores", student.softmax(scores.to(dtype)), (batch, classes))
            _refuse_an_overflow(student, got, scores.to(dtype))
            expected = torch.softmax(scores.to(dtype).double(), 1)
            expect_close("softmax of large scores", got, expected, rtol=rtol, context=softmax_context(scores.to(dtype)))


SUBTRACTED = {
    "nothing is subtracted from the scores before the exponential": torch.zeros_like,
    "the mean of a row is subtracted before the exponential, which leaves large scores": (
        lambda scores: scores.mean(1, keepdim=True)
    ),
    "one number is subtracted from all rows before the exponential": torch.amax,
    "the largest score of a column is subtracted before the exponential": lambda scores: scores.amax(0),
    "the smallest score of a row is subtracted before the exponential": lambda scores: scores.amin(1, keepdim=True),
}


def _refuse_an_overflow(student, got, scores):
    """Fails if the softmax is not finite, with a cause if it has it in the same places for two orders of the rows."""
    bad = ~torch.isfinite(got)
    if not bad.any():
        return
    what = f"softmax of large scores is NaN or infinite in {int(bad.sum())} of {bad.numel()} places"
    shape = tuple(scores.shape)
    asked = [(scores, got)]
    for order in (torch.arange(len(scores)).flip(0), torch.arange(len(scores)).roll(1)):
        asked.append((scores[order], as_tensor("softmax of large scores", student.softmax(scores[order]), shape)))
    fitting = [words for words, level in SUBTRACTED.items() if all(_overflows(level, *pair) for pair in asked)]
    if len(fitting) == 1:
        remedy = "what can you subtract from a row so that no exponential overflows?"
        raise CheckFailed(f"{what}, as it is when {fitting[0]}: {remedy}", mistake=fitting[0])
    alone = [as_tensor("softmax of one row", student.softmax(row[None]), (1, shape[1])) for row in scores]
    if all(torch.isfinite(row).all() for row in alone):
        raise CheckFailed(
            f"{what}, although it is finite for each row alone: what does a row get from the rows before it, or from the "
            "whole batch?"
        )


def _overflows(level, scores, got):
    """Whether the softmax is not finite in exactly the places where it is if this level is subtracted."""
    exponentials = (scores - level(scores)).exp()
    return torch.equal(~torch.isfinite(got), ~torch.isfinite(exponentials / exponentials.sum(1, keepdim=True)))


@check(points=1, needs=[test_softmax_is_right])
def test_cross_entropy_of_one_hot_targets(student, draw):
    """cross_entropy is the mean over the batch, for one-hot targets"""
    _check_value(student, draw, draw.one_hot, "cross_entropy(ytilde, Y)", loss_of_scores)


@check(points=1, needs=[test_softmax_is_right, test_cross_entropy_of_one_hot_targets])
def test_cross_entropy_of_any_distribution(student, draw):
    """cross_entropy accepts any distribution as target, such as a smoothed one"""
    what = "cross_entropy with targets that are not one-hot"
    _check_value(student, draw, _distributions(draw), what, loss_right_for_one_hot)


def _check_value(student, draw, make_targets, what, context_of):
    for batch, classes in SIZES:
        for dtype, rtol in TOLERANCE.items():

            def ask(batch=batch, classes=classes, dtype=dtype):
                scores, targets = draw.normal(batch, classes, scale=2.0), make_targets(batch, classes)
                return _answer(student, scores.to(dtype), targets.to(dtype), context_of)

            expect_number_each_time(what, ask, rtol=rtol)


def _answer(student, scores, targets, context_of=loss_of_scores):
    def look():
        return seen_of_a_loss(student.cross_entropy, lambda x, y: float(_loss(x, y)), scores, targets, of_scores=True)

    value = student.cross_entropy(scores, targets)
    return Answer(value, float(_loss(scores, targets)), context_of(scores, targets), look)


@check(points=1, needs=[test_softmax_of_large_scores, test_cross_entropy_of_any_distribution])
def test_cross_entropy_of_large_scores(student, draw):
    """cross_entropy is finite and right for scores up to ±1e4"""
    for batch, classes in ((1, 3), (6, 5), (3, 2)):  # a single row first: it shows an infinite loss
        for make_targets in (draw.one_hot, draw.distribution):
            for dtype, rtol in ((torch.float64, 1e-9), (torch.float32, 1e-3)):

                def ask(batch=batch, classes=classes, make_targets=make_targets, dtype=dtype):
                    scores, targets = _large_scores(draw, batch, classes), make_targets(batch, classes)
                    return _answer(student, scores.to(dtype), targets.to(dtype))

                expect_number_each_time("cross_entropy of large scores", ask, rtol=rtol)


@check(points=1, needs=[test_softmax_is_right])
def test_gradient_of_one_hot_targets(student, draw):
    """cross_entropy_gradient is the gradient of the mean cross-entropy, for one-hot targets"""
    _check_gradient(student, draw, draw.one_hot, gradient_of_scores)


@check(points=1, needs=[test_softmax_is_right, test_gradient_of_one_hot_targets])
def test_gradient_of_any_distribution(student, draw):
    """cross_entropy_gradient accepts any distribution as target"""
    _check_gradient(student, draw, _distributions(draw), gradient_right_for_one_hot)


def _check_gradient(student, draw, make_targets, context_of):
    for batch, classes in SIZES:
        scores, targets = draw.normal(batch, classes, scale=2.0), make_targets(batch, classes)
        for dtype, rtol in TOLERANCE.items():
            what = "cross_entropy_gradient(ytilde, Y)"
            value = student.cross_entropy_gradient(scores.to(dtype), targets.to(dtype))
            got = as_tensor(what, value, (batch, classes))
            expected = _gradient(scores.to(dtype), targets.to(dtype))
            expect_close(what, got, expected, rtol=rtol, context=context_of(scores.to(dtype), targets))


@check(points=1, counts_with=VALUES)
def test_arguments_and_dtype_are_kept(student, draw):
    """no function changes its arguments, and results keep float32 or float64"""
    questions = []
    for batch, classes in SIZES:
        scores, targets = draw.normal(batch, classes), draw.distribution(batch, classes)
        for dtype in TOLERANCE:
            x, y = scores.to(dtype), targets.to(dtype)
            questions += [
                lambda x=x: ("softmax(ytilde)", student.softmax(x), x.dtype),
                lambda x=x, y=y: ("", student.cross_entropy(x, y), None),
                lambda x=x, y=y: ("cross_entropy_gradient(ytilde, Y)", student.cross_entropy_gradient(x, y), x.dtype),
            ]
    answers = attempted(questions)
    expect_unchanged(student)
    for what, value, dtype in answers:
        if isinstance(value, torch.Tensor):
            as_tensor(what, value, tuple(value.shape), dtype)
