# GENERATED from solutions/p3_vit/self_attention.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise self_attention
# sha256 as generated: 6d5d9aa626a0d2de60ff09f0a864351f20417c2c8f3592feb6faeb953155074a

"""Self-attention: every token of an image looks at all others and collects what it needs from them.

A convolution mixes a pixel with its neighbours, always with the same weights. In self-attention, three linear layers turn
each token into a query, a key and a value. The scalar product of a token's query and another token's key measures how
much the two are related. The softmax of a query's scores gives weights, and the token's new content is the mean of all
values with these weights. A last linear layer projects it:

    softmax(Q Kᵀ / √embed_dim) V, then the projection

The division keeps the scores near 1, whatever the number of features: the scalar product of two random vectors grows
with the square root of their length, and a softmax of large scores is almost 0 or 1, with almost no gradient.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C = embed_dim features. Sequences do not influence each other.

Not allowed here: torch's own attention (nn.MultiheadAttention, scaled_dot_product_attention) and other libraries'.

Sources: Vaswani et al., "Attention Is All You Need", 2017, section 3.2; the Sorbonne RDFIA practicals, "Transformers".
"""

import torch
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Self-attention between the tokens of a sequence, with one head.

    Args:
        embed_dim: C, the features of a token, and of its query, key and value.

    The parameters are float32 at first. Names and biases are up to you. There is no
    dropout, no mask and no residual connection: training and evaluation are the same.

    Errors: the arguments need not be checked.

    >>> attention = SelfAttention(12)
    >>> attention(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        # TODO: create four linear layers, embed_dim -> embed_dim: queries, keys, values, and the final projection.
        raise NotImplementedError("SelfAttention.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: compute queries, keys and values, (B, N, C) each; the scaled scores of every query with every key,
        # (B, N, N); their softmax (over which axis?); the weighted means of the values, (B, N, C); and the final
        # projection.
        raise NotImplementedError("SelfAttention.forward is still to be written")
