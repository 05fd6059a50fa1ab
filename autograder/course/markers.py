"""From a solution to a stub: what stands between two markers makes way for a TODO.

    ### BEGIN SOLUTION
    # TODO: what to do, in shapes and by the formula's name
    ...
    ### END SOLUTION

A marker is a whole line, spelt exactly so, at the indentation of its region. Whatever looks like a marker and is none
is an error: a region that is not recognised would hand the solution to the students. The comment lines from the TODO
to the first line that is no comment go into the stub.
"""

import ast
import re
from dataclasses import dataclass

from autograder.course.catalogue import SourceError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_LOOKALIKE = re.compile(
    r"""  \#.* \b(begin|end|start|stop) [\W_]* sol(?!v)    # one hash too few, no space, text around it, "SOL"
        | \#\#\# \W* (begin|end)\b                       # SOLUTION misspelt
        | \b(begin|end)\ solution\b                      # no hash at all
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TODO = re.compile(r" *# TODO: \S")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class MarkerError(SourceError):
    """A marker that is misspelt or out of place, or a region that cannot become a stub."""


@dataclass(frozen=True)
class Region:
    """One region: the numbers, from 1, of its two marker lines, and its TODO lines as they stand in the source."""

    begin: int
    end: int
    todo: tuple[str, ...]

    def holds(self, node: ast.AST) -> bool:
        """Whether this is a statement that begins in here."""
        return isinstance(node, ast.stmt) and self.begin < node.lineno < self.end


def strip_solutions(source: str, filename: str) -> str:
    """The stub of a solution: each region replaced by its TODO and, inside a function, a `raise NotImplementedError`.

    In a class or a module a region may hold private helpers; nothing is raised there. Docstrings, imports and all else
    outside the regions stays. MarkerError, with file and line, where a marker or a region is not as it has to be, or
    where the stub would lack a public name or a signature that the solution has.
    """
    regions = find_regions(source, filename)
    lines = _lines(source)
    try:
        tree = ast.parse(source, filename)
    except SyntaxError as error:
        raise MarkerError(filename, error.lineno or 1, f"this is no Python: {error.msg}", "Mend it first.") from error
    _refuse_markers_in_strings(tree, lines, filename)
    stub: list[str] = []
    done = 0
    for region in regions:
        stub += [*lines[done : region.begin - 1], *region.todo]
        if function := _function_around(tree, region, filename):
            indent = _indent(lines[region.begin - 1])
            stub.append(f'{indent}raise NotImplementedError("{function} is still to be written")')
        done = region.end
    text = "\n".join(stub + lines[done:]).rstrip("\n") + "\n"
    _refuse_lost_names(tree, text, regions, filename)
    return text


def find_regions(source: str, filename: str) -> tuple[Region, ...]:
    """The regions of a source, in order; MarkerError where a marker is wrong, or where there is none."""
    regions: list[Region] = []
    opened = 0
    for number, line in enumerate(_lines(source), start=1):
        problem = remedy = ""
        if line.strip() == BEGIN:
            if opened:
                problem, remedy = f"a region begins inside the one of line {opened}", f"Put '{END}' before it."
            opened = number
        elif line.strip() == END:
            if not opened:
                problem, remedy = "this region was never begun", f"Put '{BEGIN}' before it, or delete the line."
            else:
                regions.append(_region(_lines(source), opened, number, filename))
            opened = 0
        elif _LOOKALIKE.search(line):
            problem = f"{line.strip()!r} looks like a marker and is none"
            remedy = f"Write '{BEGIN}' or '{END}', exactly so and alone on the line."
        if problem:
            raise MarkerError(filename, number, problem, remedy)
    if opened:
        raise MarkerError(filename, opened, "this region never ends", f"Put '{END}' after its last line.")
    if not regions:
        raise MarkerError(
            filename, 1, "nothing is left to solve here", f"Put the answers between '{BEGIN}' and '{END}'."
        )
    return tuple(regions)


def _region(lines: list[str], begin: int, end: int, filename: str) -> Region:
    indent = _indent(lines[begin - 1])
    if indent != _indent(lines[end - 1]):
        raise MarkerError(filename, end, f"this marker is not indented like that of line {begin}", "Indent both alike.")
    body = lines[begin : end - 1]
    for number, line in enumerate(body, start=begin + 1):
        if line.strip() and not line.startswith(indent):
            raise MarkerError(filename, number, "this line leaves the block of its region", "End the region before it.")
    if not body or not _TODO.match(body[0]):
        remedy = "Begin it with a line '# TODO: ...': the shapes and the formula's name, not the answer."
        raise MarkerError(filename, begin, "this region does not say what to do", remedy)
    length = next((i for i, line in enumerate(body) if not line.strip().startswith("#")), len(body))
    return Region(begin, end, tuple(body[:length]))


def _lines(source: str) -> list[str]:
    """Lines as Python counts them: `splitlines` also breaks at form feeds."""
    return source.replace("\r\n", "\n").split("\n")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _refuse_markers_in_strings(tree: ast.Module, lines: list[str], filename: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                if lines[number - 1].strip() in (BEGIN, END):
                    raise MarkerError(filename, number, "this marker stands inside a string", "Take it out of there.")


def _function_around(tree: ast.Module, region: Region, filename: str) -> str | None:
    """The dotted name of the function that the region stands in; None at the level of a module or a class."""
    first = min((n.lineno for n in ast.walk(tree) if isinstance(n, ast.stmt) and region.holds(n)), default=0)
    if not first:
        raise MarkerError(filename, region.begin, "this region holds no solution", "Write it below the TODO.")
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Definition) and node.lineno < region.begin and first <= (node.end_lineno or 0)
    ]
    around.sort(key=lambda node: node.lineno)
    return None if not around or isinstance(around[-1], ast.ClassDef) else ".".join(node.name for node in around)


def _refuse_lost_names(tree: ast.Module, stub: str, regions: tuple[Region, ...], filename: str) -> None:
    """The stub is Python, offers what the solution does, and each class in it can say that it is not begun."""
    try:
        left = _interface(ast.parse(stub, filename))
    except SyntaxError as error:
        problem = f"the stub would be no Python: {error.msg}, at its line {error.lineno}"
        raise MarkerError(filename, regions[0].begin, problem, "Leave a statement outside the region.") from error
    for name, (line, signature) in _interface(tree).items():
        if left.get(name, (0, ""))[1] != signature:
            remedy = "Leave the `def` and its docstring outside, and put the markers inside its body."
            raise MarkerError(filename, line, f"the stub would lack {name}{signature}", remedy)
    for node in tree.body:
        hidden = [r for r in regions if isinstance(node, ast.ClassDef) and any(map(r.holds, node.body))]
        inside = [r for r in regions if r not in hidden and any(map(r.holds, ast.walk(node)))]
        if isinstance(node, ast.ClassDef) and hidden and not inside:
            problem = f"nothing in the stub of {node.name} would say that it is still to be written"
            raise MarkerError(filename, node.lineno, problem, "Put a region into a method too, such as __init__.")


def _interface(tree: ast.Module) -> dict[str, tuple[int, str]]:
    """Public functions and classes, and the public and special methods of those, each with line and signature."""
    found: dict[str, tuple[int, str]] = {}
    for node in tree.body:
        if isinstance(node, _Definition) and not node.name.startswith("_"):
            found[node.name] = (node.lineno, _signature(node))
            for child in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(child, _Definition) and (not child.name.startswith("_") or child.name.endswith("__")):
                    found[f"{node.name}.{child.name}"] = (child.lineno, _signature(child))
    return found


def _signature(node: _Definition) -> str:
    if isinstance(node, ast.ClassDef):
        return f"({', '.join(map(ast.unparse, node.bases))})"
    return f"({ast.unparse(node.args)})"
