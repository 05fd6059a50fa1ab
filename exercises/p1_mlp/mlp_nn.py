# GENERATED from solutions/p1_mlp/mlp_nn.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise mlp_nn
# sha256 as generated: db7b153faeca7da9ece17eed0fa04c4fe683b3501b2c85b4a1d3dba93a254656

"""A multilayer perceptron with `torch.nn`: the layers and the loss are PyTorch's, the training is yours.

By hand, this network was a dictionary of arrays and a page of derivatives. `torch.nn` keeps the parameters inside the
layers and autograd computes the gradients. You only decide on the layers, the loss, the step and their order. The loop
at the end is the loop of every network in this course.

Shapes: `X` (n, nx), the inputs; `Y` (n, ny), one-hot targets; both float tensors. A model maps (batch, nx) to scores
(batch, ny).

Not allowed here: torch.optim (it comes in `mlp_optim`).

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def init_model(nx: int, nh: int, ny: int) -> tuple[nn.Module, Callable[[Tensor, Tensor], Tensor]]:
    """A new network and its loss.

    Args:
        nx: features of an example.
        nh: hidden neurons.
        ny: classes.

    Returns:
        `(model, loss)`: a model of two linear layers with biases and a tanh between them, (batch, nx) -> (batch, nh)
        -> (batch, ny), that returns scores; and the cross-entropy of such scores, averaged over the batch. The
        parameters are float32, drawn from PyTorch's global random state.

    Errors: the arguments need not be checked.

    >>> model, loss = init_model(2, 10, 3)
    >>> model(torch.zeros(5, 2)).shape
    torch.Size([5, 3])
    """
    # TODO: create a linear layer nx -> nh, a tanh and a linear layer nh -> ny; and the cross-entropy. Does PyTorch's
    # cross-entropy take scores or probabilities?
    raise NotImplementedError("init_model is still to be written")


def loss_accuracy(loss: Callable[[Tensor, Tensor], Tensor], Yhat: Tensor, Y: Tensor) -> tuple[Tensor, Tensor]:
    """The loss and the accuracy of a batch of predictions.

    Args:
        loss: as `init_model` returns it.
        Yhat: (batch, ny), scores as the model returns them.
        Y: (batch, ny), one-hot targets.

    Returns:
        `(L, acc)`: the mean cross-entropy in nats, and the accuracy, the fraction in [0, 1] of the examples whose
        highest score is that of the right class. Floats or 0-d tensors.

    Errors: the arguments need not be checked.

    >>> _, loss = init_model(2, 10, 2)
    >>> loss_accuracy(loss, torch.zeros(4, 2), torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    (tensor(0.6931), tensor(0.7500))
    """
    # TODO: compute the mean cross-entropy and the accuracy, (batch, ny) and (batch, ny) -> two scalars.
    raise NotImplementedError("loss_accuracy is still to be written")


def sgd(model: nn.Module, eta: float) -> nn.Module:
    """One step of stochastic gradient descent.

    Args:
        model: the model after `backward`, whose parameters have their gradients. May be modified in place.
        eta: the learning rate.

    Returns:
        The model after the step on all of its parameters.

    Errors: the arguments need not be checked.

    >>> model, loss = init_model(2, 10, 2)
    >>> before = model(torch.ones(1, 2))
    >>> loss(before, torch.tensor([[1.0, 0.0]])).backward()
    >>> after = sgd(model, 0.1)(torch.ones(1, 2))
    >>> bool(after[0, 0] > before[0, 0])  # the score of the right class has risen
    True
    """
    # TODO: take the gradient step for every parameter, without recording it. Where do you clear the gradients?
    raise NotImplementedError("sgd is still to be written")


def train(
    X: Tensor,
    Y: Tensor,
    nh: int = 10,
    eta: float = 0.1,
    batch_size: int = 10,
    epochs: int = 150,
    generator: torch.Generator | None = None,
) -> nn.Module:
    """A new network, trained by mini-batch gradient descent.

    Args:
        X: (n, nx), inputs.
        Y: (n, ny), one-hot targets.
        nh: hidden neurons.
        eta: the learning rate.
        batch_size: examples per step. If n is not a multiple of it, use the last, shorter batch too.
        epochs: passes over the data, each over every example once, in a new random order. 0 returns the initial model.
        generator: decides only the order of the examples; the weights come from the global random state.

    Returns:
        The trained model.

    Errors: the arguments need not be checked.

    >>> train(torch.randn(25, 3), torch.eye(5).repeat(5, 1), epochs=2)(torch.zeros(7, 3)).shape
    torch.Size([7, 5])
    """
    # TODO: write mini-batch gradient descent with the functions above: in each epoch draw a new order, (n,); for each
    # batch compute the scores, the loss and the gradients, and take a step.
    raise NotImplementedError("train is still to be written")
