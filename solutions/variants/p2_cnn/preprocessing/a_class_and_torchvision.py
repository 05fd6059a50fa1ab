"""torchvision's normalize, a class for the whitening, which zca_fit returns in the place of W, and a Cholesky-free root."""

import torch
from torchvision.transforms import functional as TF


class Whitening:
    def __init__(self, covariance, eps):
        values, self.axes = torch.linalg.eigh(covariance)
        self.factors = (values.clamp(min=0) + eps).pow(-0.5)

    def matrix(self):
        return self.axes @ self.factors.diag() @ self.axes.t()


def channel_statistics(images):
    flat = images.movedim(1, 0).reshape(images.size(1), -1)
    return flat.mean(dim=1), flat.std(dim=1, correction=0)


def standardize(images, mean, std):
    return TF.normalize(images, mean.tolist(), std.tolist())


def lp_normalize(images, p):
    flat = images.reshape(images.size(0), -1)
    norms = torch.stack([torch.dist(row, torch.zeros_like(row), p) for row in flat])
    return (flat / (norms + 1e-8).unsqueeze(1)).reshape(images.shape)


def zca_fit(images, eps):
    flat = images.reshape(images.size(0), -1)
    mean = images.mean(dim=0, keepdim=True)
    centred = flat - mean.reshape(1, -1)
    return mean, Whitening(centred.t() @ centred / images.size(0), eps)


def zca_apply(images, mean, W):
    return torch.matmul((images - mean).reshape(images.size(0), -1), W.matrix()).reshape(images.size())
