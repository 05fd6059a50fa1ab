# GENERATED from solutions/p2_cnn/augmentation.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise augmentation
# sha256 as generated: 0ce3d5cfe17063f7146f65775e714efd1da90ada72f23f16b186cac982683513

"""Data augmentation: random crops and mirror images, so that a network rarely sees the same image twice.

A car that is shifted by two pixels or mirrored is still a car. A network learns this if images are changed in this way
in every epoch, and it cannot memorize the training set. In evaluation nothing is random: every image is cropped in the
middle.

Shapes: `images` (batch, channels, height, width), float32 or float64; height and width need not be equal, and a batch
may be one image. Results keep the dtype and the device, and no function changes its arguments; a result may share
memory with the images.

Randomness: draw for each image of a batch independently. With a `generator`, all random numbers come from it, and its
state advances, so that the next batch is changed differently. Without one, they come from PyTorch's global random state.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 22 to 25.
"""

import torch
from torch import Tensor


def random_crop(images: Tensor, size: int, generator: torch.Generator | None = None) -> Tensor:
    """Cuts a square out of each image at a random position.

    Args:
        images: (batch, channels, height, width).
        size: the height and width of the squares in pixels, from 1 to the smaller of the images' height and width.
        generator: the source of the random numbers; None for the global random state.

    Returns:
        (batch, channels, size, size): `size` neighbouring rows and `size` neighbouring columns of each image, the same
        in all its channels. Every position inside the image can occur, and the row and the column are drawn
        independently for each image.

    Errors: a ValueError if size is larger than the images' height or width.

    >>> random_crop(torch.rand(10, 3, 32, 32), 28).shape
    torch.Size([10, 3, 28, 28])
    """
    # TODO: raise the error; draw the first rows (batch,) and the first columns (batch,) of the squares; cut them out.
    # How many first rows are possible, and what if there is only one?
    raise NotImplementedError("random_crop is still to be written")


def center_crop(images: Tensor, size: int) -> Tensor:
    """Cuts out the square in the middle of each image, which evaluation uses instead of a random crop.

    Args:
        images: (batch, channels, height, width).
        size: the height and width of the squares in pixels, from 1 to the smaller of the images' height and width.

    Returns:
        (batch, channels, size, size). If an odd number of rows or columns is cut off, either side may lose one
        more.

    Errors: a ValueError if size is larger than the images' height or width.

    >>> center_crop(torch.arange(12.0).reshape(1, 1, 3, 4), 1)  # 6 is as good as 5
    tensor([[[[5.]]]])
    """
    # TODO: raise the error; compute the first row and the first column of a square with equal margins above and below,
    # left and right.
    raise NotImplementedError("center_crop is still to be written")


def random_horizontal_flip(images: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Mirrors each image left to right with probability p.

    Args:
        images: (batch, channels, height, width).
        p: the probability of mirroring an image, from 0 (never) to 1 (always).
        generator: the source of the random numbers; None for the global random state.

    Returns:
        (batch, channels, height, width): each image is mirrored as a whole or not changed, independently of the others.

    Errors: a ValueError if p is below 0 or above 1.

    >>> random_horizontal_flip(torch.tensor([[[[1.0, 2.0, 3.0]]]]), p=1.0)
    tensor([[[[3., 2., 1.]]]])
    """
    # TODO: raise the error; draw which images are mirrored, (batch,); combine mirrored and other images in their order.
    # Which axis is left to right?
    raise NotImplementedError("random_horizontal_flip is still to be written")
