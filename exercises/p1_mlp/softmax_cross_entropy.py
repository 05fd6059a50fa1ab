# GENERATED from solutions/p1_mlp/softmax_cross_entropy.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise softmax_cross_entropy
# sha256 as generated: b20d75a2d627719730242082019b36ab8e4316dc244cedad937cb8275ae5b727

"""Softmax and cross-entropy, by hand.

A classifier ends in one number per class, the scores, which may have any value. Softmax turns them into a probability
distribution; cross-entropy measures how far this distribution is from the target; and the gradient of the cross-entropy
is where every training step starts. All three are a line or two of mathematics, and all three fail in floating point if
you type the formulas as they are printed: exp(1000) and log(0) are infinite. Here you write versions that do not fail.

Shapes: `ytilde` (batch, ny), the scores; `Y` (batch, ny), the targets: each row a probability distribution, one-hot
or not. Float tensors; results have the dtype and the device of the scores. Arguments are never modified.

Not allowed here: autograd, and PyTorch's own functions for this (softmax, softmin, log_softmax, cross_entropy,
logsumexp, logaddexp and similar ones).

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

import torch
from torch import Tensor


def softmax(ytilde: Tensor) -> Tensor:
    """The softmax of each row of scores.

    Args:
        ytilde: (batch, ny), scores between -1e4 and 1e4, for which nothing may overflow, even in float32. The rows of a
            batch may be far apart.

    Returns:
        (batch, ny), probabilities in [0, 1]; each row sums to 1.

    Errors: the arguments need not be checked.

    >>> softmax(torch.tensor([[0.0, 0.0], [1e4, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    # TODO: compute the softmax of each row, (batch, ny) -> (batch, ny). What can you add to all scores of a row without
    # changing the result?
    raise NotImplementedError("softmax is still to be written")


def cross_entropy(ytilde: Tensor, Y: Tensor) -> Tensor:
    """The mean over the batch of the cross-entropy between the targets and the softmax of the scores.

    Args:
        ytilde: (batch, ny), scores, not probabilities; between -1e4 and 1e4 the loss must be finite and right.
        Y: (batch, ny), each row a distribution: one-hot, or smoothed, such as (0.9, 0.05, 0.05).

    Returns:
        A scalar in nats (natural logarithm): a 0-d tensor or a float.

    Errors: the arguments need not be checked.

    >>> cross_entropy(torch.zeros(3, 4), torch.full((3, 4), 0.25))  # four equally likely classes: log 4
    tensor(1.3863)
    """
    # TODO: compute the mean cross-entropy, (batch, ny) and (batch, ny) -> scalar. Simplify log(softmax) on paper first: it
    # contains the logarithm of a sum of exponentials. How do you keep it from overflowing?
    raise NotImplementedError("cross_entropy is still to be written")


def cross_entropy_gradient(ytilde: Tensor, Y: Tensor) -> Tensor:
    """The gradient of `cross_entropy(ytilde, Y)` with respect to the scores.

    Args:
        ytilde: (batch, ny), scores.
        Y: (batch, ny), each row a distribution.

    Returns:
        (batch, ny): entry (n, i) is the derivative of the mean loss with respect to score i of example n.

    Errors: the arguments need not be checked.

    >>> cross_entropy_gradient(torch.zeros(2, 2), torch.eye(2))
    tensor([[-0.2500,  0.2500],
            [ 0.2500, -0.2500]])
    """
    # TODO: compute the gradient of the mean cross-entropy, (batch, ny) and (batch, ny) -> (batch, ny). Derive it on paper
    # for one example first; what does the mean change?
    raise NotImplementedError("cross_entropy_gradient is still to be written")
