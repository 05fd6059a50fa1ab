"""Notices that a student rewrote a function of the answer cell in another cell, where it does not count."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.submissions.notebooks.parts import Part
from autograder.submissions.notebooks.statements import Statement


def rewritten(
    exercise: str, public: frozenset[str], answers: Sequence[Part], before: Sequence[Part], after: Sequence[Part]
) -> Iterator[str]:
    """What to say about each public name that another cell defines too, beginning with "cell 7".

    Args:
        exercise: the exercise's name.
        public: the names that it has to define.
        answers: its answer cells.
        before: other cells, whose definitions an answer cell replaced. They matter only if it still holds the stub.
        after: cells whose definitions replaced those of the answer cell in the kernel.
    """
    counts = {name: best for name in sorted(public) if (best := _best(name, answers)) is not None}
    for name, counted in counts.items():
        for part in reversed([*before, *after]):
            other = _defining(name, part)
            if other is None or ast.unparse(other.node) == ast.unparse(counted.node):
                continue
            if other.unwritten < counted.unwritten:
                where = f"cell {part.cell.number} defines {name}, but the answer cell for {exercise} counts"
                yield f"{where}, in which {name} is still to be written: copy your code into it"
                break
            if part in after:
                where = f"cell {part.cell.number} defines {name} again, but the answer cell for {exercise} counts"
                yield f"{where}: copy your code into it if it is better"
                break


def _best(name: str, answers: Sequence[Part]) -> Statement | None:
    found = [statement for part in answers if (statement := _defining(name, part)) is not None]
    return min(reversed(found), key=lambda statement: statement.unwritten, default=None)


def _defining(name: str, part: Part) -> Statement | None:
    """The last function or class of this name in a cell."""
    found = [s for s in part.code.statements if s.is_definition and name in s.binds]
    return found[-1] if found else None
