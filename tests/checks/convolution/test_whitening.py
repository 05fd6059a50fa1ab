"""Wrong whitenings are told apart, whichever divisor the covariance has and whatever the signs of its eigenvectors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from autograder.checks.convolution.whitening import (
    both_covariances,
    covariance_of,
    inverse_root,
    why_not_centred,
    wrong_spread,
)
from autograder.checks.inputs import Draw

EPS = 0.02
SHARED = Draw(1, "a check").normal(40, 1, 1, 1)
IMAGES = Draw(2, "a check").normal(40, 2, 1, 3) * torch.tensor([0.3, 1.0, 0.5]).double() + SHARED + 0.7
POINTS = IMAGES.flatten(1)
MEAN = POINTS.mean(0)


@pytest.fixture(params=[0, 1], ids=["n", "n - 1"])
def covariance(request: pytest.FixtureRequest) -> Tensor:
    return both_covariances(IMAGES)[request.param]


def test_the_inverse_root_is_symmetric_and_undoes_the_matrix(covariance: Tensor) -> None:
    root = inverse_root(covariance)
    assert torch.allclose(root, root.T)
    assert torch.allclose(root @ covariance @ root, torch.eye(6).double())


@pytest.mark.parametrize(
    ("words", "matrix"),
    [
        ("add eps to λ, before taking the root", lambda v, U: U / (v.sqrt() + EPS) @ U.T),
        ("are those without eps", lambda v, U: U * v.rsqrt() @ U.T),
        ("a square root is missing", lambda v, U: U / (v + EPS) @ U.T),
        ("the exponent +1/2", lambda v, U: U * (v + EPS).sqrt() @ U.T),
        ("a sum over the images", lambda v, U: U * (40 * v + EPS).rsqrt() @ U.T),
        ("are 0: all whitened images are equal", lambda v, U: 0 * U),
        ("are λ / (λ + 0.1), but eps is 0.02", lambda v, U: U * (v + 0.1).rsqrt() @ U.T),
        ("the eigenvectors are the columns of U", lambda v, U: U.T * (v + EPS).rsqrt() @ U),
        (
            "the eigenvectors are the columns of U",
            lambda v, U: (U * torch.tensor([1, -1, -1, 1, 1, -1])).T * (v + EPS).rsqrt() @ (
                U * torch.tensor([1, -1, -1, 1, 1, -1])
            ),
        ),
        ("Look at the covariance, at the place of eps, and at the exponent", lambda v, U: U * v.pow(-0.2) @ U.T),
    ],
)  # fmt: skip
def test_a_wrong_matrix_is_named(words: str, matrix: Callable[[Tensor, Tensor], Tensor], covariance: Tensor) -> None:
    variances, U = torch.linalg.eigh(covariance)
    assert words in wrong_spread((POINTS - MEAN) @ matrix(variances, U), IMAGES, EPS).words


def test_eps_in_all_entries_is_named(covariance: Tensor) -> None:
    whitened = (POINTS - MEAN) @ inverse_root(covariance + EPS)
    assert "eps added to all its entries" in wrong_spread(whitened, IMAGES, EPS).mistake


def test_the_diagonal_alone_is_named(covariance: Tensor) -> None:
    whitened = (POINTS - MEAN) / (covariance.diagonal() + EPS).sqrt()
    assert "the diagonal of the covariance alone" in wrong_spread(whitened, IMAGES, EPS).words


@pytest.mark.parametrize(
    ("words", "whitened"),
    [
        ("the mean is not subtracted", lambda W: POINTS @ W),
        ("the mean is subtracted after the product with W, but belongs before it", lambda W: POINTS @ W - MEAN),
        ("the mean is added again at the end", lambda W: (POINTS - MEAN) @ W + MEAN),
        ("one mean of all coordinates is subtracted, but each coordinate has its own",
         lambda W: (POINTS - POINTS.mean()) @ W),
        ("so what is multiplied by W does not have mean 0 in every coordinate, or the result is changed after that",
         lambda W: (POINTS - 0.5 * MEAN) @ W),
    ],
)  # fmt: skip
def test_a_wrong_mean_is_named(words: str, whitened: Callable[[Tensor], Tensor], covariance: Tensor) -> None:
    W = inverse_root(covariance + EPS * torch.eye(6))
    assert why_not_centred(whitened(W), IMAGES, EPS).words == words


def test_only_a_known_centre_is_a_mistake() -> None:
    W = inverse_root(both_covariances(IMAGES)[0] + EPS * torch.eye(6))
    assert why_not_centred(POINTS @ W, IMAGES, EPS).mistake == "the mean is not subtracted"
    assert why_not_centred((POINTS - 0.5 * MEAN) @ W, IMAGES, EPS).mistake == ""


def test_a_covariance_of_one_coordinate_is_a_matrix() -> None:
    assert covariance_of(POINTS[:, :1]).shape == (1, 1)
