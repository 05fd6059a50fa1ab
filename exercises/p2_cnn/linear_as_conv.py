# GENERATED from solutions/p2_cnn/linear_as_conv.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise linear_as_conv
# sha256 as generated: 1a2b5aeb6ccc8948a1ee05bd4939a4965efc14be8c03caf0b62c971638a4fe89

"""A fully-connected layer as a convolution.

A classifier that ends in a fully-connected layer only takes images of one size. But a neuron that is connected to a
whole map is the same as a filter as large as the map: on this map the filter has one position, and gives the neuron's
output there. On a larger map it has more positions, and the result is a map of scores. This slides the classifier over
the image, and is much cheaper than cutting out all windows.

Shapes: a map is (batch, channels, height, width). A `Linear` gets `map.flatten(1)`: channel by channel, and each channel
row by row.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Convolutional networks", questions 5 and 6.
"""

import torch
from torch import nn


def linear_to_conv(linear: nn.Linear, in_channels: int, height: int, width: int) -> nn.Conv2d:
    """Converts a fully-connected layer to an equivalent convolution.

    Args:
        linear: a layer, with or without biases, whose `in_features` inputs are a flattened (in_channels, height, width)
            map. It is not modified.
        in_channels: the channels of the map.
        height: the height of the map.
        width: the width of the map.

    Returns:
        An `nn.Conv2d` of the same dtype. It maps (batch, in_channels, height, width) to (batch, out_features, 1, 1), with
        the same numbers as `linear` for the flattened map. It maps a larger map to a map of scores: at [i, j] are those
        of the (height, width) window whose first row is i and whose first column is j. It may share memory with
        `linear`.

    Errors: a ValueError if `linear.in_features` is not in_channels · height · width.

    >>> conv = linear_to_conv(nn.Linear(24, 10), in_channels=2, height=3, width=4)
    >>> conv(torch.zeros(5, 2, 3, 4)).shape, conv(torch.zeros(5, 2, 8, 6)).shape
    (torch.Size([5, 10, 1, 1]), torch.Size([5, 10, 6, 3]))
    """
    # TODO: raise the error; create a Conv2d with a kernel as large as the map; set its weights (out_features,
    # in_channels, height, width) from (out_features, in_features), and its biases. Which values and dtype does a new
    # layer have?
    raise NotImplementedError("linear_to_conv is still to be written")
