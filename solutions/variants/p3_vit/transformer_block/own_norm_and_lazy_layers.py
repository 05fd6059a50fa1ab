"""A layer norm by hand, lazy layers in the MLP, and one helper class for both residual connections."""

import torch
from torch import nn

from .multi_head_attention import MultiHeadsSelfAttention


class MLP(nn.Sequential):
    def __init__(self, in_features, hid_features):
        super().__init__(nn.LazyLinear(hid_features), nn.GELU(approximate="tanh"), nn.LazyLinear(in_features))


class Residual(nn.Module):
    def __init__(self, embed_dim, branch):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(1, 1, embed_dim)), nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.branch = branch

    def forward(self, x):
        variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
        return self.branch((x - mean) * torch.rsqrt(variance + 1e-5) * self.scale + self.shift) + x


class Block(nn.Sequential):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4.0):
        super().__init__(
            Residual(embed_dim, MultiHeadsSelfAttention(embed_dim, num_heads)),
            Residual(embed_dim, MLP(embed_dim, int(embed_dim * mlp_ratio))),
        )
