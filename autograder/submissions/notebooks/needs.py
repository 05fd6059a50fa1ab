"""Decides which statements of a notebook each exercise's module needs, and where each name comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.submissions.notebooks.copies import cells_in_words
from autograder.submissions.notebooks.parts import BUILTINS, Notes, Parts
from autograder.submissions.notebooks.statements import DEFINED, Statement


@dataclass
class Needs:
    """What the module of one exercise consists of.

    kept: its statements, by the index of their part.
    imports: lines that import single names, each with the cell's number and the line there.
    siblings: the names that it imports from other exercises' modules, as (exercise, name).
    """

    kept: dict[int, set[Statement]] = field(default_factory=dict)
    imports: dict[str, tuple[int, int]] = field(default_factory=dict)
    siblings: set[tuple[str, str]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def keep(self, index: int, statements: Iterable[Statement]) -> list[tuple[int, Statement]]:
        """Adds statements of a part. Returns those that are new, each with the index."""
        kept = self.kept.setdefault(index, set())
        new = [statement for statement in statements if statement not in kept]
        kept |= set(new)
        return [(index, statement) for statement in new]


_Work = tuple[str, int, Statement]


class Resolution:
    """Follows the names that each module uses to the statements that bind them."""

    def __init__(self, parts: Parts, public: dict[str, frozenset[str]], notes: Notes) -> None:
        self._parts = parts
        self._notes = notes
        self._last: dict[str, int] = {}
        """The index of each exercise's last answer cell."""
        for index, part in enumerate(parts.parts):
            if part.answers:
                self._last[part.answers] = index
        self.order = sorted(self._last, key=self._last.__getitem__)
        """The exercises with a valid answer cell, by the place of the last one."""
        self.needs = {name: Needs() for name in self.order}
        self._later: deque[tuple[str, str, int]] = deque()
        """Names that no cell above binds: the exercise, the name, and the index of the part that uses it."""
        work: list[_Work] = []
        for name in reversed(self.order):
            work += self._answers(name)
            work += self._public_elsewhere(name, public[name])
        self._follow(work)
        while self._later:
            self._follow(self._below(*self._later.popleft()))

    def _follow(self, work: list[_Work]) -> None:
        while work:
            name, index, statement = work.pop()
            needs = self.needs[name]
            for used in sorted(statement.uses - needs.seen):
                needs.seen.add(used)
                work += self._above(name, used, max(index, self._last[name]))

    def _answers(self, name: str) -> Iterator[_Work]:
        """Everything in the answer cells. If several define a name, the last one counts, and a stub only if all are stubs."""
        needs = self.needs[name]
        indices = [index for index, part in enumerate(self._parts.parts) if part.answers == name]
        best: dict[str, tuple[int, int]] = {}
        for index in indices:
            for statement in self._parts.parts[index].code.statements:
                for bound in statement.binds if not statement.is_import else ():
                    rank = (-statement.unwritten, index)
                    best[bound] = max(best.get(bound, rank), rank)
        for index in indices:
            statements = [
                s
                for s in self._parts.parts[index].code.statements
                if s.is_import or any(best[bound][1] == index for bound in s.binds)
            ]
            needs.seen |= {bound for s in statements for bound in s.binds}
            yield from ((name, *entry) for entry in needs.keep(index, statements))
        if len(indices) > 1:
            self._notes.add(self._joined(name, indices, best), name)

    def _joined(self, name: str, indices: list[int], best: dict[str, tuple[int, int]]) -> str:
        """A note that names several answer cells, and what counts in each."""
        numbers = {index: self._parts.parts[index].cell.number for index in indices}
        shares = []
        for index in indices:
            names = [bound for bound, (_, chosen) in best.items() if chosen == index]
            shares.append(f"{_some(names) or 'nothing'} from cell {numbers[index]}")
        cells = cells_in_words(list(numbers.values()))
        return (
            f"{cells} of {self._notes.notebook} are answer cells for {name} and count together: {', '.join(shares)}. "
            "Merge them into one cell"
        )

    def _public_elsewhere(self, name: str, public: frozenset[str]) -> Iterator[_Work]:
        """Public names that the answer cell does not define, from the untagged cells directly above or below it."""
        parts, last, needs = self._parts.parts, self._last[name], self.needs[name]
        around = [i for i in range(last, -1, -1) if parts[i].owner == name]
        around += [i for i in range(len(parts) - 1, last, -1) if parts[i].section == parts[last].section + 1]
        around = [i for i in around if not parts[i].answers and not parts[i].aside]
        for missing in sorted(public - needs.seen):
            for index in around:
                found = self._parts.binders.get(missing, {}).get(index, [])
                binding = [s for s in found if not s.is_import]
                if binding:
                    needs.seen |= {bound for s in binding for bound in s.binds}
                    yield from ((name, *entry) for entry in needs.keep(index, binding))
                    where = self._notes.where(parts[index].cell)
                    text = f"{missing} comes from {where}, since the answer cell for {name} does not define it: "
                    self._notes.add(f"{text}move it into the answer cell", name)
                    break

    def _above(self, name: str, used: str, at: int) -> list[_Work]:
        """Takes a name from the last cell up to `at` that binds it, or else from an import below."""
        parts, binders = self._parts.parts, self._parts.binders.get(used, {})
        places = [index for index in binders if not parts[index].aside]
        for index in [*reversed([i for i in places if i <= at]), *[i for i in places if i > at]]:
            binding = [s for s in binders[index] if index <= at or s.is_import]
            if not binding:
                continue
            if binding[-1].is_import:
                line = binding[-1].importing(used)
                self.needs[name].imports.setdefault(line, (parts[index].cell.number, binding[-1].node.lineno))
                return []
            return self._taken(name, used, index, binding)
        if used not in BUILTINS:
            self._later.append((name, used, at))
        return []

    def _below(self, name: str, used: str, at: int) -> list[_Work]:
        """Takes a name from the nearest section below that binds it, and there from the last cell; or from a cell aside."""
        parts, binders = self._parts.parts, self._parts.binders.get(used, {})
        near = sorted(
            (index for index in binders if index > at),
            key=lambda index: (parts[index].aside, parts[index].section, bool(parts[index].answers), -index),
        )
        for index in [*near, *reversed([index for index in binders if index <= at])]:
            binding = binders[index]
            if binding[-1].is_import:
                line = binding[-1].importing(used)
                self.needs[name].imports.setdefault(line, (parts[index].cell.number, binding[-1].node.lineno))
                return []
            return self._taken(name, used, index, binding)
        broken = [other for other, cell in self._parts.broken.items() if used in DEFINED.findall(cell.source)]
        self.needs[name].siblings |= {(other, used) for other in broken}
        return []

    def _taken(self, name: str, used: str, index: int, binding: list[Statement]) -> list[_Work]:
        """Imports a name from the exercise that the part belongs to, or copies the statements that bind it.

        A helper below the answer cell is copied, and so is what could only be imported in a circle.
        """
        part = self._parts.parts[index]
        ours = index > self._last[name] and not part.answers
        other = name if ours or part.aside or part.owner in ("", name) else part.owner
        if other != name and not self._imports(other, name):
            self.needs[name].siblings.add((other, used))
            if part.answers == other:  # what counts of its answer cells is settled
                return []
            return [(other, *entry) for entry in self.needs[other].keep(index, binding)]
        return [(name, *entry) for entry in self.needs[name].keep(index, binding)]

    def _imports(self, module: str, other: str) -> bool:
        """Whether a module imports another one, directly or through others."""
        reached, waiting = {module}, [module]
        while waiting:
            siblings = {name for name, _ in self.needs[waiting.pop()].siblings if name in self.needs}
            waiting += siblings - reached
            reached |= siblings
        return other in reached


def _some(names: list[str]) -> str:
    more = [f"{len(names) - 4} more"] if len(names) > 4 else []
    return " and ".join(", ".join([*names[:4], *more]).rsplit(", ", 1))
