"""torch's transformer encoder, whose last layer norm is the final one; patches by unfold; positions learned, of the
patches only."""

import torch
import torch.nn.functional as F
from torch import nn


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        self.patch_size = patch_size
        self.project = nn.Linear(in_chan * patch_size**2, embed_dim)
        self.positions = nn.Embedding((img_size // patch_size) ** 2, embed_dim)
        self.token = nn.Parameter(torch.empty(1, embed_dim).normal_())
        layers = [
            nn.TransformerEncoderLayer(
                embed_dim, num_heads, 4 * embed_dim, dropout=0, activation=F.gelu, batch_first=True, norm_first=True
            )
            for _ in range(nb_blocks)
        ]
        self.layers = nn.ModuleList(layers)
        self.norm, self.head = nn.LayerNorm(embed_dim), nn.Linear(embed_dim, nb_classes)

    def forward(self, images):
        x = self.project(F.unfold(images, self.patch_size, stride=self.patch_size).mT) + self.positions.weight
        x = torch.cat([self.token.expand(len(x), 1, -1), x], dim=1)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x[:, 0]))
