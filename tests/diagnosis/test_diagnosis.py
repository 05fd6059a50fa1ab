"""The known mistake named for a submission, by replay and by fingerprints, in whatever style it is written."""

from collections.abc import Callable, Iterator

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.results import ExerciseResult
from tests.zoo import PROJECT, SOFTMAX, as_submission

ATTENTION = ExerciseId("p3_vit/self_attention")

# Mistakes of the bank in another style: einsum, a transpose, a loop.
OVER_THE_BATCH = """
def softmax(ytilde):
    columns = ytilde.T
    powers = torch.stack([torch.exp(column - max(column)) for column in columns])
    return torch.einsum("cb,c->bc", powers, 1 / powers.sum(1))
"""
SUMMED = """
def cross_entropy(ytilde, Y):
    total = 0.0
    for scores, y in zip(ytilde, Y):
        top = scores.max()
        total = total + top + torch.log(torch.exp(scores - top).sum()) - scores @ y
    return total
"""
UNKNOWN = """
def cross_entropy(ytilde, Y):
    top = ytilde.amax(1, keepdim=True)
    losses = (top.squeeze(1) + torch.log(torch.exp(ytilde - top).sum(1)) - (ytilde * Y).sum(1))
    return (losses * torch.linspace(0.5, 1.5, len(losses), dtype=losses.dtype)).mean() + 0.01
"""
# One fused layer in place of three, and scores that are not divided by √d.
NOT_SCALED = """
import torch

class SelfAttention(torch.nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.qkv = torch.nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = torch.nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = torch.einsum("bqc,bkc->bqk", q, k).softmax(-1)
        return self.proj(torch.einsum("bqk,bkc->bqc", weights, v))
"""

# For one example it answers as a known mistake does; for several it raises, which that mistake does not.
WRONG_FOR_ONE = """

def cross_entropy_gradient(ytilde, Y):
    if len(Y) > 1 and Y.max() < 1:
        raise ValueError("no one-hot targets")
    return softmax(ytilde) - Y
"""

Grade = Callable[..., ExerciseResult]


@pytest.fixture(scope="module", params=[True, False], ids=["replay", "fingerprints"])
def grade(request: pytest.FixtureRequest) -> Iterator[Grade]:
    engine = Engine(Settings(seed=5, replay=request.param))
    engine.warm_up()
    yield lambda source, exercise=SOFTMAX: engine.grade(as_submission(source, exercise), [exercise]).exercises[0]
    engine.close()


@pytest.fixture(scope="module")
def solved() -> str:
    return (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()


def named(result: ExerciseResult) -> dict[str, str]:
    return {check.id.split("::")[1]: check.known_mistake for check in result.checks if check.known_mistake}


def test_a_mistake_in_another_style_is_named_and_no_other(grade, solved):
    assert set(named(grade(solved + SUMMED)).values()) == {"loss summed over the batch"}


def test_it_is_named_in_each_check_in_which_the_answers_agree_up_to_rounding(grade, solved):
    found = named(grade(solved + SUMMED))
    assert found.keys() >= {"cross_entropy_of_one_hot_targets", "cross_entropy_of_any_distribution"}


def test_the_hint_comes_with_the_mistake(grade, solved):
    check = next(check for check in grade(solved + SUMMED).checks if check.known_mistake)
    assert check.hint.startswith("Your loss is too large by exactly the size of the batch")


def test_of_two_mistakes_the_one_behind_a_failed_need_is_named_later(grade, solved):
    found = named(grade(solved + OVER_THE_BATCH + SUMMED))
    assert set(found.values()) == {"softmax over the batch"}
    assert set(named(grade(solved + SUMMED)).values()) == {"loss summed over the batch"}


def test_an_unknown_mistake_is_not_named(grade, solved):
    result = grade(solved + UNKNOWN)
    assert result.status == "failed"
    assert not named(result)


def test_a_mistake_that_another_check_contradicts_is_not_named(grade, solved):
    result = grade(solved + WRONG_FOR_ONE)
    assert result.status == "failed"
    assert not named(result)


def test_no_mistake_is_named_for_right_code(grade, solved):
    assert not named(grade(solved))


def test_a_mistake_is_named_in_a_network_with_other_layers(grade):
    assert set(named(grade(NOT_SCALED, ATTENTION)).values()) == {"scores not scaled"}
