"""Known wrong answers for the steps of the two-layer tanh network, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from autograder.checks.explanations.context import AnswerContext
from autograder.checks.two_layer_net.loss_accuracy import sizes_by_name
from autograder.checks.two_layer_net.loss_contexts import wrong_differences
from autograder.checks.two_layer_net.network import TwoLayers

Step = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Step] = {
    "no activation": lambda x: x,
    "a ReLU": torch.relu,
    "a sigmoid": torch.sigmoid,
    "a tanh applied twice": lambda x: x.tanh().tanh(),
    "a softmax": lambda x: x.softmax(1),
    "a sine": torch.sin,
}


def forward_contexts(network: TwoLayers, X: Tensor) -> dict[str, AnswerContext]:
    """The context of each result of forward, by name: X, htilde, h, ytilde and yhat."""
    X, (Wh, bh, Wy, by) = X.double(), network.blocks
    htilde = X @ Wh.T + bh
    h = htilde.tanh()
    ytilde = h @ Wy.T + by

    def hidden() -> Mapping[str, Tensor]:
        return _affine("X", X, Wh, "bh", bh)

    def scores() -> Mapping[str, Tensor]:
        found = _affine("h", h, Wy, "by", by)
        found["is computed from htilde, the values before the tanh"] = htilde @ Wy.T + by
        found["is a tanh of the scores, but should be the scores"] = ytilde.tanh()
        if X.shape[1] == Wy.shape[1]:
            found["is computed from X instead of h"] = X @ Wy.T + by
        if len(bh) == len(by):
            found["has the bias bh instead of by"] = h @ Wy.T + bh
        return found

    def probabilities() -> Mapping[str, Tensor]:
        ways = {
            "is right up to the scores": ytilde,
            "is the softmax of scores without the bias by": h @ Wy.T,
            "is the softmax of scores with the bias by subtracted": h @ Wy.T - by,
            "is computed with a hidden layer without the bias bh": (X @ Wh.T).tanh() @ Wy.T + by,
            "is computed without biases": (X @ Wh.T).tanh() @ Wy.T,
            "is computed with the bias bh subtracted": (X @ Wh.T - bh).tanh() @ Wy.T + by,
            "is computed with both biases subtracted": (X @ Wh.T - bh).tanh() @ Wy.T - by,
            "is computed with a tanh of the scores": ytilde.tanh(),
            "is the softmax of scores with the wrong sign": -ytilde,
            "is the softmax of doubled scores": 2 * ytilde,
        }
        ways |= {
            f"is computed with {words} instead of tanh in the hidden layer": step(htilde) @ Wy.T + by
            for words, step in ACTIVATIONS.items()
        }
        found = {words: way.softmax(1) for words, way in ways.items()}
        return found | {f"{words}, and the softmax runs over the batch": way.softmax(0) for words, way in ways.items()}

    return {
        "X": AnswerContext(),
        "htilde": AnswerContext(inputs={"X": X}, others=hidden),
        "h": AnswerContext(inputs={"htilde": htilde, "X": X}),
        "ytilde": AnswerContext(inputs={"h": h, "yhat": ytilde.softmax(1)}, others=scores),
        "yhat": AnswerContext(inputs={"ytilde": ytilde, "h": h}, others=probabilities),
    }


def _affine(name: str, x: Tensor, weight: Tensor, bias_name: str, bias: Tensor) -> dict[str, Tensor]:
    """Wrong values of x Wᵀ + b, (batch, out)."""
    found = {
        f"lacks the bias {bias_name}": x @ weight.T,
        f"has the bias {bias_name} subtracted": x @ weight.T - bias,
        f"has the bias {bias_name} added twice": x @ weight.T + 2 * bias,
        f"is multiplied by the bias {bias_name}, but that should be added": x @ weight.T * bias,
        f"is the bias {bias_name} alone": bias.expand(len(x), -1),
    }
    if weight.shape[0] == weight.shape[1]:
        found[f"is {name} times the weights without a transpose, but they are stored as (out, in)"] = x @ weight + bias
    return found


def step_context(parameter: Tensor, gradient: Tensor, eta: float, *, second: bool = False) -> AnswerContext:
    """The context of what one step of gradient descent adds to a parameter; all tensors have its shape.

    `second` says that it is the second step for the same gradient, which shows a momentum.
    """
    old, g = parameter.double(), gradient.double()

    def others() -> Mapping[str, Tensor]:
        found = {
            "shows that the old parameter is lost: subtract the step from it": -eta * g - old,
            "leaves the gradient itself in the parameter": g - old,
            "leaves 0 in the parameter": -old,
            "leaves the old parameter times the learning rate in it": eta * old - old,
            "uses only the sign of the gradient, like the first step of Adam": -eta * g.sign(),
            "uses only the sign of the gradient and shrinks the parameter, like the first step of AdamW": (
                -eta * (g.sign() + 0.01 * old)
            ),
            "is 10 times eta for every number, like the first step of RMSprop": -10 * eta * g.sign(),
            "uses the gradient divided by its norm": -eta * g / g.norm(),
            "uses the absolute value of the gradient": -eta * g.abs(),
            "uses the square of the gradient": -eta * g**2,
            "uses the parameter times the gradient instead of the gradient": -eta * g * old,
        }
        return found | {
            f"shows a momentum of {m}, but plain gradient descent has none": -eta * (1 + m) * g
            for m in (0.9, 0.8, 0.5, 0.99)
            if second
        }

    inputs = {"the parameter before the step": old, "the gradient": g}
    return AnswerContext(factors={"eta": eta}, inputs=inputs, others=others)


def backward_context(network: TwoLayers, X: Tensor, Y: Tensor, name: str) -> AnswerContext:
    """The context of the gradient of the mean loss for the parameter `name`: Wh, bh, Wy or by, in the network's shape."""
    X, y, (Wh, bh, Wy, by) = X.double(), Y.double(), network.blocks
    htilde = X @ Wh.T + bh
    h = htilde.tanh()
    scores = h @ Wy.T + by
    right = "", (scores.softmax(1) - y) / len(X)

    def others() -> Mapping[str, Tensor]:
        differences = [
            right,
            *((f"has {words}", value / len(X)) for words, value in wrong_differences(scores, y).items()),
            *_of_one_example(right[1]),
        ]
        if name == "by":
            return {words: value.sum(0) for words, value in differences if words}
        if name == "Wy":
            sources = {
                "": h,
                "uses htilde, the values before the tanh, instead of h": htilde,
                "uses the derivative of the tanh instead of h": 1 - h**2,
            }
            ways = {(a, b): value.T @ source for a, value in differences for b, source in sources.items()}
        else:
            slopes = _slopes(htilde, h)
            passed = [(a, value @ Wy) for a, value in differences]
            passed.append(("lacks the output weights Wy", differences[0][1].sum(1, keepdim=True).expand_as(h)))
            before = {(a, b): value * slope for a, value in passed for b, slope in slopes.items()}
            ways = {key: value.T @ X if name == "Wh" else value.sum(0) for key, value in before.items()}
            if name == "bh":
                ways["is the sum of the derivative of the tanh, not of the gradient for htilde", ""] = (1 - h**2).sum(0)
        return {" and ".join(filter(None, words)): value for words, value in ways.items() if any(words)}

    return AnswerContext(factors=sizes_by_name(len(X), y.shape[1]), others=others)


def _of_one_example(difference: Tensor) -> list[tuple[str, Tensor]]:
    """What a loop that forgets the other examples leaves of a sum over the batch."""
    found = []
    for which, i in (("first", 0), ("last", -1)) if len(difference) > 1 else ():
        alone = torch.zeros_like(difference)
        alone[i] = difference[i]
        words = f"counts only the {which} example, but the gradients of all are added up: does a loop lose the others?"
        found.append((words, alone))
    return found


def _slopes(htilde: Tensor, h: Tensor) -> dict[str, Tensor]:
    """Wrong values of the derivative of tanh, and "" for the right one."""
    sigmoid = htilde.sigmoid()
    return {
        "": 1 - h**2,
        "lacks the derivative of tanh": torch.ones_like(h),
        "has 1 − h as the derivative of tanh: the square is missing": 1 - h,
        "has h as the derivative of tanh": h,
        "has the square of h as the derivative of tanh": h**2,
        "has 1 + h² as the derivative of tanh": 1 + h**2,
        "has the derivative of tanh with the wrong sign": h**2 - 1,
        "has the derivative of tanh twice": (1 - h**2) ** 2,
        "has the derivative of tanh at h instead of htilde": 1 - h.tanh() ** 2,
        "has 1 − htilde² as the derivative of tanh: it should be 1 − h²": 1 - htilde**2,
        "has the derivative of a sigmoid, h (1 − h)": h * (1 - h),
        "has the derivative of a sigmoid": sigmoid * (1 - sigmoid),
        "has the derivative of a ReLU": (htilde > 0).double(),
        "has the tanh of h as the derivative of tanh": htilde.tanh().tanh(),
        "divides by the derivative of tanh": 1 / (1 - h**2),
    }
