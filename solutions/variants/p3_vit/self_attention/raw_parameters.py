"""Raw matrices used as x @ W, in one (4, C, C) parameter that starts at zero."""

import math

import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.W = nn.Parameter(torch.zeros(4, embed_dim, embed_dim))

    def forward(self, x):
        W_V, W_O, W_K, W_Q = self.W
        scores = torch.bmm(x @ W_Q, (x @ W_K).permute(0, 2, 1)).div(math.sqrt(W_Q.size(0)))
        return torch.bmm(nn.functional.softmax(scores, dim=2), x @ W_V) @ W_O
