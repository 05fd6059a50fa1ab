"""Each half a Sequential of norm and layer; the attention from the sibling; eps 1e-6."""

from torch import nn

from .multi_head_attention import MultiHeadsSelfAttention


class MLP(nn.Sequential):
    def __init__(self, in_features, hid_features):
        super().__init__(nn.Linear(in_features, hid_features), nn.GELU(), nn.Linear(hid_features, in_features))


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


class Block(nn.Sequential):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__(
            Residual(nn.LayerNorm(embed_dim, eps=1e-6), MultiHeadsSelfAttention(embed_dim, num_heads)),
            Residual(nn.LayerNorm(embed_dim, eps=1e-6), MLP(embed_dim, int(embed_dim * mlp_ratio))),
        )
