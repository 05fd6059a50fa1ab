"""Each rule matches an error that torch, NumPy or Python raises today. Their texts change with their versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.svm import SVC
from torch import nn
from torch.nn import functional as F

from autograder.sandbox.host.errors_in_words import in_words


def twice() -> None:
    loss = torch.ones(2, requires_grad=True).exp().sum()
    loss.backward()
    loss.backward()


def write_to_a_leaf() -> None:
    leaf = torch.ones(2, requires_grad=True)
    leaf -= 0.1


def overwrite_what_backward_needs() -> None:
    powers = torch.ones(2, requires_grad=True).exp()
    powers += 1
    powers.sum().backward()


def assign_too_early() -> None:
    class Network(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(1, 1)

    Network()


def recurse() -> None:
    recurse()


def none() -> Any:
    return None


@pytest.mark.parametrize(
    ("raising", "clause"),
    [
        (lambda: torch.ones(6, 3) @ torch.ones(5, 3), "has 3 columns and the second 5 rows"),
        (lambda: torch.ones(6, 3) @ torch.ones(5, 3), "the second would fit if it were transposed"),
        (lambda: torch.ones(6, 3) @ torch.ones(6, 4), "the first would fit if it were transposed"),
        (lambda: nn.Linear(5, 4)(torch.ones(6, 3)), "it expects 5 features and gets 3"),
        (lambda: torch.ones(2, 1) @ torch.ones(3, 4), "has 1 column and the second 3 rows"),
        (lambda: torch.ones(2, 4, 5) @ torch.ones(2, 4, 5), "the first matrices have 5 columns and the second 4 rows"),
        (lambda: torch.bmm(torch.ones(2, 4, 5), torch.ones(3, 5, 4)), "2 matrices is multiplied by a batch of 3"),
        (lambda: torch.ones(6, 3) + torch.ones(5, 3), "have lengths 6 and 5 along axis 0"),
        (lambda: nn.Conv2d(4, 8, 3)(torch.ones(2, 3, 9, 9)), "expects 4 input channels and gets 3"),
        (lambda: nn.BatchNorm2d(32)(torch.ones(2, 3, 9, 9)), "expects 32 channels and gets 3"),
        (lambda: torch.ones(120).reshape(5, 4, 3, 4), "that shape needs 240 elements, and the tensor has 120"),
        (lambda: torch.ones(7).reshape(-1, 2), "the tensor's 7 elements cannot be divided this way"),
        (lambda: torch.ones(2, 3).T.view(-1), "after a transpose or permute they do not"),
        (lambda: torch.ones(2, 1, 4).expand(3, -1, -1), "and this one has length 2"),
        (lambda: torch.ones(2, 3).sum(2), "the tensor has 2 axes, 0 to 1"),
        (lambda: torch.ones(3).sum(1), "the tensor has one axis, number 0"),
        (lambda: torch.ones(3)[3], "axis 0 has length 3, and indices are counted from 0"),
        (lambda: np.ones((2, 3))[0, 3], "axis 1 has length 3"),
        (
            lambda: torch.cat([torch.ones(2, 3), torch.ones(3, 1)], 1),
            "must have the same length along every other axis",
        ),
        (lambda: torch.cat([torch.ones(2, 3, 1), torch.ones(2, 3)], 1), "these have 3 and 2"),
        (lambda: np.ones(37) == np.ones((37, 3)) + np.ones((3, 37)), "must be equal, or one of them must be 1"),
        (lambda: torch.ones(1).sum().backward(), "does not depend on any tensor that requires a gradient"),
        (twice, "backward frees the graph"),
        (write_to_a_leaf, "a step of gradient descent must not be part of the graph"),
        (overwrite_what_backward_needs, "something that backward needs was overwritten"),
        (lambda: torch.ones(2, requires_grad=True).exp().backward(), "is a mean or a sum missing?"),
        (lambda: torch.ones(2, requires_grad=True).numpy(), "NumPy does not record the graph"),
        (lambda: torch.ones(2, 2) @ torch.ones(2, 2, dtype=torch.float64), "two dtypes are mixed"),
        (lambda: nn.Linear(2, 2)(torch.ones(2, 2, dtype=torch.float64)), "two dtypes are mixed"),
        (lambda: nn.Conv2d(1, 1, 1)(torch.ones(1, 1, 2, 2, dtype=torch.float64)), "two dtypes are mixed"),
        (lambda: (torch.ones(2) == 1).mean(), "booleans and integers have no mean"),
        (lambda: torch.ones(2, dtype=torch.int64).mean(), "booleans and integers have no mean"),
        (lambda: 1 if torch.ones(2) else 0, "gets a tensor of several"),
        (lambda: torch.ones(2).item(), "a single number is expected"),
        (lambda: float(torch.ones(2)), "a single number is expected"),
        (lambda: float(np.ones(2)), "a single number is expected"),
        (lambda: none().grad, "a value is None"),
        (lambda: none()[0], "a value is None"),
        (lambda: 2.0 * none(), "a value is None"),
        (lambda: none() - torch.ones(1), "a value is None"),
        (assign_too_early, "must call super().__init__()"),
        (lambda: F.cross_entropy(torch.ones(2, 3), torch.ones(2, 1, dtype=torch.int64)), "takes class numbers (n,)"),
        (recurse, "calls itself infinitely"),
        (lambda: SVC().fit([1.0, 2.0], [0, 1]), "of shape (n, features)"),
    ],
)
def test_an_error_is_explained(raising: Callable[[], Any], clause: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - torch decides which exception it raises
        raising()
    assert clause in in_words(str(caught.value)), str(caught.value)


def test_an_error_that_explains_itself_gets_no_explanation() -> None:
    assert in_words("name 'order' is not defined") == ""
