"""Runs a student's file, without the statements at its top level that only try something forbidden.

Many students compare with the library at the end of their file. The result of a forbidden call cannot be had, so nothing is
gained by such a statement, and the functions above it may be right.
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterable
from types import CodeType
from typing import Any

from autograder.sandbox.worker.forbidden import ForbiddenCall

MAY_BE_LEFT_OUT = (
    ast.Expr, ast.Assert, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.With, ast.If, ast.Try,
)  # fmt: skip
"""Kinds of statements that do not define a function or a class, and import nothing."""


def run_file(code: CodeType, source: bytes, namespace: dict[str, Any], public: Iterable[str] = ()) -> None:
    """Runs the code of a file; where a statement is left out, those after it that lack a name that it gives are, too.

    code: the whole file, compiled.
    public: names that the exercise asks for.
    """
    statements: list[ast.stmt] = []
    while True:
        try:
            exec(code, namespace)
            return
        except (ForbiddenCall, NameError) as error:
            if isinstance(error, NameError) and not statements:
                raise
            statements = statements or ast.parse(source).body
            line = _line_of_the_file(error, code.co_filename)
            left_out = next(
                (i for i, one in enumerate(statements) if one.lineno <= line <= (one.end_lineno or 0)), None
            )
            if left_out is None or not _may_be_left_out(statements[left_out], statements, public):
                raise
        rest = ast.Module(statements[left_out + 1 :], [])
        flags = code.co_flags & __future__.annotations.compiler_flag
        code = compile(rest, code.co_filename, "exec", flags=flags, dont_inherit=True)


def _may_be_left_out(statement: ast.stmt, statements: list[ast.stmt], public: Iterable[str]) -> bool:
    """Whether neither the exercise nor a function or class of the file needs what the statement defines."""
    if not isinstance(statement, MAY_BE_LEFT_OUT):
        return False
    definitions = [one for one in statements if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    needed = {name for one in definitions for name in _names(one, ast.Load)}
    return not needed.union(public) & _names(statement, ast.Store)


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def _line_of_the_file(error: BaseException, path: str) -> int:
    """The line at the top level of the file at which the error was raised; 0 if there is none."""
    trace = error.__traceback__
    while trace is not None:
        if (trace.tb_frame.f_code.co_filename, trace.tb_frame.f_code.co_name) == (path, "<module>"):
            return trace.tb_lineno
        trace = trace.tb_next
    return 0
