# GENERATED from solutions/p1_mlp/mlp_optim.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise mlp_optim
# sha256 as generated: 53ad3785c62ca18d0617b3439a4ad04c6f4596b26f378cb485d60b15fcfa2060

"""A multilayer perceptron with `torch.optim`: the layers, the loss and the steps are PyTorch's, the loop is yours.

This exercise replaces the last part that you wrote by hand: an optimizer knows the parameters and changes them by its
own rule. You still decide on the order of the calls, and the optimizer cannot check it: it uses the gradients that it
finds, even if they are old, doubled or missing. Here the rule is plain gradient descent; every other optimizer is called
by the same three lines.

Shapes: `X` (n, nx), the inputs; `Y` (n, ny), one-hot targets; both float tensors. A model maps (batch, nx) to scores
(batch, ny).

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def init_model(
    nx: int, nh: int, ny: int, eta: float
) -> tuple[nn.Module, Callable[[Tensor, Tensor], Tensor], torch.optim.Optimizer]:
    """A new network, its loss and its optimizer.

    Args:
        nx: features of an example.
        nh: hidden neurons.
        ny: classes.
        eta: the learning rate.

    Returns:
        `(model, loss, optim)`: a model of two linear layers with biases and a tanh between them, (batch, nx) ->
        (batch, nh) -> (batch, ny), that returns scores; the cross-entropy of such scores, averaged over the batch; and
        an optimizer that does plain gradient descent with learning rate eta on all the parameters of that model. The
        parameters are float32, drawn from PyTorch's global random state.

    Errors: the arguments need not be checked.

    >>> model, loss, optim = init_model(2, 10, 3, 0.1)
    >>> model(torch.zeros(5, 2)).shape
    torch.Size([5, 3])
    """
    # TODO: create the model and the loss as in `mlp_nn`, and stochastic gradient descent with learning rate eta. Which
    # parameters should the optimizer change?
    raise NotImplementedError("init_model is still to be written")


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
        X: (n, nx), inputs, float32.
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
    # TODO: write mini-batch gradient descent: in each epoch draw a new order, (n,); for each batch compute the scores, the
    # loss and the gradients, take a step, and clear the gradients. In which order?
    raise NotImplementedError("train is still to be written")
