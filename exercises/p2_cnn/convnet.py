# GENERATED from solutions/p2_cnn/convnet.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise convnet
# sha256 as generated: 2b651718a1493d30b61d0101e6c969e4251fcbd05b5f10aec5b77650f2d661d5

"""A convolutional network for small colour images, with optional dropout and batch normalization.

Three pairs of a convolution and a max pooling turn an image of 32×32 pixels with 3 channels into 64 maps of 4×4; two
fully-connected layers turn those into ten scores. A convolution looks for the same few things everywhere, so all three
together have less than a sixth of the parameters of the layer fc4 that follows them.

| layer | what it does                                          | output   |
| ----- | ----------------------------------------------------- | -------- |
| conv1 | 32 filters of 5×5, padded to keep the size            | 32×32×32 |
| pool1 | maximum over 2×2, stride 2                            | 32×16×16 |
| conv2 | 64 filters of 5×5, padded to keep the size            | 64×16×16 |
| pool2 | maximum over 2×2, stride 2                            | 64×8×8   |
| conv3 | 64 filters of 5×5, padded to keep the size            | 64×8×8   |
| pool3 | maximum over 2×2, stride 2, last window may stick out | 64×4×4   |
| fc4   | fully connected                                       | 1000     |
| fc5   | fully connected                                       | 10       |

Shapes: images (batch, 3, height, width) with 32×32 or 28×28 pixels, scores (batch, 10), of the same float dtype as the
parameters.

Source: the Sorbonne RDFIA practicals, "Convolutional neural networks".
"""

import torch
from torch import Tensor, nn


class ConvNet(nn.Module):
    """The network of the table above, with 1,191,170 parameters.

    A ReLU follows each convolution, before or after its pooling, and another follows fc4. fc5 returns scores: nothing
    follows it, since PyTorch's cross-entropy takes scores. The attributes may have any names.

    Args:
        dropout: the probability, in [0, 1), of setting a number between fc4 and fc5 to 0 in training. The others are
            divided by 1 - dropout. Nothing is dropped in evaluation, or at any other place.
        batch_norm: whether a BatchNorm2d follows each convolution, before its ReLU, with the statistics of the batch in
            training and the running ones in evaluation. It adds 320 parameters. The 160 biases of the convolutions then
            have no effect and may be left out.

    Errors: the arguments need not be checked.

    >>> ConvNet()(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 10])
    >>> ConvNet(dropout=0.5, batch_norm=True).eval()(torch.zeros(1, 3, 28, 28)).shape
    torch.Size([1, 10])
    """

    def __init__(self, dropout: float = 0.0, batch_norm: bool = False) -> None:
        # TODO: create the layers of the table, (batch, 3, 32, 32) -> (batch, 64, 4, 4) -> (batch, 1000) -> (batch, 10),
        # and those for dropout and batch_norm. A crop of 28×28 pixels is 7×7 before pool3: how does it become 4×4?
        raise NotImplementedError("ConvNet.__init__ is still to be written")

    def forward(self, images: Tensor) -> Tensor:
        """The scores of a batch: (batch, 3, height, width) -> (batch, 10), for 32×32 and for 28×28 pixels."""
        # TODO: apply the layers in order. Which axes are flattened between pool3 and fc4?
        raise NotImplementedError("ConvNet.forward is still to be written")
