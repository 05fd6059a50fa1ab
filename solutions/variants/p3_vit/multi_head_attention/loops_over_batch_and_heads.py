"""Loops over the batch and the heads with slices; a float32 tensor as the root; keys first, softmax over axis 0."""

import torch
from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("the heads do not divide the features")
        self.num_heads = num_heads
        self.size = embed_dim // num_heads
        self.wq = nn.Linear(embed_dim, embed_dim)
        self.wk = nn.Linear(embed_dim, embed_dim)
        self.wv = nn.Linear(embed_dim, embed_dim)
        self.wo = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        out = torch.zeros_like(x)
        for b, sample in enumerate(x):
            q, k, v = self.wq(sample), self.wk(sample), self.wv(sample)
            for head in range(self.num_heads):
                part = slice(head * self.size, (head + 1) * self.size)
                keys_by_queries = k[:, part] @ q[:, part].T / torch.sqrt(torch.tensor(float(self.size)))
                out[b, :, part] = keys_by_queries.softmax(dim=0).T @ v[:, part]
        return self.wo(out)
