"""Dropout through a module of one's own; batch norm with a base class; the update by `torch.lerp`."""

import torch
from torch import nn
from torch.distributions import Uniform


class _Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        if not (p >= 0 and p <= 1):
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.keep = 1 - p

    def forward(self, x, generator):
        if not self.training:
            return x
        if generator is None:
            noise = Uniform(0.0, 1.0).sample(x.shape)
        else:
            noise = torch.empty(x.shape).uniform_(generator=generator)
        return x * torch.floor(noise + self.keep).to(x.dtype) * (1 / self.keep)


def dropout(x, p, training, generator=None):
    return _Dropout(p).train(training)(x, generator)


class _Normalization(nn.Module):
    axes = ()

    def statistics(self, x, correction):
        return x.mean(self.axes), x.var(self.axes, correction=correction)

    def affine(self, x, mean, var):
        shape = [1] * x.dim()
        shape[1] = -1
        scaled = (x - mean.view(shape)) / (var.view(shape) + self.eps) ** 0.5
        return torch.lerp(self.bias.view(shape), scaled + self.bias.view(shape), self.weight.view(shape))


class BatchNorm2d(_Normalization):
    axes = (0, -2, -1)

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.reset(num_features, device)

    def reset(self, n, device):
        self.weight = nn.Parameter(torch.ones(n, device=device))
        self.bias = nn.Parameter(torch.zeros(n, device=device))
        self.register_buffer("running_mean", torch.zeros(n, device=device))
        self.register_buffer("running_var", torch.ones(n, device=device))
        self.register_buffer("num_batches_tracked", torch.tensor(0, device=device))

    @torch.no_grad()
    def track(self, x):
        self.num_batches_tracked += 1
        for old, new in zip((self.running_mean, self.running_var), self.statistics(x, correction=1), strict=True):
            old.copy_(torch.lerp(old, new, self.momentum))

    def forward(self, x):
        if not self.training:
            return self.affine(x, self.running_mean, self.running_var)
        self.track(x)
        return self.affine(x, *self.statistics(x, correction=0))
