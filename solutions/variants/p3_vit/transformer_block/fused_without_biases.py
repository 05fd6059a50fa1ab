"""One layer for queries, keys and values, no biases in any linear layer, einsum."""

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    def __init__(self, in_features, hid_features, bias=False):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hid_features, bias=bias)
        self.fc2 = nn.Linear(hid_features, in_features, bias=bias)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.proj = nn.Linear(dim, dim, bias=False)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (torch.einsum("bhid,bhjd->bhij", q, k) * self.scale).softmax(-1)
        return self.proj(torch.einsum("bhij,bhjd->bihd", weights, v).reshape(B, N, C))


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4, drop=0.0):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.attn = Attention(embed_dim, num_heads)
        self.drop = nn.Dropout(drop)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        x = x + self.drop(self.attn(self.norm1(x)))
        x = x + self.drop(self.mlp(self.norm2(x)))
        return x
