"""NumPy does the work, with an SVD of the covariance; mean and W of the fit stay NumPy arrays."""

import numpy as np
import torch


def channel_statistics(images):
    array = images.numpy()
    return torch.from_numpy(array.mean(axis=(0, 2, 3))), torch.from_numpy(array.std(axis=(0, 2, 3), ddof=1))


def standardize(images, mean, std):
    array = np.moveaxis(images.numpy(), 1, -1)
    result = (array - mean.numpy()) / np.maximum(std.numpy(), 1e-8)
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(result, -1, 1)))


def lp_normalize(images, p):
    array = images.numpy()
    norms = np.linalg.norm(array.reshape(len(array), -1), ord=p, axis=1)
    return torch.from_numpy(array / norms.reshape(-1, 1, 1, 1))


def zca_fit(images, eps):
    X = images.numpy().reshape(len(images), -1)
    U, S, _ = np.linalg.svd(np.cov(X, rowvar=False, bias=True))
    return X.mean(axis=0), U.dot(np.diag(1.0 / np.sqrt(S + eps))).dot(U.T)


def zca_apply(images, mean, W):
    X = images.numpy().reshape(len(images), -1)
    return torch.from_numpy(np.dot(X - mean, W).reshape(images.shape))
