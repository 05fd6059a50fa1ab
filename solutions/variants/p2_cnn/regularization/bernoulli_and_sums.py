"""A Bernoulli mask, filled in place; the variance from sums of squares; the unbiased one by n / (n - 1)."""

import torch
from torch import nn


def dropout(x, p, training, generator=None):
    assert 0.0 <= p <= 1.0, f"p should be a probability, and is {p}"
    if training:
        mask = torch.empty_like(x, requires_grad=False).bernoulli_(1 - p, generator=generator)
        return mask.div_(1 - p) * x
    return x.clone()


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_parameter("bias", nn.Parameter(torch.zeros(num_features)))
        self.register_parameter("weight", nn.Parameter(torch.ones(num_features)))
        self.eps = eps
        self.momentum = momentum

    def forward(self, x):
        if not self.training:
            scale = self.weight / (self.running_var + self.eps).sqrt()
            shift = self.bias - scale * self.running_mean
            return x * scale[:, None, None] + shift[:, None, None]
        B, C, H, W = x.shape
        n = B * H * W
        mean = x.sum((0, 2, 3)) / n
        var = (x**2).sum((0, 2, 3)) / n - mean**2
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean.detach()
        self.running_var = (1 - m) * self.running_var + m * var.detach() * n / (n - 1)
        self.num_batches_tracked = self.num_batches_tracked + 1
        xhat = (x - mean.view(1, C, 1, 1)) * torch.rsqrt(var.view(1, C, 1, 1) + self.eps)
        return self.weight.view(1, C, 1, 1) * xhat + self.bias.view(1, C, 1, 1)
