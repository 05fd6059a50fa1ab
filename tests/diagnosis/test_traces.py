"""A mark keeps what tells answers apart, and nothing of what may differ between two styles of the same code."""

import pytest
import torch

from autograder.diagnosis.traces import Mark, agree, mark_of, skeleton, trace_of
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.student_module import Event

VALUES = torch.arange(12, dtype=torch.float64).reshape(3, 4).sin()


def mark(value: object, target: str = "student:f", **options: object) -> Mark:
    return mark_of(Event(target, value, **options))


def test_the_same_answer_agrees():
    assert mark(VALUES).agrees(mark(VALUES.clone()))


def test_rounding_agrees():
    assert mark(VALUES).agrees(mark(VALUES * (1 + 1e-9)))


def test_one_other_number_does_not_agree():
    other = VALUES.clone()
    other[1, 2] += 1e-3
    assert not mark(VALUES).agrees(mark(other))


def test_numbers_in_other_places_do_not_agree():
    assert not mark(VALUES).agrees(mark(VALUES.flip(0)))


def test_float32_agrees_to_its_own_rounding():
    assert mark(VALUES.float()).agrees(mark((VALUES * (1 + 1e-5)).float()))


@pytest.mark.parametrize("other", [VALUES.float(), VALUES.T.contiguous(), VALUES.numpy(), [VALUES], None, 1.0])
def test_another_kind_of_answer_does_not_agree(other):
    assert not mark(VALUES).agrees(mark(other))


def test_nan_agrees_with_nan_in_the_same_places_only():
    here, there = VALUES.clone(), VALUES.clone()
    here[0, 0], there[2, 3] = torch.nan, torch.nan
    assert mark(here).agrees(mark(here.clone()))
    assert not mark(here).agrees(mark(there))


def test_infinity_is_no_nan():
    nan, inf = VALUES.clone(), VALUES.clone()
    nan[0, 0], inf[0, 0] = torch.nan, torch.inf
    assert not mark(nan).agrees(mark(inf))


def test_a_number_whose_square_is_infinite_agrees_with_no_other():
    assert mark(1e300).agrees(mark(2e300))
    assert not mark(1e300).agrees(mark(5.0))


def test_a_number_agrees_with_a_tensor_of_no_dimensions():
    assert mark(0.25).agrees(mark(torch.tensor(0.25, dtype=torch.float64)))


def test_biases_in_a_dict_may_have_any_shape():
    assert mark({"b": VALUES[0]}).agrees(mark({"b": VALUES[:1]}))


def test_keys_that_a_function_returns_count():
    assert not mark({"h": VALUES}).agrees(mark({"H": VALUES}))


def test_names_that_a_probe_finds_do_not_count():
    target = "probe:modules.state"
    assert mark({"fc1": VALUES}, target).agrees(mark({"linear": VALUES}, target))


def test_an_argument_that_was_changed_counts():
    assert not mark(VALUES).agrees(mark(VALUES, changed=("#0 (x)",)))


def test_an_exception_agrees_with_one_from_another_line():
    first, second = (mark_of(Event("student:f", problem=Raised(f"f raised E: {4}\n  {n}"))) for n in ("a:1", "b:7"))
    assert first.agrees(second)


def test_an_exception_does_not_agree_with_one_of_other_sizes():
    first, second = (mark_of(Event("student:f", problem=Raised(f"f raised E: {n}"))) for n in ("6x3", "5x3"))
    assert not first.agrees(second)


def test_another_exception_does_not_agree():
    first, second = (mark_of(Event("student:f", problem=Raised(f"f raised {n}"))) for n in ("KeyError", "TypeError"))
    assert not first.agrees(second)


def test_traces_of_other_lengths_do_not_agree():
    once, twice = (trace_of([Event("student:f", VALUES)] * times) for times in (1, 2))
    assert not agree(once, twice)


def test_what_was_drawn_before_may_differ():
    drawn = [Event("student:init", VALUES + shift, random=True) for shift in (0, 1)]
    first, second = (trace_of([event, Event("student:f", VALUES)]) for event in drawn)
    assert agree(first, second)


def test_what_was_drawn_last_may_not_differ():
    first, second = (trace_of([Event("student:drop", VALUES + shift, random=True)]) for shift in (0, 1))
    assert not agree(first, second)


def test_a_reason_keeps_its_kind_with_other_numbers():
    assert skeleton("is 8 times too large at [0, 2]") == skeleton("is 12.5 times too large at [1, 1]")


def test_another_reason_is_of_another_kind():
    assert skeleton("is 8 times too large") != skeleton("is 8 times too small")
