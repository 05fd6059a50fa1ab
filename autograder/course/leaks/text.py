"""Turns any text (code, prose, a log) into runs of words that do not depend on line breaks, brackets, quotes and
punctuation.

A run has enough words, numbers and operators to be distinctive. Short words, Python's keywords, operators, 0 and 1 count
half, since they occur everywhere.
"""

import keyword
import re
from collections.abc import Iterator

from autograder.course.leaks.code import Fragment

DISTINCTIVE = 9.0
"""An equal run of this many words counts as a copy.

Measured on this course's graders and checks, which were written independently of its solutions: 92 of their lines share 5
words with a solution, 43 share 6, 25 share 7, 9 share 8, 2 share 9, 1 shares 10 and none 12."""

_WORD = re.compile(r"[^\W\d_]\w*|_\w+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[-+/@%<>=]+")


def runs(text: str, first_line: int = 1) -> Iterator[Fragment]:
    """The shortest distinctive run that starts at each word."""
    words: list[Fragment] = []
    for number, content in enumerate(text.split("\n"), start=first_line):
        words += [Fragment(word.casefold(), number) for word in _WORD.findall(content)]
    counts = [_count(word) for word, _ in words]
    end, total = 0, 0.0
    for start, (_, line) in enumerate(words):
        while end < len(words) and total < DISTINCTIVE:
            total += counts[end]
            end += 1
        if total < DISTINCTIVE:
            return
        yield Fragment(" ".join(word for word, _ in words[start:end]), line)
        total -= counts[start]


def _count(word: str) -> float:
    if word[0].isdigit():
        return 0.5 if word in ("0", "1") else 1
    return 0.5 if len(word) < 3 or not word[0].isalpha() or keyword.iskeyword(word) else 1
