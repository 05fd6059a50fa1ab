"""How the networks of a submission were arranged, and that those of a mistake are arranged so, each by its place."""

from __future__ import annotations

import pytest
import torch

from autograder.diagnosis.layouts import Layout, ReferenceArrangement, StudentArrangement, layouts_of
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import Handle, StudentModule
from tests.checks.students import student_of

NETS = """
import torch

class Raw(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.W, self.b = torch.nn.Parameter(torch.ones(3, 2)), torch.nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return x @ self.W + self.b

def raw(): return Raw()
def linear(): return torch.nn.Linear(3, 2)
def two(): return [torch.nn.Linear(3, 2), (torch.nn.Linear(2, 4), 5)]
def function(): return lambda x: x
def broken():
    net = Raw()
    del net.b
    net.named_parameters = None
    return net
"""
RAW = (("W", (3, 2)), ("b", (2,)))
LINEAR = (("weight", (2, 3)), ("bias", (2,)))


def observed() -> tuple[StudentModule, list[Event]]:
    student, events = student_of(NETS), []
    student.observer = events.append
    return student, events


def layout_of(handle: Handle) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(value.shape)) for name, value in handle.parameters())


# What is seen of a submission.


def test_each_module_that_was_looked_at_has_a_layout_in_the_order_in_which_they_were_made() -> None:
    student, events = observed()
    first, second, third = student.linear(), student.raw(), student.linear()
    third.parameters()
    second.parameters()
    assert layouts_of(events) == [None, RAW, LINEAR]
    assert first.number != third.number


def test_modules_in_lists_and_tuples_count_and_functions_do_not() -> None:
    student, events = observed()
    student.function()
    found = student.two()
    found[1][0].parameters()
    assert layouts_of(events) == [None, (("weight", (4, 2)), ("bias", (4,)))]


def test_the_first_look_counts() -> None:
    student, events = observed()
    net = student.raw()
    net.parameters()
    events.append(Event("probe:modules.parameters", [("other", torch.ones(9))], about=net.number))
    assert layouts_of(events) == [RAW]


def test_a_look_that_failed_shows_nothing() -> None:
    student, events = observed()
    net = student.raw()
    events.append(Event("probe:modules.parameters", problem=Raised("no"), about=net.number))
    assert layouts_of(events) == [None]


def test_where_nothing_was_made_there_is_no_layout() -> None:
    assert layouts_of([Event("student:f", 3.0), Event("probe:modules.parameters", [], about=7)]) == []


# What is arranged.


def test_a_mistakes_modules_are_arranged_by_their_places() -> None:
    student = student_of(NETS)
    student.rearrange = StudentArrangement(student, [RAW, None, LINEAR])
    nets = [student.linear(), student.linear(), student.raw(), student.raw()]
    assert [layout_of(net) for net in nets] == [RAW, LINEAR, LINEAR, RAW]


def test_an_arranged_module_is_the_same_function() -> None:
    student = student_of(NETS)
    student.rearrange = StudentArrangement(student, [None, LINEAR])
    plain, arranged, x = student.raw(), student.raw(), torch.tensor([[1.0, 2.0, 3.0]])
    assert layout_of(arranged) == LINEAR
    assert torch.equal(plain(x), arranged(x))
    arranged.set_parameters([torch.tensor([[1.0, 0, 0], [0, 0, 2.0]]), torch.tensor([0.0, 1.0])])
    assert arranged(x).tolist() == [[1.0, 7.0]]


@pytest.mark.parametrize(("layout", "left_out"), [((("weight", (2, 3)),), True), (RAW, False)])
def test_it_is_noted_whether_biases_were_left_out(layout: Layout, left_out: bool) -> None:
    student = student_of(NETS)
    arrangement = student.rearrange = StudentArrangement(student, [layout])
    assert layout_of(student.linear()) == layout
    assert arrangement.left_out == left_out


def test_a_layout_of_other_numbers_leaves_a_module_as_it_is() -> None:
    student = student_of(NETS)
    student.rearrange = StudentArrangement(student, [(("W", (5, 2)),)])
    assert layout_of(student.linear()) == LINEAR


def test_the_first_known_layout_of_as_many_numbers_is_taken() -> None:
    student = student_of(NETS)
    student.rearrange = ReferenceArrangement(student, [(("W", (9, 9)),), RAW, LINEAR])
    assert layout_of(student.linear()) == RAW
    student.rearrange = ReferenceArrangement(student, [(("W", (9, 9)),)])
    assert layout_of(student.linear()) == LINEAR


def test_a_module_whose_parameters_cannot_be_listed_stays_as_it_is() -> None:
    student = student_of(NETS)
    for arrangement in (ReferenceArrangement(student, [RAW]), StudentArrangement(student, [RAW])):
        student.rearrange = arrangement
        assert student.broken().type_name == "Raw"
