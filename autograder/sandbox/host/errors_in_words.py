"""What the errors mean that torch, NumPy and Python raise most often in student code, with the numbers of this one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def in_words(text: str) -> str:
    """The meaning of an error's text, a clause; "" where the text says it already, or is not known."""
    for pattern, words in _RULES:
        if found := pattern.search(text):
            return words(found)
    return ""


def _product(found: re.Match[str]) -> str:
    rows, columns, other_rows, other_columns = (int(number) for number in found.groups())
    words = f"the first matrix has {columns} columns and the second {other_rows} rows, and these have to be equal"
    if columns == other_columns:
        return f"{words}; the second would fit if it were transposed"
    if rows == other_rows:
        return f"{words}; the first would fit if it were transposed"
    return f"{words}. If it is a linear layer, it is made for {other_rows} numbers and gets {columns}"


def _product_of_batches(found: re.Match[str]) -> str:
    batch, columns, other_batch, rows = (int(number) for number in found.groups())
    if batch != other_batch:
        return f"a product of {batch} matrices with {other_batch}: there has to be one for each"
    return f"the first matrices have {columns} columns and the second {rows} rows, and these have to be equal"


def _elementwise(found: re.Match[str]) -> str:
    first, second, axis = found.groups()
    return (
        f"two tensors that are combined number by number have lengths {first} and {second} along axis {axis}, counted after "
        "their last axes are put under each other: they have to be equal, or one of them 1"
    )


def _view(found: re.Match[str]) -> str:
    sizes = [int(size) for size in re.findall(r"-?\d+", found[1])]
    if min(sizes, default=0) < 0:
        return f"the {found[2]} numbers that are there cannot be divided so"
    return f"that shape holds {math.prod(sizes):,} numbers, and there are {int(found[2]):,}"


def _axis(found: re.Match[str]) -> str:
    axes = int(found[1]) + 1
    counted = "one axis, number 0" if axes == 1 else f"{axes} axes, 0 to {axes - 1}"
    return f"the tensor has {counted}"


def _said(words: str) -> Callable[[re.Match[str]], str]:
    return lambda found: found.expand(words)


_RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), words if callable(words) else _said(words))
    for pattern, words in (
        (r"shapes cannot be multiplied \((\d{1,9})x(\d{1,9}) and (\d{1,9})x(\d{1,9})\)", _product),
        (
            r"first two dimensions of batch2 tensor to be: \[(\d{1,9}), (\d{1,9})\] but got: \[(\d{1,9}), (\d{1,9})\]",
            _product_of_batches,
        ),
        (
            r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
            _elementwise,
        ),
        (r"to have (\d+) channels, but got (\d+) channels", r"the convolution is made for \1 channels and gets \2"),
        (
            r"running_mean should contain (\d+) elements not (\d+)",
            r"the batch norm is made for \2 channels and gets \1",
        ),
        (r"shape '\[([-\d, ]{1,80})\]' is invalid for input of size (\d{1,12})", _view),
        (
            r"view size is not compatible",
            "view needs numbers that lie in memory in the order in which they are read, and after a transpose or permute "
            "they do not",
        ),
        (
            r"expanded size of the tensor \(\d+\) must match the existing size \((\d+)\)",
            r"only an axis of length 1 can be expanded, and this has length \1",
        ),
        (r"Dimension out of range \(expected to be in range of \[-\d+, (\d{1,3})\]", _axis),
        (
            r"index (\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)",
            r"axis \2 has length \3, and indices are counted from 0",
        ),
        (
            r"Sizes of tensors must match except in dimension (\d+)",
            r"what is joined along axis \1 has to have the same length along all others",
        ),
        (
            r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
            r"what is joined has to have as many axes, and these have \1 and \2",
        ),
        (
            r"operands could not be broadcast together",
            "put under each other from the last axis on, lengths have to be equal, or one of them 1",
        ),
        (
            r"does not require grad and does not have a grad_fn",
            "what is differentiated depends on nothing that a gradient was asked for: was it cut off on the way, by no_grad, "
            "detach(), .data, .item() or NumPy, or was requires_grad never set?",
        ),
        (
            r"backward through the graph a second time",
            "a graph is gone after its backward: does a tensor of an earlier step still take part in this one?",
        ),
        (
            r"leaf Variable that requires grad is being used in an in-place",
            "a parameter is written to while its history is recorded: a step of gradient descent is no part of the graph",
        ),
        (
            r"modified by an inplace operation",
            "something that backward needs was overwritten (+=, a trailing underscore, an assignment into a tensor)",
        ),
        (
            r"grad can be implicitly created only for scalar",
            "backward starts from one number: is a mean or a sum missing?",
        ),
        (
            r"Can't call numpy\(\) on Tensor that requires grad",
            "NumPy cannot go on with the graph, so a gradient would be lost",
        ),
        (
            r"same dtype, but got|expected scalar type \w+ but found|should be the same$|type \(.*\) should be the same",
            "numbers of two dtypes meet; what torch.zeros, torch.tensor or a layer makes is float32 unless told otherwise",
        ),
        (
            r"could not infer output dtype|mean\(\):? .*(?:floating|Bool|Long)",
            "there is no mean of booleans or integers: they have to become floating-point numbers first",
        ),
        (
            r"Boolean value of Tensor with more than one value",
            "an if, and, or, not or max() wants one truth value, and gets a tensor of them",
        ),
        (
            r"only one element tensors can be|cannot be converted to Scalar|only (?:length-1|0-dimensional) arrays can be",
            "one number is wanted, and the tensor has several: is a mean or a sum missing?",
        ),
        (
            r"'NoneType' object|NoneType'? and|and '?NoneType",
            "something is None where a value is used: a function without return, or a .grad that no backward has filled",
        ),
        (r"before Module\.__init__\(\) call", "a module has to call super().__init__() before it gets its layers"),
        (
            r"multi-target not supported",
            "cross_entropy takes class numbers (n,) or probabilities (n, classes), of the same n as the scores",
        ),
        (r"maximum recursion depth exceeded", "a function calls itself without end"),
        (
            r"Expected 2D array, got 1D array",
            "scikit-learn takes the examples as (n, features) and their labels as (n,)",
        ),
    )
)
