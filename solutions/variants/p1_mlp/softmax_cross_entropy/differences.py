"""Only differences of scores: p_i = 1 / sum_j exp(s_j - s_i). An overflow there gives 1 / inf = 0, and is right."""

import functools

import torch


def softmax(ytilde):
    differences = ytilde.unsqueeze(1) - ytilde.unsqueeze(2)  # [n, i, j] = s_j - s_i
    return 1 / differences.exp().sum(dim=2)


def cross_entropy(ytilde, Y):
    columns = ytilde.unbind(dim=1)
    highest = functools.reduce(torch.maximum, columns)
    log_sum = torch.log(sum(torch.exp(column - highest) for column in columns))
    expected = (Y.t() * (ytilde.t() - highest)).sum(dim=0)
    return torch.mean(log_sum - expected)


def cross_entropy_gradient(ytilde, Y):
    """The chain rule, one example at a time, through the Jacobian of the logarithm of the probabilities."""
    rows = []
    for p, y in zip(softmax(ytilde), Y, strict=True):
        inflow = torch.eye(len(y), dtype=p.dtype, device=p.device) - torch.outer(torch.ones_like(y), p)
        rows.append(-(y @ inflow))
    return torch.stack(rows) / len(rows)
