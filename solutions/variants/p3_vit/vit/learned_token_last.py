"""Learned positions for all tokens, the class token last, everything else from the siblings."""

import torch
from torch import nn

from .patch_embedding import PatchEmbed
from .transformer_block import Block


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        self.patches = PatchEmbed(in_chan, patch_size, embed_dim)
        self.cls = nn.Parameter(torch.zeros(embed_dim))
        self.pos = nn.Parameter(torch.zeros(1, (img_size // patch_size) ** 2 + 1, embed_dim))
        nn.init.trunc_normal_(self.pos, std=0.02)
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads=num_heads, mlp_ratio=4) for _ in range(nb_blocks))
        self.final = nn.Sequential(nn.LayerNorm(embed_dim, eps=1e-6), nn.Linear(embed_dim, nb_classes))

    def forward(self, x):
        x = self.patches(x)
        x = torch.cat((x, self.cls.repeat(x.shape[0], 1, 1)), 1) + self.pos
        for block in self.blocks:
            x = block(x)
        return self.final(x[:, -1])
