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
        ### BEGIN SOLUTION
        # TODO: refuse a number of heads that does not divide embed_dim; four linear layers, embed_dim -> embed_dim:
        # queries, keys, values (each for all heads together), and the final projection.
        if embed_dim % num_heads:
            raise ValueError(f"num_heads is {num_heads}, expected a divisor of embed_dim, {embed_dim}")
        self.num_heads = num_heads
        self.query = nn.Linear(embed_dim, embed_dim)
        self.key = nn.Linear(embed_dim, embed_dim)
        self.value = nn.Linear(embed_dim, embed_dim)
        self.projection = nn.Linear(embed_dim, embed_dim)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        ### BEGIN SOLUTION
        # TODO: queries, keys and values, (B, N, C), then split, (B, heads, N, d): which axes have to change places?
        # In each head the scaled scores, (B, heads, N, N), their softmax and the weighted means of the values,
        # (B, heads, N, d). Then the heads side by side again, (B, N, C), and the final projection.
        B, N, C = x.shape
        Q, K, V = (
            layer(x).view(B, N, self.num_heads, C // self.num_heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = Q @ K.transpose(-2, -1) / (C // self.num_heads) ** 0.5
        heads = torch.softmax(scores, dim=-1) @ V
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))
        ### END SOLUTION
