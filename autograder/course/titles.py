"""Titles of known mistakes: the headline of a failed check, which students read before the hint."""

import re

LONGEST = 80
FIELD_NAMES = (
    "Adagrad", "Adam", "AdamW", "BatchNorm", "BGR", "CNN", "Euclidean", "GELU", "ImageNet", "LayerNorm", "LinearSVC",
    "MLP", "MNIST", "NaN", "Nesterov", "NLLLoss", "PCA", "Python", "PyTorch", "RBF", "ReLU", "RGB", "RMSprop", "Rprop",
    "SGD", "SVC", "SVM", "SVR", "ViT", "ZCA",
)  # fmt: skip
"""Names in the field that are written with capitals."""

_SPELT = {name.lower(): name for name in FIELD_NAMES}
_WORD = re.compile(rf"{'|'.join(sorted(FIELD_NAMES, key=len, reverse=True))}|[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_CAMEL_CASE = re.compile(r"\w*[a-z][A-Z]\w*")


def title_from(name: str) -> str:
    """The name of a function or class as a title in plain words.

    >>> title_from("relu_instead_of_tanh")
    'ReLU instead of tanh'
    >>> title_from("NoNormBeforeTheMLP")
    'no norm before the MLP'
    """
    return " ".join(_spelt(word) for word in _WORD.findall(name))


def title_problem(title: str) -> str | None:
    """What is wrong with a title; None if it is good."""
    for word in _CAMEL_CASE.findall(title):
        if word not in FIELD_NAMES:
            return f"{word!r} is not a word"
    if re.search(r"\d \d", title):
        return "a number is split by a space"
    if title.endswith("."):
        return "a title has no full stop"
    if len(title) > LONGEST:
        return f"a title has at most {LONGEST} characters, this one has {len(title)}"
    if not title.strip():
        return "the title is empty"
    return None


def _spelt(word: str) -> str:
    if word in FIELD_NAMES or (word.isupper() and word != "A"):
        return word
    return _SPELT.get(word.lower(), word.lower())
