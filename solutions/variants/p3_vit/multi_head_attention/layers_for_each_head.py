"""A class for one head, heads in a ModuleList, concatenated."""

import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, embed_dim, size):
        super().__init__()
        self.query = nn.Linear(embed_dim, size)
        self.key = nn.Linear(embed_dim, size)
        self.value = nn.Linear(embed_dim, size)
        self.size = size

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.transpose(1, 2) / self.size**0.5
        return torch.softmax(scores, dim=2) @ v


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"{num_heads} heads do not divide {embed_dim} features")
        self.heads = nn.ModuleList(Head(embed_dim, embed_dim // num_heads) for _ in range(num_heads))
        self.projection = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        return self.projection(torch.cat([head(x) for head in self.heads], dim=-1))
