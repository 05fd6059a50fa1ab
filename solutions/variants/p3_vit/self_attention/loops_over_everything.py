"""Loops over the batch and over the queries, one vector at a time."""

import torch
import torch.nn as nn


class SelfAttention(nn.Module):
    def __init__(self, embed_dim: int):
        super().__init__()
        self.embed_dim = embed_dim
        self.layers = nn.ModuleList([nn.Linear(embed_dim, embed_dim) for _ in range(4)])

    def forward(self, x):
        fc_out, fc_key, fc_query, fc_value = self.layers
        sequences = []
        for sequence in x:
            keys, values = fc_key(sequence), fc_value(sequence)
            tokens = []
            for token in sequence:
                scores = keys @ fc_query(token)
                weights = (scores / self.embed_dim**0.5).softmax(dim=0)
                tokens.append(sum(w * value for w, value in zip(weights, values)))
            sequences.append(fc_out(torch.stack(tokens)))
        return torch.stack(sequences)
