# GENERATED from solutions/p3_vit/transformer_block.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise transformer_block
# It imports another exercise: to run this file itself, run in exercises/: python -m p3_vit.transformer_block
# sha256 as generated: 3f8705662997b64defcb1647d4ba46c741dd5b33d70cc87116a2530619a5e873

"""A transformer block: attention, where tokens look at each other, then a small network for each token alone.

A vision transformer is a stack of these. Both halves have the same form, which makes a deep stack trainable: the result
of a half is *added* to the tokens,

    x = x + attention(norm1(x))
    x = x + mlp(norm2(x))

so that tokens and gradients pass straight from the first block to the last, and every half only computes a change. Each
half gets the tokens through a layer norm, which gives each token mean 0 and variance 1, but does not change the tokens
that the result is added to: the norm comes *before* the half (pre-norm), and only in the half's branch.

Shapes: `x` (B, N, C), float: B sequences of N tokens with C features. Sequences do not influence each other.

Allowed here: everything, torch's attention too. You may import your `MultiHeadsSelfAttention`, or define what you need in
this file.

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

    The GELU is the exact one or its tanh approximation. Biases are optional. The parameters are float32 at first. There is
    no dropout.

    Errors: the arguments need not be checked.

    >>> import torch
    >>> MLP(6, 20)(torch.randn(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, in_features: int, hid_features: int) -> None:
        super().__init__()
        # TODO: create two linear layers, in_features -> hid_features -> in_features, and the activation between them.
        raise NotImplementedError("MLP.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(..., in_features) -> (..., in_features)."""
        # TODO: apply the first layer, the activation and the second layer, and nothing after it.
        raise NotImplementedError("MLP.forward is still to be written")


class Block(nn.Module):
    """Attention and MLP, each with a layer norm before it and a residual connection around norm and layer.

    Args:
        embed_dim: C, the features of a token.
        num_heads: the number of heads of the attention; a divisor of embed_dim.
        mlp_ratio: the hidden features of the MLP, as a multiple of embed_dim.

    The layer norms are over the features, with trainable weights and biases and an eps of 1e-5 or 1e-6. The parameters
    are float32 at first; their names are free. There is no dropout: training and evaluation are the same.

    Errors: the arguments need not be checked.

    >>> import torch
    >>> Block(12, num_heads=3, mlp_ratio=2)(torch.randn(2, 5, 12)).shape
    torch.Size([2, 5, 12])
    """

    def __init__(self, embed_dim: int, num_heads: int = 4, mlp_ratio: int = 4) -> None:
        super().__init__()
        # TODO: create two layer norms over the features, the attention and the MLP. Could both halves share one norm?
        raise NotImplementedError("Block.__init__ is still to be written")

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        # TODO: write the two lines of the formula above. Is a half's result added to the tokens, or to the normalized
        # tokens?
        raise NotImplementedError("Block.forward is still to be written")
