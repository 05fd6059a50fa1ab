"""Everything in one file, without biases in the linear layers; fused queries, keys and values, tanh GELU."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def sinusoids(count, dim):
    """Sines in the first half of the columns, cosines in the second."""
    rates = torch.exp(-math.log(10000.0) * torch.arange(0, dim, 2) / dim)
    angles = torch.arange(count)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :dim]


class Layer(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(dim, bias=False), nn.LayerNorm(dim, bias=False)
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.up, self.down = nn.Linear(dim, 4 * dim, bias=False), nn.Linear(4 * dim, dim, bias=False)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, C)
        x = x + self.out(y)
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class ViT(nn.Module):
    def __init__(
        self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4, extra=None
    ):
        super().__init__()
        count = (img_size // patch_size) ** 2
        self.stem = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, bias=False)
        self.cls = nn.Parameter(torch.randn(1, embed_dim, 1) * 0.02)
        self.register_buffer("pos", sinusoids(count + 1, embed_dim), persistent=False)
        self.layers = nn.ModuleList([Layer(embed_dim, num_heads) for _ in range(nb_blocks)])
        self.norm = nn.LayerNorm(embed_dim, bias=False)
        self.head = nn.Linear(embed_dim, nb_classes, bias=False)

    def forward(self, x):
        x = self.stem(x).flatten(2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=2).mT + self.pos
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x[:, 0]))
