# GENERATED from solutions/p3_vit/self_attention.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k self_attention
# sha256 as generated: 26a8311a77e6c5e117ad5e9293a469e359dfe500624ddf98906a5fd50e7effd7

"""Self-attention: every token of an image looks at all the others, and takes from them what it needs.

A convolution mixes a pixel with its neighbours, always with the same weights. In self-attention each token makes a query,
a key and a value of itself, by three linear layers. The scalar product of a token's query with another one's key says
how much the two have to do with each other; the softmax of a query's scores gives weights; and the token's new content
is the mean of all values with these weights. A last linear layer projects it:

    softmax(Q Kᵀ / √embed_dim) V, then the projection

The division keeps the scores at the size of 1 however many features there are: the scalar product of two random
vectors grows with the root of their length, and a softmax of large scores is all 0 and 1, with no gradient left.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C = embed_dim features. Sequences know nothing of each other.

Not allowed here: torch's own attention (nn.MultiheadAttention, scaled_dot_product_attention) and other libraries'.

Sources: Vaswani et al., "Attention Is All You Need", 2017, section 3.2; the Sorbonne RDFIA practicals, "Transformers".
"""

import torch
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Attention of the tokens of a sequence to each other, with one head.

    Args:
        embed_dim: C, the features of a token; queries, keys and values have as many.

    The parameters are float32 at first. Their names are free, and so is whether the layers have biases. There is no
    dropout, no mask and no residual connection in here: training and evaluation are the same.

    Errors: none are asked for.

    >>> attention = SelfAttention(12)
    >>> attention(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        # TODO: four linear layers, embed_dim -> embed_dim: queries, keys, values, and the final projection.
        raise NotImplementedError("SelfAttention.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: queries, keys and values, (B, N, C) each; the scaled scores of every query with every key, (B, N, N);
        # their softmax, over which axis? Then the weighted means of the values, (B, N, C), and the final projection.
        raise NotImplementedError("SelfAttention.forward is still to be written")
