"""Numbers that can be computed are written nowhere, or are the right ones."""

import re
from pathlib import Path

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Project
from autograder.course.mistakes import load_mistakes
from tests.zoo import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
TEXTS = [
    PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", PROJECT / "exercises" / "README.md",
    *sorted((PROJECT / "assignments").glob("*.md")), *sorted((PROJECT / "autograder").rglob("*.md")),
    *sorted((PROJECT / "solutions" / "notebooks").glob("*.py")),
]  # fmt: skip
COUNT = re.compile(
    r"""\b(?:\d+|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty)\ (?:[a-z]+\ )?
        (?:exercises|checks|practicals|graders|solutions|known\ mistakes|variants)\b
      | \b(?:two|three|four|five)\ practicals\b
      | exercises?\b [^.\n]{0,30} \b\d+\ points?\b
      | \(\d+\ points?\b""",
    re.IGNORECASE | re.VERBOSE,
)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_count_is_written(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(_points(), "all points")
    assert COUNT.findall(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Twenty exercises",
        "188 checks",
        "three practicals",
        "`vit` (4 points)",
        "The exercises bring 34 points",
        "20 reference solutions",
    ],
)
def test_a_count_is_noticed(text: str) -> None:
    assert COUNT.search(text)


def test_the_points_in_the_readme_are_those_of_the_checks() -> None:
    assert f"Their exercises have {_points()}." in README


def test_there_are_as_many_known_mistakes_as_the_readme_says() -> None:
    assert "more than a thousand known mistakes" in README
    assert sum(len(load_mistakes(exercise)) for exercise in Project(PROJECT).exercises()) > 1000


def _points() -> str:
    total = {False: 0.0, True: 0.0}
    for exercise in Project(PROJECT).exercises():
        grader = load_grader(exercise.id)
        total[grader.spec.bonus] += sum(check.spec.points for check in grader.checks)
    return f"{total[False]:g} points and {total[True]:g} bonus points"
