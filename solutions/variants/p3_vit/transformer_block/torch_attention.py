"""torch's own attention, the second half defined first, tanh GELU."""

from torch import nn


class MLP(nn.Module):
    def __init__(self, in_features, hid_features):
        super().__init__()
        self.down = nn.Linear(hid_features, in_features)
        self.up = nn.Linear(in_features, hid_features)
        self.act = nn.GELU(approximate="tanh")

    def forward(self, x):
        return self.down(self.act(self.up(x)))


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads=4, mlp_ratio=4):
        super().__init__()
        self.mlp = MLP(embed_dim, mlp_ratio * embed_dim)
        self.before_mlp = nn.LayerNorm(embed_dim)
        self.attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.before_attention = nn.LayerNorm(embed_dim)

    def forward(self, x):
        normed = self.before_attention(x)
        x = x + self.attention(normed, normed, normed, need_weights=False)[0]
        return x + self.mlp(self.before_mlp(x))
