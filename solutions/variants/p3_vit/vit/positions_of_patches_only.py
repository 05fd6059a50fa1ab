"""Sinusoidal positions, made in each call and added to the patches before the class token joins."""

import torch
from torch import nn

from .patch_embedding import PatchEmbed
from .positional_embedding import get_positional_embeddings
from .transformer_block import Block


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        self.embed = PatchEmbed(in_chan, patch_size, embed_dim)
        self.class_token = nn.Parameter(torch.randn(1, 1, embed_dim))
        self.blocks = nn.Sequential()
        for i in range(nb_blocks):
            self.blocks.add_module(f"block {i}", Block(embed_dim, num_heads))
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(embed_dim, nb_classes)

    def forward(self, img):
        tokens = self.embed(img)
        B, N, d = tokens.shape
        tokens = tokens + get_positional_embeddings(N, d).to(tokens)
        tokens = torch.hstack([self.class_token.expand(B, 1, d), tokens])
        return self.head(self.norm(self.blocks(tokens))[:, 0, :])
