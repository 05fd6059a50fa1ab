# GENERATED from solutions/p3_vit/transformer_block.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder -k transformer_block
# sha256 as generated: 42bb472eed74e5d007cbb6c9771028b8003214ff417ebcb7ff3e844097d0e9f7

"""A transformer block: attention, in which tokens look at each other, then a small network that each goes through alone.

A vision transformer is a pile of these. Both halves have the same form, and that form is what makes a deep pile
trainable: what a half computes is *added* to the tokens,

    x = x + attention(norm1(x))
    x = x + mlp(norm2(x))

so that tokens and gradients pass straight through from the first block to the last, and every half only has to say what
is to be changed. A half reads the tokens through a layer norm, which brings each of them to mean 0 and variance 1, while
the tokens themselves stay as they are: the norm stands *before* the half (pre-norm), and in the half's branch only.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C features. Sequences know nothing of each other.

Allowed here: everything, torch's attention too. `MultiHeadsSelfAttention` is yours if you import it; you may define what
you need in this file as well.

Sources: A. Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, section 3.1; the Sorbonne RDFIA practicals,
"Transformers".
"""

from torch import Tensor, nn

from .multi_head_attention import MultiHeadsSelfAttention


class MLP(nn.Module):
    """Two linear layers with a GELU between them, for each token alone.

    Args:
        in_features: features of a token, before and after.
        hid_features: features between the two layers.

    The GELU is the exact one or its tanh approximation. With biases or without. The parameters are float32 at first, and
    there is no dropout.

    Errors: none are asked for.

    >>> import torch
    >>> MLP(6, 20)(torch.randn(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, in_features: int, hid_features: int) -> None:
        super().__init__()
        # TODO: two linear layers, in_features -> hid_features -> in_features, and the activation between them.
        raise NotImplementedError("MLP.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(..., in_features) -> (..., in_features)."""
        # TODO: first layer, activation, second layer, and nothing after it.
        raise NotImplementedError("MLP.forward is still to be written")


class Block(nn.Module):
    """Attention and MLP, each with a layer norm before it and a residual connection around both.

    Args:
        embed_dim: C, the features of a token.
        num_heads: heads of the attention; it divides embed_dim.
        mlp_ratio: hidden features of the MLP, as a multiple of embed_dim.

    The layer norms are over the features, with trainable weights and biases and an eps of 1e-5 or 1e-6. The parameters
    are float32 at first; their names are free. There is no dropout: training and evaluation are the same.

    Errors: none are asked for.

    >>> import torch
    >>> Block(12, num_heads=3, mlp_ratio=2)(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int, num_heads: int = 4, mlp_ratio: int = 4) -> None:
        super().__init__()
        # TODO: two layer norms over the features, the attention, the MLP. Could one norm serve both halves?
        raise NotImplementedError("Block.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: the two lines of the formula above. To what is a half's result added: to the tokens, or to what the norm
        # made of them?
        raise NotImplementedError("Block.forward is still to be written")
