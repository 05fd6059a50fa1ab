# GENERATED from solutions/p1_mlp/mlp_autograd.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise mlp_autograd
# sha256 as generated: fbfc39876238215a747d94886607e69c022c70a04addf4b2ec7cc17a55d60826

"""A multilayer perceptron with autograd: you write the forward pass, PyTorch computes the gradients.

By hand, the gradient took a page of derivatives and its own function. Here you do not need that function. PyTorch
records every operation on a tensor with `requires_grad`, and `L.backward()` follows the record from the loss back to the
leaves: the tensors that were not computed from others, which are our parameters. The gradient of each is stored in its
`.grad`. Three things are left to you: create parameters that are leaves, do nothing that cuts the graph, and clear each
gradient after its use, since `backward` adds to the old one.

The network is the same as the one by hand:

    htilde = X Wh^T + bh,   h = tanh(htilde),   ytilde = h Wy^T + by,   yhat = softmax(ytilde)

Shapes: `X` (n, nx), the inputs; `Y` (n, ny), one-hot targets. `params` is a dictionary with `Wh` (nh, nx), `bh`, `Wy`
(ny, nh), `by`. A bias of n numbers may be (n,), (1, n) or (n, 1), as you choose in `init_params`. Float tensors;
results have the dtype and the device of the arguments. Arguments are never modified, except that `sgd` may
change `params`.

Not allowed here: the layers and losses of `torch.nn` (they come in `mlp_nn`; its softmax is allowed), and torch.optim.

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

import torch
from torch import Tensor


def init_params(nx: int, nh: int, ny: int, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """New parameters with gradients.

    Args:
        nx: features of an example.
        nh: hidden neurons.
        ny: classes.
        generator: the source of the random numbers; None: PyTorch's global random state.

    Returns:
        `Wh` (nh, nx), `bh` (nh numbers), `Wy` (ny, nh), `by` (ny numbers): float32 leaf tensors with `requires_grad`,
        the weights drawn from a normal distribution with mean 0 and standard deviation 0.3, the biases likewise or
        zero.

    Errors: the arguments need not be checked.

    >>> params = init_params(2, 10, 3)
    >>> params["Wh"].shape, params["Wy"].shape
    (torch.Size([10, 2]), torch.Size([3, 10]))
    >>> all(p.is_leaf and p.requires_grad for p in params.values())
    True
    """
    # TODO: draw the parameters from N(0, 0.3^2): Wh (nh, nx), bh (nh,), Wy (ny, nh), by (ny,). Is the result of a
    # multiplication still a leaf?
    raise NotImplementedError("init_params is still to be written")


def forward(params: dict[str, Tensor], X: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The forward pass: the probabilities for a batch, and the intermediate results.

    Args:
        params: as `init_params` returns them.
        X: (batch, nx), inputs.

    Returns:
        `(yhat, outputs)`: the probabilities, (batch, ny), each row summing to 1; and a dictionary with `X` (batch, nx),
        `htilde` and `h` (batch, nh), `ytilde` and `yhat` (batch, ny). All but `X` have a graph back to the
        parameters. It may have more entries.

    Errors: the arguments need not be checked.

    >>> yhat, outputs = forward(init_params(2, 10, 3), torch.zeros(5, 2))
    >>> yhat.shape, outputs["h"].shape
    (torch.Size([5, 3]), torch.Size([5, 10]))
    """
    # TODO: write the four lines of the network, (batch, nx) -> (batch, nh) -> (batch, ny). Over which axis is the softmax?
    raise NotImplementedError("forward is still to be written")


def loss_accuracy(Yhat: Tensor, Y: Tensor) -> tuple[Tensor, Tensor]:
    """The loss and the accuracy of a batch of predictions.

    Args:
        Yhat: (batch, ny), probabilities as `forward` returns them. Some may be exactly 0.
        Y: (batch, ny), one-hot targets.

    Returns:
        `(L, acc)`: the mean cross-entropy in nats, a 0-d tensor on which `backward` can be called; and the accuracy,
        the fraction in [0, 1] of the examples whose most probable class is the right one, a float or a 0-d tensor. A
        probability of 0 adds nothing to an example's loss if its target is 0; for the right class it makes the loss
        large (at least 10) but finite.

    Errors: the arguments need not be checked.

    >>> loss_accuracy(torch.full((4, 2), 0.5), torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    (tensor(0.6931), tensor(0.7500))
    """
    # TODO: compute the mean cross-entropy and the accuracy, (batch, ny) and (batch, ny) -> two scalars. What is
    # 0 * log(0)?
    raise NotImplementedError("loss_accuracy is still to be written")


def sgd(params: dict[str, Tensor], eta: float) -> dict[str, Tensor]:
    """One step of stochastic gradient descent.

    Args:
        params: the parameters after `backward`, each with its gradient in `.grad`. May be modified in place.
        eta: the learning rate.

    Returns:
        The parameters after the step, ready for the next `backward`: leaves with `requires_grad` and cleared gradients
        (zero or None). The same tensors or new ones.

    Errors: the arguments need not be checked.

    >>> params = init_params(2, 10, 2)
    >>> X, Y = torch.ones(1, 2), torch.tensor([[1.0, 0.0]])
    >>> yhat, _ = forward(params, X)
    >>> loss_accuracy(yhat, Y)[0].backward()
    >>> after, _ = forward(sgd(params, 0.1), X)
    >>> bool(after[0, 0] > yhat[0, 0])  # the right class has become more probable
    True
    """
    # TODO: take the gradient step for every parameter, without recording it; then clear its gradient.
    raise NotImplementedError("sgd is still to be written")


def train(
    X: Tensor,
    Y: Tensor,
    nh: int = 10,
    eta: float = 0.1,
    batch_size: int = 10,
    epochs: int = 150,
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """New parameters, trained by mini-batch gradient descent.

    Args:
        X: (n, nx), inputs, float32.
        Y: (n, ny), one-hot targets.
        nh: hidden neurons.
        eta: the learning rate.
        batch_size: examples per step. If n is not a multiple of it, use the last, shorter batch too.
        epochs: passes over the data, each over every example once, in a new random order. 0 returns the initial
            parameters.
        generator: the source of all random numbers, first for the parameters, then for the order of the examples.

    Returns:
        The trained parameters.

    Errors: the arguments need not be checked.

    >>> params = train(torch.randn(25, 3), torch.eye(5).repeat(5, 1), epochs=2)
    >>> forward(params, torch.zeros(7, 3))[0].shape
    torch.Size([7, 5])
    """
    # TODO: write mini-batch gradient descent with the functions above: in each epoch draw a new order, (n,); for each
    # batch compute the forward pass, the loss and the gradients, and take a step.
    raise NotImplementedError("train is still to be written")
