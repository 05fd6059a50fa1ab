"""Explains heads that do not have queries and keys of their own, from how the scores of each head respond."""

from __future__ import annotations

import itertools

from torch import Tensor

from autograder.checks.transformer.value_path import BIAS, SAME, grown_feature

Features = list[frozenset[int]]
"""The queries or the keys of a head: for each feature, the numbers of the parameters that it is computed from."""


def explain_heads(answers: dict[int, Tensor], x: Tensor, u: Tensor, num_heads: int) -> str:
    """What the heads share, or how many features they compare; "" if that is as it should be, or cannot be measured.

    Args:
        answers: what raising each number adds to the log odds (3, heads), by the number's index: for the inputs x and u, for
            a longer x, and for a longer u.
    """
    found = _features(answers, x, u, num_heads)
    if found is None:
        return ""
    size = len(x) // num_heads
    for word, features in found.items():
        if any(len(one) != size for one in features):
            counts = sorted({len(one) for one in features})
            return (
                f"the scores of a head depend on {' or '.join(map(str, counts))} features of the {word}, but a head has "
                f"embed_dim / num_heads = {size}"
            )
    parts = [part for word, features in found.items() if (part := _shared(word, features, size))]
    return f"each head should have its own queries and keys, but {', and '.join(parts)}" if parts else ""


def _features(answers: dict[int, Tensor], x: Tensor, u: Tensor, num_heads: int) -> dict[str, list[Features]] | None:
    """The features of each head's queries and keys; None if the scores are not products of linear layers."""
    C = len(x)
    groups: dict[str, list[list[tuple[float, dict[int, int]]]]] = {
        word: [[] for _ in range(num_heads)] for word in ("queries", "keys")
    }
    for number, answer in answers.items():
        if not answer.isfinite().all():
            return None
        for head in range(num_heads):
            base, with_longer_x, with_longer_u = answer[:, head].tolist()
            if max(abs(base), abs(with_longer_x), abs(with_longer_u)) <= SAME:
                continue
            query = grown_feature(with_longer_x / base, C) if base else None
            key = grown_feature(with_longer_u / base, C) if base else None
            if query is not None and key is None:
                word, feature, strength = "queries", query, base / (1.0 if query == BIAS else float(x[query]))
            elif key is not None and query is None and key != BIAS:
                word, feature, strength = "keys", key, base / float(u[key])
            else:
                return None
            numbers = _group(groups[word][head], strength)
            numbers[number] = feature
    found: dict[str, list[Features]] = {}
    for word, of_heads in groups.items():
        if any(set(numbers.values()) - {BIAS} != set(range(C)) for head in of_heads for _, numbers in head):
            return None
        found[word] = [[frozenset(numbers) for _, numbers in head] for head in of_heads]
    if any(len(queries) != len(keys) for queries, keys in zip(*found.values())):
        return None
    return found


def _group(groups: list[tuple[float, dict[int, int]]], strength: float) -> dict[int, int]:
    """The numbers, with the feature of the input that each is multiplied by, whose response has this strength."""
    for known, numbers in groups:
        if abs(known - strength) <= SAME * (abs(strength) + SAME):
            return numbers
    groups.append((strength, {}))
    return groups[-1][1]


def _shared(word: str, features: list[Features], size: int) -> str:
    """In words, which heads have features of their queries or keys in common."""
    shares = [len(set(one) & set(other)) for one, other in itertools.combinations(features, 2)]
    if not any(shares):
        return ""
    if all(share == size for share in shares):
        return f"all {len(features)} heads use the same {size} features of the {word}, those of one head"
    equal = max(sum(set(one) == set(other) for other in features) for one in features)
    if equal > 1:
        return f"{equal} of the {len(features)} heads use the same {size} features of the {word}, those of one head"
    return f"two heads have {max(shares)} of their {size} features of the {word} in common"
