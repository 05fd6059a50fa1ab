"""What is said of a model of two layers that is no such network."""

from __future__ import annotations

import pytest

from autograder.checks.cause import mistake_of
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.modules import as_model
from autograder.checks.two_layer_net.as_module import expect_initial_weights, expect_network, gradients_left
from tests.checks.students import student_of

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.a, self.b, self.drop, self.calls = nn.Linear(nx, nh), nn.Linear(nh, ny), nn.Dropout(0.2), 0
        self.ny = ny
    def forward(self, x):
        h = self.a(x).tanh()
        {body}

def make(nx, nh, ny):
    return Net(nx, nh, ny)
"""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return self.b(self.drop(h))", "random numbers in training mode"),
        ("return nn.Linear(h.shape[1], self.ny)(h)", "random numbers each time"),
        ("self.calls += 1; return self.b(h) + self.calls", "from call to call"),
    ],
)
def test_why_the_scores_differ_is_seen(body: str, words: str) -> None:
    student = student_of(NET.format(body=body))
    student.begin_check(1, 10.0)  # gives each call another random state
    with pytest.raises(CheckFailed, match=words):
        expect_network(student, Draw(1, "a check"), lambda sizes: as_model("the model", student.make(*sizes)))


def test_a_model_whose_layers_are_in_a_list_is_told_where_modules_look() -> None:
    student = student_of(
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layers = [nn.Linear(3, 4)]\n    def forward(self, x):\n        return self.layers[0](x)\n"
    )
    with pytest.raises(CheckFailed, match="plain list"):
        expect_initial_weights(student, Draw(1, "a check"), lambda sizes: as_model("the model", student.Net()))


TRAIN = """
import torch
from torch import nn

def train(X, Y, nh, eta, batch_size, epochs, generator=None):
    model = nn.Linear(X.shape[1], Y.shape[1])
    if {backward}:
        nn.functional.cross_entropy(model(X), Y).backward()
    return model
"""


@pytest.mark.parametrize(("backward", "words"), [(True, "has left gradients"), (False, "no gradient is left")])
def test_whether_gradients_are_left_is_seen(backward: bool, words: str) -> None:
    draw = Draw(1, "a check")
    student = student_of(TRAIN.format(backward=backward))
    X, Y = draw.normal(6, 3).float(), draw.one_hot(6, 4).float()
    assert words in gradients_left(student, draw)(X, Y)


WITH_OPTIMIZER = """
import torch
from torch import nn

def train(X, Y, nh, eta, batch_size, epochs, generator=None):
    model = nn.Linear(X.shape[1], Y.shape[1])
    optimizer = torch.optim.SGD(model.parameters(), lr={lr})
    for _ in range(epochs):
        loss = nn.functional.cross_entropy({model}(X), Y)
        {steps}
    return model
"""


@pytest.mark.parametrize(
    ("lr", "model", "steps", "cleared"),
    [
        ("eta", "model", "loss.backward(); optimizer.zero_grad(); optimizer.step()", True),
        ("eta", "model", "loss.backward(); model.zero_grad(set_to_none=False); optimizer.step()", True),
        ("eta", "model", "optimizer.zero_grad(); optimizer.step()", False),
        ("eta", "nn.Linear(3, 4)", "loss.backward(); optimizer.step()", False),
        ("0.0", "model", "loss.backward(); optimizer.step(); optimizer.zero_grad()", False),
        ("eta", "model", "loss.backward(); optimizer.zero_grad()", False),
    ],
)
def test_gradients_that_are_cleared_before_the_step_are_named(lr: str, model: str, steps: str, cleared: bool) -> None:
    draw = Draw(1, "a check")
    student = student_of(WITH_OPTIMIZER.format(lr=lr, model=model, steps=steps))
    found = gradients_left(student, draw)(draw.normal(6, 3).float(), draw.one_hot(6, 4).float())
    assert (mistake_of(found) == "the gradients are cleared between backward and the step") == cleared


def test_a_method_that_is_not_called_is_told_apart_from_a_model() -> None:
    student = student_of("from torch import nn\ndef f():\n    return nn.Linear(2, 3).eval\n")
    with pytest.raises(CheckFailed, match="a method that is not called"):
        as_model("the result", student.f())
