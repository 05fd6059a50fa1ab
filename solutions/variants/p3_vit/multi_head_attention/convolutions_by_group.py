"""1×1 convolutions over (B, C, N, 1), fused with the heads outermost, (heads, 3, d); joined by a permutation."""

from torch import nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim / num_heads != embed_dim // num_heads:
            raise ValueError(f"{embed_dim} features cannot be shared by {num_heads} heads")
        self.num_heads = num_heads
        self.qkv = nn.Conv2d(embed_dim, 3 * embed_dim, kernel_size=1)
        self.proj = nn.Conv2d(embed_dim, embed_dim, kernel_size=1)

    def forward(self, x):
        B, N, C = x.shape
        grid = x.permute(0, 2, 1).unsqueeze(-1)
        parts = self.qkv(grid).reshape(B, self.num_heads, 3, C // self.num_heads, N)
        q, k, v = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]
        scores = (q * (self.num_heads / C) ** 0.5).transpose(-2, -1) @ k
        heads = v @ scores.softmax(dim=-1).transpose(-2, -1)
        return self.proj(heads.reshape(B, C, N, 1)).squeeze(-1).transpose(1, 2)
