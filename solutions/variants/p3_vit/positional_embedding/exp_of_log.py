"""Slices, and the power as exp(log), all in float32."""

import math

import torch


def get_positional_embeddings(sequence_length, d):
    pe = torch.zeros(1, sequence_length, d)
    position = torch.arange(0, sequence_length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10000.0) / d))
    pe[0, :, 0::2] = torch.sin(position * div_term)
    pe[0, :, 1::2] = torch.cos(position * div_term)[:, : d // 2]
    return pe
