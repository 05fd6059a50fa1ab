"""Raw parameters and functions: layer norm as a function, the head a 1×1 convolution, the token joined by padding."""

import torch
import torch.nn.functional as F
from torch import nn

from .multi_head_attention import MultiHeadsSelfAttention
from .positional_embedding import get_positional_embeddings


class Halves(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.g1, self.g2 = (nn.Parameter(torch.ones(dim)) for _ in range(2))
        self.s1, self.s2 = (nn.Parameter(torch.zeros(dim)) for _ in range(2))
        self.attention = MultiHeadsSelfAttention(dim, heads)
        self.grow, self.shrink = nn.Conv1d(dim, 4 * dim, 1), nn.Conv1d(4 * dim, dim, 1)

    def forward(self, x):
        dim = x.shape[-1:]
        x = x + self.attention(F.layer_norm(x, dim, self.g1, self.s1))
        return x + self.shrink(F.gelu(self.grow(F.layer_norm(x, dim, self.g2, self.s2).mT))).mT


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        count = (img_size // patch_size) ** 2
        self.patch_size = patch_size
        self.weight = nn.Parameter(torch.randn(embed_dim, in_chan, patch_size, patch_size) * 0.1)
        self.cls = nn.Parameter(torch.randn(embed_dim) * 0.1)
        self.positions = nn.Parameter(get_positional_embeddings(count + 1, embed_dim), requires_grad=False)
        self.blocks = nn.ModuleList(Halves(embed_dim, num_heads) for _ in range(nb_blocks))
        self.gain, self.shift = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.head = nn.Conv1d(embed_dim, nb_classes, 1)

    def forward(self, images):
        x = F.conv2d(images, self.weight, stride=self.patch_size).flatten(2).mT
        x = F.pad(x, (0, 0, 1, 0))  # an empty place in front
        x = x + F.one_hot(torch.tensor(0), x.shape[1]).to(x)[:, None] * self.cls + self.positions
        for block in self.blocks:
            x = block(x)
        x = F.layer_norm(x[:, :1], x.shape[-1:], self.gain, self.shift)
        return self.head(x.mT).squeeze(2)
