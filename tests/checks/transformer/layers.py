"""Attention layers in many styles, as students write them: a class `Layer(C, heads)` each."""

from __future__ import annotations

HEAD = """
import torch
from torch import nn

def attend(q, k, v):
    return (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1) @ v

class Layer(nn.Module):
    def __init__(self, C, heads):
        super().__init__()
        self.heads, self.d = heads, C // heads
"""
SEPARATE = (
    HEAD
    + """
        self.q, self.k, self.v, self.out = (nn.Linear(C, C) for _ in range(4))

    def split(self, x):
        return x.view(*x.shape[:2], self.heads, self.d).transpose(1, 2)

    def join(self, heads):
        return heads.transpose(1, 2).flatten(2)

    def forward(self, x):
        q, k, v = (self.split(layer(x)) for layer in (self.q, self.k, self.v))
        return self.out(self.join(attend(q, k, v)))
"""
)
WITHOUT_BIASES = SEPARATE.replace("nn.Linear(C, C)", "nn.Linear(C, C, bias=False)")
FUSED = (
    HEAD
    + """
        self.out = nn.Linear(C, C)
        self.qkv = nn.Linear(C, 3 * C)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, self.d).permute(2, 0, 3, 1, 4)
        return self.out(attend(q, k, v).transpose(1, 2).reshape(B, N, C))
"""
)
FUSED_BY_HEAD = FUSED.replace("(B, N, 3, self.heads, self.d).permute(2, 0, 3, 1, 4)",
                              "(B, N, self.heads, 3, self.d).permute(3, 0, 2, 1, 4)")  # fmt: skip
FUSED_BY_FEATURE = FUSED.replace("(B, N, 3, self.heads, self.d).permute(2, 0, 3, 1, 4)",
                                 "(B, N, self.heads, self.d, 3).permute(4, 0, 2, 1, 3)")  # fmt: skip
HEADS_BACKWARDS = SEPARATE.replace("heads.transpose(1, 2)", "heads.flip(1).transpose(1, 2)")
EVERY_OTHER_FEATURE = SEPARATE.replace(
    "x.view(*x.shape[:2], self.heads, self.d).transpose(1, 2)",
    "x.view(*x.shape[:2], self.d, self.heads).permute(0, 3, 1, 2)",
).replace("heads.transpose(1, 2).flatten(2)", "heads.permute(0, 2, 3, 1).flatten(2)")
CONVOLUTIONS = (
    SEPARATE.replace("nn.Linear(C, C)", "Along(C)")
    + """

class Along(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.layer = nn.Conv1d(C, C, 1)

    def forward(self, x):
        return self.layer(x.mT).mT
"""
)
RAW = (
    HEAD
    + """
        self.W = nn.Parameter(torch.randn(4, C, C))
        self.b = nn.Parameter(torch.randn(2, C))

    def split(self, x):
        return x.view(*x.shape[:2], self.heads, self.d).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.split(x @ self.W[0] + self.b[0]), self.split(x @ self.W[1]), self.split(x @ self.W[2])
        return attend(q, k, v).transpose(1, 2).flatten(2) @ self.W[3] + self.b[1]
"""
)
A_LAYER_FOR_EACH_HEAD = (
    HEAD
    + """
        self.parts = nn.ModuleList(nn.ModuleList(nn.Linear(C, C // heads) for _ in range(3)) for _ in range(heads))
        self.outs = nn.ModuleList(nn.Linear(C // heads, C) for _ in range(heads))  # a bias for each head

    def forward(self, x):
        return sum(out(attend(q(x), k(x), v(x))) for (q, k, v), out in zip(self.parts, self.outs))
"""
)
STYLES = {
    "separate": SEPARATE,
    "without biases": WITHOUT_BIASES,
    "fused": FUSED,
    "fused by head": FUSED_BY_HEAD,
    "fused by feature": FUSED_BY_FEATURE,
    "heads backwards": HEADS_BACKWARDS,
    "every other feature": EVERY_OTHER_FEATURE,
    "convolutions": CONVOLUTIONS,
    "raw": RAW,
    "a layer for each head": A_LAYER_FOR_EACH_HEAD,
}
