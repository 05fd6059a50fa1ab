"""Lists, loops and the math module; the loss is a float."""

import math

import torch


def row_softmax(row):
    highest = max(row)
    exponentials = [math.exp(score - highest) for score in row]
    total = sum(exponentials)
    return [e / total for e in exponentials]


def softmax(ytilde):
    return torch.tensor([row_softmax(row) for row in ytilde.tolist()], dtype=ytilde.dtype, device=ytilde.device)


def cross_entropy(ytilde, Y):
    losses = []
    for scores, targets in zip(ytilde.tolist(), Y.tolist(), strict=True):
        highest = max(scores)
        log_sum_exp = highest + math.log(sum(math.exp(score - highest) for score in scores))
        losses.append(log_sum_exp - sum(y * score for y, score in zip(targets, scores, strict=True)))
    return sum(losses) / len(losses)


def cross_entropy_gradient(ytilde, Y):
    gradient = torch.zeros_like(ytilde)
    n, ny = ytilde.shape
    for k in range(n):
        p = row_softmax(ytilde[k].tolist())
        for i in range(ny):
            gradient[k, i] = (p[i] - float(Y[k, i])) / n
    return gradient
