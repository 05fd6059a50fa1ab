"""A column of ones for the bias; patches by chunks, sums channel by channel."""

import torch
from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.size = patch_size
        self.planes = nn.ParameterList(
            [nn.Parameter(0.1 * torch.randn(embed_dim, patch_size * patch_size)) for _ in range(in_chan)]
        )
        self.ones = nn.Parameter(torch.zeros(embed_dim, 1))

    def forward(self, x):
        tokens = []
        for strip in x.split(self.size, dim=2):
            for patch in strip.split(self.size, dim=3):
                flat = patch.flatten(2)
                token = flat.new_ones(len(x), 1) @ self.ones.T
                for channel, plane in enumerate(self.planes):
                    token = token + flat[:, channel] @ plane.T
                tokens.append(token)
        return torch.stack(tokens, dim=1)
