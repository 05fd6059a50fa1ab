"""Own arithmetic: convolutions by F.unfold and a matrix, pooling by a maximum over a reshaped axis, batch norm by hand."""

import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(n, 1, 1)), nn.Parameter(torch.zeros(n, 1, 1))
        self.register_buffer("running_mean", torch.zeros(n))
        self.register_buffer("running_var", torch.ones(n))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            n = x.numel() / x.shape[1]
            self.running_mean += 0.1 * (mean.detach() - self.running_mean)
            self.running_var += 0.1 * (var.detach() * n / (n - 1) - self.running_var)
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        return x * self.gamma + self.beta


class Convolution(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(outputs, inputs * 25) * (2 / (inputs * 25)) ** 0.5)
        self.offset = nn.Parameter(torch.zeros(outputs, 1))

    def forward(self, x):
        batch, _, height, width = x.shape
        return (self.matrix @ F.unfold(x, 5, padding=2) + self.offset).reshape(batch, -1, height, width)


def highest(x):
    """2×2 maxima; a row or column that is left over gets a copy of itself as its partner."""
    batch, channels, height, width = x.shape
    if height % 2:
        x = torch.cat((x, x[:, :, -1:]), 2)
    if width % 2:
        x = torch.cat((x, x[..., -1:]), 3)
    return x.reshape(batch, channels, x.shape[2] // 2, 2, x.shape[3] // 2, 2).amax((3, 5))


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.convolutions = nn.ModuleList([Convolution(3, 32), Convolution(32, 64), Convolution(64, 64)])
        self.norms = nn.ModuleList([Norm(n) if batch_norm else nn.Identity() for n in (32, 64, 64)])
        self.fc4, self.fc5 = nn.Linear(1024, 1000), nn.Linear(1000, 10)
        self.p = dropout

    def forward(self, x):
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = highest(norm(convolution(x)).relu())
        x = torch.einsum("bi,oi->bo", x.flatten(1), self.fc4.weight) + self.fc4.bias
        x = x.relu()
        if self.training:
            x = x * torch.bernoulli(torch.full_like(x, 1 - self.p)) / (1 - self.p)
        return torch.einsum("bi,oi->bo", x, self.fc5.weight) + self.fc5.bias
