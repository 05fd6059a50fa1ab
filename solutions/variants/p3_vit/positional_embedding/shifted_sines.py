"""A cosine is a sine that is a quarter of a turn ahead; float32 powers."""

import math

import torch


def get_positional_embeddings(sequence_length, d):
    i = torch.arange(float(sequence_length)).view(1, -1, 1)
    j = torch.arange(d).view(1, 1, -1)
    odd = j.remainder(2)
    return torch.sin(i / torch.pow(10000.0, (j - odd) / d) + odd * (math.pi / 2))
