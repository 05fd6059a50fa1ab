"""Explanations that name a mistake, as distinct from those that say what was seen."""

from __future__ import annotations

from autograder.checks.failure import CheckFailed


class Cause(str):
    """An explanation that names the mistake, since a check has excluded others. What was only seen is a plain `str`.

    Args:
        text: the explanation.
        mistake: the part of it that names the mistake; by default what comes before the first colon, after which there
            usually is a question or a remedy.

    >>> Cause("is the right answer times 7, the batch size: is a division missing?").mistake
    'is the right answer times 7, the batch size'
    """

    mistake: str

    def __new__(cls, text: str, mistake: str = "") -> Cause:
        self = super().__new__(cls, text)
        self.mistake = mistake or text.partition(": ")[0]
        return self


def preceded(words: str, explanation: str) -> str:
    """The explanation with words in front of it; still a cause if it is one.

    >>> preceded("is right except in the last row: there it ", Cause("is one over the right answer")).mistake
    'is right except in the last row: there it is one over the right answer'
    """
    text = f"{words}{explanation}"
    return Cause(text, f"{words}{explanation.mistake}") if isinstance(explanation, Cause) else text


def behind(words: str, explanation: str) -> str:
    """Like `preceded`, but the words do not belong to the mistake.

    >>> behind("after one epoch the weights are wrong: ", Cause("each epoch takes two steps, not one")).mistake
    'each epoch takes two steps, not one'
    """
    text = f"{words}{explanation}"
    return Cause(text, explanation.mistake) if isinstance(explanation, Cause) else text


def mistake_of(explanation: str) -> str:
    """The `mistake` of a CheckFailed whose message has this explanation in it; "" if it names none.

    >>> mistake_of("is wrong in 3 of 4 places")
    ''
    """
    return explanation.mistake if isinstance(explanation, Cause) else ""


def failed(explanation: str) -> CheckFailed:
    """The failure that has this explanation as its message.

    >>> failed(Cause("sgd changes the gradients that it gets: only the parameters may be changed")).mistake
    'sgd changes the gradients that it gets'
    """
    return CheckFailed(str(explanation), mistake=mistake_of(explanation))
