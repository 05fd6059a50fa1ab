"""Transformer blocks in several styles, as students write them: a class `Block(C, heads, ratio)` each."""

from __future__ import annotations

from tests.checks.transformer.layers import FUSED_BY_HEAD, SEPARATE

PLAIN = (
    SEPARATE
    + """

class MLP(nn.Module):
    def __init__(self, C, hidden):
        super().__init__()
        self.first, self.second = nn.Linear(C, hidden), nn.Linear(hidden, C)
        self.gelu = nn.GELU()

    def forward(self, x):
        return self.second(self.gelu(self.first(x)))

class Block(nn.Module):
    def __init__(self, C, heads, ratio):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Layer(C, heads)
        self.mlp = MLP(C, ratio * C)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))
"""
)
MLP_FIRST = PLAIN.replace("""        self.norm1, self.norm2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Layer(C, heads)
        self.mlp = MLP(C, ratio * C)
""", """        self.mlp = MLP(C, ratio * C)
        self.norm2 = nn.LayerNorm(C)
        self.attention = Layer(C, heads)
        self.norm1 = nn.LayerNorm(C)
""")  # fmt: skip
SECOND_LAYER_FIRST = PLAIN.replace(
    "self.first, self.second = nn.Linear(C, hidden), nn.Linear(hidden, C)",
    "self.second, self.first = nn.Linear(hidden, C), nn.Linear(C, hidden)",
)
WITHOUT_BIASES = (
    PLAIN.replace("nn.Linear(C, C)", "nn.Linear(C, C, bias=False)")
    .replace("nn.Linear(C, hidden)", "nn.Linear(C, hidden, bias=False)")
    .replace("nn.Linear(hidden, C)", "nn.Linear(hidden, C, bias=False)")
    .replace("nn.LayerNorm(C)", "nn.LayerNorm(C, bias=False)")
)
APPROXIMATE = PLAIN.replace("nn.GELU()", "nn.GELU(approximate='tanh')").replace("Norm(C)", "Norm(C, eps=1e-6)")
FUSED = PLAIN.replace(SEPARATE, FUSED_BY_HEAD)
RAW_MLP = PLAIN.replace(
    "self.first, self.second = nn.Linear(C, hidden), nn.Linear(hidden, C)",
    "self.W1, self.W2 = (nn.Parameter(torch.randn(s)) for s in ((C, hidden), (hidden, C)))\n"
    "        self.b2, self.b1 = (nn.Parameter(torch.randn(1, s)) for s in (C, hidden))",
).replace("self.second(self.gelu(self.first(x)))", "self.gelu(x @ self.W1 + self.b1) @ self.W2 + self.b2")
CONVOLUTIONS = PLAIN.replace(
    "self.first, self.second = nn.Linear(C, hidden), nn.Linear(hidden, C)",
    "self.first, self.second = nn.Conv1d(C, hidden, 1), nn.Conv1d(hidden, C, 1)",
).replace("self.second(self.gelu(self.first(x)))", "self.second(self.gelu(self.first(x.mT))).mT")
STYLES = {
    "plain": PLAIN,
    "MLP first": MLP_FIRST,
    "second layer first": SECOND_LAYER_FIRST,
    "without biases": WITHOUT_BIASES,
    "GELU by tanh and another eps": APPROXIMATE,
    "fused attention": FUSED,
    "raw MLP": RAW_MLP,
    "convolutions": CONVOLUTIONS,
}
