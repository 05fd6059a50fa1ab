"""Rules by which running statistics may move: each is told by what it does over several batches."""

from __future__ import annotations

import pytest
import torch

from autograder.checks.convolution.batch_norm import Pair, draw_batches
from autograder.checks.convolution.running_statistics import expect_statistics
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.course.catalogue import ExerciseId
from tests.checks.students import student_of

LAYER = """
import torch
from torch import nn

class BatchNorm2d(nn.BatchNorm2d):
    def forward(self, x):
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
        first = int(self.num_batches_tracked) == 0
        with torch.no_grad():
            RULE
            self.num_batches_tracked += 1
        return x
"""
RIGHT = "self.running_mean.lerp_(mean, self.momentum); self.running_var.lerp_(var, self.momentum)"


def reason(rule: str) -> str:
    """What a layer with this rule is told; "" if it is right."""
    student, draw = student_of(LAYER.replace("RULE", rule)), Draw(3, ExerciseId("p2_cnn/demo").check("statistics"))
    pair = Pair(student, draw, 3, torch.float64, momentum=0.3)
    pair.train()
    try:
        expect_statistics(pair, draw_batches(draw, 3), 1e-9)
    except CheckFailed as failure:
        return failure.message
    return ""


def test_right_statistics_pass() -> None:
    assert reason(RIGHT) == ""


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ("1.0", "running_mean is that of the last batch"),
        ("1.0 if first else self.momentum", "running_mean is a copy of the first batch's"),
        ("1 / (float(self.num_batches_tracked) + 1)", "running_mean is the mean over all batches so far"),
        ("1 - self.momentum", "running_mean has the weights swapped"),
        ("0.1", "running_mean is updated with a momentum of 0.1"),
    ],
)
def test_rules_that_agree_after_the_first_batch_are_told_apart(weight: str, words: str) -> None:
    assert reason(RIGHT.replace("self.momentum", weight)).startswith(words)


def test_two_faults_of_the_variance_are_told_together() -> None:
    rule = RIGHT.replace("(var, self.momentum)", "(x.var((0, 2, 3), unbiased=False), 1 - self.momentum)")
    assert reason(rule).startswith("running_var has the weights swapped")
    assert "also, it uses the biased variance" in reason(rule)


def test_of_an_unknown_rule_only_the_numbers_are_told() -> None:
    assert reason(RIGHT.replace("(mean,", "(mean.exp(),")).startswith("running_mean after 1 batch in training")


@pytest.mark.parametrize(
    ("also", "words"),
    [
        ("1", "num_batches_tracked is 2 but should be 1: it counts every batch twice, but should"),
        ("len(x) - 1", "num_batches_tracked is 5 but should be 1: it counts images, but should"),
        ("-1", "num_batches_tracked is 0 but should be 1: it does not change, but should"),
        ("7", "num_batches_tracked is 8 but should be 1: it counts the batches seen in training"),
    ],
)
def test_batches_are_counted(also: str, words: str) -> None:
    assert reason(f"{RIGHT}; self.num_batches_tracked += {also}").startswith(words)
