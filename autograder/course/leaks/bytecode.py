"""Makes compiled functions comparable, without running them: by their instructions, without the names of variables."""

import dis
import importlib.util
import marshal
from collections.abc import Iterator
from types import CodeType

from autograder.course.leaks.code import DISTINCTIVE, Fragment

MAGIC = importlib.util.MAGIC_NUMBER
_HEADER_BYTES = 16
_CHOICES = {*dis.hasname, *dis.hasconst, *(code for name, code in dis.opmap.items() if name.startswith("BINARY"))}


def unmarshalled(data: bytes) -> CodeType | None:
    """The code object in a `.pyc`; None if it is damaged or from another version of Python."""
    if not data.startswith(MAGIC):
        return None
    try:
        code = marshal.loads(data[_HEADER_BYTES:])
    except (ValueError, EOFError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def functions(code: CodeType) -> Iterator[Fragment]:
    """The distinctive functions, classes and lambdas in compiled code, whatever their variables are called."""
    for inner in _code_in(code):
        words, choices = [], 0
        for instruction in dis.get_instructions(inner):
            choosing = instruction.opcode in _CHOICES
            loaded = "<code>" if isinstance(instruction.argval, CodeType) else repr(instruction.argval)
            words.append(f"{instruction.opname} {loaded}" if choosing else instruction.opname)
            choices += choosing
        if choices >= DISTINCTIVE:
            yield Fragment("\n".join(words), inner.co_firstlineno)


def strings(code: CodeType) -> Iterator[Fragment]:
    """The strings in compiled code, including docstrings."""
    for inner in (code, *_code_in(code)):
        yield from (Fragment(value, inner.co_firstlineno) for value in inner.co_consts if isinstance(value, str))


def _code_in(code: CodeType) -> Iterator[CodeType]:
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield value
            yield from _code_in(value)
