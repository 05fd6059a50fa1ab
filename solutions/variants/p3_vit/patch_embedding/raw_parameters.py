"""Reshape, permute, and a parameter used as x @ W; a pixel's channels last."""

import torch
from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.p = patch_size
        n = in_chan * patch_size * patch_size
        self.W = nn.Parameter(torch.randn(n, embed_dim) / n**0.5)
        self.b = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, x):
        B, C, H, W = x.shape
        p = self.p
        x = x.view(B, C, H // p, p, W // p, p).permute(0, 2, 4, 3, 5, 1)
        return x.reshape(B, -1, p * p * C) @ self.W + self.b
