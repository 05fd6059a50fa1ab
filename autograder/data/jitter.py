"""Small random changes to test points and test images, so that a table of known ones is useless."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

JITTER = 0.01
"""Largest shift of a coordinate, in the unit of the coordinates; the noise of Circles has standard deviation 0.2."""
SHIFT = 0.4
"""Largest shift of an image, in pixels, in each direction."""
NOISE = 0.05
"""Largest change of a pixel by noise, on a scale from 0 (black) to 1 (white)."""


def jitter_points(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Shift every coordinate by its own random number, uniform between -0.01 and 0.01.

    Measured with the network of p1 (see :mod:`autograder.data.circles`), 200 trained networks by 200 draws, on the
    published Circles and on generated ones: the mean accuracy changes by less than 0.0002; the accuracy of one network
    on one draw changes with a standard deviation of 0.003 (published 0.0030, generated 0.0034), at most by 0.02 (4
    points of 200), while it varies by 0.009 to 0.010 between trainings. With shifts of up to 0.03 the mean drops
    measurably (by 0.001), with 0.05 by 0.0025.

    This defeats a table that looks points up by value. It does not defeat a nearest-neighbour search among the known
    points (right on at least 99% of these points, and on 96% even at ten times the jitter). Against that, compute in
    the grader from the student's parameters, or take the test set from ``make_circles(seed)`` with a fresh seed and a
    threshold measured for it.

    Args:
        x: floating tensor of any shape, (n, 2) for Circles; not modified.
        rng: source of the shifts; the same state gives the same bits on any machine.

    Returns:
        A new tensor with the shape, dtype and device of x.

    Raises:
        ValueError: the dtype of x is not floating.

    >>> x = torch.zeros(3, 2)
    >>> float(jitter_points(x, np.random.default_rng(0)).abs().max()) <= JITTER
    True
    """
    if not x.is_floating_point():
        raise ValueError(f"x has dtype {x.dtype}, expected a floating one such as torch.float32")
    shifts = (rng.random(tuple(x.shape)) - 0.5) * (
        2 * JITTER
    )  # not Generator.uniform, whose C code may use a fused multiply-add
    return x + torch.from_numpy(shifts).to(dtype=x.dtype, device=x.device)


def jitter_images(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Shift every image by its own fraction of a pixel, and add noise to every pixel.

    The shifts are uniform between -0.4 and 0.4 pixels along both axes; values between pixels are interpolated linearly,
    and pixels outside the image are 0. The noise is uniform between -0.05 and 0.05; the result is clipped to [0, 1].

    Measured on the 1,000 test digits of the fast tier, 30 trained networks by 30 draws: the accuracy of one network on
    one draw changes by -0.0044 on average, with a standard deviation of 0.0042 and a range from -0.017 to 0.008 (784,
    100 tanh, 10; SGD with eta 0.3, batch 50, 8 epochs; 0.929 without jitter), or by -0.0043, 0.0045, -0.021 to 0.009
    (32 tanh, 5 epochs; 0.920 without). Nearly all of this comes from the shift: shifts of up to 0.5 pixels cost 0.008,
    of up to 1 pixel 0.048, and of whole pixels, all nine equally likely, 0.11.

    This defeats a table that looks images up by value, but not a nearest-neighbour search among known images.

    Args:
        images: floating (n, channels, height, width), values in [0, 1]; not modified. Call this before standardizing.
        rng: source of the shifts and the noise; the same state gives the same bits on any machine.

    Returns:
        A new tensor with the shape, dtype and device of ``images``, values in [0, 1].

    Raises:
        ValueError: the number of dimensions is not 4, the dtype is not floating, or a value lies outside [0, 1].

    >>> images = torch.zeros(3, 1, 28, 28)
    >>> float(jitter_images(images, np.random.default_rng(0)).max()) <= NOISE
    True
    """
    if images.ndim != 4:
        raise ValueError(f"images has shape {tuple(images.shape)}, expected (n, channels, height, width)")
    if not images.is_floating_point():
        raise ValueError(f"images has dtype {images.dtype}, expected a floating one such as torch.float32")
    x = images.detach().cpu().double().numpy()
    outside = ~((x >= 0) & (x <= 1))
    if outside.any():
        raise ValueError(f"images contains {x[outside][0]}, expected values in [0, 1] (jitter before you standardize)")
    down, right = (rng.random((2, len(x), 1, 1, 1)) - 0.5) * (2 * SHIFT)
    shifted = _shift(_shift(x, right).swapaxes(2, 3), down).swapaxes(2, 3)
    noise = (rng.random(x.shape) - 0.5) * (2 * NOISE)
    jittered = torch.from_numpy(np.clip(shifted + noise, 0, 1))
    return jittered.to(dtype=images.dtype, device=images.device)


def _shift(x: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift each image of (n, c, h, w) along its last axis by ``by`` (n, 1, 1, 1), between -1 and 1 pixels."""
    padded = np.pad(x, [(0, 0), (0, 0), (0, 0), (1, 1)])
    from_left, from_right = np.maximum(by, 0), np.maximum(-by, 0)
    shifted: NDArray[np.float64] = (1 - from_left - from_right) * x
    return shifted + from_left * padded[..., :-2] + from_right * padded[..., 2:]
