"""Linear layers as 1×1 convolutions over the tokens, layer norm as a function, torch's scaled dot product."""

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    def __init__(self, in_features, hid_features):
        super().__init__()
        self.rise = nn.Conv1d(in_features, hid_features, 1)
        self.fall = nn.Conv1d(hid_features, in_features, 1)

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1], 1)
        return self.fall(F.gelu(self.rise(flat))).reshape(x.shape)


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.num_heads = num_heads
        self.gain = nn.Parameter(torch.ones(embed_dim))
        self.offset = nn.Parameter(torch.zeros(embed_dim))
        self.gain2, self.offset2 = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.q = nn.Conv1d(embed_dim, embed_dim, 1)
        self.kv = nn.Conv1d(embed_dim, 2 * embed_dim, 1)
        self.o = nn.Conv1d(embed_dim, embed_dim, 1)
        self.mlp = MLP(embed_dim, embed_dim * mlp_ratio)

    def forward(self, x):
        B, N, C = x.shape
        y = F.layer_norm(x, (C,), self.gain, self.offset, eps=1e-6).mT  # B, C, N
        k, v = self.kv(y).chunk(2, dim=1)
        q, k, v = (part.reshape(B, self.num_heads, -1, N).mT for part in (self.q(y), k, v))
        y = F.scaled_dot_product_attention(q, k, v).mT.reshape(B, C, N)
        x = x + self.o(y).mT
        return x + self.mlp(F.layer_norm(x, (C,), self.gain2, self.offset2, eps=1e-6))
