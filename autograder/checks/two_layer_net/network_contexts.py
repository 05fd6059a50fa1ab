"""What a wrong step, forward or backward, of the two-layer tanh network may be in place of the right one."""

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
    """By the name of the step: htilde, h, ytilde and yhat, each with what it is made from."""
    X, (Wh, bh, Wy, by) = X.double(), network.blocks
    htilde = X @ Wh.T + bh
    h = htilde.tanh()
    ytilde = h @ Wy.T + by

    def hidden() -> Mapping[str, Tensor]:
        found = _affine("X", X, Wh, "bh", bh)
        return found | {f"is the product with the weights of {name} in it": X @ Wh.T * bh for name in ("bh",)}

    def scores() -> Mapping[str, Tensor]:
        found = _affine("h", h, Wy, "by", by)
        found["is computed from the values before the tanh"] = htilde @ Wy.T + by
        found["has a tanh on it: scores have none"] = ytilde.tanh()
        if X.shape[1] == Wy.shape[1]:
            found["is computed from X: it should be from h"] = X @ Wy.T + by
        if len(bh) == len(by):
            found["has the bias bh in place of by"] = h @ Wy.T + bh
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
            "is computed with a tanh on the scores": ytilde.tanh(),
            "is the softmax of scores with the wrong sign": -ytilde,
            "is the softmax of doubled scores": 2 * ytilde,
        }
        ways |= {
            f"is computed with {words} in the hidden layer, but tanh is expected": step(htilde) @ Wy.T + by
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
    """What may come of x Wᵀ + b, (batch, out)."""
    found = {
        f"lacks the bias {bias_name}": x @ weight.T,
        f"has the bias {bias_name} subtracted": x @ weight.T - bias,
        f"has the bias {bias_name} added twice": x @ weight.T + 2 * bias,
        f"has the bias {bias_name} multiplied in, where it is to be added": x @ weight.T * bias,
        f"is the bias {bias_name} alone": bias.expand(len(x), -1),
    }
    if weight.shape[0] == weight.shape[1]:
        found[f"is {name} times the weights as they are, and they are stored as (out, in)"] = x @ weight + bias
    return found


def step_context(parameter: Tensor, gradient: Tensor, eta: float) -> AnswerContext:
    """Of what one step of gradient descent adds to a parameter, all in its shape."""
    old, g = parameter.double(), gradient.double()

    def others() -> Mapping[str, Tensor]:
        found = {
            "is lost from the parameter, and the step alone is left: take it off what was there": -eta * g - old,
            "ends at the gradient itself": g - old,
            "is made with the sign of the gradient alone, as the first of Adam's steps is": -eta * g.sign(),
            "is made with the sign of the gradient alone, and the parameter shrinks besides, as by AdamW": (
                -eta * (g.sign() + 0.01 * old)
            ),
            "is 10 times eta for every number, as the first of RMSprop's steps is": -10 * eta * g.sign(),
            "is made with the gradient divided by its length": -eta * g / g.norm(),
            "is made with the absolute value of the gradient": -eta * g.abs(),
            "is made with the square of the gradient": -eta * g**2,
            "is the parameter times the gradient: take the gradient off it": -eta * g * old,
        }
        return found | {
            f"has a momentum of {m}, which plain descent has not": -eta * (1 + m) * g for m in (0.9, 0.8, 0.5, 0.99)
        }

    inputs = {"the parameter before the step": old, "the gradient": g}
    return AnswerContext(factors={"eta": eta}, inputs=inputs, others=others)


def backward_context(network: TwoLayers, X: Tensor, Y: Tensor, name: str) -> AnswerContext:
    """Of the gradient of the mean loss for Wh, bh, Wy or by, in the shape of the network's own."""
    X, y, (Wh, bh, Wy, by) = X.double(), Y.double(), network.blocks
    htilde = X @ Wh.T + bh
    h = htilde.tanh()
    scores = h @ Wy.T + by
    right = "", (scores.softmax(1) - y) / len(X)

    def others() -> Mapping[str, Tensor]:
        differences = [
            right,
            *((f"has {words}", value / len(X)) for words, value in wrong_differences(scores, y).items()),
        ]
        if name == "by":
            return {words: value.sum(0) for words, value in differences if words}
        if name == "Wy":
            sources = {
                "": h,
                "is made with the values before the tanh, where it should be with h": htilde,
                "has tanh's derivative multiplied in, which belongs to the hidden layer": 1 - h**2,
            }
            ways = {(a, b): value.T @ source for a, value in differences for b, source in sources.items()}
        else:
            slopes = _slopes(htilde, h)
            passed = [(a, value @ Wy) for a, value in differences]
            passed.append(
                ("lacks the output weights on the way back", differences[0][1].sum(1, keepdim=True).expand_as(h))
            )
            before = {(a, b): value * slope for a, value in passed for b, slope in slopes.items()}
            ways = {key: value.T @ X if name == "Wh" else value.sum(0) for key, value in before.items()}
            if name == "bh":
                ways["is made of h itself, where it is of its gradient", ""] = (1 - h**2).sum(0)
        return {" and ".join(filter(None, words)): value for words, value in ways.items() if any(words)}

    return AnswerContext(factors=sizes_by_name(len(X), y.shape[1]), others=others)


def _slopes(htilde: Tensor, h: Tensor) -> dict[str, Tensor]:
    """What may stand in place of the derivative of tanh."""
    sigmoid = htilde.sigmoid()
    return {
        "": 1 - h**2,
        "lacks the derivative of tanh": torch.ones_like(h),
        "has 1 − h for the derivative of tanh: the square is missing": 1 - h,
        "has h for the derivative of tanh": h,
        "has the square of h for the derivative of tanh": h**2,
        "has 1 + h² for the derivative of tanh": 1 + h**2,
        "has the derivative of tanh with the wrong sign in it": h**2 - 1,
        "has the derivative of tanh twice": (1 - h**2) ** 2,
        "has the derivative of tanh taken at h, and not at the values before it": 1 - h.tanh() ** 2,
        "has the derivative of tanh made from the values before it, as if they were its results": 1 - htilde**2,
        "has the derivative of a sigmoid, made from h": h * (1 - h),
        "has the derivative of a sigmoid": sigmoid * (1 - sigmoid),
        "has the derivative of a ReLU": (htilde > 0).double(),
        "has tanh itself for its derivative": htilde.tanh().tanh(),
        "divides by the derivative of tanh": 1 / (1 - h**2),
    }
