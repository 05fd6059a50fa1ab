"""Stubs from solutions: what is removed, what stays, and what is refused so that it cannot leak."""

import ast
import textwrap

import pytest

from autograder.course.markers import MarkerError, strip_solutions

SOLUTION = textwrap.dedent(
    '''
    """What it is about."""

    import math
    from torch import Tensor


    def area(radius: float) -> float:
        """The area of a disc."""
        ### BEGIN SOLUTION
        # TODO: the area of a disc, a number -> a number.
        # Archimedes knew it.
        square = radius**2  # the answer
        return math.pi * square
        ### END SOLUTION


    def after() -> int:
        return 1
    '''
).lstrip()


def stub(source: str) -> str:
    return strip_solutions(textwrap.dedent(source), "solutions/p1_mlp/disc.py")


def refusal(source: str) -> str:
    with pytest.raises(MarkerError) as caught:
        stub(source)
    return str(caught.value)


def body(*lines: str) -> str:
    return "def f():\n" + "".join(f"    {line}\n" for line in lines)


def test_the_answer_is_removed() -> None:
    assert "square" not in stub(SOLUTION)


def test_the_todo_and_its_further_lines_stay_and_a_raise_follows() -> None:
    assert (
        "    # TODO: the area of a disc, a number -> a number.\n"
        "    # Archimedes knew it.\n"
        '    raise NotImplementedError("area is still to be written")\n'
    ) in stub(SOLUTION)


def test_everything_outside_the_region_is_unchanged() -> None:
    before, after = SOLUTION.split("    ### BEGIN SOLUTION\n")[0], SOLUTION.split("    ### END SOLUTION\n")[1]
    assert stub(SOLUTION).startswith(before)
    assert stub(SOLUTION).endswith(after)


def test_no_marker_is_left() -> None:
    assert "SOLUTION" not in stub(SOLUTION)


def test_a_stub_raises_not_implemented_error() -> None:
    namespace: dict[str, object] = {}
    exec(stub(SOLUTION).replace("from torch import Tensor", ""), namespace)
    with pytest.raises(NotImplementedError, match="area"):
        namespace["area"](2.0)  # type: ignore[operator]  # a function, by the test above


def test_carriage_returns_do_not_matter() -> None:
    assert stub(SOLUTION.replace("\n", "\r\n")) == stub(SOLUTION)


def test_a_region_keeps_its_indentation_inside_a_block() -> None:
    source = """
        def f(x):
            if x:
                ### BEGIN SOLUTION
                # TODO: it
                x = 1
                ### END SOLUTION
            return x
        """
    assert "        raise NotImplementedError" in stub(source)


def test_private_helpers_leave_only_their_todo() -> None:
    source = "### BEGIN SOLUTION\n# TODO: helpers, if you like\ndef _h():\n    return 1\n### END SOLUTION\n" + SOLUTION
    assert stub(source).startswith('# TODO: helpers, if you like\n"""What')


def test_a_method_is_named_with_its_class() -> None:
    source = """
        class Net:
            def forward(self, x):
                ### BEGIN SOLUTION
                # TODO: the scores
                return x
                ### END SOLUTION
        """
    assert 'raise NotImplementedError("Net.forward is still to be written")' in stub(source)


def test_helpers_in_a_class_need_no_raise_where_a_method_has_one() -> None:
    source = """
        class Net:
            ### BEGIN SOLUTION
            # TODO: helpers, if you like
            def _helper(self):
                return 1
            ### END SOLUTION

            def forward(self, x):
                ### BEGIN SOLUTION
                # TODO: the scores
                return x
                ### END SOLUTION
        """
    tree = ast.parse(stub(source))
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Raise)] == [
        "raise NotImplementedError('Net.forward is still to be written')"
    ]


def test_a_class_whose_stub_would_not_raise_is_refused() -> None:
    source = """
        class Net:
            scale = 1
            ### BEGIN SOLUTION
            # TODO: helpers
            def _helper(self):
                return 1
            ### END SOLUTION
        """
    assert "no method in the stub of Net would raise NotImplementedError" in refusal(source)


def test_a_hidden_public_function_is_refused() -> None:
    source = "### BEGIN SOLUTION\n# TODO: f\ndef f(x, y=1):\n    return x\n### END SOLUTION\n"
    assert "the stub would lack f(x, y=1). Put the markers inside the body" in refusal(source)


@pytest.mark.parametrize(
    "line",
    [
        "###BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "## BEGIN SOLUTION",
        "#### BEGIN SOLUTION",
        "### BEGIN  SOLUTION",
        "### Begin Solution",
        "### BEGIN SOLUTIONS",
        "### BEGIN SOLUTOIN",
        "### BEGIN_SOLUTION",
        "### START SOLUTION",
        "### BEGIN SOLUTION of part a",
        "### END SOLUTION.",
        "### END",
        "BEGIN SOLUTION",
        "x = 1  ### BEGIN SOLUTION",
        "x = 1  # END SOLUTION",
        "### BEGIN HIDDEN TESTS",
    ],
)
def test_a_line_that_only_resembles_a_marker_is_refused(line: str) -> None:
    assert "disc.py:2: " in refusal(body(line, *GOOD))
    assert "looks like a marker but is not one" in refusal(body(line, *GOOD))


GOOD = ("### BEGIN SOLUTION", "# TODO: it", "return 1", "### END SOLUTION")


@pytest.mark.parametrize("line", ["# begin solving the system", "# the end", "x = 1  # start", "end = 'no solution'"])
def test_an_ordinary_line_is_not_taken_for_a_marker(line: str) -> None:
    assert line in stub(body(line, *GOOD))


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ((GOOD[0], GOOD[1], *GOOD), 4, "starts inside the region of line 2"),
        ((*GOOD, "### END SOLUTION"), 6, "has no start"),
        (("x = 1", *GOOD[:3]), 3, "never ends"),
        (("return 1",), 1, "nothing to solve"),
        ((GOOD[0], "return 1", GOOD[3]), 2, "does not say what to do"),
        ((GOOD[0], "# todo: it", "return 1", GOOD[3]), 2, "does not say what to do"),
        ((GOOD[0], "# TODO:", "return 1", GOOD[3]), 2, "does not say what to do"),
        ((GOOD[0], "x = 1", "# TODO: it", "return x", GOOD[3]), 2, "does not say what to do"),
        ((GOOD[0], GOOD[1], GOOD[3], "return 1"), 2, "contains no solution"),
        ((*GOOD[:3], "  ### END SOLUTION"), 5, "not indented like the one in line 2"),
        (("return (", *GOOD), 2, "this is not valid Python"),
        (("x = '''", "### BEGIN SOLUTION", "# TODO: it", "### END SOLUTION", "'''"), 3, "inside a string"),
    ],
)
def test_a_wrong_region_is_refused_with_file_and_line(lines: tuple[str, ...], where: int, what: str) -> None:
    message = refusal(body(*lines))
    assert message.startswith(f"solutions/p1_mlp/disc.py:{where}: ")
    assert what in message


def test_a_region_that_leaves_its_block_is_refused() -> None:
    assert "leaves the block" in refusal(body(*GOOD[:3]) + "def g():\n" + body(GOOD[3]).split("\n", 1)[1])
