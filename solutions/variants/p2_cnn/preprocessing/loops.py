"""One channel, one image, one coordinate at a time."""

import torch


def channel_statistics(images):
    means, stds = [], []
    for c in range(images.shape[1]):
        pixels = images[:, c].reshape(-1)
        mean = pixels.sum() / len(pixels)
        means.append(mean)
        stds.append(torch.sqrt(((pixels - mean) ** 2).sum() / len(pixels)))
    return torch.stack(means), torch.stack(stds)


def standardize(images, mean, std):
    out = torch.empty_like(images)
    for c in range(images.shape[1]):
        out[:, c, :, :] = (images[:, c, :, :] - mean[c]) / std[c]
    return out


def lp_normalize(images, p):
    out = []
    for image in images:
        total = sum((channel.abs() ** p).sum() for channel in image)
        out.append(image / total ** (1 / p))
    return torch.stack(out)


def zca_fit(images, eps):
    points = images.reshape(len(images), -1)
    mean = sum(points) / len(points)
    covariance = sum(torch.outer(x - mean, x - mean) for x in points) / len(points)
    values, vectors = torch.linalg.eigh(covariance)
    W = torch.zeros_like(covariance)
    for value, vector in zip(values, vectors.T):
        W += torch.outer(vector, vector) / torch.sqrt(value + eps)
    return mean, W


def zca_apply(images, mean, W):
    return torch.stack([(W @ (image.reshape(-1) - mean)).reshape(image.shape) for image in images])
