"""Data augmentation: random crops and mirror images, so that a network hardly ever sees the same image twice.

A car shifted by two pixels, or seen in a mirror, is still a car. Images that are changed so in every epoch teach the
network that, and keep it from learning the training set by heart. In evaluation nothing is random: there every image is
cut in the middle.

Shapes: `images` (batch, channels, height, width), float32 or float64; height and width need not be equal, and a batch
may be one image. Results keep the dtype and the device, and no function changes its arguments; a result may share
memory with the images.

Randomness: each image of a batch draws by itself. With a `generator` the result depends on it alone, and the generator
moves on, so that the next batch is cut in another way. Without one PyTorch's global random state decides.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 22 to 25.
"""

import torch
from torch import Tensor


def random_crop(images: Tensor, size: int, generator: torch.Generator | None = None) -> Tensor:
    """A square cut out of each image at a random position.

    Args:
        images: (batch, channels, height, width).
        size: the height and width of the squares in pixels, from 1 to the smaller of the images' height and width.
        generator: where the random numbers come from; None for the global random state.

    Returns:
        (batch, channels, size, size): from each image `size` neighbouring rows and `size` neighbouring columns, the
        same in all its channels. Every position inside the image can occur, and each image draws a row and a column of
        its own.

    Errors: a ValueError where size is larger than the images' height or width.

    >>> random_crop(torch.rand(10, 3, 32, 32), 28).shape
    torch.Size([10, 3, 28, 28])
    """
    ### BEGIN SOLUTION
    # TODO: the error; the first rows (batch,) and the first columns (batch,) of the squares; the squares. How many
    # first rows are there to choose from, and what if there is only one?
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}: at most {min(height, width)} was expected for images of {height} x {width}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator)
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator)
    places = zip(images, tops.tolist(), lefts.tolist(), strict=True)
    return torch.stack([image[:, top : top + size, left : left + size] for image, top, left in places])
    ### END SOLUTION


def center_crop(images: Tensor, size: int) -> Tensor:
    """The square in the middle of each image: what evaluation uses in place of a random crop.

    Args:
        images: (batch, channels, height, width).
        size: the height and width of the squares in pixels, from 1 to the smaller of the images' height and width.

    Returns:
        (batch, channels, size, size). Where an odd number of rows or columns is cut off, one side loses one more than
        the other; which one is free.

    Errors: a ValueError where size is larger than the images' height or width.

    >>> center_crop(torch.arange(12.0).reshape(1, 1, 3, 4), 1)  # 6 is as good as 5
    tensor([[[[5.]]]])
    """
    ### BEGIN SOLUTION
    # TODO: the error; the first row and the first column of a square that leaves as much above as below, and as much
    # to the left as to the right.
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}: at most {min(height, width)} was expected for images of {height} x {width}")
    top, left = (height - size) // 2, (width - size) // 2
    return images[:, :, top : top + size, left : left + size]
    ### END SOLUTION


def random_horizontal_flip(images: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Each image, or its mirror image with left and right exchanged.

    Args:
        images: (batch, channels, height, width).
        p: the probability with which an image is mirrored, from 0 (never) to 1 (always).
        generator: where the random numbers come from; None for the global random state.

    Returns:
        (batch, channels, height, width): each image as a whole is mirrored or left as it is, by a draw of its own.

    Errors: a ValueError where p is below 0 or above 1.

    >>> random_horizontal_flip(torch.tensor([[[[1.0, 2.0, 3.0]]]]), p=1.0)
    tensor([[[[3., 2., 1.]]]])
    """
    ### BEGIN SOLUTION
    # TODO: the error; which images are mirrored, (batch,); mirrored and other images together in their order. Which
    # axis holds left and right?
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}: a probability from 0 to 1 was expected")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored.to(images.device)[:, None, None, None], images.flip(dims=[3]), images)
    ### END SOLUTION
