# GENERATED from solutions/p1_mlp/mlp_by_hand.py by `autograder build`.
# Edit the functions below (a build leaves a file alone once it is edited), then run:
#     pytest autograder --exercise mlp_by_hand
# sha256 as generated: 242f39cb22d6e432ae1408776f730655e01d8893868324409278aca41d8ccbd8

"""A multilayer perceptron by hand: the forward pass, the loss, the gradients, the step, and the loop around them.

One hidden layer and no library magic: four arrays, five lines for the forward pass, and the chain rule backwards through
the same five lines. You write once what `loss.backward()` does in all later exercises. Derive the gradients on paper
first; the code is then one line for each, and the shapes show where a transpose is needed.

    htilde = X Wh^T + bh      h = tanh(htilde)      ytilde = h Wy^T + by      yhat = softmax(ytilde)

Shapes: `X` (batch, nx), the inputs; `Y` (batch, ny), one-hot targets. `params` and its gradients are dictionaries with
`Wh` (nh, nx), `bh`, `Wy` (ny, nh), `by`: weights are (out, in), as in `torch.nn.Linear`. A bias of n numbers may be
(n,), (1, n) or (n, 1), as you choose in `init_params`, and its gradient has the same shape. Float tensors; results
have the dtype and the device of the arguments. Arguments are never modified, except that `sgd` may change
`params`.

Not allowed here: autograd, and torch.nn's layers and losses (`torch.softmax` is allowed).

Source: the Sorbonne RDFIA practicals, "Introduction to neural networks"; here the loss, and with it its gradient, is a
mean over the batch.
"""

import torch
from torch import Tensor


def init_params(nx: int, nh: int, ny: int, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """The parameters of a new network.

    Args:
        nx: features of an example.
        nh: hidden neurons.
        ny: classes.
        generator: the source of all random numbers; None: PyTorch's global random state.

    Returns:
        `Wh` (nh, nx), `bh` (nh numbers), `Wy` (ny, nh), `by` (ny numbers), float32. The weights are drawn from a normal
        distribution with mean 0 and standard deviation 0.3; the biases too, or they are 0.

    Errors: the arguments need not be checked.

    >>> {name: tuple(value.shape) for name, value in init_params(2, 10, 3).items()}
    {'Wh': (10, 2), 'bh': (10,), 'Wy': (3, 10), 'by': (3,)}
    """
    # TODO: create two matrices, (nh, nx) and (ny, nh), and a bias for each layer. How do you change a standard deviation
    # of 1 into 0.3?
    raise NotImplementedError("init_params is still to be written")


def forward(params: dict[str, Tensor], X: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The forward pass. It keeps the intermediate results for the backward pass.

    Args:
        params: as `init_params` returns them.
        X: (batch, nx), inputs.

    Returns:
        `(yhat, outputs)`: the probabilities (batch, ny), whose rows sum to 1; and a dictionary of the intermediate results:
        `X` (batch, nx), `htilde` and `h` (batch, nh), `ytilde` and `yhat` (batch, ny). It may have more entries.

    Errors: the arguments need not be checked.

    >>> yhat, outputs = forward(init_params(2, 10, 3), torch.randn(5, 2))
    >>> {name: tuple(value.shape) for name, value in outputs.items()}
    {'X': (5, 2), 'htilde': (5, 10), 'h': (5, 10), 'ytilde': (5, 3), 'yhat': (5, 3)}
    """
    # TODO: apply an affine map, tanh, an affine map, and the softmax of each row: (batch, nx) -> (batch, nh) ->
    # (batch, ny).
    raise NotImplementedError("forward is still to be written")


def loss_accuracy(Yhat: Tensor, Y: Tensor) -> tuple[Tensor, Tensor]:
    """The loss and the accuracy of a batch of predictions.

    Args:
        Yhat: (batch, ny), probabilities as `forward` returns them. Some may be exactly 0.
        Y: (batch, ny), one-hot targets.

    Returns:
        `(L, acc)`: the mean cross-entropy in nats, and the accuracy, the fraction in [0, 1] of the examples whose
        most probable class is the right one. Floats or 0-d tensors. A probability of 0 adds nothing to an example's
        loss if its target is 0; for the right class it makes the loss large (at least 10) but finite.

    Errors: the arguments need not be checked.

    >>> loss_accuracy(torch.tensor([[0.6, 0.4], [0.2, 0.8], [0.3, 0.7], [0.0, 1.0]]), torch.eye(2).repeat(2, 1))
    (tensor(0.4845), tensor(0.7500))
    """
    # TODO: compute the mean cross-entropy and the accuracy, (batch, ny) and (batch, ny) -> two scalars. What are log 0
    # and 0 times log 0 in PyTorch?
    raise NotImplementedError("loss_accuracy is still to be written")


def backward(params: dict[str, Tensor], outputs: dict[str, Tensor], Y: Tensor) -> dict[str, Tensor]:
    """The gradient of the mean loss with respect to each parameter.

    Args:
        params: the parameters that `outputs` was computed with.
        outputs: the second value of `forward`.
        Y: (batch, ny), one-hot targets.

    Returns:
        `Wh`, `bh`, `Wy`, `by`: the gradients, each with the shape of its parameter.

    Errors: the arguments need not be checked.

    >>> params = {"Wh": torch.zeros(3, 2), "bh": torch.zeros(3), "Wy": torch.zeros(2, 3), "by": torch.zeros(2)}
    >>> _, outputs = forward(params, torch.randn(4, 2))
    >>> backward(params, outputs, torch.tensor([[1.0, 0.0]] * 4))["by"]  # both classes have probability 0.5; all are class 0
    tensor([-0.5000,  0.5000])
    """
    # TODO: apply the chain rule, last step first: the gradients with respect to ytilde, (batch, ny), then by and Wy;
    # h and htilde, (batch, nh), then bh and Wh. All examples share the parameters: what does that mean for the gradient?
    raise NotImplementedError("backward is still to be written")


def sgd(params: dict[str, Tensor], grads: dict[str, Tensor], eta: float) -> dict[str, Tensor]:
    """One step of stochastic gradient descent.

    Args:
        params: the parameters. May be modified in place.
        grads: their gradients, under the same names. Not modified.
        eta: the learning rate.

    Returns:
        The parameters after the step: the same dictionary or a new one.

    Errors: the arguments need not be checked.

    >>> params = {name: torch.ones(2) for name in ("Wh", "bh", "Wy", "by")}
    >>> sgd(params, {name: torch.tensor([0.0, 5.0]) for name in params}, 0.1)["bh"]
    tensor([1.0000, 0.5000])
    """
    # TODO: take the gradient step for every parameter.
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
    """The parameters of a new network, trained by mini-batch gradient descent.

    Args:
        X: (n, nx), inputs.
        Y: (n, ny), one-hot targets.
        nh: hidden neurons.
        eta: the learning rate.
        batch_size: examples per step. If n is not a multiple of it, use the last, shorter batch too.
        epochs: passes over the data, each over every example once, in a new random order. 0 returns the initial
            parameters.
        generator: the source of all random numbers, first for the parameters, then for the order of the examples. None:
            PyTorch's global random state.

    Returns:
        The trained parameters.

    Errors: the arguments need not be checked.

    >>> params = train(torch.randn(25, 3), torch.eye(5).repeat(5, 1), epochs=2)
    >>> {name: tuple(value.shape) for name, value in params.items()}
    {'Wh': (10, 3), 'bh': (10,), 'Wy': (5, 10), 'by': (5,)}
    """
    # TODO: write mini-batch gradient descent with the functions above: in each epoch draw a new order, (n,); for each
    # batch compute the forward pass and the backward pass, and take a step.
    raise NotImplementedError("train is still to be written")
