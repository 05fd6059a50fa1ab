"""Chooses the mistakes to name: as few as possible that explain the failed checks."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from autograder.course.catalogue import CheckId


def choose(
    matches: Mapping[CheckId, AbstractSet[str]], likelihood: Mapping[str, tuple[int, ...]]
) -> dict[CheckId, str]:
    """The mistake to name for each failed check; a check that none explains clearly is left out.

    The mistake that explains most checks is named for all of them, then the next for the remaining checks, and so on.
    If several explain equally many, the most likely one is named. If they are equally likely too, none is.

    Args:
        matches: for each failed check, the mistakes that give the same answers in it.
        likelihood: for each mistake, how well the checks that it fails agree with those that the submission fails;
            larger is better.
    """
    named: dict[CheckId, str] = {}
    unexplained = {check for check, names in matches.items() if names}
    while unexplained:
        explained = {
            name: frozenset(check for check in unexplained if name in matches[check])
            for check in unexplained
            for name in matches[check]
        }
        ranks = {name: (len(checks), likelihood[name]) for name, checks in explained.items()}
        best = max(explained, key=lambda name: (ranks[name], name))
        equally_good = [name for name in explained if ranks[name] == ranks[best] and explained[name] & explained[best]]
        if equally_good == [best]:
            named |= dict.fromkeys(explained[best], best)
        unexplained -= frozenset().union(*(explained[name] for name in equally_good))
    return named
