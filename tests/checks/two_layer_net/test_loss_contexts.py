"""Wrong losses and gradients of an example network, recognised from its sizes and inputs."""

import pytest
import torch
from torch.nn import functional as F

from autograder.checks.explanations.explain import explain
from autograder.checks.two_layer_net.loss_contexts import (
    gradient_of_scores,
    loss_of_probabilities,
    loss_of_scores,
    softmax_context,
)
from autograder.checks.two_layer_net.network import TwoLayers
from autograder.checks.two_layer_net.network_contexts import backward_context, forward_contexts, step_context

GENERATOR = torch.Generator().manual_seed(4)
SCORES = torch.randn(7, 4, generator=GENERATOR, dtype=torch.float64)
Y = torch.eye(4).double()[torch.tensor([0, 2, 1, 3, 0, 1, 2])]
P = SCORES.softmax(1)
RIGHT = F.cross_entropy(SCORES, Y)
NETWORK = TwoLayers(*(torch.randn(s, generator=GENERATOR, dtype=torch.float64) for s in ((5, 3), (5,), (4, 5), (4,))))
X = torch.randn(7, 3, generator=GENERATOR, dtype=torch.float64)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (F.cross_entropy(SCORES, Y, reduction="sum"), "7, the batch size"),
        (((P - Y) ** 2).mean(), "mean squared error"),
        (F.binary_cross_entropy(P, Y), "binary cross-entropy"),
        (F.cross_entropy(P, Y), "one softmax too many"),
        (RIGHT / torch.tensor(2.0).log(), "base 2"),
        (-(P * (Y + 1e-10).log()).sum(1).mean(), "the logarithm of the targets"),
        (-P.amax(1).log().mean(), "the most probable class"),
        (-((P * Y).sum(1) + 1e-3).log().mean(), "a guard of 0.001"),
    ],
)
def test_a_wrong_loss_of_probabilities(loss, words):
    assert words in explain(loss, RIGHT, 6e-4, loss_of_probabilities(P, Y))


def test_a_loss_of_scores_without_the_largest_score():
    wrong = RIGHT - SCORES.amax(1).mean()
    assert "lacks the largest score" in explain(wrong, RIGHT, 1e-9, loss_of_scores(SCORES, Y))


def test_no_cause_is_claimed_of_a_loss_that_is_random():
    for seed in range(200):
        loss = torch.rand((), generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 4
        assert explain(loss, RIGHT, 1e-9, loss_of_scores(SCORES, Y)) == ""


def test_a_gradient_for_one_hot_targets_is_not_blamed_on_the_largest_target():
    gradient = (P - Y) / 7
    words = explain(gradient.float().double(), gradient, 1e-9, gradient_of_scores(SCORES, Y))
    assert "float32" in words


def test_a_gradient_without_the_softmax_and_without_the_mean():
    words = explain(SCORES - Y, (P - Y) / 7, 1e-9, gradient_of_scores(SCORES, Y))
    assert words.startswith(
        "has the scores instead of the probabilities; in addition, it is that times 7, the batch size"
    )


def test_scores_cut_off_before_the_softmax():
    wrong = (20 * SCORES).clamp(-10, 10).softmax(1)
    assert "cut off at ±10" in explain(wrong, (20 * SCORES).softmax(1), 1e-9, softmax_context(20 * SCORES))


def test_a_bound_that_larger_ones_equal_is_left_open():
    scores = 2000 * SCORES
    words = explain(scores.clamp(-50, 50).softmax(1), scores.softmax(1), 1e-9, softmax_context(scores))
    assert " or more, but all should be used" in words


@pytest.mark.parametrize(
    ("step", "change", "words"),
    [
        ("htilde", lambda: X @ NETWORK.Wh.T, "lacks the bias bh"),
        ("h", lambda: torch.relu(X @ NETWORK.Wh.T + NETWORK.bh), "the ReLU of htilde"),
        (
            "ytilde",
            lambda: (X @ NETWORK.Wh.T + NETWORK.bh) @ NETWORK.Wy.T + NETWORK.by,
            "from htilde, the values before the tanh",
        ),
        ("yhat", lambda: NETWORK(X).softmax(0), "the softmax runs over the batch"),
        ("yhat", lambda: NETWORK(X).sigmoid(), "the sigmoid of ytilde"),
    ],
)
def test_a_wrong_step_forward(step, change, words):
    htilde = X @ NETWORK.Wh.T + NETWORK.bh
    right = {"htilde": htilde, "h": htilde.tanh(), "ytilde": NETWORK(X), "yhat": NETWORK(X).softmax(1)}
    assert words in explain(change(), right[step], 1e-9, forward_contexts(NETWORK, X)[step])


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (lambda h: 1 - h, "the square is missing"),
        (torch.ones_like, "lacks the derivative of tanh"),
        (lambda h: h * (1 - h), "the derivative of a sigmoid"),
    ],
)
def test_a_wrong_derivative_on_the_way_back(slope, words):
    h = (X @ NETWORK.Wh.T + NETWORK.bh).tanh()
    delta = (NETWORK(X).softmax(1) - Y) @ NETWORK.Wy * slope(h) / 7
    assert words in explain(delta.T @ X, NETWORK.gradient(X, Y).Wh, 1e-9, backward_context(NETWORK, X, Y, "Wh"))


@pytest.mark.parametrize(("place", "which"), [(0, "first"), (-1, "last")])
def test_a_gradient_of_one_example_alone(place, which):
    alone = NETWORK.gradient(X[[place]], Y[[place]]).Wh / len(X)
    words = explain(alone, NETWORK.gradient(X, Y).Wh, 1e-9, backward_context(NETWORK, X, Y, "Wh"))
    assert words.startswith(f"counts only the {which} example")


@pytest.mark.parametrize("name", ["Wh", "bh", "Wy", "by"])
def test_no_cause_is_claimed_of_a_random_gradient(name):
    right = getattr(NETWORK.gradient(X, Y), name)
    for seed in range(30):
        got = torch.randn(right.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        assert explain(got, right, 1e-9, backward_context(NETWORK, X, Y, name)) == ""


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda w, g: -0.3 * g - 0.01 * w, "minus 0.01 times the parameter before the step"),
        (lambda w, g: -0.3 * g - w, "the old parameter is lost"),
        (lambda w, g: -0.3 * g / g.norm(), "divided by its norm"),
        (lambda w, g: -g, "one over eta"),
        (lambda w, g: 0.3 * g, "−1 (the sign)"),
    ],
)
def test_a_wrong_step_of_descent(step, words):
    w, g = SCORES, P
    assert words in explain(step(w, g), -0.3 * g, 1e-9, step_context(w, g, 0.3))
