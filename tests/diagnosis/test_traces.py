"""Answer digests keep what tells answers apart, and drop what may differ between two styles of the same code."""

import pytest
import torch

from autograder.diagnosis.traces import AnswerDigest, agree, digest_of, message_pattern, trace_of
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.exchanges import Event

VALUES = torch.arange(12, dtype=torch.float64).reshape(3, 4).sin()


def digest(value: object, target: str = "student:f", **options: object) -> AnswerDigest:
    return digest_of(Event(target, value, **options))


def test_the_same_answer_agrees():
    assert digest(VALUES).agrees(digest(VALUES.clone()))


def test_rounding_agrees():
    assert digest(VALUES).agrees(digest(VALUES * (1 + 1e-9)))


def test_one_changed_number_does_not_agree():
    other = VALUES.clone()
    other[1, 2] += 1e-3
    assert not digest(VALUES).agrees(digest(other))


def test_permuted_numbers_do_not_agree():
    assert not digest(VALUES).agrees(digest(VALUES.flip(0)))


def test_float32_agrees_to_its_own_rounding():
    assert digest(VALUES.float()).agrees(digest((VALUES * (1 + 1e-5)).float()))


def test_small_arrays_count_beside_large_ones():
    maps = torch.linspace(-2.0, 2.0, 100_000)
    scores = torch.tensor([0.6, 0.8, 0.0, 0.0])
    assert not digest([maps, scores]).agrees(digest([maps, scores.softmax(0)]))


@pytest.mark.parametrize("other", [VALUES.float(), VALUES.T.contiguous(), VALUES.numpy(), [VALUES], None, 1.0])
def test_another_kind_of_answer_does_not_agree(other):
    assert not digest(VALUES).agrees(digest(other))


def test_nan_agrees_with_nan_in_the_same_places_only():
    here, there = VALUES.clone(), VALUES.clone()
    here[0, 0], there[2, 3] = torch.nan, torch.nan
    assert digest(here).agrees(digest(here.clone()))
    assert not digest(here).agrees(digest(there))


def test_infinity_does_not_agree_with_nan():
    nan, inf = VALUES.clone(), VALUES.clone()
    nan[0, 0], inf[0, 0] = torch.nan, torch.inf
    assert not digest(nan).agrees(digest(inf))


def test_a_number_whose_square_is_infinite_counts_as_infinite():
    assert digest(1e300).agrees(digest(2e300))
    assert not digest(1e300).agrees(digest(5.0))


def test_a_number_agrees_with_a_tensor_of_no_dimensions():
    assert digest(0.25).agrees(digest(torch.tensor(0.25, dtype=torch.float64)))


def test_biases_in_a_dict_may_have_any_shape():
    assert digest({"b": VALUES[0]}).agrees(digest({"b": VALUES[:1]}))


def test_the_keys_of_a_returned_dict_count():
    assert not digest({"h": VALUES}).agrees(digest({"H": VALUES}))


def test_parameter_names_in_the_answer_of_a_probe_do_not_count():
    target = "probe:modules.state"
    assert digest({"fc1": VALUES}, target).agrees(digest({"linear": VALUES}, target))


def test_a_changed_argument_counts():
    assert not digest(VALUES).agrees(digest(VALUES, changed=("#0 (x)",)))


def test_an_exception_agrees_with_one_from_another_line():
    first, second = (digest_of(Event("student:f", problem=Raised(f"f raised E: {4}\n  {n}"))) for n in ("a:1", "b:7"))
    assert first.agrees(second)


def test_an_exception_does_not_agree_with_one_that_names_other_sizes():
    first, second = (digest_of(Event("student:f", problem=Raised(f"f raised E: {n}"))) for n in ("6x3", "5x3"))
    assert not first.agrees(second)


def test_another_exception_does_not_agree():
    first, second = (digest_of(Event("student:f", problem=Raised(f"f raised {n}"))) for n in ("KeyError", "TypeError"))
    assert not first.agrees(second)


def test_traces_of_different_lengths_do_not_agree():
    once, twice = (trace_of([Event("student:f", VALUES)] * times) for times in (1, 2))
    assert not agree(once, twice)


def test_random_answers_before_the_last_may_differ():
    drawn = [Event("student:init", VALUES + shift, random=True) for shift in (0, 1)]
    first, second = (trace_of([event, Event("student:f", VALUES)]) for event in drawn)
    assert agree(first, second)


def test_a_random_answer_at_the_end_may_not_differ():
    first, second = (trace_of([Event("student:drop", VALUES + shift, random=True)]) for shift in (0, 1))
    assert not agree(first, second)


def test_messages_that_differ_in_numbers_have_the_same_pattern():
    assert message_pattern("is 8 times too large at [0, 2]") == message_pattern("is 12.5 times too large at [1, 1]")


def test_messages_that_differ_in_words_have_other_patterns():
    assert message_pattern("is 8 times too large") != message_pattern("is 8 times too small")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (7x5 and 3x5)", "RuntimeError: mm: mat1 and mat2 shapes "
         "cannot be multiplied (7x5 and 3x5)"),
        ("RuntimeError: mean(): could not infer output dtype", "NotImplementedError: mean(): could not infer output dtype"),
    ],
)  # fmt: skip
def test_an_error_is_the_same_in_all_versions_of_torch(older: str, newer: str) -> None:
    digests = [
        digest_of(Event("student:f", problem=Raised(f"f(x) raised {text}\n  f.py:3"))) for text in (older, newer)
    ]
    assert digests[0] == digests[1]
    assert message_pattern(f"f(x) raised {older}") == message_pattern(f"f(x) raised {newer}")


def test_other_sizes_are_another_error() -> None:
    digests = [
        digest_of(Event("student:f", problem=Raised(f"f(x) raised RuntimeError: mat1 and mat2 ({sizes})")))
        for sizes in ("7x5 and 3x5", "5x7 and 3x5")
    ]
    assert digests[0] != digests[1]
