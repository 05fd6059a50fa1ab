"""What one submission's notebook earns, cell by cell: exercises as they were graded, answers as literals, text by hand.

Knows the tags of our cells and nothing of nbgrader.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import ExerciseId, Project, exercise_ids
from autograder.notebooks.display import SIGNS, show_result
from autograder.notebooks.nbgrader.batch import Graded
from autograder.notebooks.nbgrader.handed_in import too_large
from autograder.notebooks.sources import Question, read_source
from autograder.reports.terminal import worth
from autograder.results import SKIPPED, ExerciseResult
from autograder.submissions.folders import read_file
from autograder.submissions.members import Unusable
from autograder.submissions.notebooks.answers import answers_of, judge
from autograder.submissions.notebooks.cells import CHECKS, MAX_BYTES, QUESTION, Cell, NotebookError, read_cells


@dataclass(frozen=True)
class Mark:
    """What one cell earns. `score` None: somebody has to mark it; `by_hand`: somebody has to look at it; `extra`: what a
    bonus earns, whose cell is worth 0.

    `html`: the text as a page shows it, escaped; "" where it is shown as text.
    """

    score: float | None
    text: str = ""
    by_hand: bool = False
    html: str = ""
    extra: float | None = None


def exercises_among(tags: Mapping[str, float]) -> dict[str, ExerciseId]:
    """Tag to exercise, of those tags that are an exercise's checks."""
    known = {CHECKS + exercise.name: exercise for exercise in exercise_ids()}
    return {tag: known[tag] for tag in tags if tag in known}


def questions_of(project: Project, practical: str) -> dict[str, Question]:
    """The questions of a practical with what is expected, by name; none where there is no such text."""
    path = project.root / "solutions" / "notebooks" / f"{practical}.py"
    return _questions(project, path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(maxsize=8)
def _questions(project: Project, path: Path, changed: int) -> dict[str, Question]:
    """Read once for a class, and again when the text has `changed`."""
    return {question.id: question for question in read_source(project, path).questions}


def marks(
    points: Mapping[str, float], graded: Graded, notebook: Path, questions: Mapping[str, Question]
) -> dict[str, Mark]:
    """What each graded code cell of a notebook earns.

    Args:
        points: by tag, "checks-mlp_by_hand" or "checks-q08"; a tag that is neither is marked by hand.
        graded: the exercises among them.
        notebook: the file that was handed in.
        questions: of the practical, by name.
    """
    cells = _read(notebook)
    exercises = exercises_among(points)
    notes = graded.notes  # they are of the whole notebook: once is enough
    result = {}
    for tag, most in points.items():
        name = tag.removeprefix(CHECKS)
        if tag in exercises:
            result[tag], notes = _exercise_mark(graded.exercises[exercises[tag]], most, notes), ()
        elif tag.startswith(CHECKS) and QUESTION.fullmatch(name):
            result[tag] = _question_mark(name, questions.get(name), cells, most)
        else:
            result[tag] = Mark(None, "This cell is none of the autograder's: it is marked by hand.", by_hand=True)
    return result


def _read(notebook: Path) -> list[Cell] | str:
    """The notebook's cells, or why there are none."""
    try:
        return read_cells(read_file(notebook, MAX_BYTES))
    except (Unusable, NotebookError) as problem:
        reason = str(too_large()) if str(problem).startswith("is larger") else str(problem)
        return f"{notebook.name} {reason}"


def _question_mark(name: str, question: Question | None, cells: list[Cell] | str, points: float) -> Mark:
    if question is None or not question.expected:
        text = f"What is expected of {name} is not known in solutions/notebooks/: it is marked by hand."
        return Mark(None, text, by_hand=True)
    extra = question.bonus and not points
    most, kind = (question.points, " (bonus)") if extra else (points, "")
    if isinstance(cells, str):
        return Mark(0, f"{name}: 0 of {worth(most)}{kind}\n\n✗ {cells}", extra=0 if extra else None)
    judged = judge(answers_of(cells, name, list(question.expected)), question.expected, question.tolerance)
    score = most * sum(one.status == "passed" for one in judged) / len(judged)
    lines = [f"{SIGNS.get(one.status, '✗')} {one.message}" for one in judged]
    text = "\n".join([f"{name}: {score:g} of {worth(most)}{kind}", "", *lines])
    return Mark(0, text, extra=score) if extra else Mark(score, text)


def _exercise_mark(result: ExerciseResult, points: float, notes: tuple[str, ...]) -> Mark:
    """The exercise's score. Where a check could not do its work, nobody is to lose points by it unseen."""
    ours = [check for check in result.checks if check.status in (SKIPPED, "grader_error")]
    total = sum(check.max_score for check in result.checks)
    score = result.score
    extra = result.bonus and not points
    if not extra and abs(total - points) > 1e-9:  # the graders changed after the notebook was built
        score *= points / total if total else 0
        share = f"the checks are now worth {worth(total)} and this cell {worth(points)}: the same share is given"
        notes = (*notes, share)
    if ours:
        notes = (*notes, f"{len(ours)} checks could not be made, so somebody will look at this by hand")
    shown = show_result(result, notes)
    return Mark(0 if extra else score, shown.text, bool(ours), shown.html, score if extra else None)
