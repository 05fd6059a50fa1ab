"""The right transformer block, computed with torch and the parameters of a student's block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.attention import reference as attention_reference
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.block_roles import BlockRoles, Norm
from autograder.checks.transformer.mlp_roles import Mlp
from autograder.checks.transformer.parameters import Values, same


@dataclass(frozen=True)
class ReferenceBlock:
    """The right block, computed with torch and the student's parameters."""

    attention_norm: Norm
    attention_roles: AttentionRoles
    attention_parameters: list[int]
    mlp_norm: Norm
    mlp_roles: Mlp

    @classmethod
    def of(cls, roles: BlockRoles) -> ReferenceBlock:
        of_attention, of_mlp = roles.halves()
        return cls(*roles.attention(of_attention), of_attention.parameters, *roles.mlp(of_mlp))

    def attention(self, values: Values, x: Tensor) -> Tensor:
        numbers = self.attention_roles.gather([values[i] for i in self.attention_parameters])
        return attention_reference(self.attention_roles, numbers, self.attention_norm(values, x))

    def mlp(self, values: Values, x: Tensor) -> Tensor:
        return self.mlp_roles(values, self.mlp_norm(values, x))

    def __call__(self, values: Values, x: Tensor) -> Tensor:
        x = x + self.attention(values, x)
        return x + self.mlp(values, x)

    def explain(self, values: Values, x: Tensor, found: Tensor, seen: str = "") -> NoReturn:
        """Raises CheckFailed for the output of a block with right halves that is not that of this one.

        seen: the beginning of the message.
        """
        attention, mlp = partial(self.attention, values), partial(self.mlp, values)
        after_mlp = x + mlp(x)
        known = {
            "both halves get x, but the MLP should get the result of the first half": x + attention(x) + mlp(x),
            "the MLP comes first, but the attention should": after_mlp + attention(after_mlp),
            "the result of the MLP is added to x, so the result of the attention is lost": x + mlp(x + attention(x)),
        }
        for mistake, wrong in known.items():
            if same(found, wrong, 1e-7):
                raise CheckFailed(f"{seen}{mistake}", mistake=mistake)
        raise CheckFailed(
            f"{seen}each half is right by itself, so check what each gets and what its result is added to"
        )
