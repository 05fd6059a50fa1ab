"""From what each failed check says to the mistakes that were made: as few as explain what was seen, or none."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from autograder.course.catalogue import CheckId


def choose(matches: Mapping[CheckId, AbstractSet[str]], likely: Mapping[str, tuple[int, ...]]) -> dict[CheckId, str]:
    """The mistake behind each failed check that has one.

    matches: for each failed check, the mistakes that answer the same there.
    likely: how well the checks that each mistake fails agree with those that the submission fails; more is better.

    A mistake is named for the checks that it explains. Where several explain as many, the likeliest is named; two that are
    equal in this too leave their checks without a name.
    """
    named: dict[CheckId, str] = {}
    open_checks = {check for check, names in matches.items() if names}
    while open_checks:
        explained = {
            name: frozenset(check for check in open_checks if name in matches[check])
            for check in open_checks
            for name in matches[check]
        }
        ranks = {name: (len(checks), likely[name]) for name, checks in explained.items()}
        best = max(explained, key=lambda name: (ranks[name], name))
        equal = [name for name in explained if ranks[name] == ranks[best] and explained[name] & explained[best]]
        if equal == [best]:
            named |= dict.fromkeys(explained[best], best)
        open_checks -= frozenset().union(*(explained[name] for name in equal))
    return named
