"""One cause, one reason: a check that fails because another one fails waits for it."""

from __future__ import annotations

from contextlib import closing

import pytest

from autograder.checks.grader import Grader, load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine, ExerciseRun
from autograder.results import CheckResult, ExerciseResult
from tests.zoo import SOFTMAX, Grade, as_submission

ZEROS = """
import torch


def softmax(ytilde):
    return torch.zeros_like(ytilde)


def cross_entropy(ytilde, Y):
    return torch.zeros(())


def cross_entropy_gradient(ytilde, Y):
    return torch.zeros_like(ytilde)
"""
WRONG_GRADIENT = """
import torch


def _log_softmax(ytilde):
    shifted = ytilde - ytilde.max(1, keepdim=True).values
    return shifted - shifted.exp().sum(1, keepdim=True).log()


def softmax(ytilde):
    return _log_softmax(ytilde).exp()


def cross_entropy(ytilde, Y):
    return -(Y * _log_softmax(ytilde)).sum(1).mean()


def cross_entropy_gradient(ytilde, Y):
    return softmax(ytilde) - Y
"""
WRONG_LOSS_TOO = WRONG_GRADIENT.replace(".sum(1).mean()", ".sum()")

TRANSFORMER_BLOCK = ExerciseId("p3_vit/transformer_block")
RANDOM_MLP = """
from torch import nn


class MLP(nn.Sequential):
    def __init__(self, in_features, hid_features):
        layers = nn.Linear(in_features, hid_features), nn.GELU(), nn.Linear(hid_features, in_features), nn.Dropout(0.1)
        super().__init__(*layers)


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))
"""


def _of(result: ExerciseResult, name: str) -> CheckResult:
    return next(check for check in result.checks if check.id.name == name)


@pytest.fixture(scope="module")
def grader() -> Grader:
    return load_grader(SOFTMAX)


def _run(engine: Engine, source: str, grader: Grader) -> ExerciseRun:
    return engine.run(as_submission(source), grader)


def test_results_that_are_zero_earn_nothing(grade: Grade) -> None:
    assert grade(ZEROS).score == 0


def test_one_cause_has_one_reason(grade: Grade) -> None:
    result = grade(ZEROS)
    assert [check.id.name for check in result.checks if not check.waits_for] == ["softmax_is_right"]


def test_the_message_names_the_check_to_look_at_first(grade: Grade) -> None:
    check = _of(grade(ZEROS), "cross_entropy_of_one_hot_targets")
    assert check.message == "first make this check pass: softmax turns each row of scores into probabilities"


def test_a_check_that_any_constant_passes_counts_only_with_right_values(grade: Grade) -> None:
    check = _of(grade(WRONG_GRADIENT), "arguments_and_dtype_are_kept")
    assert (check.status, check.score) == ("blocked", 0)
    assert check.waits_for == SOFTMAX.check("gradient_of_one_hot_targets")


def test_two_causes_have_two_reasons(grade: Grade) -> None:
    result = grade(WRONG_LOSS_TOO)
    causes = {check.id.name for check in result.checks if check.status == "failed"}
    assert causes == {"cross_entropy_of_one_hot_targets", "gradient_of_one_hot_targets"}


def test_a_check_that_passes_counts_although_another_one_fails(grade: Grade) -> None:
    assert _of(grade(WRONG_GRADIENT), "cross_entropy_of_large_scores").score == 1


def test_a_check_by_itself_has_the_same_result(engine: Engine, grader: Grader) -> None:
    last = grader.checks[-1]
    with closing(_run(engine, WRONG_GRADIENT, grader)) as run:
        (alone,) = run.results([last])
    with closing(_run(engine, WRONG_GRADIENT, grader)) as run:
        assert run.complete().checks[-1].waits_for == alone.waits_for != ""


def test_a_check_runs_once_although_others_rest_on_it(engine: Engine, grader: Grader) -> None:
    with closing(_run(engine, WRONG_GRADIENT, grader)) as run:
        run.complete()
        calls = len(run.student.calls)
        list(run.results())
        assert len(run.student.calls) == calls


def test_an_equal_message_is_the_same_cause(grade: Grade) -> None:
    result = grade("import torch\nraise OSError('no such drive')\n")
    assert [check.status for check in result.checks] == ["error", *["blocked"] * (len(result.checks) - 1)]


def test_a_mistake_is_not_named_at_a_cause_that_it_does_not_explain(grade: Grade) -> None:
    # The gradient is a known mistake; softmax fails for a reason of its own, and the gradient's check waits for it.
    result = grade(WRONG_GRADIENT.replace("_log_softmax(ytilde).exp()", "_log_softmax(ytilde).exp() ** 1.25"))
    assert _of(result, "softmax_is_right").mistake == ""


def test_the_first_reason_is_a_cause(grade: Grade) -> None:
    first = grade(ZEROS).first_problem
    assert first is not None
    assert first.id.name == "softmax_is_right"


def test_a_message_that_both_checks_give_is_no_second_cause(grade: Grade) -> None:
    # Dropout in the MLP makes the block random too, as a known mistake of the block does.
    result = grade(RANDOM_MLP, TRANSFORMER_BLOCK)
    assert [check.id.name for check in result.checks if check.status != "passed" and not check.waits_for] == ["mlp"]
