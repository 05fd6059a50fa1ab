"""Heads become part of the batch, (heads * B, N, d), by chunk and cat; a fused layer for keys and values."""

import math

import torch
from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        assert embed_dim % num_heads == 0
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.kv = nn.Linear(embed_dim, 2 * embed_dim)
        self.final = nn.Linear(embed_dim, embed_dim)

    def fold(self, t):
        return torch.cat(t.chunk(self.num_heads, dim=2), dim=0)

    def unfold(self, t):
        return torch.cat(t.chunk(self.num_heads, dim=0), dim=2)

    def forward(self, x):
        keys, values = self.kv(x).chunk(2, dim=-1)
        q, k, v = self.fold(self.q(x)), self.fold(keys), self.fold(values)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.shape[2]), dim=-1)
        return self.final(self.unfold(torch.bmm(weights, v)))
