"""A convolutional network for small colour images, with dropout and batch normalization to switch on.

Three times a convolution and a max pooling turn an image of 32×32 pixels in 3 colours into 64 maps of 4×4; two
fully-connected layers turn those into ten scores. A convolution looks everywhere for the same few things, so all three
together have fewer parameters than a sixth of the one layer fc4 that comes after them.

| layer | what it does                                          | output   |
| ----- | ----------------------------------------------------- | -------- |
| conv1 | 32 filters of 5×5, padded to keep the size            | 32×32×32 |
| pool1 | maximum over 2×2, stride 2                            | 32×16×16 |
| conv2 | 64 filters of 5×5, padded to keep the size            | 64×16×16 |
| pool2 | maximum over 2×2, stride 2                            | 64×8×8   |
| conv3 | 64 filters of 5×5, padded to keep the size            | 64×8×8   |
| pool3 | maximum over 2×2, stride 2, what sticks out included  | 64×4×4   |
| fc4   | fully connected                                       | 1000     |
| fc5   | fully connected                                       | 10       |

Shapes: images (batch, 3, height, width) with 32×32 or 28×28 pixels, scores (batch, 10), of the same float dtype as the
parameters.

Source: the Sorbonne RDFIA practicals, "Convolutional neural networks".
"""

import torch
from torch import Tensor, nn


class ConvNet(nn.Module):
    """The network of the table above, 1,191,170 parameters.

    A ReLU follows each convolution, before or after its pooling, and fc4. fc5 gives scores: nothing follows it, since
    the cross-entropy of PyTorch takes scores. The attributes may have any names.

    Args:
        dropout: the probability with which a number that goes from fc4 to fc5 is set to 0 in training, in [0, 1). The
            others are divided by 1 - dropout. In evaluation nothing is dropped, and nothing ever at another place.
        batch_norm: whether a BatchNorm2d follows each convolution, before its ReLU, with the statistics of the batch in
            training and the running ones in evaluation. It adds 320 parameters; the convolutions' biases, 160, then do
            nothing and may be left out.

    Errors: none are asked for.

    >>> ConvNet()(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 10])
    >>> ConvNet(dropout=0.5, batch_norm=True).eval()(torch.zeros(1, 3, 28, 28)).shape
    torch.Size([1, 10])
    """

    def __init__(self, dropout: float = 0.0, batch_norm: bool = False) -> None:
        ### BEGIN SOLUTION
        # TODO: the layers of the table, (batch, 3, 32, 32) -> (batch, 64, 4, 4) -> (batch, 1000) -> (batch, 10), and
        # what dropout and batch_norm add. A crop of 28×28 pixels is 7×7 before pool3: how does it become 4×4?
        super().__init__()

        def block(inputs: int, outputs: int, ceil_mode: bool = False) -> list[nn.Module]:
            norm = [nn.BatchNorm2d(outputs)] if batch_norm else []
            return [
                nn.Conv2d(inputs, outputs, kernel_size=5, padding=2),
                *norm,
                nn.ReLU(),
                nn.MaxPool2d(2, stride=2, ceil_mode=ceil_mode),
            ]

        self.features = nn.Sequential(*block(3, 32), *block(32, 64), *block(64, 64, ceil_mode=True))
        self.classifier = nn.Sequential(
            nn.Linear(64 * 4 * 4, 1000), nn.ReLU(), nn.Dropout(dropout), nn.Linear(1000, 10)
        )
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """The scores of a batch: (batch, 3, height, width) -> (batch, 10), for 32×32 and for 28×28 pixels."""
        ### BEGIN SOLUTION
        # TODO: the layers in their order. Which axes become one between pool3 and fc4?
        maps = self.features(images)
        return self.classifier(torch.flatten(maps, start_dim=1))
        ### END SOLUTION
