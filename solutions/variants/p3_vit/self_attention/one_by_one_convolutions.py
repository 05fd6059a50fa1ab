"""1×1 convolutions over (B, C, N); scores with keys first, so that the softmax is over axis 1."""

import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.to_q = nn.Conv1d(embed_dim, embed_dim, 1)
        self.to_kv = nn.Conv1d(embed_dim, 2 * embed_dim, kernel_size=1, bias=False)
        self.mix = nn.Conv1d(embed_dim, embed_dim, 1)

    def forward(self, x):
        x = x.transpose(1, 2)
        q = self.to_q(x)
        v, k = self.to_kv(x).split(x.shape[1], dim=1)
        keys_by_queries = k.transpose(1, 2) @ q * x.shape[1] ** -0.5
        weights = torch.softmax(keys_by_queries, dim=1)
        return self.mix(v @ weights).transpose(1, 2)
