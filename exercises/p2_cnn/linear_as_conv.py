# GENERATED from solutions/p2_cnn/linear_as_conv.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k linear_as_conv
# sha256 as generated: b6ea7b102c971bebcc39341bfab44a303606467989b7ba805b331ee3d6b796db

"""A fully-connected layer as a convolution.

A classifier that ends in a fully-connected layer takes images of one size and no other. But a neuron that is connected
to a whole map of numbers is a filter as large as the map: on that map the filter has one place, and says there what the
neuron says. On a larger map it has more places, and what comes out is a map of scores: the classifier, slid over the
image, at a fraction of what it costs to cut out all the windows.

Shapes: a map is (batch, channels, height, width). A `Linear` sees it as `map.flatten(1)` does: channel by channel, each
row by row.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 5 and 6.
"""

import torch
from torch import nn


def linear_to_conv(linear: nn.Linear, in_channels: int, height: int, width: int) -> nn.Conv2d:
    """The convolution that does what a fully-connected layer does.

    Args:
        linear: its `in_features` are the numbers of an (in_channels, height, width) map, flattened; with or without
            biases. It is not modified.
        in_channels: of the map.
        height: of the map.
        width: of the map.

    Returns:
        An `nn.Conv2d` of the same dtype. From (batch, in_channels, height, width) it makes (batch, out_features, 1, 1),
        the numbers that `linear` makes from the flattened map. From a larger map it makes a map of scores: at [i, j]
        those of the (height, width) window whose first row is i and first column j. It may share its memory with
        `linear`.

    Errors: a ValueError where `linear.in_features` are not as many as such a map has numbers.

    >>> conv = linear_to_conv(nn.Linear(24, 10), in_channels=2, height=3, width=4)
    >>> conv(torch.zeros(5, 2, 3, 4)).shape, conv(torch.zeros(5, 2, 8, 6)).shape
    (torch.Size([5, 10, 1, 1]), torch.Size([5, 10, 6, 3]))
    """
    # TODO: the error; a Conv2d, its kernel as large as the map; its weights (out_features, in_channels, height, width)
    # from (out_features, in_features); its biases. What does a new layer hold before you fill it, and which dtype?
    raise NotImplementedError("linear_to_conv is still to be written")
