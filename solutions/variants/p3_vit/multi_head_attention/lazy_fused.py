"""One lazy layer for queries, keys and values, and a softmax by hand."""

import torch
from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        assert embed_dim % num_heads == 0, "num_heads has to divide embed_dim"
        self.heads = num_heads
        self.qkv = nn.LazyLinear(3 * embed_dim)
        self.out = nn.LazyLinear(embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * (C // self.heads) ** -0.5
        powers = torch.exp(scores - scores.amax(-1, keepdim=True))
        return self.out((powers / powers.sum(-1, keepdim=True) @ v).transpose(1, 2).flatten(2))
