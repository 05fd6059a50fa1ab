# GENERATED from solutions/p2_cnn/training.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise training
# sha256 as generated: f04470f0055d25320863dbc52a19f5e297df3246cecbc92c664ce3d9bc24ed4c

"""The training loop of a network: an epoch, a schedule for the learning rate, and both together.

One function for training and evaluation makes sure that both measure the same, and shows how they differ: in training
the model is in train mode and an optimizer changes it after each batch; in evaluation it is in eval mode, autograd
records nothing, and the model does not change.

A loader is anything that gives `(images, labels)` batches each time you iterate over it: a `DataLoader`, a list or your
own object. Batches may have different sizes. Images (batch, ...) are float tensors, labels (batch,) are int64;
a model maps images to scores (batch, classes); a criterion takes `(scores, labels)` and returns the mean loss of the
batch.

Source: the Sorbonne RDFIA practicals, "Convolutional neural networks"; here the means are over the examples, and an
accuracy is a fraction.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

Loader = Iterable[tuple[Tensor, Tensor]]
Criterion = Callable[[Tensor, Tensor], Tensor]


def epoch(
    loader: Loader, model: nn.Module, criterion: Criterion, optimizer: torch.optim.Optimizer | None = None
) -> tuple[float, float]:
    """One pass over the data: trains with an optimizer, evaluates without one.

    Args:
        loader: batches of images and labels. Use each once, in order.
        model: maps images to scores. It may be in either mode before and after the call.
        criterion: takes (scores, labels) and returns the mean loss of a batch.
        optimizer: an optimizer of the model's parameters. None: the model may not change.

    Returns:
        `(loss, accuracy)`, means over all examples of the epoch, not over its batches: the loss, and the fraction in
        [0, 1] of the examples whose highest score is that of the right class. In training, use the scores from which the
        steps are computed. Floats or 0-d tensors.

    Errors: the arguments need not be checked.

    >>> batches = [(torch.zeros(4, 1, 2, 2), torch.zeros(4, dtype=torch.int64))]
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> epoch(batches, model, nn.CrossEntropyLoss())
    (0.6931471824645996, 1.0)
    """
    # TODO: set the mode of the model; for each batch compute the scores, (batch, classes), and the loss, with gradients
    # only in training, where a step of the optimizer follows. Which weight does a batch have in the means?
    raise NotImplementedError("epoch is still to be written")


def exponential_lr(eta0: float, gamma: float, epochs: int) -> list[float]:
    """A learning rate that decays by the same factor from each epoch to the next.

    Args:
        eta0: the learning rate of the first epoch.
        gamma: the factor.
        epochs: the number of learning rates.

    Returns:
        The learning rate of each epoch.

    Errors: the arguments need not be checked.

    >>> exponential_lr(1.0, 0.5, 4)
    [1.0, 0.5, 0.25, 0.125]
    """
    # TODO: compute a geometric sequence of `epochs` numbers.
    raise NotImplementedError("exponential_lr is still to be written")


def fit(
    model: nn.Module, train_loader: Loader, epochs: int, eta: float = 0.1, gamma: float = 1.0
) -> list[tuple[float, float]]:
    """Trains a model by plain stochastic gradient descent on the cross-entropy, with a decaying learning rate.

    Args:
        model: maps images to scores; trained in place. It may be in either mode, but each epoch trains in train mode.
        train_loader: batches of images and labels; an epoch is one pass over them, and passes may differ in their order.
        epochs: the number of epochs. 0 trains nothing.
        eta: the learning rate of the first epoch.
        gamma: the factor of the learning rate after each epoch.

    Returns:
        The history: a list of `(loss, accuracy)`, one for each epoch, as `epoch` returns them in training.

    Errors: the arguments need not be checked.

    >>> batches = [(torch.ones(4, 1, 2, 2), torch.zeros(4, dtype=torch.int64))]
    >>> history = fit(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), batches, epochs=3)
    >>> len(history), history[2][0] < history[0][0]
    (3, True)
    """
    # TODO: create a criterion and an optimizer; train each epoch with its own learning rate. When does it decay?
    raise NotImplementedError("fit is still to be written")
