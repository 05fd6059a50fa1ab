"""What is said of a wrong answer: the pattern that it has, and none that it has not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autograder.checks.cause import mistake_of
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explain, explain_or_show
from tests.checks.explanations.answers import FEW, random

RIGHT = random(6, 4)
SIGNS = torch.tensor([1.0, -1, 1, 1, 1, 1, -1, 1, 1, 1, 1, -1, 1, 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, 1]).reshape(6, 4)
SIZES = {"the batch size": 6, "the number of classes": 4}


def of(change: Callable[[Tensor], Tensor], right: Tensor = RIGHT, **context: object) -> str:
    return explain(change(right.clone()), right, 1e-9, AnswerContext(**context))  # type: ignore[arg-type]


def changed(place: object, change: Callable[[Tensor], Tensor] = lambda x: x + 1) -> Callable[[Tensor], Tensor]:
    """Another value at a place."""

    def write(x: Tensor) -> Tensor:
        x[place] = change(x[place])  # type: ignore[index]
        return x

    return write


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (6, "times 6, the batch size: is there a sum"),
        (1 / 6, "times 1/6, one over the batch size"),
        (1 / 36, "1/36, one over the batch size squared"),
        (1 / 4, "1/4, one over the number of classes"),
        (2, "times 2"),
        (-1, "times −1 (the sign)"),
        (-6, "−6, the batch size, so the sign is wrong as well"),
        (6**0.5, "√6, the root of the batch size"),
        (6**-0.5, "1/√6, one over the root of the batch size"),
        (5 / 6, "5/6: 6 is the batch size; is there an n − 1"),
        (6 / 4, "6/4, the batch size over the number of classes"),
        (0.6, "0.6, which is 6, the batch size, over 10"),
        (0.37, "times 0.37"),
    ],
)
def test_a_factor_is_named_by_what_it_equals(factor, words):
    assert words in of(lambda x: factor * x, factors=SIZES)


def test_sizes_that_are_equal_are_both_named():
    words = of(lambda x: 4 * x, factors={"the batch size": 4, "the number of classes": 4})
    assert "the batch size or 4, the number of classes" in words


def test_a_factor_of_two_numbers_that_has_no_name_is_not_claimed():
    right = torch.tensor([0.3, -0.3]).double()
    assert "times" not in explain(0.61 * right, right, 1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x + 0.3, "plus 0.3 everywhere"),
        (lambda x: x - x.mean(), "minus its mean"),
        (lambda x: 2 * x - 1, "times 2, minus 1"),
        (torch.abs, "absolute value"),
        (torch.relu, "is 0 wherever the right answer is negative"),
        (lambda x: x * SIGNS, "wrong sign in 5 of 24 places"),
        (lambda x: x.clamp(-1, 0.5), "cut off from below at -1 and from above at 0.5"),
        (torch.zeros_like, "is zero everywhere"),
        (lambda x: torch.full_like(x, float(x.mean())), "everywhere, the mean of the right answers"),
        (torch.exp, "the exponential of the right answer"),
        (lambda x: x**2, "the square of the right answer"),
        (lambda x: x.softmax(1), "the softmax over axis 1 of the right answer"),
        (torch.round, "rounded to whole numbers"),
        (lambda x: x.float().double(), "all its numbers are exact in float32"),
        (
            lambda x: x * torch.arange(1, 7)[:, None],
            "in each row, the right answer times a different number, from 1 to 6",
        ),
        (
            lambda x: x + torch.tensor([0.1, 0.7, -2.0, 4.0]),
            "in each column, the right answer plus a different number",
        ),
        (lambda x: x.mean(0, keepdim=True).expand_as(x), "it is the mean of the right answers there"),
        (lambda x: x[:1].expand_as(x), "it is the first of the right answers there"),
        (lambda x: x.cumsum(0), "is a cumulative sum along axis 0"),
    ],
)
def test_a_pattern_of_values(change, words):
    assert words in of(change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.flip(0), "in reverse order along axis 0"),
        (lambda x: x.flip(0, 1), "in reverse order along axis 0 and axis 1"),
        (lambda x: x.roll(1, 0), "rolled by 1 place forwards along axis 0"),
        (lambda x: x.T.reshape(6, 4), "`view` and `reshape`"),
        (lambda x: x.reshape(4, 6).T, "`view` and `reshape`"),
        (lambda x: x[[0, 2, 1, 3, 5, 4]], "index 1 has the numbers of index 2"),
        (lambda x: x[[0, 0, 1, 2, 3, 4]], "the same at indices 0 and 1 of axis 0"),
        (lambda x: x.flatten()[torch.randperm(24)].reshape(6, 4), "right numbers in the wrong places"),
    ],
)
def test_a_pattern_of_order(change, words):
    assert words in of(change)


def test_a_square_transpose():
    assert of(lambda x: x.T, random(4, 4)) == "is the transpose of the right answer"


def test_two_axes_of_four_exchanged():
    assert "axes 1 and 3 exchanged" in of(lambda x: x.transpose(1, 3), random(2, 3, 5, 3))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(-1, torch.zeros_like), "in the last row of 6: there it is zero everywhere"),
        (changed(slice(4, 6), lambda x: 3 * x), "in the last 2 rows of 6: there it is the right answer times 3"),
        (
            changed((slice(None), 2), lambda x: 2 * x),
            "in column 2, counted from 0, of 4: there it is the right answer times 2",
        ),
        (changed((slice(None), 0), lambda x: -x), "in the first column of 4: there it is the right answer times −1"),
        (changed((3, 1)), "right except for one of 24 numbers; it is at [3, 1]"),
    ],
)
def test_only_some_places(change, words):
    assert words in of(change)


def test_only_the_rows_of_one_class():
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    words = of(changed(labels == 1, lambda x: 3 * x), labels=labels)
    assert "in all rows of class 1, and in no others: there it is the right answer times 3" in words


def test_only_the_diagonal():
    def cut(x):
        return x * (1 - torch.eye(5))

    assert "on the diagonal: there it is zero everywhere" in of(cut, random(5, 5))


def test_only_the_border():
    def cut(x):
        x[:, :, 0], x[:, :, :, -1] = 0, 0
        return x

    assert "at the border" in of(cut, random(2, 3, 5, 6))


def test_only_where_an_input_is_negative():
    x = random(6, 4, seed=1)
    assert "exactly where X is negative: there it is zero" in of(changed(x < 0, torch.zeros_like), inputs={"X": x})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.clone(), "is X itself"),
        (torch.sigmoid, "is the sigmoid of X"),
        (torch.relu, "is the ReLU of X"),
        (lambda x: x.softmax(0), "is the softmax over axis 0 of X"),
        (lambda x: x.flatten().softmax(0).reshape(x.shape), "is the softmax over all numbers of X"),
    ],
)
def test_a_function_of_an_input_in_place_of_the_right_one(change, words):
    x = random(6, 4, seed=1)
    assert explain(change(x), x.tanh(), 1e-9, AnswerContext(inputs={"X": x})) == words


def test_an_input_that_is_added():
    Y = torch.eye(4).double()[[0, 1, 2, 3, 0, 1]]
    assert of(lambda x: x + Y / 6, inputs={"Y": Y}) == "is the right answer plus 0.1667 times Y"


def test_a_softmax_over_the_other_axis():
    assert "sums to 1 along axis 0, but should do so along axis 1" in explain(RIGHT.softmax(0), RIGHT.softmax(1), 1e-9)


def test_exponentials_that_are_not_normalized():
    assert "divided by their sum, they would be right" in explain(RIGHT.exp(), RIGHT.softmax(1), 1e-9)


def test_one_number_made_of_the_wrong_examples():
    losses = random(7).exp()
    mean = losses.mean()
    context = AnswerContext(parts=losses, factors={"the batch size": 7})
    assert "7, the batch size" in explain(losses.sum(), mean, 1e-9, context)
    assert "all but the last of 7" in explain(losses[:-1].mean(), mean, 1e-9, context)
    assert "the largest of the 7" in explain(losses.max(), mean, 1e-9, context)
    assert "example 3 alone" in explain(losses[3], mean, 1e-9, context)


def test_the_answer_to_another_question():
    other = random(6, 4, seed=3)
    context = AnswerContext(factors=SIZES, others=lambda: {"lacks the bias": other})
    assert explain(other, RIGHT, 1e-9, context) == "lacks the bias"
    assert explain(6 * other, RIGHT, 1e-9, context).startswith(
        "lacks the bias; in addition, it is that times 6, the batch"
    )


def test_a_single_number_is_compared_with_another_question_times_a_number_too():
    context = AnswerContext(factors={"the batch size": 7}, others=lambda: {"lacks the bias": torch.tensor(0.337)})
    assert explain(torch.tensor(7 * 0.337), torch.tensor(1.2341), 1e-4, context).startswith(
        "lacks the bias; in addition, it is that times 7, the batch size"
    )


def test_an_answer_that_two_mistakes_give_names_none_of_them():
    other = random(6, 4, seed=3)
    one, two = (dict.fromkeys(("lacks the bias", "is doubled")[:count], other) for count in (1, 2))
    assert mistake_of(explain(other, RIGHT, 1e-9, AnswerContext(others=lambda: one))) == "lacks the bias"
    assert mistake_of(explain(other, RIGHT, 1e-9, AnswerContext(others=lambda: two))) == ""
    same = {f"has the bias twice: with a guard of {guard}": other for guard in (1e-9, 1e-12)}
    assert mistake_of(explain(other, RIGHT, 1e-9, AnswerContext(others=lambda: same))) == "has the bias twice"


def test_another_answer_times_a_number_without_a_name_is_no_claim():
    context = AnswerContext(others=lambda: {"lacks the bias": random(6, 4, seed=3)})
    assert "bias" not in explain(0.371 * random(6, 4, seed=3), RIGHT, 1e-9, context)


def test_another_question_with_the_right_answer_here_explains_nothing():
    context = AnswerContext(others=lambda: {"takes the largest target alone": RIGHT.clone()})
    assert "largest target" not in explain(RIGHT + 1e-7, RIGHT, 1e-9, context)


@pytest.mark.parametrize("shape", [(6, 4), (1, 3), (5,), (3, 3), (2, 3, 4), (2, 3, 4, 5), (1, 1, 1), ()])
def test_no_pattern_is_claimed_of_random_numbers(shape):
    """Seeds enough that a pattern that fits by accident once in a hundred would be seen."""
    for seed in range(60):
        got, right = random(*shape, seed=seed), random(*shape, seed=1000 + seed)
        context = AnswerContext(
            factors=SIZES, inputs={"X": random(*shape, seed=2000 + seed)}, parts=random(6, seed=3000 + seed)
        )
        claim = explain(got, right, 1e-9, context)
        assert not claim or (got.numel() == 1 and got.dim() > 0), claim


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.75, 0.125, 1.0])
def test_no_pattern_is_claimed_of_two_fractions_of_few_examples(fraction):
    for other in (0.25, 0.5, 0.75, 0.375, 1.0):
        if other != fraction:
            assert explain(torch.tensor(other), torch.tensor(fraction), 1e-9, AnswerContext(factors=SIZES)) == ""


def test_without_a_pattern_the_first_and_the_worst_place_are_shown_and_no_more():
    words = explain_or_show(random(6, 4, seed=5), RIGHT, 1e-9)
    assert words.startswith("is wrong in all 24 places; the first is at [0, 0]: expected ")
    assert words.count("expected") == 2


@pytest.mark.parametrize("shape", [(0,), (0, 3), (1,), (2, 0, 4)])
def test_answers_of_few_or_no_numbers_are_no_trouble(shape):
    explain(torch.ones(shape), torch.zeros(shape), 1e-9, AnswerContext(inputs={"X": torch.zeros(shape)}))


SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@FEW
@given(SHAPES, st.integers(0, 1000))
def test_of_a_right_answer_nothing_is_said(shape, seed):
    right = random(*shape, seed=seed)
    context = AnswerContext(factors=SIZES, inputs={"X": right}, parts=right, others=lambda: {"is another": right})
    noise = 1e-9 * random(*shape, seed=seed + 1).clamp(-0.9, 0.9)
    assert explain(right, right, 1e-9, context) == explain(right + noise, right, 1e-9, context) == ""


def test_of_an_empty_answer_nothing_is_said():
    assert explain(torch.zeros(0, 3), torch.zeros(0, 3), 1e-9) == ""


@FEW
@given(SHAPES.filter(lambda shape: torch.Size(shape).numel() > 2), st.integers(2, 60), st.booleans())
def test_a_sum_in_place_of_a_mean_is_named_whatever_the_shape(shape, size, negative):
    sign = "−" if negative else ""
    words = of(lambda x: (-size if negative else size) * x, random(*shape), factors={"the batch size": size})
    assert words.startswith(f"is the right answer times {sign}{size}, the batch size")


@FEW
@given(st.integers(0, 5), st.sampled_from([torch.nan, torch.inf, -torch.inf]))
def test_what_is_not_finite_comes_first(row, value):
    def spoil(x):
        x[row, 2] = value
        return 6 * x

    kind = {"nan": "NaN", "inf": "infinite", "-inf": "minus infinity"}[str(value)]
    assert of(spoil, factors=SIZES).startswith(
        f"is {kind} in 1 of 24 places, all in row {row} of 6, first at [{row}, 2]"
    )


def test_where_no_right_answer_is_finite_nothing_is_claimed():
    assert explain(RIGHT, RIGHT.log(), 1e-9) == ""


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (
            RIGHT * 0 + RIGHT.mean(),
            "is -0.345 everywhere, the mean of the right answers, but those differ",
        ),
        (RIGHT * 0 + RIGHT.sum(), "is -8.279 everywhere, the sum of the right answers, but those differ"),
        (RIGHT * 0 + 0.3, "is 0.3 everywhere, but the right answers differ"),
        (RIGHT * 0, "is zero everywhere"),
    ],
)
def test_one_number_everywhere(got, words):
    assert explain(got, RIGHT, 1e-9) == words


def test_one_number_everywhere_where_one_is_asked_for_is_a_factor():
    assert explain(torch.full((6, 4), 3.0), torch.full((6, 4), 1.5), 1e-9) == "is the right answer times 2"


def test_a_percentage_is_named_even_of_a_plain_fraction():
    words = explain(torch.tensor(50.0), torch.tensor(0.5), 1e-9)
    assert words == "is the right answer times 100: is it a percentage? A fraction is expected"


@pytest.mark.parametrize(
    ("got", "right", "words"),
    [
        (
            RIGHT**3 + RIGHT,
            RIGHT,
            "(the order of the numbers by size is right, only the sizes are wrong)",
        ),
        (RIGHT * random(6, 4, seed=2).abs(), RIGHT, "(all signs are right)"),
        (random(6, 4, seed=2).softmax(1), RIGHT.softmax(1), "(it does sum to 1 along axis 1, as it should)"),
        (random(6, 4, seed=2), RIGHT, ""),
    ],
)
def test_what_holds_of_a_wrong_answer_all_the_same(got, right, words):
    shown = explain_or_show(got, right, 1e-9)
    assert shown.endswith(words) if words else not shown.endswith(")")
