"""Sums written as einsum, and statistics from sums of powers; the mean image keeps its shape."""

import torch


def channel_statistics(images):
    n = images[:, 0].numel()
    mean = torch.einsum("nchw->c", images) / n
    centred = images - mean.view(1, -1, 1, 1)
    return mean, torch.sqrt(torch.einsum("nchw,nchw->c", centred, centred) / n)


def standardize(images, mean, std):
    scale = 1.0 / (std + 1e-8)
    return torch.einsum("nchw,c->nchw", images, scale) - (mean * scale).view(1, -1, 1, 1)


def lp_normalize(images, p):
    if p == 1:
        norms = torch.einsum("nchw->n", images.abs())
    else:
        norms = torch.einsum("nchw,nchw->n", images, images).sqrt()
    return torch.einsum("nchw,n->nchw", images, 1 / (norms + 1e-8))


def zca_fit(images, eps):
    mean = images.mean(0)
    x = images - mean
    covariance = torch.einsum("nchw,nijk->chwijk", x, x) / (len(x) - 1)
    d = mean.numel()
    values, vectors = torch.linalg.eigh(covariance.reshape(d, d))
    W = torch.einsum("ik,k,jk->ij", vectors, (values + eps) ** -0.5, vectors)
    return mean, W.reshape(*mean.shape, *mean.shape)


def zca_apply(images, mean, W):
    return torch.einsum("chwijk,nijk->nchw", W, images - mean)
