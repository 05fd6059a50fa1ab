# GENERATED from solutions/p3_vit/multi_head_attention.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise multi_head_attention
# sha256 as generated: 8990e07729f7577792a24effedf9df5ebe8f2c5b5569c8a5b3a31019c868e82f

"""Multi-head self-attention: several attentions at once, each on a part of the features.

One softmax gives a token one set of weights, but it may need different things from its neighbour and from the other end
of the image. So the C features of queries, keys and values are split among the heads, d = C / num_heads for each. Every
head computes its own attention, softmax(Q Kᵀ / √d) V, as in `self_attention`. The results are concatenated, head after
head, to C features again, and a last linear layer mixes them. This costs as much as one head with all features.

Most mistakes here concern shapes: (B, N, C) has to become (B, heads, N, d), and a `view` alone mixes the numbers of
different tokens. It raises no error, and the network even learns something.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C = embed_dim features. Sequences do not influence each other.

Not allowed here: torch's own attention (nn.MultiheadAttention, scaled_dot_product_attention) and other libraries'.

Sources: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2; the Sorbonne RDFIA practicals,
"Transformers".
"""

import torch
from torch import Tensor, nn


class MultiHeadsSelfAttention(nn.Module):
    """Self-attention between the tokens of a sequence, with several heads.

    Args:
        embed_dim: C, the features of a token.
        num_heads: the number of heads that share them; a divisor of embed_dim. With 1 this is `SelfAttention`.

    The parameters are float32 at first. Names and biases are up to you. There is no
    dropout, no mask and no residual connection: training and evaluation are the same.

    Raises:
        ValueError: num_heads does not divide embed_dim.

    >>> attention = MultiHeadsSelfAttention(12, 3)
    >>> attention(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        # TODO: raise the error if num_heads does not divide embed_dim; create four linear layers, embed_dim ->
        # embed_dim: queries, keys, values (each for all heads together), and the final projection.
        raise NotImplementedError("MultiHeadsSelfAttention.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: compute queries, keys and values, (B, N, C), and split them, (B, heads, N, d): which axes change places?
        # For each head compute the scaled scores, (B, heads, N, N), their softmax and the weighted means of the values,
        # (B, heads, N, d). Then concatenate the heads, (B, N, C), and apply the final projection.
        raise NotImplementedError("MultiHeadsSelfAttention.forward is still to be written")
