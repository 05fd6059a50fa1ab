"""Points on a circle, turned step by step."""

import torch


def get_positional_embeddings(sequence_length, d):
    exponents = torch.arange(0, d, 2, dtype=torch.float64) / d
    step = torch.polar(torch.ones_like(exponents), 10000.0**-exponents)
    hands = step.expand(sequence_length, -1).clone()
    hands[0] = 1
    hands = hands.cumprod(dim=0)
    both = torch.view_as_real(hands).flip(-1).flatten(1)
    return both[:, :d].to(torch.float32).unsqueeze(0)
