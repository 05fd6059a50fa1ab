"""Pre-norm attention and MLP in two lists, torch's MultiheadAttention, patches by Tensor.unfold, positions before joining."""

import torch
from torch import nn


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        self.p = patch_size
        self.to_token = nn.Linear(patch_size * patch_size * in_chan, embed_dim)
        self.pos_embedding = nn.Parameter(torch.randn(1, (img_size // patch_size) ** 2, embed_dim) * 0.02)
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim) * 0.02)
        self.attentions, self.networks = nn.ModuleList(), nn.ModuleList()
        self.norms = nn.ModuleList([nn.LayerNorm(embed_dim) for _ in range(2 * nb_blocks + 1)])
        for _ in range(nb_blocks):
            self.attentions.append(nn.MultiheadAttention(embed_dim, num_heads, batch_first=True))
            self.networks.append(
                nn.Sequential(nn.Linear(embed_dim, 4 * embed_dim), nn.GELU(), nn.Linear(4 * embed_dim, embed_dim))
            )
        self.head = nn.Linear(embed_dim, nb_classes)

    def forward(self, images):
        x = images.unfold(2, self.p, self.p).unfold(3, self.p, self.p)  # B, channels, rows, columns, p, p
        x = self.to_token(x.permute(0, 2, 3, 4, 5, 1).flatten(3).flatten(1, 2)) + self.pos_embedding
        x = torch.cat([self.cls_token.repeat(len(x), 1, 1), x], dim=1)
        for i, (attention, network) in enumerate(zip(self.attentions, self.networks)):
            y = self.norms[2 * i](x)
            x = x + attention(y, y, y)[0]
            x = x + network(self.norms[2 * i + 1](x))
        return self.head(self.norms[-1](x[:, 0]))
