"""Known mistakes: files that are read and never run, and submissions made from them."""

from pathlib import Path

import pytest

from autograder.course.catalogue import Exercise
from autograder.course.mistakes import MistakeError, instead_of, load_mistakes, submission_source

SOLUTION = (
    "def double(x: int) -> int:\n    return 2 * x\n\n\ndef quadruple(x: int) -> int:\n    return double(double(x))\n"
)
HEAD = "from autograder.course.mistakes import instead_of\n\n\n"
MISTAKE = '''@instead_of("double")
def added_two(x):
    """You add where you should multiply:
    look at the sign.

    It is the middle one."""
    return x + 2
'''


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    exercise = Exercise("p1_mlp", "double", tmp_path)
    for path in (exercise.solution, exercise.mistakes):
        path.parent.mkdir(parents=True)
    exercise.solution.write_text(SOLUTION)
    return exercise


def refusal(exercise: Exercise, text: str) -> str:
    exercise.mistakes.write_text(HEAD + text)
    with pytest.raises(MistakeError) as caught:
        load_mistakes(exercise)
    assert str(caught.value).startswith(f"{exercise.mistakes}:")
    return str(caught.value)


def test_a_mistake_has_name_title_hint_and_what_it_replaces(exercise: Exercise) -> None:
    exercise.mistakes.write_text(HEAD + MISTAKE)
    (mistake,) = load_mistakes(exercise)
    assert (mistake.exercise, mistake.name, mistake.title) == ("p1_mlp/double", "added_two", "added two")
    assert mistake.hint == "You add where you should multiply: look at the sign.\n\nIt is the middle one."
    assert mistake.replaces == "double"


def test_a_title_can_be_given_apart_from_the_name(exercise: Exercise) -> None:
    text = MISTAKE.replace('"double")', '"double", title="2 added instead of multiplied")')
    exercise.mistakes.write_text(HEAD + text)
    assert [mistake.title for mistake in load_mistakes(exercise)] == ["2 added instead of multiplied"]


def test_two_mistakes_with_one_title_are_refused(exercise: Exercise) -> None:
    second = MISTAKE.replace("added_two", "other").replace('"double")', '"double", title="Added two")')
    assert ":14: 'other' has the same title as 'added_two', 'Added two'" in refusal(exercise, MISTAKE + "\n\n" + second)


def test_the_file_is_not_run(exercise: Exercise) -> None:
    exercise.mistakes.write_text(HEAD + MISTAKE.replace("return x + 2", "return missing(x)"))
    assert len(load_mistakes(exercise)) == 1


def test_no_file_means_no_mistakes(exercise: Exercise) -> None:
    assert load_mistakes(exercise) == []


def test_the_submission_makes_the_mistake_wherever_the_name_is_used(exercise: Exercise) -> None:
    exercise.mistakes.write_text(HEAD + MISTAKE)
    namespace: dict[str, object] = {}
    exec(submission_source(SOLUTION, *load_mistakes(exercise)), namespace)
    assert namespace["double"](5) == 7  # type: ignore[operator]  # the mistaken function
    assert namespace["quadruple"](5) == 9  # type: ignore[operator]  # and the one that calls it


def test_a_mistake_can_replace_a_class(exercise: Exercise) -> None:
    exercise.solution.write_text("class Net:\n    def __init__(self, n):\n        self.n = n\n")
    exercise.mistakes.write_text(
        HEAD + '@instead_of("Net")\nclass Forgetful:\n    """It forgets."""\n    def __init__(self, n):\n        pass\n'
    )
    assert [mistake.replaces for mistake in load_mistakes(exercise)] == ["Net"]


def test_the_decorator_leaves_a_function_as_it_is() -> None:
    def function() -> None:
        pass

    assert instead_of("double")(function) is function


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            MISTAKE.replace('"double"', '"triple"'),
            ":5: 'added_two' replaces 'triple', which is not in the solution. The solution has: do",
        ),
        (MISTAKE + "\n\n" + MISTAKE, ":14: there are two mistakes 'added_two'"),
        (MISTAKE.replace("added_two", "quadruple"), ":5: 'quadruple' is also a name in the solution"),
        ('@instead_of("double")\ndef silent(x):\n    return x\n', ":5: 'silent' has no hint"),
        (MISTAKE.replace("(x)", "(x, y)"), ":5: 'added_two' takes (x, y). Give it the arguments of 'double': (x)"),
        (MISTAKE.split("\n", 1)[1], ":4: 'added_two' does not say what it replaces"),
        (MISTAKE.replace('"double")', '"double", name="x")'), ":5: 'added_two' does not say what it replaces"),
        (MISTAKE.replace("added_two", "added_0_2"), ":5: 'added_0_2' has the title 'added 0 2': a number is split"),
        ("import math\n", ":4: this file may contain only mistakes"),
        ("x = 1\n", ":4: this file may contain only mistakes"),
        ("def f(:\n", ":4: this is not valid Python"),
    ],
)
def test_a_wrong_mistake_is_refused_with_file_and_line(exercise: Exercise, text: str, what: str) -> None:
    assert what in refusal(exercise, text)
