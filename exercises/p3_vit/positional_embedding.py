# GENERATED from solutions/p3_vit/positional_embedding.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k positional_embedding
# sha256 as generated: 39c75d28bcf9f6af6320e576bc842708a3a2e161696e19144e7a6c9578eb8e4b

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
    # TODO: the exponent of each column, (d,); the angle of each position in each column, (sequence_length, d); the wave
    # that the column asks for. Which columns share a wavelength?
    raise NotImplementedError("get_positional_embeddings is still to be written")
