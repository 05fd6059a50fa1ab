"""The page of the graders' API: its examples are run, and its lists are complete."""

import doctest
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import autograder.probes
from autograder.checks import accuracy, closeness, failure, forbidden, modules, refusals
from autograder.checks.fixtures import FIXTURES
from autograder.checks.inputs import Draw
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.student_module import Handle, StudentModule
from autograder.sandbox.host.workers import LocalWorker
from autograder.sandbox.wire.messages import ForbiddenRules
from tests.zoo import PROJECT

PAGE = (PROJECT / "autograder/graders/README.md").read_text(encoding="utf-8")
SUBMISSION, *EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS = dict(re.findall(r"^\| `([\w.]+)` \| (.*) \|$", PAGE, re.MULTILINE))


@pytest.fixture
def student() -> Iterator[StudentModule]:
    files = {"p1_mlp/demo.py": SUBMISSION.encode()}
    student = StudentModule(Assignment("p1_mlp.demo", files), LocalWorker)
    student.begin_check(1, 10.0)
    yield student
    student.close()


def test_examples(student: StudentModule) -> None:
    """From top to bottom, as they build on one another."""
    names: dict[str, Any] = {"__name__": "page", "student": student, "draw": Draw(1, "p1_mlp/demo::values")}
    for number, text in enumerate(EXAMPLES):
        if ">>>" not in text:
            exec(compile(text, f"example {number}", "exec"), names)
            continue
        example = doctest.DocTestParser().get_doctest(text, names, f"example {number}", "README.md", 0)
        example.globs = names  # the parser has made a copy
        tried = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, clear_globs=False)
        assert tried.failed == 0, text


def test_every_fixture_has_its_line() -> None:
    described = {name: " ".join((function.__doc__ or "").split()) for name, function in FIXTURES.items()}
    assert {name: ROWS[name] for name in described} == described


def test_every_probe_is_listed() -> None:
    found = set()
    for module in pkgutil.iter_modules(autograder.probes.__path__):
        probe = importlib.import_module(f"autograder.probes.{module.name}")
        found |= {f"{module.name}.{function.__name__}" for function in functions_of(probe)}
    assert {name for name in ROWS if "." in name} == found


@pytest.mark.parametrize("kind", [Draw, Handle])
def test_every_operation_is_shown(kind: type) -> None:
    shown = {name for name in vars(kind) if not name.startswith("_") and re.search(rf"\.{name}\(", PAGE)}
    assert shown == {name for name in vars(kind) if not name.startswith("_")}


def test_every_group_of_forbidden_calls_is_named() -> None:
    groups = {name for name, value in vars(forbidden).items() if isinstance(value, ForbiddenRules)}
    assert {name for name in groups if f"`{name}`" in PAGE} == groups


@pytest.mark.parametrize(
    "module", [accuracy, closeness, failure, forbidden, modules, refusals], ids=lambda m: m.__name__
)
def test_every_function_has_an_example(module: ModuleType) -> None:
    code = "\n".join(EXAMPLES)
    names = {function.__name__ for function in functions_of(module)}
    assert {name for name in names if re.search(rf"\b{name}\(", code)} == names


def functions_of(module: ModuleType) -> list[Callable[..., object]]:
    """The public functions that a module defines."""
    return [
        value
        for name, value in vars(module).items()
        if callable(value)
        and not isinstance(value, type)
        and not name.startswith("_")
        and value.__module__ == module.__name__
    ]
