"""Takes a file apart into all texts and compiled code in it, including archives in archives.

Nothing is run, imported or unpickled. What cannot be read is reported, since it must not be handed out.
"""

import ast
import base64
import binascii
import html
import io
import json
import pickletools
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType

from autograder.course.leaks import bytecode
from autograder.course.leaks.archives import UnreadableError, chunks_of_png, git_folder_of, is_packed, unpacked
from autograder.course.leaks.code import parsed

MAX_DEPTH = 8
_PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e\xc2-\xf4\x80-\xbf]{6,}")
_WIDE = (re.compile(rb"(?:[\t\n\r\x20-\x7e]\0){6,}"), re.compile(rb"(?:[\t\n\r\x20-\x7e]\0\0\0){6,}"))
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|\w+);")


@dataclass(frozen=True)
class Text:
    """A text that was found."""

    place: str
    """Where it was found, for the report."""
    text: str
    line: int = 1
    """The line on which it starts."""
    module: ast.Module | None = None
    """Its syntax tree, if all of it is Python."""


@dataclass(frozen=True)
class Compiled:
    """Compiled Python."""

    place: str
    code: CodeType


@dataclass(frozen=True)
class Unreadable:
    """Something that cannot be read, and why."""

    place: str
    problem: str


@dataclass(frozen=True)
class ArchivedFile:
    """A file in an archive."""

    place: str
    name: str
    data: bytes


Piece = Text | Compiled | Unreadable | ArchivedFile


def pieces(place: str, data: bytes, depth: int = 0) -> Iterator[Piece]:
    """All pieces of a file. The files of an archive are returned whole; the caller takes them apart in turn."""
    if depth > MAX_DEPTH:
        yield Unreadable(place, f"it is nested more than {MAX_DEPTH} levels deep")
    elif place.endswith((".pyc", ".pyo")) or data.startswith(bytecode.MAGIC):
        code = bytecode.unmarshalled(data)
        if code is None:
            yield Unreadable(place, "it is damaged bytecode, or from another version of Python")
        else:
            yield Compiled(place, code)
            for value, line in bytecode.strings(code):
                yield from texts(f"{place}, a string in the bytecode", value, line, depth)
    elif is_packed(data):
        try:
            repositories = set()
            for name, content in unpacked(data):
                if (repository := git_folder_of(name)) is None:
                    yield ArchivedFile(f"{place} → {name}", name, content)
                elif repository not in repositories:
                    repositories.add(repository)
                    yield Unreadable(
                        f"{place} → {repository}", "it is a git repository: unpack the archive and scan it"
                    )
        except UnreadableError as error:
            yield Unreadable(place, str(error))
        yield from _binary(place, data, depth)  # comments, and data before or after the archive
    else:
        text = _decoded(data)
        yield from _binary(place, data, depth) if text is None else texts(place, text, 1, depth)


def texts(place: str, text: str, line: int = 1, depth: int = 0) -> Iterator[Piece]:
    """A text and the texts in it: comments and strings of Python, values of JSON, cells of a notebook, encoded bytes."""
    module = parsed(text)
    yield Text(place, text, line, module)
    if depth > MAX_DEPTH:
        yield Unreadable(place, f"its texts are nested more than {MAX_DEPTH} levels deep")
        return
    value = _json(text)  # before Python: JSON is often valid Python too, but says more when it is read as JSON
    if value is not None:
        yield from _in_json(place, value, depth)
    elif module is not None:
        yield from _in_python(place, text, module, line, depth)
    if _ENTITY.search(text):
        unescaped = html.unescape(text)
        yield Text(place, unescaped, line, None)
    for pattern, decode in _ENCODINGS:
        for match in pattern.finditer(text):
            for content in _plausible(decode, match[0]):
                number = line + text.count("\n", 0, match.start())
                yield from pieces(f"{place}, line {number}, decoded", content, depth + 1)


def _in_python(place: str, source: str, module: ast.Module, line: int, depth: int) -> Iterator[Piece]:
    for first, comment in _comments(source):
        yield Text(place, comment, line + first - 1)
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=str(value)) if _holds_more(value):
                yield from texts(f"{place}, line {line + node.lineno - 1}, a string", value, 1, depth + 1)
            case ast.Constant(value=str(value)) if len(value) > 8:
                yield Text(place, value, line + node.lineno - 1)
            case ast.Constant(value=bytes(value)) if len(value) > 8:
                yield from pieces(f"{place}, line {line + node.lineno - 1}, bytes", value, depth + 1)


def _holds_more(value: str) -> bool:
    return value.lstrip()[:1] in ("{", "[") or any(pattern.search(value) for pattern, _ in _ENCODINGS)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Blocks of consecutive comment lines, each with the number of its first line."""
    block: list[str] = []
    last = -1
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                if block and token.start[0] != last + 1:
                    yield last - len(block) + 1, "\n".join(block)
                    block = []
                block.append(token.string)
                last = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # the rest is not Python, and is scanned as plain text
    if block:
        yield last - len(block) + 1, "\n".join(block)


def _json(text: str) -> object:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_json(place: str, value: object, depth: int) -> Iterator[Piece]:
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        for number, cell in enumerate(value.pop("cells"), start=1):
            parts = cell.items() if isinstance(cell, dict) else [("content", cell)]
            for name, part in parts:
                yield from _values(f"{place}, cell {number}, {name}", part, depth)
    yield from _values(place, value, depth)


def _values(place: str, value: object, depth: int) -> Iterator[Piece]:
    """The strings in a JSON value. A list of strings is joined, since notebooks store the lines of a cell so."""
    if isinstance(value, str):
        yield from texts(place, value, 1, depth + 1)
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        separator = "" if any(item.endswith("\n") for item in value) else "\n"
        yield from texts(place, separator.join(value), 1, depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _values(f"{place} {number}", item, depth)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield Text(f"{place}, a key", key)
            yield from _values(f"{place}, {key}"[:200], item, depth)


def _decoded(data: bytes) -> str | None:
    """The data as text; None if it is not text."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n")


def _binary(place: str, data: bytes, depth: int) -> Iterator[Piece]:
    """The texts in binary data: values in a pickle, text chunks of a picture, and all printable runs."""
    for name, note in chunks_of_png(data):
        yield from pieces(f"{place}, its {name} chunk", note, depth + 1)
    if data[:1] == b"\x80":
        for value in _pickled(data):
            yield from pieces(f"{place}, pickled", value, depth + 1)
    found = [match[0].decode("utf-8", "replace") for match in _PRINTABLE.finditer(data)]
    found += [match[0].replace(b"\0", b"").decode() for pattern in _WIDE for match in pattern.finditer(data)]
    if found:
        yield from texts(f"{place}, the text in its bytes", "\n".join(found), 1, depth + 1)


def _pickled(data: bytes) -> Iterator[bytes]:
    try:
        for _, value, _ in pickletools.genops(data):
            if isinstance(value, str | bytes | bytearray) and len(value) > 8:
                yield value.encode() if isinstance(value, str) else bytes(value)
    except Exception:  # pickletools raises many types if the data is not a pickle; its printable text is scanned anyway
        return


def _from_base64(text: str) -> bytes:
    plain = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    return base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))


def _plausible(decode: Callable[[str], bytes], text: str) -> Iterator[bytes]:
    """The decoded text, if the result is a text, an archive or a picture; otherwise it was not encoded data."""
    try:
        content = decode(text)
    except (binascii.Error, ValueError):
        return
    readable = len(b"".join(_PRINTABLE.findall(content)))
    if is_packed(content) or content.startswith((b"\x89PNG", bytecode.MAGIC)) or readable > len(content) * 0.8:
        yield content


_ENCODINGS: tuple[tuple[re.Pattern[str], Callable[[str], bytes]], ...] = (
    (re.compile(r"(?:[A-Za-z0-9+/_-]{24,}\s*)+={0,2}"), _from_base64),
    (re.compile(r"(?:[0-9a-fA-F]{2}){24,}"), bytes.fromhex),
)
