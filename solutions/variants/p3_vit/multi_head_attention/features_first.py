"""Channels split as (d, heads), so that a head's are not side by side, and joined as (heads, d)."""

from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.h, rest = num_heads, embed_dim % num_heads
        if rest:
            raise ValueError(f"embed_dim={embed_dim} is not divisible by num_heads={num_heads}")
        self.d = embed_dim // num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.o = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).view(B, N, self.d, 3, self.h).permute(3, 0, 4, 1, 2)
        weights = (q @ k.mT / self.d**0.5).softmax(-1)
        return self.o((weights @ v).permute(0, 2, 1, 3).reshape(B, N, C))
