"""Dropout and batch normalization, written by hand.

Both act differently in training and in evaluation, and that is where they go wrong. Dropout sets random entries to zero
in training, so that no neuron can rely on another one, and scales up the others, so that nothing has to be done in
evaluation. Batch normalization gives every channel mean 0 and variance 1 over the batch in training, keeps running
averages of those statistics on the way, and uses them in evaluation, where an image's scores may not depend on its
neighbours.

Shapes: `dropout` takes tensors of any shape, `BatchNorm2d` maps (batch, channels, height, width) to the same. Float
tensors; dtype and device are kept.

Not allowed here: torch's own dropout and its normalization layers, as functions or as modules, batch norm and the
others.

Sources: Srivastava et al., "Dropout", JMLR 2014; Ioffe and Szegedy, "Batch Normalization", ICML 2015; the conventions
are those of `torch.nn.functional.dropout` and `torch.nn.BatchNorm2d`.
"""

import torch
from torch import Tensor, nn


def dropout(x: Tensor, p: float, training: bool, generator: torch.Generator | None = None) -> Tensor:
    """Inverted dropout.

    Args:
        x: any shape. Not modified.
        p: the probability with which an entry is dropped, below 1.
        training: whether the network is trained. If not, nothing is dropped.
        generator: decides which entries are dropped, and nothing else does; None: the global random state.

    Returns:
        The shape and dtype of x. In training each entry is, by a draw of its own, 0 with probability p, and x / (1 - p)
        otherwise, so that its mean is x. In evaluation it is x.

    Raises:
        ValueError: p is below 0 or above 1.

    >>> dropout(torch.ones(100), 0.5, training=True).unique()
    tensor([0., 2.])
    >>> dropout(torch.ones(100), 0.5, training=False).unique()
    tensor([1.])
    """
    ### BEGIN SOLUTION
    # TODO: refuse a p that is no probability; in evaluation x itself; in training a random mask, the shape of x, that
    # keeps an entry with probability 1 - p, and the scale that leaves the mean as it was.
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected a probability between 0 and 1")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * keep / (1 - p)
    ### END SOLUTION


class BatchNorm2d(nn.Module):
    """Batch normalization of images, equal to `torch.nn.BatchNorm2d` in all that it computes and stores.

    In training a channel is normalized by its mean and its biased variance (divided by n) over the n = batch * height *
    width numbers that it has, then scaled by `weight` and shifted by `bias`. The running statistics move towards those
    of the batch: running = (1 - momentum) * running + momentum * batch, with the unbiased variance (divided by n - 1).
    In evaluation the running statistics take the place of the batch's, and stay as they are.

    Args:
        num_features: channels.
        eps: added to the variance, under the root.
        momentum: the weight of the newest batch in the running statistics.

    Attributes:
        weight, bias: (channels,), parameters; 1 and 0 at first.
        running_mean, running_var: (channels,), buffers; 0 and 1 at first.
        num_batches_tracked: int64 scalar, a buffer; how many batches the running statistics have seen.

    Errors: none are asked for.

    >>> norm = BatchNorm2d(3)
    >>> list(norm.state_dict())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    >>> norm(torch.randn(8, 3, 5, 5)).mean(dim=(0, 2, 3)).abs() < 1e-5
    tensor([True, True, True])
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        # TODO: two parameters and three buffers, named as above: what is learned, and what is only kept?
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        ### BEGIN SOLUTION
        # TODO: the statistics to normalize by, (channels,) each: in training the batch's, and the running ones are
        # brought up to date, which autograd must not record; in evaluation the running ones. Then normalize, scale,
        # shift.
        if self.training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), unbiased=True), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, weight, bias = (v.reshape(-1, 1, 1) for v in (mean, var, self.weight, self.bias))
        return (x - mean) / torch.sqrt(var + self.eps) * weight + bias
        ### END SOLUTION
