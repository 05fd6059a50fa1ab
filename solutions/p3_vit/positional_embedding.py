"""Sinusoidal positions: how a transformer is told where its tokens stand.

Attention looks at a set of tokens: exchange two of them, and nothing changes but the order of the answers. For images
that will not do, so each token is given a vector that says where it stands. This one is made of waves: in the first
columns they are short and tell neighbours apart, in the last they are so long that they hardly move over the sequence.
It is a clock with many hands. Nothing of it is learned.

Shapes: (1, sequence_length, d): the first axis is there so that it can be added to a batch of tokens.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Transformers"; A. Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
"""

import torch
from torch import Tensor


def get_positional_embeddings(sequence_length: int, d: int) -> Tensor:
    """A vector of d numbers for each position of a sequence.

    At position i and in column j, both counted from 0, stands

        sin(i / 10000^(j / d))          where j is even,
        cos(i / 10000^((j - 1) / d))    where j is odd,

    with angles in radians: an odd column has the wavelength of the even one before it.

    Args:
        sequence_length: positions, at least 1.
        d: numbers of a vector, at least 1. It may be odd: then the last sine has no cosine.

    Returns:
        (1, sequence_length, d), float32, constants: no gradient is recorded for them.

    Errors: none are asked for.

    >>> get_positional_embeddings(2, 4)
    tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
             [0.8415, 0.5403, 0.0100, 0.9999]]])
    """
    ### BEGIN SOLUTION
    # TODO: the exponent of each column, (d,); the angle of each position in each column, (sequence_length, d); the wave
    # that the column asks for. Which columns share a wavelength?
    positions = torch.arange(sequence_length, dtype=torch.float64)
    columns = torch.arange(d, dtype=torch.float64)
    odd = columns % 2
    angles = torch.outer(positions, 10000.0 ** (-(columns - odd) / d))
    return torch.where(odd == 1, angles.cos(), angles.sin())[None].float()
    ### END SOLUTION
