"""Measures the attention weights of a layer and explains those that do not sum to 1."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.value_path import ValuePath, joined
from autograder.sandbox.host.student_module import Handle

Output = Callable[[Tensor], Tensor]
WRONG_SUMS = "should sum to 1"
"""Stands in the message about weights whose sums are wrong."""


def expect_weights_sum_to_one(model: Handle, output: Output, path: ValuePath, x: Tensor) -> None:
    """Fails unless the weights that each token of x (1, N, C) gives sum to 1, N up to C. Changes the model's parameters."""
    C, tokens = x.shape[2], x.shape[1]
    x = x.clone()
    x[:, :, 0] = 1.5  # tokens that differ, but have the same value if it depends on feature 0 only
    values = [value for _, value in model.parameters()]
    sums = _means_of(model, output, path, x, values, 0)[0] / 1.5  # (tokens, C)
    if same(sums, torch.ones_like(sums)):
        return
    means = torch.stack([_means_of(model, output, path, x, values, c)[0] for c in range(C)])  # (C, tokens, C)
    # For each channel, the mean of feature c is the product of the weights (tokens, tokens) and that feature of x.
    weights = means.permute(2, 1, 0) @ torch.linalg.pinv(x[0])
    if not same(weights @ x[0], means.permute(2, 1, 0), 1e-6):
        raise CheckFailed("the output is not a mean of the values with one weight for each pair of tokens")
    mistake, question = _what_they_do(weights, sums)
    seen = f"the weights that a token gives to {tokens} tokens {WRONG_SUMS}, but {mistake}"
    raise CheckFailed(f"{seen}{question}", mistake=seen if mistake else "")


def are_one(output: Output, x: Tensor) -> bool:
    """Whether each value that counts has the weight 1 for tokens x (B, N, C) in float32: each token's own, or all."""

    def alone(tokens: Tensor) -> Tensor:
        return torch.cat([output(token) for token in torch.split(tokens, 1, 1)], 1)

    def excess(tokens: Tensor) -> Tensor:
        """What the output has more than the sum of what each token gives alone."""
        return output(tokens) - alone(tokens).sum(1, keepdim=True)

    if same(output(x), alone(x), 1e-4):
        return True
    found, other = excess(x), excess(2 * x - 1)  # −(N − 1) times the bias of the final projection, which is added once
    return same(found, found[:1, :1].expand_as(found), 1e-3) and same(other, found, 1e-3)


def _means_of(model: Handle, output: Output, path: ValuePath, x: Tensor, values: list[Tensor], feature: int) -> Tensor:
    """The weighted means (1, tokens, C) of one feature of x, as the values depend on that feature only, without biases."""
    keep = torch.tensor(
        [place is None or place[0] == "Wo" or (place[0] == "Wv" and place[1][0] == feature) for place in path.places]
    )
    numbers = torch.split(joined(values) * keep, [value.numel() for value in values])
    model.set_parameters([part.reshape(value.shape) for part, value in zip(numbers, values)])
    mixed = output(x) @ torch.linalg.inv(path.Wo)
    means: Tensor = mixed / path.Wv[feature]
    return means


def _what_they_do(weights: Tensor, sums: Tensor) -> tuple[str, str]:
    """Explains weights (channels, tokens that give, tokens that get), of which some sums (tokens, channels) are not 1.

    Returns how they are wrong, if all of them are in a way that is known, and what else is seen or may be the cause.
    """
    tokens = weights.shape[1]
    ones = torch.ones(())
    if same(weights, ones, 1e-6):
        return "are 1 each", ": does the softmax run over an axis of length 1?"
    if same(weights.sum(1), ones, 1e-6):
        return (
            "the weights that a token gets from all others do",
            ": does the softmax run over the queries instead of the keys, or are the weights transposed before they are "
            "multiplied by the values?",
        )
    if same(weights.sum((1, 2)), ones, 1e-6):
        return f"all {tokens} · {tokens} weights together do: the softmax runs over all pairs of tokens at once", ""
    wrong = (sums - 1).abs()
    worst = float(sums.flatten()[int(wrong.argmax())])
    if bool((weights < -1e-9).any()):
        return (
            "",
            f"sum to {worst:.4g} for one of them, and some are negative: is there a softmax, and what comes after it?",
        )
    return "", f"sum to {worst:.4g} for one of them: is there a softmax over the keys, and is it the last step?"
