"""Sine and cosine of each pair side by side, one too many cut off, kept in a parameter's data."""

import torch


@torch.no_grad()
def get_positional_embeddings(sequence_length, d):
    pairs = (d + 1) // 2
    frequencies = torch.tensor([10000.0 ** (-2 * k / d) for k in range(pairs)])
    angles = torch.einsum("i,k->ik", torch.arange(sequence_length).float(), frequencies)
    table = torch.stack((angles.sin(), angles.cos()), dim=2).reshape(sequence_length, 2 * pairs)
    return torch.nn.Parameter(table[:, :d]).data[None]
