"""The right transformer block, computed with torch and the parameters of a student's block."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from autograder.checks.transformer.attention import reference as attention_reference
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.block_roles import BlockRoles, Norm
from autograder.checks.transformer.mlp_roles import Mlp
from autograder.checks.transformer.parameters import Values


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
