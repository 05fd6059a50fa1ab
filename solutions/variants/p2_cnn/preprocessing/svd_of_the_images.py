"""The whole SVD of the centred images in place of a covariance; transposed layouts; W is the pair that makes it up."""

import torch


def per_channel(images):
    return images.permute(1, 0, 2, 3).flatten(1)


def channel_statistics(images):
    pixels = per_channel(images)
    mean = pixels.mean(1)
    return mean, (pixels.square().mean(1) - mean.square()).clamp_min(0).sqrt()


def standardize(images, mean, std):
    return images.transpose(1, 3).sub(mean).div(std).transpose(1, 3)


def lp_normalize(images, p):
    return images / torch.linalg.vector_norm(images, ord=float(p), dim=(1, 2, 3), keepdim=True).clamp_min(1e-8)


def zca_fit(images, eps):
    points = images.permute(0, 2, 3, 1).flatten(1)
    mean = points.mean(0)
    _, scales, Vt = torch.linalg.svd(points - mean, full_matrices=True)
    variances = torch.zeros(Vt.shape[0]).to(points)
    variances[: len(scales)] = scales**2 / (len(points) - 1)
    return mean, (Vt, 1 / torch.sqrt(variances + eps))


def zca_apply(images, mean, W):
    directions, scales = W
    points = images.permute(0, 2, 3, 1)
    white = ((points.flatten(1) - mean) @ directions.T * scales) @ directions
    return white.reshape(points.shape).permute(0, 3, 1, 2)
