"""Explains the errors that torch, NumPy and Python raise most often in student code, with the numbers of each error."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def in_words(text: str) -> str:
    """A clause that explains an error's text, or "" if the text explains itself or is unknown."""
    for pattern, explain in _RULES:
        if match := pattern.search(text):
            return explain(match)
    return ""


def _product(match: re.Match[str]) -> str:
    rows, columns, other_rows, other_columns = (int(number) for number in match.groups())
    clause = (
        f"the first matrix has {_count(columns, 'column')} and the second {_count(other_rows, 'row')}, "
        "and these must be equal"
    )
    if columns == other_columns:
        return f"{clause}; the second would fit if it were transposed"
    if rows == other_rows:
        return f"{clause}; the first would fit if it were transposed"
    return f"{clause}. If this is a linear layer, it expects {_count(other_rows, 'feature')} and gets {columns}"


def _product_of_batches(match: re.Match[str]) -> str:
    batch, columns, other_batch, rows = (int(number) for number in match.groups())
    if batch != other_batch:
        return f"a batch of {batch} matrices is multiplied by a batch of {other_batch}: the two must be equal"
    return (
        f"the first matrices have {_count(columns, 'column')} and the second {_count(rows, 'row')}, "
        "and these must be equal"
    )


def _elementwise(match: re.Match[str]) -> str:
    first, second, axis = match.groups()
    return (
        f"two tensors in an elementwise operation have lengths {first} and {second} along axis {axis}, once their last "
        "axes are aligned: the lengths must be equal, or one of them must be 1"
    )


def _view(match: re.Match[str]) -> str:
    sizes = [int(size) for size in re.findall(r"-?\d+", match[1])]
    if min(sizes, default=0) < 0:
        return f"the tensor's {_count(int(match[2]), 'element')} cannot be divided this way"
    total, available = math.prod(sizes), int(match[2])
    return f"that shape needs {_count(total, 'element')}, and the tensor has {available:,}"


def _axis(match: re.Match[str]) -> str:
    axes = int(match[1]) + 1
    numbers = "one axis, number 0" if axes == 1 else f"{axes} axes, 0 to {axes - 1}"
    return f"the tensor has {numbers}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _template(clause: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match.expand(clause)


_RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), clause if callable(clause) else _template(clause))
    for pattern, clause in (
        (r"shapes cannot be multiplied \((\d{1,9})x(\d{1,9}) and (\d{1,9})x(\d{1,9})\)", _product),
        (
            r"first two dimensions of batch2 tensor to be: \[(\d{1,9}), (\d{1,9})\] but got: \[(\d{1,9}), (\d{1,9})\]",
            _product_of_batches,
        ),
        (
            r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
            _elementwise,
        ),
        (r"to have (\d+) channels, but got (\d+) channels", r"the convolution expects \1 input channels and gets \2"),
        (
            r"running_mean should contain (\d+) elements not (\d+)",
            r"the batch norm expects \2 channels and gets \1",
        ),
        (r"shape '\[([-\d, ]{1,80})\]' is invalid for input of size (\d{1,12})", _view),
        (
            r"view size is not compatible",
            "view needs elements that lie in memory in reading order, and after a transpose or permute they do not",
        ),
        (
            r"expanded size of the tensor \(\d+\) must match the existing size \((\d+)\)",
            r"only an axis of length 1 can be expanded, and this one has length \1",
        ),
        (r"Dimension out of range \(expected to be in range of \[-\d+, (\d{1,3})\]", _axis),
        (
            r"index (\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)",
            r"axis \2 has length \3, and indices are counted from 0",
        ),
        (
            r"Sizes of tensors must match except in dimension (\d+)",
            r"tensors that are concatenated along axis \1 must have the same length along every other axis",
        ),
        (
            r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
            r"tensors that are concatenated must have the same number of axes, and these have \1 and \2",
        ),
        (
            r"operands could not be broadcast together",
            "once the last axes are aligned, the lengths along each axis must be equal, or one of them must be 1",
        ),
        (
            r"does not require grad and does not have a grad_fn",
            "the value does not depend on any tensor that requires a gradient: was the graph cut by no_grad, detach(), "
            ".data, .item() or NumPy, or was requires_grad never set?",
        ),
        (
            r"backward through the graph a second time",
            "backward frees the graph: is a tensor from an earlier step still used in this one?",
        ),
        (
            r"leaf Variable that requires grad is being used in an in-place",
            "a parameter is modified while its history is recorded: a step of gradient descent must not be part of the graph",
        ),
        (
            r"modified by an inplace operation",
            "something that backward needs was overwritten (+=, a trailing underscore, an assignment into a tensor, or a "
            "step of an optimizer before backward)",
        ),
        (
            r"grad can be implicitly created only for scalar",
            "backward starts from a single number: is a mean or a sum missing?",
        ),
        (
            r"Can't call numpy\(\) on Tensor that requires grad",
            "NumPy does not record the graph, so the gradient would be lost",
        ),
        (
            r"same dtype, but got|expected scalar type \w{1,40} but found|should be the same$"
            r"|type \([^()]{0,80}\) should be the same",
            "two dtypes are mixed; torch.zeros, torch.tensor and layers make float32 unless they get a dtype",
        ),
        (
            r"could not infer output dtype|mean\(\):? [^\n]{0,80}(?:floating|Bool|Long)",
            "booleans and integers have no mean: convert them to floating point first",
        ),
        (
            r"Boolean value of Tensor with more than one value",
            "an if, and, or, not or max() needs one truth value, and gets a tensor of several",
        ),
        (
            r"only one element tensors can be|cannot be converted to Scalar|only (?:length-1|0-dimensional) arrays can be",
            "a single number is expected, and the tensor has several: is a mean or a sum missing?",
        ),
        (
            r"'NoneType' object|NoneType'? and|and '?NoneType",
            "a value is None: did a function return nothing, or has no backward filled this .grad?",
        ),
        (r"before Module\.__init__\(\) call", "a module must call super().__init__() before it gets its layers"),
        (
            r"multi-target not supported",
            "cross_entropy takes class numbers (n,) or probabilities (n, classes), with the same n as the scores",
        ),
        (r"maximum recursion depth exceeded", "a function calls itself infinitely"),
        (
            r"Expected 2D array, got 1D array",
            "scikit-learn takes examples of shape (n, features) and labels of shape (n,)",
        ),
    )
)
