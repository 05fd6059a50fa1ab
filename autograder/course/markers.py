"""Makes a stub from a solution: the code between two markers is replaced by a TODO.

    ### BEGIN SOLUTION
    # TODO: what to do, with shapes and the name of the formula
    ...
    ### END SOLUTION

A marker is a whole line, spelt exactly like this, with the indentation of its region. A line that only resembles a marker
is an error, because an unrecognised region would reach the students. The TODO and the comment lines directly below it
stay in the stub.
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
    """A marker is misspelt or in the wrong place, or a region cannot become a stub."""


@dataclass(frozen=True)
class Region:
    """The code between two markers: the line numbers of the markers, from 1, and the TODO lines."""

    begin: int
    end: int
    todo: tuple[str, ...]

    def holds(self, node: ast.AST) -> bool:
        """Whether a node is a statement that starts in this region."""
        return isinstance(node, ast.stmt) and self.begin < node.lineno < self.end


def strip_solutions(source: str, filename: str) -> str:
    """The stub of a solution: each region is replaced by its TODO and, in a function, by `raise NotImplementedError`.

    A region in a class or module body may contain private helpers; only its TODO is left. Everything outside the regions
    stays. MarkerError if a marker or region is wrong, or if the stub would lack a public name or change its signature.
    """
    regions = find_regions(source, filename)
    lines = _lines(source)
    try:
        tree = ast.parse(source, filename)
    except SyntaxError as error:
        raise MarkerError.of_syntax(filename, error) from error
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
    """The regions of a source, in order. MarkerError if a marker is wrong or if there is none."""
    regions: list[Region] = []
    opened = 0
    for number, line in enumerate(_lines(source), start=1):
        problem = remedy = ""
        if line.strip() == BEGIN:
            if opened:
                problem, remedy = f"this region starts inside the region of line {opened}", f"Put '{END}' before it."
            opened = number
        elif line.strip() == END:
            if not opened:
                problem, remedy = "this region has no start", f"Put '{BEGIN}' before it, or delete the line."
            else:
                regions.append(_region(_lines(source), opened, number, filename))
            opened = 0
        elif _LOOKALIKE.search(line):
            problem = f"{line.strip()!r} looks like a marker but is not one"
            remedy = f"Write exactly '{BEGIN}' or '{END}', alone on the line."
        if problem:
            raise MarkerError(filename, number, problem, remedy)
    if opened:
        raise MarkerError(filename, opened, "this region never ends", f"Put '{END}' after its last line.")
    if not regions:
        raise MarkerError(
            filename, 1, "there is nothing to solve in this file", f"Put the answers between '{BEGIN}' and '{END}'."
        )
    return tuple(regions)


def _region(lines: list[str], begin: int, end: int, filename: str) -> Region:
    indent = _indent(lines[begin - 1])
    if indent != _indent(lines[end - 1]):
        raise MarkerError(
            filename, end, f"this marker is not indented like the one in line {begin}", "Indent both alike."
        )
    body = lines[begin : end - 1]
    for number, line in enumerate(body, start=begin + 1):
        if line.strip() and not line.startswith(indent):
            raise MarkerError(filename, number, "this line leaves the block of its region", "End the region before it.")
    if not body or not _TODO.match(body[0]):
        remedy = "Start it with a line '# TODO: ...' with the shapes and the name of the formula, but not the answer."
        raise MarkerError(filename, begin, "this region does not say what to do", remedy)
    length = next((i for i, line in enumerate(body) if not line.strip().startswith("#")), len(body))
    return Region(begin, end, tuple(body[:length]))


def _lines(source: str) -> list[str]:
    """The lines as Python counts them; `splitlines` would also break at form feeds."""
    return source.replace("\r\n", "\n").split("\n")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _refuse_markers_in_strings(tree: ast.Module, lines: list[str], filename: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                if lines[number - 1].strip() in (BEGIN, END):
                    raise MarkerError(filename, number, "this marker is inside a string", "Move it out of the string.")


def _function_around(tree: ast.Module, region: Region, filename: str) -> str | None:
    """The dotted name of the function that contains the region; None if it is in the body of a class or module."""
    first = min((n.lineno for n in ast.walk(tree) if isinstance(n, ast.stmt) and region.holds(n)), default=0)
    if not first:
        raise MarkerError(filename, region.begin, "this region contains no solution", "Write it below the TODO.")
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Definition) and node.lineno < region.begin and first <= (node.end_lineno or 0)
    ]
    around.sort(key=lambda node: node.lineno)
    return None if not around or isinstance(around[-1], ast.ClassDef) else ".".join(node.name for node in around)


def _refuse_lost_names(tree: ast.Module, stub: str, regions: tuple[Region, ...], filename: str) -> None:
    """Checks that the stub is valid Python, has all public names of the solution, and that each class raises somewhere."""
    try:
        left = _interface(ast.parse(stub, filename))
    except SyntaxError as error:
        problem = f"the stub would not be valid Python: {error.msg}, in its line {error.lineno}"
        raise MarkerError(filename, regions[0].begin, problem, "Leave a statement outside the region.") from error
    for name, (line, signature) in _interface(tree).items():
        if left.get(name, (0, ""))[1] != signature:
            remedy = "Put the markers inside the body, below the `def` and its docstring."
            raise MarkerError(filename, line, f"the stub would lack {name}{signature}", remedy)
    for node in tree.body:
        hidden = [r for r in regions if isinstance(node, ast.ClassDef) and any(map(r.holds, node.body))]
        inside = [r for r in regions if r not in hidden and any(map(r.holds, ast.walk(node)))]
        if isinstance(node, ast.ClassDef) and hidden and not inside:
            problem = f"no method in the stub of {node.name} would raise NotImplementedError"
            raise MarkerError(filename, node.lineno, problem, "Put a region into a method too, such as __init__.")


def _interface(tree: ast.Module) -> dict[str, tuple[int, str]]:
    """(line, signature) of each public function and class, and of the public and special methods of the classes."""
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
