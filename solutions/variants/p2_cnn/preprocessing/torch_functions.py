"""What PyTorch brings along: std_mean, batch norm with given statistics, F.normalize, torch.cov."""

import torch
from torch.nn import functional as F


def channel_statistics(images):
    std, mean = torch.std_mean(images, dim=(0, 2, 3), correction=0)
    return [mean, std]


def standardize(images, mean, std):
    return F.batch_norm(images, mean, std.square(), training=False, eps=1e-9)


def lp_normalize(images, p):
    return F.normalize(images.flatten(start_dim=1), p=p, dim=1, eps=1e-8).unflatten(1, images.shape[1:])


def zca_fit(images, eps):
    flat = images.flatten(1)
    C = torch.cov(flat.mT)
    L, Q = torch.linalg.eigh(C + eps * torch.eye(C.shape[0], dtype=C.dtype, device=C.device))
    return flat.mean(0, keepdim=True), (Q * L.rsqrt()) @ Q.mH


def zca_apply(images, mean, W):
    return F.linear(images.flatten(1) - mean, W).view_as(images)
