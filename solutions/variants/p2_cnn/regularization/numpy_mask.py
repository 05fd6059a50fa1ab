"""A mask by NumPy, seeded from the generator; the channels in a loop."""

import numpy as np
import torch
from torch import nn


def dropout(x, p, training, generator=None):
    if p < 0:
        raise ValueError(f"p is {p}, and should be at least 0")
    if p > 1:
        raise ValueError(f"p is {p}, and should be at most 1")
    if not training:
        return 1 * x
    rng = np.random.default_rng(torch.randint(2**62, (1,), generator=generator).item())
    mask = torch.from_numpy(rng.random(tuple(x.shape)) >= p)
    return x.masked_fill(~mask, 0) / (1 - p)


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.C, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.empty(num_features))
        self.bias = nn.Parameter(torch.empty(num_features))
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        channels = []
        for c in range(self.C):
            values = x[:, c]
            if self.training:
                mean = values.mean()
                var = ((values - mean) ** 2).mean()
                n = values.numel()
                with torch.no_grad():
                    self.running_mean[c] = (1 - self.momentum) * self.running_mean[c] + self.momentum * mean
                    self.running_var[c] = (1 - self.momentum) * self.running_var[c] + self.momentum * var * n / (n - 1)
            else:
                mean, var = self.running_mean[c], self.running_var[c]
            channels.append((values - mean) / torch.sqrt(var + self.eps) * self.weight[c] + self.bias[c])
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(channels, dim=1)
