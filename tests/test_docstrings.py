"""The examples in docstrings are run: those of the package and those of the solutions."""

import doctest
import importlib
import re
import sys
from collections.abc import Iterator

import pytest

from autograder.course.catalogue import PRACTICAL
from tests.zoo import PROJECT

_PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)


def with_examples(folder: str, pattern: str) -> list[str]:
    """The modules with an example, by their names from this folder on."""
    paths = sorted((PROJECT / folder).glob(pattern))
    found = [path.relative_to(PROJECT / folder) for path in paths if _PROMPT.search(path.read_text(encoding="utf-8"))]
    return [".".join(path.with_suffix("").parts) for path in found]


@pytest.mark.parametrize("name", with_examples(".", "autograder/**/*.py"))
def test_examples_of_the_package(name: str) -> None:
    tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried.attempted > 0
    assert tried.failed == 0


@pytest.fixture
def solutions_on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(PROJECT / "solutions")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if PRACTICAL.fullmatch(name.partition(".")[0]):
            del sys.modules[name]


@pytest.mark.parametrize("name", with_examples("solutions", "p[0-9]*_*/*.py"))
def test_examples_of_the_solutions(name: str, solutions_on_the_path: None) -> None:
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted > 0
    assert tried.failed == 0
