"""Explains a wrong scale of attention scores. A name for it has to fit layers of two sizes, and several numbers of tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.attention_roles import Roles


def expect_right_scale(roles: Roles, others: Sequence[Roles] = ()) -> None:
    """Fails unless the scores are divided by the root of the number of features of a head.

    others: the roles of the student's layer in other sizes; they tell names apart that fit one size by chance.
    """
    if is_right(roles):
        return
    C, d = roles.embed_dim, roles.embed_dim // roles.num_heads
    dim = "embed_dim" if d == C else "d"
    of = f"embed_dim={C}" if d == C else f"embed_dim={C} and {roles.num_heads} heads, d={d}"
    more = "".join(f", and by {other.scale:.4g} for {_sizes(other)}" for other in others)
    mistake = _name(roles, others)
    raise CheckFailed(
        f"the scores QKᵀ should be multiplied by 1/√{dim} = {d**-0.5:.4g} for {of}, but are multiplied by {roles.scale:.4g}"
        f"{more}{f': {mistake}' if mistake else ''}",
        mistake=mistake,
    )


def is_right(roles: Roles) -> bool:
    right = (roles.embed_dim // roles.num_heads) ** -0.5
    return math.isclose(roles.scale, right, rel_tol=1e-6)  # a root that was rounded to float32 is fine


def _sizes(roles: Roles) -> str:
    heads = f" and {roles.num_heads} heads" if roles.num_heads > 1 else ""
    return f"embed_dim={roles.embed_dim}{heads}"


def _name(roles: Roles, others: Sequence[Roles]) -> str:
    """The name of the scale that fits all sizes; "" if there is none, or if it could be another one."""
    known = _known(roles) | (_rare(roles) if others else {})
    fitting = [
        words
        for words in known
        if all(math.isclose(one.scale, (_known(one) | _rare(one))[words], rel_tol=1e-6) for one in (roles, *others))
    ]
    return fitting[0] if (others and fitting) or len(fitting) == 1 else ""


def _rare(roles: Roles) -> dict[str, float]:
    """Names of scales that have to fit two sizes: in one size others often are the same."""
    C, d = roles.embed_dim, roles.embed_dim // roles.num_heads
    rare: dict[str, float] = {}
    for name, size in {"embed_dim": C, **({"d": d} if d != C else {})}.items():
        rare |= {
            f"they are divided by {name} / 2: without parentheses, {name} ** 1 / 2 is ({name} ** 1) / 2": 2 / size,
            f"they are multiplied by {name} / 2: without parentheses, {name} ** 1 / 2 is ({name} ** 1) / 2": size / 2,
            f"they are multiplied by 1 / (2 · {name}): without parentheses, {name} ** -1 / 2 is ({name} ** -1) / 2": (
                1 / (2 * size)
            ),
            f"they are divided by {name} ** 2, not by the root": size**-2.0,
            f"they are divided by 2 · √{name}": 0.5 * size**-0.5,
            f"they are divided by √(2 · {name})": (2 * size) ** -0.5,
            f"they are multiplied by √{name} instead of divided": size**0.5,
            f"they are multiplied by {name}, without the root": float(size),
            f"they are divided by the cube root of {name}": size ** (-1 / 3),
            f"they are divided by the logarithm of {name}": 1 / math.log(size),
            f"they are divided by √({name} − 1)": (size - 1) ** -0.5,
            f"they are divided by √({name} + 1)": (size + 1) ** -0.5,
            f"they have the wrong sign and are divided by {name}, without the root": -1 / size,
        }
    return rare


def _known(roles: Roles) -> dict[str, float]:
    C, h = roles.embed_dim, roles.num_heads
    d = C // h
    dim = "embed_dim" if h == 1 else "d"
    known = {
        "they are not scaled": 1.0,
        "they have the wrong sign": -(d**-0.5),
        "they are not scaled, and have the wrong sign": -1.0,
        "they are multiplied by the root instead of divided": d**0.5,
        f"they are divided by {dim}, without the root": 1 / d,
        f"they are multiplied by {dim}, without the root": float(d),
        "they are divided by the root, cut to a whole number": 1 / int(d**0.5),
        "they are divided by the fourth root": d**-0.25,
        "they are divided by the root of the number of tokens, which is 2 in this test": 2**-0.5,
        "they are divided by the number of tokens, which is 2 in this test": 0.5,
        "they are divided by √(3 · embed_dim)": (3 * C) ** -0.5,
    }
    if h > 1:
        known |= {
            "they are divided by √embed_dim, but a head has fewer features": C**-0.5,
            "they are divided by embed_dim, without the root": 1 / C,
            "they are divided by the root of the number of heads": h**-0.5,
            "they are divided by the number of heads": 1 / h,
        }
    return known
