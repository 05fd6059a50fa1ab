"""What is said of a vision transformer's class token and positions, and what is not if a rival cause looks alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.graders.p3_vit import test_vit as grader
from tests.checks.students import student_of
from tests.checks.transformer.vits import FIXED, LEARNED, sinusoidal, vit_of

READ = "self.norm(x[:, 0])"
TOKEN = "self.cls = nn.Parameter(torch.zeros(1, 1, embed_dim))"
ADDED = "dim=1) + self.positions"


def failure_of(check: Callable[..., None], *changes: tuple[str, str]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        check(student_of(vit_of(list(changes))), Draw(1, "a check"))
    assert failed.value.mistake in failed.value.message
    return failed.value


@pytest.mark.parametrize("read", ["self.norm(x.mean(1))", "self.norm(x).mean(1)"])
def test_a_mean_of_all_tokens(read: str) -> None:
    assert failure_of(grader.test_class_token, (READ, read)).mistake == "the head gets the mean of all tokens"


@pytest.mark.parametrize(
    "read", ["self.norm(x[:, 0] + x[:, 1:].mean(1))", "self.norm(x[:, 1:].mean(1))", "self.norm(x.amax(1))"]
)
def test_other_ways_to_read_all_tokens_are_no_mean_of_them(read: str) -> None:
    assert failure_of(grader.test_class_token, (READ, read)).mistake == ""


@pytest.mark.parametrize(
    "token",
    [
        "self.register_buffer('cls', torch.zeros(1, 1, embed_dim))",
        f"{TOKEN}; self.cls.requires_grad_(False)",
    ],
    ids=["buffer", "frozen"],
)
def test_a_class_token_that_is_not_trainable(token: str) -> None:
    failure = failure_of(grader.test_class_token, (TOKEN, token))
    assert failure.mistake == "the class token is not trainable"
    assert "(cls is a buffer, or has requires_grad=False)" in failure.message


def test_a_buffer_that_is_not_all_that_is_wrong_with_the_class_token() -> None:
    buffer = (TOKEN, "self.register_buffer('cls', torch.zeros(1, 1, embed_dim))")
    assert failure_of(grader.test_class_token, buffer, (READ, f"torch.tanh({READ})")).mistake == ""


def test_positions_that_are_never_added() -> None:
    for positions in (LEARNED, sinusoidal()):
        failure = failure_of(grader.test_positions, (LEARNED, positions), (ADDED, "dim=1)"))
        assert failure.mistake == "no positions are added to the patches"
        assert "the scores do not depend on positions. Add them" in failure.message


def test_positions_that_are_the_same_for_all_patches() -> None:
    same = FIXED.format("torch.sin(torch.arange(embed_dim)) * torch.ones(1, count + 1, 1)")
    assert failure_of(grader.test_positions, (LEARNED, same)).mistake == "the same numbers are added to all patches"
    learned = (ADDED, "dim=1) + self.positions[:, :1]")
    assert failure_of(grader.test_positions, learned).mistake == ""


def test_positions_of_the_place_in_the_batch() -> None:
    angles = "torch.arange(len(x))[:, None] / 10000 ** (torch.arange(x.shape[2]) // 2 * 2 / x.shape[2])"
    table = f"torch.where(torch.arange(x.shape[2]) % 2 == 0, ({angles}).sin(), ({angles}).cos())[:, None]"
    failure = failure_of(grader.test_images_apart, (ADDED, f"dim=1); x = x + {table}"))
    assert failure.mistake == "each image gets the position of its place in the batch"


@pytest.mark.parametrize(
    ("added", "what"),
    [
        ("torch.arange(len(x))[:, None, None]**2", "its place in the batch"),
        ("x.new_ones(x.shape[2]).cumsum(0) * len(x)", ""),
    ],
)
def test_other_things_that_depend_on_the_batch(added: str, what: str) -> None:
    scaled = f"dim=1) + self.positions; x = x + ({added}) * torch.arange(x.shape[2])"
    failure = failure_of(grader.test_images_apart, (ADDED, scaled))
    assert failure.mistake == f"the output of an item depends on {what or 'the size of the batch'}"


def test_a_number_of_heads_that_has_no_effect() -> None:
    failure = failure_of(grader.test_defaults, ("Block(embed_dim, num_heads)", "Block(embed_dim, 4)"))
    assert failure.mistake == "num_heads has no effect"


def test_one_block_for_all_is_told_from_one_block_alone() -> None:
    one = "nn.ModuleList([Block(embed_dim, num_heads)]"
    blocks = "nn.ModuleList([Block(embed_dim, num_heads) for _ in range(nb_blocks)])"
    several = failure_of(grader.test_blocks, (blocks, f"{one} * nb_blocks)"))
    assert several.mistake == "the same block is used several times"
    alone = failure_of(grader.test_blocks, (blocks, f"{one}[:nb_blocks])"))
    assert alone.mistake == "only one block is used, whatever nb_blocks is"


@pytest.mark.parametrize("positions", [LEARNED, sinusoidal()], ids=["learned", "sinusoidal"])
def test_positions_in_each_block(positions: str) -> None:
    again = ("x = block(x)", "x = block(x + self.positions)")
    failure = failure_of(grader.test_positions, (LEARNED, positions), again)
    assert failure.mistake == "positions are added in each block"
    halves = ("x = block(x)", "x = block(x + self.positions / 2)")
    assert failure_of(grader.test_positions, (LEARNED, positions), halves).mistake == ""
