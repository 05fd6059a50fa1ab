# GENERATED from solutions/p3_vit/vit.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise vit
# It imports another exercise: to run this file itself, run in exercises/: python -m p3_vit.vit
# sha256 as generated: 3e0571ba799e0cfd360cfee5a9320be1acefe68265448f05aa0d5e5d1036b7f8

"""A vision transformer: an image becomes a sequence of tokens, and one extra token collects what the image shows.

You have all parts by now: patches to tokens, positions, blocks. New is the *class token*: a learned vector, the same for
every image, that joins the sequence of patches. At first it contains nothing about the image; block by block it
collects from the patches, by attention, what distinguishes the classes. After the last block, a layer norm and a linear
layer turn this token, and only this one, into scores.

Shapes: `images` (B, in_chan, img_size, img_size), N = (img_size / patch_size)² patches, a sequence of N + 1 tokens with
embed_dim features, scores (B, nb_classes).

Allowed here: everything. You may import the other exercises of this practical, or define what you need in this
file.

Sources: A. Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021; the Sorbonne RDFIA practicals, "Transformers".
"""

import torch
from torch import Tensor, nn

from .patch_embedding import PatchEmbed
from .positional_embedding import get_positional_embeddings
from .transformer_block import Block


class ViT(nn.Module):
    """A classifier of square images.

    It has a patch embedding, a class token, positions, `nb_blocks` blocks with their own parameters, a final layer norm,
    and a linear layer on the class token.

    Args:
        embed_dim: the features of a token.
        nb_blocks: the number of blocks; with 0 the class token goes directly to the final norm.
        patch_size: height and width of a patch in pixels; a divisor of img_size.
        nb_classes: the number of scores for each image.
        img_size: height and width of the images in pixels.
        in_chan: channels of the images.
        num_heads: the heads of the attention in each block; a divisor of embed_dim. The hidden layers have 4 · embed_dim
            features.

    The class token is trainable. Positions are sinusoidal or learned, and added once, before the blocks, before or
    after the class token joins the sequence; it may be first or last. The blocks are pre-norm, as in `transformer_block`. The
    scores are not probabilities. There is no dropout, and the parameters are float32 at first; their names are free.

    Errors: the arguments need not be checked.

    >>> ViT(32, nb_blocks=2, patch_size=7)(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    >>> ViT(12, 1, 4, nb_classes=3, img_size=8, in_chan=3, num_heads=2)(torch.zeros(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        embed_dim: int,
        nb_blocks: int,
        patch_size: int,
        nb_classes: int = 10,
        img_size: int = 28,
        in_chan: int = 1,
        num_heads: int = 4,
    ) -> None:
        super().__init__()
        # TODO: create the patch embedding, the class token (1, 1, embed_dim), the positions of N or N + 1 tokens, the
        # blocks, the final norm and the head embed_dim -> nb_classes. What has to be a parameter or a buffer?
        raise NotImplementedError("ViT.__init__ is still to be written")

    def forward(self, images: Tensor) -> Tensor:
        """(B, in_chan, img_size, img_size) -> (B, nb_classes)."""
        # TODO: compute the tokens of the patches, (B, N, embed_dim); concatenate the class token, (B, N + 1, embed_dim);
        # add the positions; apply the blocks; return the scores of the class token.
        raise NotImplementedError("ViT.forward is still to be written")
