"""Text without control characters, and without those that change how text around them is shown."""

from __future__ import annotations


def visible(text: str, kept: str = "") -> str:
    r"""Escapes every character that is not printable, as Python writes it in a string, but for those in `kept`.

    These are control characters, terminal escapes, marks that reverse the direction of text, spaces of no width and
    surrogates.

    >>> visible("W\x1b[2J\u202e\n")
    'W\\x1b[2J\\u202e\\n'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else repr(c)[1:-1] for c in text)
