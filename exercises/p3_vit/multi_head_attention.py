# GENERATED from solutions/p3_vit/multi_head_attention.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k multi_head_attention
# sha256 as generated: 3f8096331c43739b504e7580c0c5d00a8fda03f949ce37e7debfb4114c196d34

"""Multi-head self-attention: several attentions at once, each on a part of the features.

One softmax gives a token one set of weights, though it may need one thing from its neighbour and another from the far
end of the image. So the C features of queries, keys and values are split among the heads, d = C / num_heads for each.
Every head attends on its own, as in `self_attention`, softmax(Q Kᵀ / √d) V, and what the heads come to is concatenated,
head after head, to C features again. A last linear layer mixes the heads. It costs as much as one head with all the
features.

Nearly all that goes wrong here is shapes: (B, N, C) has to become (B, heads, N, d), and a `view` alone puts the numbers
of one token into the place of another. It raises no error, and the network even learns something.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C = embed_dim features. Sequences know nothing of each other.

Not allowed here: torch's own attention (nn.MultiheadAttention, scaled_dot_product_attention) and other libraries'.

Sources: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2; the Sorbonne RDFIA practicals,
"Transformers".
"""

import torch
from torch import Tensor, nn


class MultiHeadsSelfAttention(nn.Module):
    """Attention of the tokens of a sequence to each other, with several heads.

    Args:
        embed_dim: C, the features of a token.
        num_heads: how many heads share them; it divides embed_dim. With 1 this is `SelfAttention`.

    The parameters are float32 at first. Their names are free, and so is whether the layers have biases. There is no
    dropout, no mask and no residual connection in here: training and evaluation are the same.

    Raises:
        ValueError: num_heads does not divide embed_dim.

    >>> attention = MultiHeadsSelfAttention(12, 3)
    >>> attention(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        # TODO: refuse a number of heads that does not divide embed_dim; four linear layers, embed_dim -> embed_dim:
        # queries, keys, values (each for all heads together), and the final projection.
        raise NotImplementedError("MultiHeadsSelfAttention.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: queries, keys and values, (B, N, C), then split, (B, heads, N, d): which axes have to change places?
        # In each head the scaled scores, (B, heads, N, N), their softmax and the weighted means of the values,
        # (B, heads, N, d). Then the heads side by side again, (B, N, C), and the final projection.
        raise NotImplementedError("MultiHeadsSelfAttention.forward is still to be written")
