"""A list of lists."""

from math import cos, sin

import torch


def wave(i, j, d):
    return cos(i / 10000 ** ((j - 1) / d)) if j % 2 else sin(i / 10000 ** (j / d))


def get_positional_embeddings(sequence_length, d):
    return torch.tensor([[[wave(i, j, d) for j in range(d)] for i in range(sequence_length)]])
