"""Titles of known mistakes: plain words, made from a name or given."""

import pytest

from autograder.course.titles import LONGEST, title_from, title_problem


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("softmax_over_the_batch", "softmax over the batch"),
        ("relu_instead_of_tanh", "ReLU instead of tanh"),
        ("ties_to_the_larger_C", "ties to the larger C"),
        ("fc5_without_bias", "fc5 without bias"),
        ("NoNormBeforeTheMlp", "no norm before the MLP"),
        ("ReLUInsteadOfGELU", "ReLU instead of GELU"),
        ("TokensOfAViTAddedTwice", "tokens of a ViT added twice"),
        ("AHeadTooMany", "a head too many"),
    ],
)
def test_a_name_becomes_plain_words(name: str, title: str) -> None:
    assert title_from(name) == title


@pytest.mark.parametrize(
    "title", ["softmax over the batch", "batch norm instead of LayerNorm", "loss of 0.3", "log of XW", "x" * LONGEST]
)
def test_a_good_title_has_no_problem(title: str) -> None:
    assert title_problem(title) is None


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("NormOfWhatAHalfMakes", "'NormOfWhatAHalfMakes' is not a word"),
        ("standard deviation of 0 09", "a number is split by a space"),
        ("softmax over the batch.", "a title has no full stop"),
        ("x" * (LONGEST + 1), "at most 80 characters, this one has 81"),
        (" ", "the title is empty"),
    ],
)
def test_a_title_that_is_not_plain_words_has_a_problem(title: str, problem: str) -> None:
    assert problem in str(title_problem(title))
