"""Advanced indexing picks each head's channels, in an order of its own; an own softmax without the maximum."""

import torch
from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"{embed_dim} % {num_heads} is not 0")
        self.register_buffer("channels", torch.arange(embed_dim).flip(0).view(num_heads, -1))
        self.W_Q = nn.Parameter(torch.randn(embed_dim, embed_dim) / embed_dim)
        self.W_K = nn.Parameter(torch.randn(embed_dim, embed_dim) / embed_dim)
        self.W_V = nn.Parameter(torch.randn(embed_dim, embed_dim) / embed_dim)
        self.W_O = nn.Parameter(torch.randn(embed_dim, embed_dim) / embed_dim)
        self.b_O = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x):
        joined = []
        for own in self.channels:
            q, k, v = (x @ W[:, own] for W in (self.W_Q, self.W_K, self.W_V))
            scores = q @ k.mT / len(own) ** 0.5
            weights = torch.exp(scores - scores.max(-1, keepdim=True).values)
            joined.insert(0, weights @ v / weights.sum(-1, keepdim=True))
        return torch.cat(joined, -1) @ self.W_O + self.b_O
