"""A new tensor for the sequence, filled token by token; positions 2-d and learned; the head as a matrix (in, out)."""

import torch
from torch import nn

from .patch_embedding import PatchEmbed
from .transformer_block import Block


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        side = img_size // patch_size
        self.embed = PatchEmbed(in_chan, patch_size, embed_dim)
        self.rows = nn.Parameter(torch.randn(side, 1, embed_dim) * 0.1)
        self.columns = nn.Parameter(torch.randn(1, side, embed_dim) * 0.1)
        self.classifier = nn.Parameter(torch.randn(embed_dim, nb_classes) / embed_dim**0.5)
        self.token = nn.Parameter(torch.randn(1, embed_dim) * 0.1)
        self.norm = nn.LayerNorm(embed_dim)
        self.blocks = nn.ModuleDict({str(i): Block(embed_dim, num_heads) for i in range(nb_blocks)})

    def forward(self, images):
        patches = self.embed(images)
        B, N, C = patches.shape
        tokens = patches.new_empty(B, N + 1, C)
        tokens[:, 1:] = patches + (self.rows + self.columns).reshape(N, C)
        tokens[:, 0] = self.token
        for block in self.blocks.values():
            tokens = block(tokens)
        return self.norm(tokens)[:, 0] @ self.classifier
