"""Regular expressions that read what students write take linear time.

Each is tried on long texts made of its own pieces: a quadratic one would need hours instead of milliseconds.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

from autograder.submissions.file_names import MAX_LENGTH

ROOMS = ("sandbox.host", "submissions", "grading", "diagnosis", "reports", "notebooks", "classroom", "watching")
LENGTH = 50_000
BOUNDED = {"autograder.submissions.file_names": MAX_LENGTH}
"""The longest text that a module reads, where it is short enough for any pattern."""
CPU_SECONDS = 2


def modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        package = importlib.import_module(f"autograder.{room}")
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def patterns_of(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from patterns_of(part)
    elif isinstance(value, dict):
        for part in (*value, *value.values()):
            yield from patterns_of(part)


def anchored(pattern_name: str, source: str) -> bool:
    """Whether the module only matches it at the beginning of a text."""
    methods = set(re.findall(rf"\b{pattern_name}\.(\w+)\(", source))
    return bool(methods) and methods <= {"match", "fullmatch"}


def sample(parsed: Any) -> Iterator[str]:
    """The pieces of a text that matches, each repeat once."""
    for code, argument in parsed:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code is codes.NOT_LITERAL:
            yield "x" if chr(argument) != "x" else "y"
        elif code is codes.ANY:
            yield "a"
        elif code is codes.IN:
            yield in_class(argument)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            yield "".join(sample(argument[2]))
        elif code is codes.SUBPATTERN:
            yield "".join(sample(argument[3]))
        elif code is codes.BRANCH:
            yield "".join(sample(argument[1][0]))


def in_class(items: Any) -> str:
    candidates = [chr(code) for code in (*range(32, 127), 10, 9, 0xE4)]
    negate = items[0][0] is codes.NEGATE
    categories = {codes.CATEGORY_DIGIT: "0123456789", codes.CATEGORY_SPACE: " \n\t", codes.CATEGORY_WORD: "a0_"}
    members: set[str] = set()
    for code, argument in items:
        if code is codes.LITERAL:
            members.add(chr(argument))
        elif code is codes.RANGE:
            members.update(chr(number) for number in range(argument[0], min(argument[1], argument[0] + 26) + 1))
        elif code is codes.CATEGORY:
            members.update(categories.get(argument, ""))
    usable = [char for char in candidates if (char in members) != negate]
    return usable[0] if usable else next(iter(members), "a")


def texts(pattern: re.Pattern[Any], length: int = LENGTH) -> Iterator[Any]:
    pieces = [piece for piece in sample(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)) if piece]
    starts = ["".join(pieces[:count]) for count in range(1, len(pieces) + 1)]
    for text in dict.fromkeys([*pieces, *starts, " ", "\n", "a", "0"]):
        for ending in ("", "\0"):
            long = text * (length // len(text)) + ending
            yield long if isinstance(pattern.pattern, str) else long.encode("latin-1", "replace")


def found() -> Iterator[tuple[str, re.Pattern[Any], bool, int]]:
    seen = set()
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            for pattern in patterns_of(value):
                if pattern not in seen:
                    seen.add(pattern)
                    yield (
                        f"{module.__name__}.{name}: {pattern.pattern!r}",
                        pattern,
                        anchored(name, source),
                        BOUNDED.get(module.__name__, LENGTH),
                    )


def test_patterns_are_found() -> None:
    assert len(list(found())) > 40


class TooSlow(Exception):
    """A pattern has used more than its CPU time."""


def is_slow(pattern: re.Pattern[Any], at_the_beginning: bool = False, length: int = LENGTH) -> bool:
    """Whether the pattern uses up its CPU time; the search itself looks for signals."""

    def stop(number: int, frame: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        for text in texts(pattern, length):
            pattern.match(text) if at_the_beginning else pattern.search(text)
    except TooSlow:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


def test_every_pattern_takes_linear_time() -> None:
    assert [label for label, *tried in found() if is_slow(*tried)] == []


@pytest.mark.parametrize("pattern", [r"^\s*import", r"(?:a+)+b", r"\w+x"])
def test_a_pattern_that_does_not_is_noticed(pattern: str) -> None:
    assert is_slow(re.compile(pattern, re.M))
