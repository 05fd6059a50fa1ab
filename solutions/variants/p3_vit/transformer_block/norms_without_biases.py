"""Layer norms without biases, queries and keys without, one bias for the values; the hidden size rounded."""

import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, in_features, hid_features):
        super().__init__()
        self.into = nn.Linear(in_features, hid_features, bias=False)
        self.gelu = nn.GELU("tanh")
        self.out = nn.Linear(hid_features, in_features)

    def forward(self, x):
        return self.out(self.gelu(self.into(x)))


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4.0):
        super().__init__()
        self.mlp = MLP(embed_dim, round(embed_dim * mlp_ratio))
        self.norm2 = nn.LayerNorm(embed_dim, bias=False)
        self.norm1 = nn.LayerNorm(embed_dim, bias=False)
        self.shape = (num_heads, embed_dim // num_heads)
        self.qk = nn.Linear(embed_dim, 2 * embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim)
        self.join = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        y = self.norm1(x)
        q, k = self.qk(y).chunk(2, dim=-1)
        q, k, v = (part.unflatten(-1, self.shape).transpose(1, 2) for part in (q, k, self.v(y)))
        weights = torch.softmax(q @ k.transpose(2, 3) * self.shape[1] ** -0.5, dim=3)
        x = x + self.join((weights @ v).transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))
