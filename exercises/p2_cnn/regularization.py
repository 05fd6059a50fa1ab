# GENERATED from solutions/p2_cnn/regularization.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise regularization
# sha256 as generated: 73e5a21c2968c5991f3c3e294fc1a5fe2f851e0471db04dd0271165f66e83a56

"""Dropout and batch normalization, written by hand.

Both behave differently in training and in evaluation, which is where most errors happen. In training, dropout sets random
entries to zero, so that no neuron can rely on another one, and scales up the others, so that evaluation needs no change.
Batch normalization gives every channel mean 0 and variance 1 over the batch in training, and keeps running averages of
these statistics. It uses them in evaluation, where the scores of an image must not depend on the rest of the batch.

Shapes: `dropout` takes tensors of any shape, `BatchNorm2d` maps (batch, channels, height, width) to the same. Float
tensors; dtype and device are kept.

Not allowed here: torch's own dropout and normalization layers (batch norm and all others), as functions or modules.

Sources: Srivastava et al., "Dropout", JMLR 2014; Ioffe and Szegedy, "Batch Normalization", ICML 2015; the conventions
are those of `torch.nn.functional.dropout` and `torch.nn.BatchNorm2d`.
"""

import torch
from torch import Tensor, nn


def dropout(x: Tensor, p: float, training: bool, generator: torch.Generator | None = None) -> Tensor:
    """Inverted dropout.

    Args:
        x: any shape. Not modified.
        p: the probability of dropping an entry, below 1.
        training: whether the network is in training. If not, nothing is dropped.
        generator: the only source of random numbers; None: the global random state.

    Returns:
        A tensor of the shape and dtype of x. In training, each entry is independently 0 with probability p, and
        x / (1 - p) otherwise, so that its mean is x. In evaluation it is x.

    Raises:
        ValueError: p is below 0 or above 1.

    >>> dropout(torch.ones(100), 0.5, training=True).unique()
    tensor([0., 2.])
    >>> dropout(torch.ones(100), 0.5, training=False).unique()
    tensor([1.])
    """
    # TODO: raise the error if p is not a probability; return x in evaluation; in training draw a mask with the shape of
    # x that keeps each entry with probability 1 - p. Which scale keeps the mean?
    raise NotImplementedError("dropout is still to be written")


class BatchNorm2d(nn.Module):
    """Batch normalization of images, which computes and stores the same as `torch.nn.BatchNorm2d`.

    In training, a channel is normalized by the mean and the biased variance (divided by n) of its n = batch * height *
    width numbers, then scaled by `weight` and shifted by `bias`. The running statistics move towards those of the batch:
    running = (1 - momentum) * running + momentum * batch, with the unbiased variance (divided by n - 1). In evaluation,
    the running statistics are used instead of the batch's, and do not change.

    Args:
        num_features: channels.
        eps: added to the variance, under the square root.
        momentum: the weight of the newest batch in the running statistics.

    Attributes:
        weight, bias: (channels,), parameters; 1 and 0 at first.
        running_mean, running_var: (channels,), buffers; 0 and 1 at first.
        num_batches_tracked: int64 scalar, a buffer; the number of batches in the running statistics.

    Errors: the arguments need not be checked.

    >>> norm = BatchNorm2d(3)
    >>> list(norm.state_dict())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    >>> norm(torch.randn(8, 3, 5, 5)).mean(dim=(0, 2, 3)).abs() < 1e-5
    tensor([True, True, True])
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        # TODO: create two parameters and three buffers, named as above: which are learned, and which are only stored?
        raise NotImplementedError("BatchNorm2d.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        # TODO: choose the statistics, (channels,) each: in training those of the batch, and update the running ones
        # without recording this; in evaluation the running ones. Then normalize, scale and shift.
        raise NotImplementedError("BatchNorm2d.forward is still to be written")
