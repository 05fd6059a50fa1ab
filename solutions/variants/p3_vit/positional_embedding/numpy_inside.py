"""NumPy, float64 until the end."""

import numpy as np
import torch


def get_positional_embeddings(sequence_length, d):
    j = np.arange(d)
    angles = np.arange(sequence_length)[:, None] / np.power(10000, 2 * (j // 2) / d)
    angles[:, 0::2] = np.sin(angles[:, 0::2])
    angles[:, 1::2] = np.cos(angles[:, 1::2])
    return torch.from_numpy(angles[np.newaxis].astype(np.float32))
