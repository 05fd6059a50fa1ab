# GENERATED from solutions/p2_cnn/preprocessing.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k preprocessing
# sha256 as generated: 0dd2cb3427d064d41a21fbc88912a00eadd7d938ee37cacd1c3dc10e6102cc8e

"""Preprocessing: images with a mean of 0 and comparable scales are easier to learn from.

A network can learn from raw pixels, and it learns faster when its inputs are centred and of one scale. Here are the
usual ways: standardization, with a mean and a standard deviation for each channel; L1 and L2 normalization, which give
each image the same norm; and ZCA whitening, which also takes away the correlations between pixels and changes the
images as little as that allows.

What is estimated from data is estimated once, on the training set, and then applied to every set. That is why
estimating and applying are functions of their own here.

Shapes: `images` (batch, channels, height, width), float32 or float64, for any number of channels; height and width need
not be equal, and a batch may be one image. Results keep the dtype and the device, and no function changes its
arguments.

A guard against division by zero of about 1e-8 is fine everywhere; none is asked for.

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
        `(mean, std)`, each (channels,): over all pixels of all images, in units of the pixels. The standard deviation
        may divide by their number n or by n - 1.

    Errors: none are asked for.

    >>> mean, std = channel_statistics(torch.rand(50, 3, 8, 6))
    >>> mean.shape, std.shape
    (torch.Size([3]), torch.Size([3]))
    """
    # TODO: (batch, channels, height, width) -> two tensors (channels,). Which axes does each number sum up?
    raise NotImplementedError("channel_statistics is still to be written")


def standardize(images: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Images in units of standard deviations from the mean, each channel with its own.

    Args:
        images: (batch, channels, height, width). They need not be those that the statistics were taken from.
        mean: (channels,), as `channel_statistics` returns it.
        std: (channels,), positive.

    Returns:
        (batch, channels, height, width), standardized by the statistics that are given.

    Errors: none are asked for.

    >>> standardize(torch.tensor([[[[1.0, 3.0]], [[0.5, 0.5]]]]), torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.25]))
    tensor([[[[-1.,  1.]],
    <BLANKLINE>
             [[ 2.,  2.]]]])
    """
    # TODO: how many standard deviations a pixel lies above the mean of its channel. How does (channels,) line up with
    # (batch, channels, height, width)?
    raise NotImplementedError("standardize is still to be written")


def lp_normalize(images: Tensor, p: int) -> Tensor:
    """Every image divided by its own norm.

    Args:
        images: (batch, channels, height, width). Pixels may be negative.
        p: 1 for the L1 norm, the sum of the absolute values; 2 for the L2 norm, the Euclidean length.

    Returns:
        (batch, channels, height, width): each image, all its channels and pixels taken together, has norm 1.

    Errors: none are asked for.

    >>> lp_normalize(torch.tensor([[[[3.0, -4.0]]]]), 2)
    tensor([[[[ 0.6000, -0.8000]]]])
    """
    # TODO: a norm for each image, (batch, 1, 1, 1), and the quotient.
    raise NotImplementedError("lp_normalize is still to be written")


def zca_fit(images: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """What ZCA whitening has to know of the training set.

    Args:
        images: (batch, channels, height, width). An image counts as one point with d = channels * height * width
            coordinates; there may be fewer images than coordinates.
        eps: added to the variances, above 0, so that directions in which the images do not vary are not blown up.

    Returns:
        `(mean, W)`: the mean image and the matrix W = U (Λ + eps)^(-1/2) Uᵀ, where U Λ Uᵀ is the covariance (d, d) of
        the coordinates, by n or by n - 1. Their shapes are free, so long as `zca_apply` takes them.

    Errors: none are asked for.

    >>> mean, W = zca_fit(torch.rand(40, 1, 3, 2), 0.1)
    >>> W.shape
    torch.Size([6, 6])
    """
    # TODO: points (batch, d), their mean, their covariance (d, d), its eigenvalues (d,) and eigenvectors (d, d), and W
    # (d, d). A covariance is symmetric: there is a decomposition made for that.
    raise NotImplementedError("zca_fit is still to be written")


def zca_apply(images: Tensor, mean: Tensor, W: Tensor) -> Tensor:
    """Whitened images.

    Args:
        images: (batch, channels, height, width). They need not be those of the fit.
        mean: as `zca_fit` returns it.
        W: as `zca_fit` returns it.

    Returns:
        (batch, channels, height, width): the centred images, multiplied by W.

    Errors: none are asked for.

    >>> images = torch.rand(40, 1, 3, 2)
    >>> whitened = zca_apply(images, *zca_fit(images, 1e-5))
    >>> torch.allclose(torch.cov(whitened.flatten(1).T), torch.eye(6), atol=0.05)
    True
    """
    # TODO: points (batch, d), centred and multiplied by W, and images (batch, channels, height, width) again.
    raise NotImplementedError("zca_apply is still to be written")
