"""Everything from the logarithm of the probabilities, which is written once."""

import torch


def log_probabilities(ytilde):
    shifted = ytilde - torch.amax(ytilde, dim=1, keepdim=True)
    return shifted - torch.log(torch.sum(torch.exp(shifted), dim=1, keepdim=True))


def softmax(ytilde):
    return torch.exp(log_probabilities(ytilde))


def cross_entropy(ytilde, Y):
    terms = torch.where(Y > 0, Y * log_probabilities(ytilde), torch.zeros_like(ytilde))
    return -terms.sum() / ytilde.shape[0]


def cross_entropy_gradient(ytilde, Y):
    return (softmax(ytilde) - Y) * (1.0 / Y.shape[0])
