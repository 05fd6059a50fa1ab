# GENERATED from solutions/p2_cnn/preprocessing.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise preprocessing
# sha256 as generated: a561680231df6397de1b65a68650391a98b14fad8ca962379d405afb8b250b5f

"""Preprocessing: networks learn more easily from images with mean 0 and similar scales.

A network can learn from raw pixels, but it learns faster if its inputs are centred and have the same scale. The usual
ways are standardization, with a mean and a standard deviation for each channel; L1 and L2 normalization, which give each
image the same norm; and ZCA whitening, which also removes the correlations between pixels, with the smallest possible
change to the images.

Statistics are estimated once, on the training set, and then applied to every set. So there are separate functions for
estimating and applying here.

Shapes: `images` (batch, channels, height, width), float32 or float64, for any number of channels; height and width need
not be equal, and a batch may be one image. Results keep the dtype and the device, and no function changes its
arguments.

A guard against division by zero of about 1e-8 is fine everywhere, but not required.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 19 to 21.
"""

import torch
from torch import Tensor


def channel_statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the standard deviation of each channel.

    Args:
        images: (batch, channels, height, width), the training set or a part of it.

    Returns:
        `(mean, std)`, each (channels,): over all pixels of all images, in units of the pixels. The variance may be
        divided by their number n or by n - 1.

    Errors: the arguments need not be checked.

    >>> mean, std = channel_statistics(torch.rand(50, 3, 8, 6))
    >>> mean.shape, std.shape
    (torch.Size([3]), torch.Size([3]))
    """
    # TODO: compute two tensors, (batch, channels, height, width) -> (channels,). Over which axes do you reduce?
    raise NotImplementedError("channel_statistics is still to be written")


def standardize(images: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Standardizes each channel: subtracts its mean and divides by its standard deviation.

    Args:
        images: (batch, channels, height, width). They may be others than those of the statistics.
        mean: (channels,), as `channel_statistics` returns it.
        std: (channels,), positive.

    Returns:
        (batch, channels, height, width), standardized by the given statistics.

    Errors: the arguments need not be checked.

    >>> standardize(torch.tensor([[[[1.0, 3.0]], [[0.5, 0.5]]]]), torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.25]))
    tensor([[[[-1.,  1.]],
    <BLANKLINE>
             [[ 2.,  2.]]]])
    """
    # TODO: compute how many standard deviations a pixel is above the mean of its channel. How do you broadcast
    # (channels,) with (batch, channels, height, width)?
    raise NotImplementedError("standardize is still to be written")


def lp_normalize(images: Tensor, p: int) -> Tensor:
    """Divides every image by its norm.

    Args:
        images: (batch, channels, height, width). Pixels may be negative.
        p: 1 for the L1 norm, the sum of the absolute values; 2 for the L2 norm, the Euclidean length.

    Returns:
        (batch, channels, height, width): each image has norm 1, over all its channels and pixels.

    Errors: the arguments need not be checked.

    >>> lp_normalize(torch.tensor([[[[3.0, -4.0]]]]), 2)
    tensor([[[[ 0.6000, -0.8000]]]])
    """
    # TODO: compute the norm of each image, (batch, 1, 1, 1), and divide.
    raise NotImplementedError("lp_normalize is still to be written")


def zca_fit(images: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Computes the mean and the matrix of ZCA whitening from the training set.

    Args:
        images: (batch, channels, height, width). Each image is one point with d = channels * height * width
            coordinates; there may be fewer images than coordinates.
        eps: added to the variances, above 0, so that directions in which the images hardly vary are not amplified.

    Returns:
        `(mean, W)`: the mean image and the matrix W = U (Λ + eps)^(-1/2) Uᵀ, where U Λ Uᵀ is the covariance (d, d) of
        the coordinates, divided by n or n - 1. Their shapes are free, as long as `zca_apply` accepts them.

    Errors: the arguments need not be checked.

    >>> mean, W = zca_fit(torch.rand(40, 1, 3, 2), 0.1)
    >>> W.shape
    torch.Size([6, 6])
    """
    # TODO: compute the points (batch, d), their mean, their covariance (d, d), its eigenvalues (d,) and eigenvectors
    # (d, d), and W (d, d). A covariance is symmetric: which decomposition is made for that?
    raise NotImplementedError("zca_fit is still to be written")


def zca_apply(images: Tensor, mean: Tensor, W: Tensor) -> Tensor:
    """Whitens images.

    Args:
        images: (batch, channels, height, width). They may be others than those of the fit.
        mean: as `zca_fit` returns it.
        W: as `zca_fit` returns it.

    Returns:
        (batch, channels, height, width): the centred images, multiplied by W.

    Errors: the arguments need not be checked.

    >>> images = torch.rand(40, 1, 3, 2)
    >>> whitened = zca_apply(images, *zca_fit(images, 1e-5))
    >>> torch.allclose(torch.cov(whitened.flatten(1).T), torch.eye(6), atol=0.05)
    True
    """
    # TODO: centre the points (batch, d), multiply them by W, and reshape them to (batch, channels, height, width).
    raise NotImplementedError("zca_apply is still to be written")
