"""The eps of a norm is measured however large it is; what a half adds, but only through the other, is told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.block_parts import HEADS, RATIO, C
from autograder.checks.transformer.block_reference import ReferenceBlock
from autograder.checks.transformer.block_roles import BlockRoles
from autograder.checks.transformer.modules import new_model
from autograder.checks.transformer.norm_eps import explain_eps
from autograder.checks.transformer.norm_kinds import biased
from tests.checks.students import student_of
from tests.checks.transformer.blocks import PLAIN

NORMS = "self.norm1, self.norm2 = nn.LayerNorm(C), nn.LayerNorm(C)"
NORM = """

class Norm(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(C)), nn.Parameter(torch.zeros(C))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return DIVIDED * self.weight + self.bias
"""
ROOT = "centred / (centred.square().mean(-1, keepdim=True) + {}).sqrt()"


def explained(norm: Callable[[Tensor], Tensor]) -> str:
    return explain_eps(lambda x: 3 - norm(x).roll(1, -1), Draw(1, "a check").normal(C))


def reason_of(source: str) -> str:
    student = student_of(source)
    roles = BlockRoles(student, Draw(1, "a check"), new_model("Block", student.Block(C, HEADS, RATIO), Draw(1, "a")))
    roles.expect_residuals()
    with pytest.raises(CheckFailed) as failed:
        ReferenceBlock.of(roles)
    return str(failed.value)


def with_norm(divided: str, place: int) -> str:
    names = ["nn.LayerNorm", "nn.LayerNorm"]
    names[place] = "Norm"
    return PLAIN.replace(NORMS, f"self.norm1, self.norm2 = {names[0]}(C), {names[1]}(C)") + NORM.replace(
        "DIVIDED", divided
    )


@pytest.mark.parametrize("eps", [1e-7, 1e-3, 0.5, 1e5])
def test_any_eps(eps: float) -> None:
    assert explained(lambda x: biased(x, eps)).startswith(f"has an eps of {eps:g}, but 1e-5 or 1e-6 is expected")


def test_no_eps_is_claimed_for_another_norm() -> None:
    assert explained(lambda x: biased(x, 1e-5)) == ""
    assert explained(lambda x: x - x.mean(-1, keepdim=True)) == ""
    assert explained(lambda x: x / (x.square().mean(-1, keepdim=True) + 10)) == ""
    assert explained(lambda x: biased(x, 0.0)) == ""


def test_an_eps_of_another_variance_is_about_right() -> None:
    def unbiased(x: Tensor) -> Tensor:
        return (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 0.123).sqrt()

    assert explained(unbiased).startswith("has an eps of about 0.12, ")


def test_eps_beside_the_root() -> None:
    def beside(x: Tensor) -> Tensor:
        return x / (x.std(-1, correction=0, keepdim=True) + 0.2)

    assert explained(beside) == "adds eps, 0.2, to the standard deviation instead of to the variance"


@pytest.mark.parametrize(("place", "half"), [(0, "attention"), (1, "MLP")])
@pytest.mark.parametrize("eps", [3.0, 1e5])
def test_a_large_eps_in_a_block(place: int, half: str, eps: float) -> None:
    expected = f"the norm before the {half} has an eps of {eps:g}, but 1e-5 or 1e-6 is expected"
    reason = reason_of(with_norm(ROOT.format(eps), place))
    assert reason.removeprefix("the norm before the attention is not a layer norm: it ").startswith(expected)


@pytest.mark.parametrize(("place", "half"), [(0, "attention"), (1, "MLP")])
def test_a_norm_that_does_not_divide(place: int, half: str) -> None:
    assert f"does the norm before the {half} divide by the standard deviation?" in reason_of(
        with_norm("centred", place)
    )


FORWARD = """        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))
"""


def test_an_attention_that_is_not_in_the_sum() -> None:
    source = PLAIN.replace(FORWARD, "        return x + self.mlp(self.norm2(x + self.attention(self.norm1(x))))\n")
    assert reason_of(source).startswith(
        "what the attention adds is not part of the sum that the block returns: if the weights of the MLP are zero, the "
        "output does not depend on those of the attention, although it does otherwise"
    )


@pytest.mark.parametrize(
    "forward",
    [
        "        return x + self.mlp(self.norm2(x)) + 0 * self.attention(self.norm1(x))\n",
        "        x = x + self.norm2(self.attention(self.norm1(x)))\n        return x + self.mlp(x)\n",
    ],
)
def test_other_blocks_get_another_reason(forward: str) -> None:
    assert "part of the sum" not in reason_of(PLAIN.replace(FORWARD, forward))
