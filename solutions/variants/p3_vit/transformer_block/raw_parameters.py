"""No layers: parameters as matrices (in, out), layer norm and GELU written out, a loop over the heads."""

import math

import torch
from torch import nn


def normal(*shape):
    return nn.Parameter(torch.randn(*shape) / math.sqrt(shape[0]))


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(1, 1, size))
        self.stretch = nn.Parameter(torch.ones(1, 1, size))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return self.shift + self.stretch * centred / torch.sqrt(centred.pow(2).mean(-1, keepdim=True) + 1e-5)


class MLP(nn.Module):
    def __init__(self, in_features, hid_features):
        super().__init__()
        self.b2, self.W2 = nn.Parameter(torch.zeros(1, in_features)), normal(hid_features, in_features)
        self.b1, self.W1 = nn.Parameter(torch.zeros(1, hid_features)), normal(in_features, hid_features)

    def forward(self, x):
        h = x @ self.W1 + self.b1
        h = 0.5 * h * (1 + torch.erf(h / math.sqrt(2)))
        return h @ self.W2 + self.b2


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        d = embed_dim // num_heads
        self.queries = nn.ParameterList([normal(embed_dim, d) for _ in range(num_heads)])
        self.keys = nn.ParameterList([normal(embed_dim, d) for _ in range(num_heads)])
        self.values = nn.ParameterList([normal(embed_dim, d) for _ in range(num_heads)])
        self.value_biases = nn.Parameter(torch.zeros(num_heads, d))
        self.out = normal(embed_dim, embed_dim)
        self.norms = nn.ModuleList([Norm(embed_dim), Norm(embed_dim)])
        self.mlp = MLP(embed_dim, mlp_ratio * embed_dim)

    def attend(self, x):
        heads = []
        for Wq, Wk, Wv, bv in zip(self.queries, self.keys, self.values, self.value_biases):
            weights = torch.softmax((x @ Wq) @ (x @ Wk).mT / math.sqrt(Wq.shape[1]), dim=-1)
            heads.append(weights @ (x @ Wv + bv))
        return torch.cat(heads, -1) @ self.out

    def forward(self, x):
        y = self.attend(self.norms[0](x)) + x
        return self.mlp(self.norms[1](y)) + y
