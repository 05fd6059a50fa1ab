"""Two unfolds and an einsum over a weight of four axes."""

import torch
from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        weight = torch.empty(in_chan, patch_size, patch_size, embed_dim)
        self.weight = nn.Parameter(nn.init.trunc_normal_(weight, std=0.02))

    def forward(self, x):
        p = self.weight.shape[1]
        patches = x.unfold(2, p, p).unfold(3, p, p)
        return torch.einsum("bchwij,cijd->bhwd", patches, self.weight).flatten(1, 2)
