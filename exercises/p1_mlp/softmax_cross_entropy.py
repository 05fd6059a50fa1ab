# GENERATED from solutions/p1_mlp/softmax_cross_entropy.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k softmax_cross_entropy
# sha256 as generated: 183987949141a72bda6dbddeac3bf3f191ec893b6648b345b793f840dbf8c0f6

"""Softmax and cross-entropy, by hand.

A classifier ends in one number a class, its scores, which may be anything. Softmax makes them a probability
distribution; cross-entropy says in one number how far that distribution is from the one we wanted; and its gradient
is where every step of learning begins. All three are a line or two of mathematics, and all three go wrong in floating
point when they are typed as they are printed: exp(1000) is infinite, log(0) as well. Here you write them so that they
do not.

Shapes: `ytilde` (batch, ny), the scores; `Y` (batch, ny), the targets: each row a probability distribution, one-hot
or not. Float tensors; what you return has the dtype and the device of the scores. Arguments are never modified.

Not allowed here: autograd, and what PyTorch has ready for it (softmax, softmin, log_softmax, cross_entropy,
logsumexp, logaddexp and their like).

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

import torch
from torch import Tensor


def softmax(ytilde: Tensor) -> Tensor:
    """The softmax of each row of scores.

    Args:
        ytilde: (batch, ny), scores of any size: up to 1e4 either way nothing overflows, in float32 too, and the rows of
            one batch may lie far apart.

    Returns:
        (batch, ny), probabilities in [0, 1]; each row sums to 1.

    Errors: none are asked for.

    >>> softmax(torch.tensor([[0.0, 0.0], [1e4, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    # TODO: the softmax of each row, (batch, ny) -> (batch, ny). What may be added to all scores of a row at no cost?
    raise NotImplementedError("softmax is still to be written")


def cross_entropy(ytilde: Tensor, Y: Tensor) -> Tensor:
    """The cross-entropy between the targets and the softmax of the scores: the mean over the batch.

    Args:
        ytilde: (batch, ny), scores, not probabilities; up to 1e4 either way the loss is finite, and right.
        Y: (batch, ny), each row a distribution: one-hot, or smoothed such as (0.9, 0.05, 0.05).

    Returns:
        A scalar, in nats (natural logarithm): a 0-d tensor, or a float.

    Errors: none are asked for.

    >>> cross_entropy(torch.zeros(3, 4), torch.full((3, 4), 0.25))  # nothing known, four classes: log 4
    tensor(1.3863)
    """
    # TODO: the mean cross-entropy, (batch, ny) and (batch, ny) -> scalar. Simplify log(softmax) on paper first: the
    # logarithm of a sum of exponentials is left, and it can be kept from overflowing.
    raise NotImplementedError("cross_entropy is still to be written")


def cross_entropy_gradient(ytilde: Tensor, Y: Tensor) -> Tensor:
    """The gradient of `cross_entropy(ytilde, Y)` with respect to the scores.

    Args:
        ytilde: (batch, ny), scores.
        Y: (batch, ny), each row a distribution.

    Returns:
        (batch, ny): entry (n, i) is the derivative of the mean loss with respect to score i of example n.

    Errors: none are asked for.

    >>> cross_entropy_gradient(torch.zeros(2, 2), torch.eye(2))
    tensor([[-0.2500,  0.2500],
            [ 0.2500, -0.2500]])
    """
    # TODO: the gradient of the mean cross-entropy, (batch, ny) and (batch, ny) -> (batch, ny). Derive it on paper,
    # for one example; then ask what the mean makes of it.
    raise NotImplementedError("cross_entropy_gradient is still to be written")
