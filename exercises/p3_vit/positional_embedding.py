# GENERATED from solutions/p3_vit/positional_embedding.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise positional_embedding
# sha256 as generated: 6423a7c44c04cdc7b7385a5a779e9b685bbec7a86716bdcfad4b5bef59b7947e

"""Sinusoidal positions: how a transformer learns where its tokens are.

Attention treats tokens as a set: if you swap two of them, only the order of the results changes. For images this is not
enough, so a vector that describes its position is added to each token. This vector consists of waves: in the first
columns they are short and distinguish neighbours, in the last columns they are so long that they hardly change over the
sequence. It is a clock with many hands. Nothing in it is learned.

Shapes: (1, sequence_length, d): the first axis makes it possible to add the result to a batch of tokens.

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Transformers"; A. Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
"""

import torch
from torch import Tensor


def get_positional_embeddings(sequence_length: int, d: int) -> Tensor:
    """The positional embedding: a vector of d numbers for each position of a sequence.

    The number at position i in column j, both counted from 0, is

        sin(i / 10000^(j / d))          if j is even,
        cos(i / 10000^((j - 1) / d))    if j is odd,

    with angles in radians: an odd column has the wavelength of the even one before it.

    Args:
        sequence_length: the number of positions, at least 1.
        d: the length of the vectors, at least 1. It may be odd: then the last sine has no cosine.

    Returns:
        (1, sequence_length, d), float32. They are constants: no gradient is recorded for them.

    Errors: the arguments need not be checked.

    >>> get_positional_embeddings(2, 4)
    tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
             [0.8415, 0.5403, 0.0100, 0.9999]]])
    """
    # TODO: compute the exponent of each column, (d,); the angle of each position in each column, (sequence_length, d);
    # and the sine or cosine of each column. Which columns share a wavelength?
    raise NotImplementedError("get_positional_embeddings is still to be written")
