"""Compares names of people as different programs write them: "Durand, Marie", "Marie Durand", "durandmarie"."""

from __future__ import annotations

import re
import unicodedata

MAX_WORDS = 12
# Letters that have no decomposition into a plain letter and an accent.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and punctuation."""
    text = unicodedata.normalize("NFKD", name).casefold().translate(PLAIN)
    letters = "".join(c for c in text if not unicodedata.combining(c))
    # An apostrophe does not separate words: O'Neil. Every other sign does: Anna-Lena, Durand_Marie.
    found = re.findall(r"[^\W_]+", re.sub(r"['’`]", "", letters))
    return tuple(found[:MAX_WORDS])


def spelling(name: str) -> str:
    """A name in the form in which `spellings` has it."""
    return " ".join(words(name))


def spellings(name: str) -> frozenset[str]:
    """The ways to write a name: any number of its first words may come after the others, and all words may be joined."""
    found = words(name)
    turned = [found[n:] + found[:n] for n in range(len(found))]
    return frozenset(text for order in turned for text in (" ".join(order), "".join(order)))
