# GENERATED from solutions/p3_vit/patch_embedding.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise patch_embedding
# sha256 as generated: e0e912b68fdde9f9681a1fc0366cd90585e26cae949973800f6c23162574d832

"""Patches to tokens: how an image becomes something that a transformer can read.

A transformer reads a sequence of vectors, but an image is not one. So the image is cut into squares, like a sheet of
stamps, and a linear projection turns each square into one vector, a *token*. The projection is the same for all squares
and learned with the rest of the network. From here on the network sees tokens, not pixels.

Shapes: images (B, in_chan, H, W), where patch_size divides H and W, which may differ; tokens (B, N, embed_dim)
with N = (H / patch_size) · (W / patch_size).

Allowed here: everything.

Source: the Sorbonne RDFIA practicals, "Transformers"; A. Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021.
"""

import torch
from torch import nn


class PatchEmbed(nn.Module):
    """Cuts images into square patches and projects each patch to a vector.

    The projection is linear: a weight for each pixel of a patch, in each channel, and each of the embed_dim numbers of the
    token; with or without biases. There is no activation, no normalization and no positional embedding.

    Args:
        in_chan: channels of the images.
        patch_size: height and width of a patch, in pixels.
        embed_dim: the count of numbers in a token.

    Errors: the arguments need not be checked.

    >>> PatchEmbed()(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 16, 128])
    >>> PatchEmbed(in_chan=3, patch_size=4, embed_dim=10)(torch.zeros(2, 3, 8, 20)).shape
    torch.Size([2, 10, 10])
    """

    def __init__(self, in_chan: int = 1, patch_size: int = 7, embed_dim: int = 128) -> None:
        super().__init__()
        # TODO: create the layer or the parameters of the projection: (in_chan, patch_size, patch_size) -> (embed_dim,).
        raise NotImplementedError("PatchEmbed.__init__ is still to be written")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, in_chan, H, W) -> (B, N, embed_dim), the tokens in row-major order: the first row of patches from left to
        right, then the second."""
        # TODO: compute a token for each patch; merge rows and columns of patches into one axis; order the axes as
        # required. Which index changes fastest?
        raise NotImplementedError("PatchEmbed.forward is still to be written")
