"""torch's own layout, one (3C, C) in_proj_weight and an out_proj, with unflatten and masked by nothing."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiHeadsSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, x: Tensor) -> Tensor:
        parts = F.linear(x, self.in_proj_weight, self.in_proj_bias).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = parts.movedim((2, 3), (0, 2))
        scores = torch.matmul(q, k.transpose(-1, -2)).mul(q.size(-1) ** -0.5)
        attended = torch.matmul(F.softmax(scores, dim=-1), v)
        return self.out_proj(attended.movedim(1, 2).flatten(start_dim=2))
