"""nn.Parameter and F.conv2d, batch norm by F.batch_norm with own buffers, linear layers as x @ W with W (in, out)."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.dropout, self.batch_norm = dropout, batch_norm
        self.kernels = nn.ParameterList()
        self.biases = nn.ParameterList()
        self.scales = nn.ParameterList()
        self.shifts = nn.ParameterList()
        for number, (i, o) in enumerate(((3, 32), (32, 64), (64, 64))):
            self.kernels.append(nn.Parameter(torch.randn(o, i, 5, 5) * math.sqrt(2 / (25 * i))))
            self.biases.append(nn.Parameter(torch.zeros(o)))
            if batch_norm:
                self.scales.append(nn.Parameter(torch.ones(o)))
                self.shifts.append(nn.Parameter(torch.zeros(o)))
                self.register_buffer(f"mean{number}", torch.zeros(o))
                self.register_buffer(f"var{number}", torch.ones(o))
        self.W4 = nn.Parameter(torch.randn(1024, 1000) * math.sqrt(2 / 1024))
        self.b4 = nn.Parameter(torch.zeros(1000))
        self.W5 = nn.Parameter(torch.randn(1000, 10) * math.sqrt(1 / 1000))
        self.b5 = nn.Parameter(torch.zeros(1, 10))

    def forward(self, x):
        for number in range(3):
            x = F.conv2d(x, self.kernels[number], padding=2) + self.biases[number][:, None, None]
            if self.batch_norm:
                mean, var = getattr(self, f"mean{number}"), getattr(self, f"var{number}")
                x = F.batch_norm(x, mean, var, self.scales[number], self.shifts[number], self.training)
            x = F.max_pool2d(x.clamp(min=0), 2, stride=2, ceil_mode=number == 2)
        x = (x.flatten(start_dim=1) @ self.W4 + self.b4).clamp_min(0)
        if self.training and self.dropout > 0:
            x = x * (torch.rand_like(x) >= self.dropout) / (1 - self.dropout)
        return x @ self.W5 + self.b5
