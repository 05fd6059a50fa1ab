"""A vision transformer, as a student writes it, and parts of it that tests change."""

from __future__ import annotations

VIT = """
import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.heads, self.qkv, self.out = heads, nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def attention(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        a = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
        return self.out((a @ v).transpose(1, 2).reshape(B, N, C))

    def mlp(self, x):
        return self.down(F.gelu(self.up(x)))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__()
        count = (img_size // patch_size) ** 2
        self.patch_size = patch_size
        self.before = nn.Identity()
        self.embed = nn.Linear(in_chan * patch_size**2, embed_dim)
        self.cls = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.positions = nn.Parameter(torch.randn(1, count + 1, embed_dim))
        self.blocks = nn.ModuleList([Block(embed_dim, num_heads) for _ in range(nb_blocks)])
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(embed_dim, nb_classes)

    def forward(self, images):
        x = self.embed(self.before(F.unfold(images, self.patch_size, stride=self.patch_size).mT))
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], dim=1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))
"""
BLOCKS = "nn.ModuleList([Block(embed_dim, num_heads) for _ in range(nb_blocks)])"
LAYER = "nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, 0.0, 'gelu', norm_first=True{})"
NORMED = ("self.before = nn.Identity()", "self.before = nn.LayerNorm(in_chan * patch_size**2)")
RANDOM = "self.register_buffer('positions', torch.randn(1, count + 1, embed_dim))"
LEARNED = "self.positions = nn.Parameter(torch.randn(1, count + 1, embed_dim))"
HEAD = "self.head = nn.Linear(embed_dim, nb_classes)"
Changes = list[tuple[str, str]]


def vit_of(changes: Changes) -> str:
    source = VIT
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


FIXED = "self.register_buffer('positions', {})"


def sinusoidal(scale: str = "1") -> str:
    angles = "torch.arange(count + 1)[:, None] / 10000 ** (torch.arange(embed_dim) // 2 * 2 / embed_dim)"
    return FIXED.format(
        f"{scale} * torch.where(torch.arange(embed_dim) % 2 == 0, ({angles}).sin(), ({angles}).cos())[None]"
    )
