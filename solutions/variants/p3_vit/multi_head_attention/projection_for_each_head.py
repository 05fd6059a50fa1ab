"""Raw (heads, C, d) matrices with einsum; a part of the projection, with a bias, for each head, and their sum."""

import torch
from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim must be a multiple of num_heads")
        d = embed_dim // num_heads
        self.q = nn.Parameter(torch.randn(num_heads, embed_dim, d) * embed_dim**-0.5)
        self.k = nn.Parameter(torch.randn(num_heads, embed_dim, d) * embed_dim**-0.5)
        self.v = nn.Parameter(torch.randn(num_heads, embed_dim, d) * embed_dim**-0.5)
        self.out = nn.ModuleList(nn.Linear(d, embed_dim) for _ in range(num_heads))

    def forward(self, x):
        q, k, v = (torch.einsum("bnc,hcd->bhnd", x, W) for W in (self.q, self.k, self.v))
        scores = torch.einsum("bhid,bhjd->bhij", q, k) / q.size(-1) ** 0.5
        z = torch.einsum("bhij,bhjd->hbid", scores.softmax(3), v)
        return sum(layer(head) for layer, head in zip(self.out, z))
