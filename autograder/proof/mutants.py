"""Mutants of a solution: copies of its source, each with one small mechanical change.

The known mistakes are those that people make. A mutant changes an operator, a constant or a call blindly. If a mutant
passes, the grader has a gap, or the mutant computes the same as the solution. Changes are made to the code between the
markers and to the default arguments of public functions and classes, but not to error messages, docstrings and
annotations.

The order of the mutants and their keys depend on the code alone, without line numbers, so that a new comment changes
neither.
"""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from autograder.course.markers import find_regions

DROPPED = "(dropped)"
Node = TypeVar("Node", bound=ast.AST)
_Function = ast.FunctionDef | ast.AsyncFunctionDef

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
_COMMUTATIVE = (ast.Add, ast.Mult)
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_EXCHANGED = (
    "sum mean", "max min", "amax amin", "argmax argmin", "any all", "floor ceil", "exp log", "sin cos", "var std",
    "sqrt rsqrt", "tanh relu", "Tanh ReLU", "MaxPool2d AvgPool2d", "ones zeros", "rand randn", "train eval",
    "weight bias", "running_mean running_var",
)  # fmt: skip
_NAMES = {a: b for pair in _EXCHANGED for a, b in (pair.split(), reversed(pair.split()))} | {"GELU": "ReLU"}
_SYMMETRIC = ("min", "max", "transpose")
"""Calls that do the same with two arguments swapped."""


@dataclass(frozen=True)
class Mutant:
    """One change: the dotted name of the function or class, the code before and after, and the whole changed source."""

    where: str
    original: str
    mutated: str
    source: str

    @property
    def key(self) -> str:
        """Identifies the mutant in the record; unique within the exercise."""
        return f"{self.where}: {self.original} -> {self.mutated}"


@dataclass(frozen=True)
class _Site:
    """A node that may be changed: its place in the tree, the nodes of its statement around it, and its function."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    around: tuple[ast.AST, ...]
    where: str
    peers: dict[str, list[str]]
    """For each parameter of the function, the other parameters of the same type."""

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    @property
    def computes_a_result(self) -> bool:
        """Whether the node is the value that a statement stores or returns, or an element of it."""
        return self.field in ("value", "values", "elts") and isinstance(
            self.parent, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Tuple | ast.Dict
        )


def make_mutants(source: str, filename: str) -> list[Mutant]:
    """All mutants of a solution, in the order of its code. All differ from each other and from the solution.

    MarkerError, with file and line, if the markers of the solution are wrong.
    """
    regions = find_regions(source, filename)
    tree = ast.parse(source, filename)
    sites = list(_sites(tree, lambda node: any(region.holds(node) for region in regions)))
    modules = {alias.asname or alias.name for node in tree.body for alias in getattr(node, "names", [])}
    seen = {ast.dump(ast.parse(source))}
    texts = Counter((site.where, _text(site.node)) for site in sites)
    keys: Counter[tuple[str, str, str]] = Counter()
    mutants = []
    for site in sites:
        shown = _smallest_unique(site, texts)
        original = _text(shown)
        for node in _mutations(site, modules):
            site.put(node)
            mutated = _text(node if shown is site.node else shown)
            changed = ast.unparse(tree)
            site.put(site.node)
            if not _is_new(changed, seen):
                continue
            keys[site.where, original, mutated] += 1
            times = keys[site.where, original, mutated]
            mutants.append(Mutant(site.where, original, mutated + (f" [{times}]" if times > 1 else ""), changed))
    return mutants


def _is_new(source: str, seen: set[str]) -> bool:
    """Whether this source compiles and has not been seen; adds it to `seen`."""
    try:
        tree = ast.parse(source)
        compile(tree, "mutant", "exec")
    except SyntaxError:
        return False
    dump = ast.dump(tree)
    new = dump not in seen
    seen.add(dump)
    return new


def _sites(
    node: ast.AST,
    in_region: Callable[[ast.AST], bool],
    inside: bool = False,
    around: tuple[ast.AST, ...] = (),
    where: str = "",
    peers: dict[str, list[str]] | None = None,
) -> Iterator[_Site]:
    """The sites below a node, in the order of the code."""
    for field, index, child in _children(node):
        here = inside or in_region(child)
        if isinstance(child, _Function | ast.ClassDef):
            name = f"{where}.{child.name}" if where else child.name
            own = None
            if isinstance(child, _Function):
                if here or _is_public(name):
                    yield from _defaults(child.args, name)
                own = _peers(child.args)
            yield from _sites(child, in_region, here, (), name, own)
        elif not isinstance(child, ast.arguments) or isinstance(node, ast.Lambda):
            known = isinstance(child, ast.expr | ast.stmt | ast.keyword)
            chain = () if isinstance(child, ast.stmt) else around
            if here and known:
                yield _Site(child, node, field, index, chain, where, peers or {})
            if not isinstance(child, ast.Raise | ast.JoinedStr):  # the wording of an error is free
                yield from _sites(child, in_region, here, (*chain, child) if known else chain, where, peers)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _is_text(child):
                yield field, index, child


def _defaults(arguments: ast.arguments, function: str) -> Iterator[_Site]:
    positional = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) or None :]
    for field, parameters in (("defaults", positional), ("kw_defaults", arguments.kwonlyargs)):
        for index, (parameter, default) in enumerate(zip(parameters, getattr(arguments, field))):
            if default is not None:
                yield _Site(default, arguments, field, index, (), f"{function}({parameter.arg})", {})


def _peers(arguments: ast.arguments) -> dict[str, list[str]]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    types = {argument.arg: ast.unparse(argument.annotation) if argument.annotation else "" for argument in every}
    return {name: [other for other in types if other != name and types[other] == types[name]] for name in types}


def _is_public(name: str) -> bool:
    return all(not part.startswith("_") or part.endswith("__") for part in name.split("."))


def _is_text(node: ast.AST) -> bool:
    """Whether the node is a docstring, or a string used as a comment."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text(node: ast.AST) -> str:
    """The code of a node on one line; for a statement with a body, only its head."""
    if isinstance(node, ast.Pass):
        return DROPPED
    if isinstance(node, ast.stmt):
        node = _with(node, **{field: [] for field in ("body", "orelse") if hasattr(node, field)})
    return ast.unparse(node).strip()


def _smallest_unique(site: _Site, texts: Counter[tuple[str, str]]) -> ast.AST:
    """The smallest part of the statement around a node that occurs once in the function, to show what is changed.

    A bare name or number is never enough.
    """
    chain = [site.node, *reversed(site.around)]
    if len(chain) > 1 and isinstance(site.node, ast.Constant | ast.Name):
        chain.pop(0)
    return next((node for node in chain if texts[site.where, _text(node)] == 1), chain[-1])


def _mutations(site: _Site, modules: set[str]) -> Iterator[ast.AST]:
    """The nodes that may replace a node."""
    node = site.node
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    if not isinstance(node, ast.expr):
        return
    if site.field == "iter":
        last = ast.Slice(upper=ast.UnaryOp(ast.USub(), ast.Constant(1)))
        every = ast.Call(ast.Name("list", ast.Load()), [copy.copy(node)], [])
        yield ast.Subscript(every, last, ast.Load())
    if site.field == "test" and isinstance(site.parent, ast.If | ast.IfExp):
        yield from (ast.UnaryOp(ast.Not(), copy.copy(node)), ast.Constant(True), ast.Constant(False))
    if isinstance(node, ast.BinOp | ast.Call) and site.computes_a_result:
        yield ast.UnaryOp(ast.USub(), copy.copy(node))
    if isinstance(node, ast.Call):
        yield from _of_call(node, modules)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node.value)
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        is_set_of_axes = isinstance(site.parent, ast.keyword) and site.parent.arg in ("dim", "axis")
        others = _one_dropped(node.elts) if is_set_of_axes else _neighbours_swapped(node.elts)
        yield from (_with(node, elts=elements) for elements in others)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in _NAMES:
        yield _with(node, attr=_NAMES[node.attr])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        builtin = [_NAMES[node.id]] if site.field == "func" and node.id in _NAMES else []
        yield from (_with(node, id=name) for name in [*site.peers.get(node.id, []), *builtin])
    else:
        yield from _of_operation(node)


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Raise() | ast.Assert() | ast.Delete():
            yield ast.Pass()
        case ast.AugAssign(target=target, op=operator, value=value):
            yield ast.Pass()
            yield from (_with(node, op=other()) for other in _OPERATORS.get(type(operator), ()))
            yield ast.Assign([target], value, lineno=node.lineno)
        case ast.With(body=body):
            yield ast.If(ast.Constant(True), body, [])


def _of_operation(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            yield from (_with(node, op=other()) for other in _OPERATORS.get(type(operator), ()))
            if not isinstance(operator, _COMMUTATIVE):
                yield _with(node, left=right, right=left)
            yield from (left, right)
        case ast.BoolOp(op=operator, values=values):
            yield _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
            yield from values
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.Compare(ops=operators):
            for index, comparison in enumerate(operators):
                for wrong in _COMPARISONS[type(comparison)]:
                    yield _with(node, ops=[*operators[:index], wrong(), *operators[index + 1 :]])


def _of_constant(value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int():
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case float():
            yield from (ast.Constant(0.0), ast.Constant(2 * value))
        case str():
            yield ast.Constant(value + "_")


def _of_call(node: ast.Call, modules: set[str]) -> Iterator[ast.AST]:
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if isinstance(node.func, ast.Attribute) and not _is_namespace(node.func.value, modules | {"self"}):
        yield node.func.value
    if _name(node.func) not in _SYMMETRIC:
        yield from (_with(node, args=arguments) for arguments in _neighbours_swapped(node.args))
    if len(node.args) > 1:
        yield _with(node, args=node.args[:-1])
    yield from (_with(node, keywords=keywords) for keywords in _one_dropped(node.keywords))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_namespace(node: ast.expr, names: set[str]) -> bool:
    """Whether this is `torch`, `torch.nn` and so on, which cannot replace a call."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in names


def _neighbours_swapped(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for index in range(len(nodes) - 1):
        yield [*nodes[:index], nodes[index + 1], nodes[index], *nodes[index + 2 :]]


def _one_dropped(nodes: list[Node]) -> Iterator[list[Node]]:
    for index in range(len(nodes)):
        yield [*nodes[:index], *nodes[index + 1 :]]


def _with(node: Node, **fields: object) -> Node:
    """A copy of a node with other values in some fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
