"""Mutants of a solution: each is one change to the code that a student writes, and every kind of change is made."""

import ast
import textwrap

import pytest

from autograder.course.markers import MarkerError
from autograder.proof.mutants import make_mutants

HEAD = "import torch\n\n\n"


def function(body: str, signature: str = "f(x, y)") -> str:
    lines = ["### BEGIN SOLUTION", "# TODO: do it", *body.splitlines(), "### END SOLUTION"]
    return HEAD + f"def {signature}:\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


def changes(body: str, signature: str = "f(x, y)") -> set[str]:
    return {mutant.key.partition(": ")[2] for mutant in make_mutants(function(body, signature), "f.py")}


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ("return 2 @ x", "2 @ x -> 2 * x"),
        ("return 2 - x", "2 - x -> 2 + x"),
        ("return 2 - x", "2 - x -> x - 2"),
        ("return 2 - x", "2 - x -> 2"),
        ("return x ** 2", "x ** 2 -> x * 2"),
        ("return x + 1", "x + 1 -> -(x + 1)"),
        ("return -x", "-x -> x"),
        ("return x < 1", "x < 1 -> x <= 1"),
        ("return 0 <= x < 1", "0 <= x < 1 -> 0 <= x <= 1"),
        ("return x and y", "x and y -> x or y"),
        ("return x and y", "x and y -> y"),
        ("return not x", "not x -> x"),
        ("return g(x, 5)", "g(x, 5) -> g(x, 6)"),
        ("return g(x, 5)", "g(x, 5) -> g(x, 4)"),
        ("return 0.3", "return 0.3 -> return 0.0"),
        ("return 0.3", "return 0.3 -> return 0.6"),
        ("return x.sum(dim=1)", "dim=1 -> dim=0"),
        ("return x.sum(dim=-1)", "-1 -> -2"),
        ("return x.sum(dim=(0, 2))", "(0, 2) -> (0,)"),
        ("return x.sum(keepdim=True)", "keepdim=True -> keepdim=False"),
        ("return x.sum(dim=1)", "x.sum(dim=1) -> x.sum()"),
        ("return x.sum(dim=1)", "x.sum(dim=1) -> x"),
        ("return x.sum()", "x.sum -> x.mean"),
        ("return torch.tanh(x)", "torch.tanh(x) -> x"),
        ("return torch.tanh(x)", "torch.tanh -> torch.relu"),
        ("return max(x, 0)", "max(x, 0) -> min(x, 0)"),
        ("return g(x, 1)", "g(x, 1) -> g(1, x)"),
        ("return g(x, 1)", "g(x, 1) -> g(x)"),
        ("return x, 1", "(x, 1) -> (1, x)"),
        ("return x[1]", "x[1] -> y[1]"),
        ("return {'Wh': x}", "{'Wh': x} -> {'Wh_': x}"),
        ("x.step()\nreturn x", "x.step() -> (dropped)"),
        ("z = x\nreturn z", "z = x -> (dropped)"),
        ("x -= y\nreturn x", "x -= y -> (dropped)"),
        ("x -= y\nreturn x", "x -= y -> x += y"),
        ("x -= y\nreturn x", "x -= y -> x = y"),
        ("with torch.no_grad():\n    x.step()\nreturn x", "with torch.no_grad(): -> if True:"),
        ("if x:\n    raise ValueError(x)\nreturn y", "if x: -> if not x:"),
        ("if x:\n    raise ValueError(x)\nreturn y", "if x: -> if True:"),
        ("if x:\n    raise ValueError(x)\nreturn y", "raise ValueError(x) -> (dropped)"),
        ("for i in x:\n    y.append(i)\nreturn y", "for i in x: -> for i in list(x)[:-1]:"),
        ("return [i for i in range(9)]", "range(9) -> list(range(9))[:-1]"),
    ],
)
def test_every_kind_of_change_is_made(body: str, change: str) -> None:
    assert change in changes(body)


def test_all_mutants_are_different_programs() -> None:
    source = function("a = x.sum(dim=1, keepdim=True) * 2\nreturn -a / y.sum(dim=1, keepdim=True) * 2")
    dumps = [ast.dump(ast.parse(text)) for text in [source, *(m.source for m in make_mutants(source, "f.py"))]]
    assert len(set(dumps)) == len(dumps)


def test_the_changed_source_contains_only_this_change() -> None:
    source = function("return x + y")
    mutant = next(m for m in make_mutants(source, "f.py") if m.mutated == "x - y")
    assert mutant.source == ast.unparse(ast.parse(source.replace("x + y", "x - y")))


def test_a_swap_that_changes_nothing_is_not_a_mutant() -> None:
    assert "g(x, x) -> g(x, x)" not in changes("return g(x, x)")


@pytest.mark.parametrize("call", ["max(x, y)", "x.transpose(1, 2)"])
def test_arguments_without_an_order_are_not_swapped(call: str) -> None:
    swapped = call.replace("(x, y)", "(y, x)").replace("(1, 2)", "(2, 1)")
    assert f"{call} -> {swapped}" not in changes(f"return {call}")


def test_the_order_of_axes_is_not_changed() -> None:
    assert "(0, 2) -> (2, 0)" not in changes("return x.sum(dim=(0, 2))")


def test_keys_distinguish_equal_code_in_two_places() -> None:
    mutants = make_mutants(function("x = x + 1\ny.append(x)\nx = x + 1\nreturn x"), "f.py")
    assert len({mutant.key for mutant in mutants}) == len(mutants)


def test_a_key_shows_enough_code_to_find_the_place() -> None:
    assert "x.sum(dim=1) -> x.sum(dim=0)" in changes("return x.sum(dim=1) / y.sum(dim=1)")


def test_comments_and_lines_above_change_no_key() -> None:
    source = function("return x + 2  # a reason")
    moved = source.replace("import torch\n", "import torch\n\n# a remark\n").replace("  # a reason", "")
    assert [m.key for m in make_mutants(moved, "f.py")] == [m.key for m in make_mutants(source, "f.py")]


def test_the_place_is_the_dotted_name() -> None:
    body = function("return x + 2", "forward(self, x)").removeprefix(HEAD)
    source = HEAD + "class Net:\n" + textwrap.indent(body, "    ")
    assert {mutant.where for mutant in make_mutants(source, "f.py")} == {"Net.forward"}


def test_code_outside_the_regions_is_not_changed() -> None:
    source = function("return x") + "\n\ndef g(x):\n    return x + 1\n"
    assert all("return x + 1" in mutant.source for mutant in make_mutants(source, "f.py"))


def test_defaults_of_public_functions_change() -> None:
    mutants = make_mutants(function("return x", "f(x, *, eta=0.1, epochs=150, mask=None)"), "f.py")
    assert [m.key for m in mutants if "(" in m.where] == [
        "f(eta): 0.1 -> 0.0", "f(eta): 0.1 -> 0.2", "f(epochs): 150 -> 151", "f(epochs): 150 -> 149",
    ]  # fmt: skip


def test_defaults_of_private_functions_outside_the_regions_are_not_changed() -> None:
    assert not any(
        m.where.startswith("_g") for m in make_mutants(function("return x") + "\ndef _g(x=1):\n    pass\n", "")
    )


def test_names_are_swapped_with_parameters_of_the_same_type_only() -> None:
    found = changes("return g(n)", "f(n: int, m: int, x: float)")
    assert "g(n) -> g(m)" in found
    assert "g(n) -> g(x)" not in found


def test_names_are_not_swapped_with_parameters_of_a_helper() -> None:
    assert "g(x) -> g(b)" not in changes("def h(x, b):\n    return b\nreturn g(x)", "f(x: int, y: float)")


def test_error_messages_and_docstrings_are_not_changed() -> None:
    found = changes('"""What it is."""\nif x:\n    raise ValueError(f"x is {x + 1}", "too large")\nreturn y')
    assert not any("What" in change or "too large_" in change or "x - 1" in change for change in found)


def test_annotations_are_not_changed() -> None:
    assert not any("Literal[2]" in change for change in changes("z: Literal[1] = x[0]\nreturn z"))


def test_a_call_is_not_replaced_by_its_module() -> None:
    assert "torch.nn.tanh(x) -> torch.nn" not in changes("return torch.nn.tanh(x)")


def test_code_that_does_not_compile_is_not_a_mutant() -> None:
    for mutant in make_mutants(function("for i in x:\n    y += i\nreturn y"), "f.py"):
        compile(mutant.source, "mutant", "exec")


def test_a_solution_without_regions_is_an_error() -> None:
    with pytest.raises(MarkerError, match=r"f\.py:1"):
        make_mutants("def f(x):\n    return x\n", "f.py")
