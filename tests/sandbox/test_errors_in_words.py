"""Each rule meets the error that torch, NumPy or Python raises today; their texts change with their versions."""

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


def without_end() -> None:
    without_end()


def none() -> Any:
    return None


@pytest.mark.parametrize(
    ("raising", "words"),
    [
        (lambda: torch.ones(6, 3) @ torch.ones(5, 3), "has 3 columns and the second 5 rows"),
        (lambda: torch.ones(6, 3) @ torch.ones(5, 3), "the second would fit if it were transposed"),
        (lambda: torch.ones(6, 3) @ torch.ones(6, 4), "the first would fit if it were transposed"),
        (lambda: nn.Linear(5, 4)(torch.ones(6, 3)), "it is made for 5 numbers and gets 3"),
        (lambda: torch.ones(2, 4, 5) @ torch.ones(2, 4, 5), "the first matrices have 5 columns and the second 4 rows"),
        (lambda: torch.bmm(torch.ones(2, 4, 5), torch.ones(3, 5, 4)), "2 matrices with 3"),
        (lambda: torch.ones(6, 3) + torch.ones(5, 3), "have lengths 6 and 5 along axis 0"),
        (lambda: nn.Conv2d(4, 8, 3)(torch.ones(2, 3, 9, 9)), "made for 4 channels and gets 3"),
        (lambda: nn.BatchNorm2d(32)(torch.ones(2, 3, 9, 9)), "made for 32 channels and gets 3"),
        (lambda: torch.ones(120).reshape(5, 4, 3, 4), "that shape holds 240 numbers, and there are 120"),
        (lambda: torch.ones(7).reshape(-1, 2), "the 7 numbers that are there cannot be divided so"),
        (lambda: torch.ones(2, 3).T.view(-1), "after a transpose or permute they do not"),
        (lambda: torch.ones(2, 1, 4).expand(3, -1, -1), "and this has length 2"),
        (lambda: torch.ones(2, 3).sum(2), "the tensor has 2 axes, 0 to 1"),
        (lambda: torch.ones(3).sum(1), "the tensor has one axis, number 0"),
        (lambda: torch.ones(3)[3], "axis 0 has length 3, and indices are counted from 0"),
        (lambda: np.ones((2, 3))[0, 3], "axis 1 has length 3"),
        (lambda: torch.cat([torch.ones(2, 3), torch.ones(3, 1)], 1), "has to have the same length along all others"),
        (lambda: torch.cat([torch.ones(2, 3, 1), torch.ones(2, 3)], 1), "these have 3 and 2"),
        (lambda: np.ones(37) == np.ones((37, 3)) + np.ones((3, 37)), "lengths have to be equal, or one of them 1"),
        (lambda: torch.ones(1).sum().backward(), "depends on nothing that a gradient was asked for"),
        (twice, "a graph is gone after its backward"),
        (write_to_a_leaf, "a step of gradient descent is no part of the graph"),
        (overwrite_what_backward_needs, "something that backward needs was overwritten"),
        (lambda: torch.ones(2, requires_grad=True).exp().backward(), "is a mean or a sum missing?"),
        (lambda: torch.ones(2, requires_grad=True).numpy(), "NumPy cannot go on with the graph"),
        (lambda: torch.ones(2, 2) @ torch.ones(2, 2, dtype=torch.float64), "numbers of two dtypes meet"),
        (lambda: nn.Linear(2, 2)(torch.ones(2, 2, dtype=torch.float64)), "numbers of two dtypes meet"),
        (lambda: nn.Conv2d(1, 1, 1)(torch.ones(1, 1, 2, 2, dtype=torch.float64)), "numbers of two dtypes meet"),
        (lambda: (torch.ones(2) == 1).mean(), "there is no mean of booleans or integers"),
        (lambda: torch.ones(2, dtype=torch.int64).mean(), "there is no mean of booleans or integers"),
        (lambda: 1 if torch.ones(2) else 0, "gets a tensor of them"),
        (lambda: torch.ones(2).item(), "one number is wanted"),
        (lambda: float(torch.ones(2)), "one number is wanted"),
        (lambda: float(np.ones(2)), "one number is wanted"),
        (lambda: none().grad, "something is None"),
        (lambda: none()[0], "something is None"),
        (lambda: 2.0 * none(), "something is None"),
        (lambda: none() - torch.ones(1), "something is None"),
        (assign_too_early, "has to call super().__init__()"),
        (lambda: F.cross_entropy(torch.ones(2, 3), torch.ones(2, 1, dtype=torch.int64)), "takes class numbers (n,)"),
        (without_end, "calls itself without end"),
        (lambda: SVC().fit([1.0, 2.0], [0, 1]), "as (n, features)"),
    ],
)
def test_what_is_raised_is_explained(raising: Callable[[], Any], words: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which exception it is, is torch's affair
        raising()
    assert words in in_words(str(caught.value)), str(caught.value)


def test_what_explains_itself_is_left_alone() -> None:
    assert in_words("name 'order' is not defined") == ""
