"""The likely cause of a wrong shape."""

import pytest

from autograder.checks.explanations.shapes import explain_shape


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        ((), (3,), "one number for everything"),
        ((7,), (), "is a mean or sum missing"),
        ((3, 1), (3,), "keepdim"),
        ((1, 3, 1, 1), (3,), "there are 3 axes of length 1 too many"),
        ((3,), (3, 1), "axis 1, of length 1, is missing"),
        ((5, 7), (1, 5, 7), "axis 0, of length 1, is missing"),
        ((3, 3), (3,), "the result of broadcasting"),
        ((3, 3), (3, 1), "the result of broadcasting"),
        ((4, 6), (6, 4), "its transpose"),
        ((2, 4, 3), (2, 3, 4), "axes 1 and 2 are exchanged"),
        ((4, 2, 3), (2, 3, 4), "in another order, (2, 0, 1)"),
        ((4,), (6, 4), "axis 0, the first, of length 6 is gone"),
        ((6,), (6, 4), "axis 1 of length 4 is gone"),
        ((1, 4), (6, 4), "axis 0 has length 1 instead of 6"),
        ((24,), (6, 4), "flattened"),
        ((5, 72), (5, 3, 4, 6), "the axes from 1 on are joined"),
        ((2, 12), (2, 3, 4), "axes 1 and 2 are joined into one of length 12"),
        ((2, 3, 4), (2, 12), "axes 1 and 2 should be joined"),
        ((6, 5, 4), (6, 4), "axis 1 of length 5 should not be there"),
        ((6, 5), (6, 4), "axis 1 is one too long"),
        ((6, 3), (6, 4), "axis 1 is one too short"),
        ((6, 8), (6, 4), "length 8 instead of 4, 2 times as much"),
        ((6, 2), (6, 4), "half as long"),
        ((6, 2), (6, 6), "length 2 instead of 6, 1/3 of it"),
        ((0, 4), (6, 4), "axis 0 is too short"),
        ((2, 2), (2,), "2 × 2 is the result of broadcasting"),
        ((6, 1, 4), (6, 5, 4), "axis 1 has length 1 instead of 5: is there a sum, mean or slice over it?"),
        ((6, 5), (6, 9), "axis 1 is too short"),
        ((9, 5), (5, 5), "axis 0 is too long"),
        ((6, 4, 6), (6, 4, 9), "axis 2 has the length of axis 0, 6"),
        ((3, 4), (6, 2), "as many numbers as it should, 12"),
        ((2, 9, 3), (2, 9, 4, 4), "3 axes, but 4 are expected"),
    ],
)
def test_the_cause_of_a_shape(got, expected, words):
    assert words in explain_shape(got, expected)


def test_the_right_shape_needs_no_cause():
    assert explain_shape((2, 3), (2, 3)) == ""


def test_where_nothing_is_seen_nothing_is_said():
    assert explain_shape((7, 11), (6, 4)) == ""
