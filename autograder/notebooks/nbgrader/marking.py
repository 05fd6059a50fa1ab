"""Marks a submitted notebook cell by cell: exercises by their results, answers as literals, text by hand.

This module depends on the tags of the generated cells, but not on nbgrader.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.catalogue import ExerciseId, Project, exercise_ids
from autograder.notebooks.display import SIGNS, display_result
from autograder.notebooks.nbgrader.batch import Graded
from autograder.notebooks.nbgrader.chosen import Chosen
from autograder.notebooks.sources import Question, read_source
from autograder.reports.terminal import worth
from autograder.results import SKIPPED, ExerciseResult
from autograder.submissions.notebooks.answers import answers_of, judge
from autograder.submissions.notebooks.cells import ANSWER, CHECKS, QUESTION, Cell


@dataclass(frozen=True)
class Mark:
    """The mark for one cell.

    `score` is None if the cell has to be marked by hand; `by_hand`: it has to be reviewed by hand; `extra`: the points
    of a bonus, whose cell has a maximum of 0. `html`: the text for a page, escaped, or "" to display it as plain text.
    """

    score: float | None
    text: str = ""
    by_hand: bool = False
    html: str = ""
    extra: float | None = None


def exercises_among(tags: Mapping[str, float]) -> dict[str, ExerciseId]:
    """The exercises by tag, for those tags that belong to an exercise's checks."""
    known = {CHECKS + exercise.name: exercise for exercise in exercise_ids()}
    return {tag: known[tag] for tag in tags if tag in known}


def questions_of(project: Project, practical: str) -> dict[str, Question]:
    """The questions of a practical by name; empty if it has no notebook source."""
    path = project.root / "solutions" / "notebooks" / f"{practical}.py"
    return _questions(project, path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(maxsize=8)
def _questions(project: Project, path: Path, changed: int) -> dict[str, Question]:
    """Cached for a class; `changed` is the file's time of modification, so that an edit is noticed."""
    return {question.id: question for question in read_source(project, path).questions}


def marks(
    points: Mapping[str, float], graded: Graded, chosen: Chosen, questions: Mapping[str, Question]
) -> dict[str, Mark]:
    """The mark for each graded code cell of a notebook, by tag.

    Args:
        points: the maximum by tag, "checks-mlp_by_hand" or "checks-q08". Any other tag is marked by hand.
        graded: the results of the exercises.
        chosen: the submitted notebook.
        questions: the questions of the practical, by name.
    """
    owners = chosen.recognised.owners
    cells = [replace(cell, tag=owners.get(number, cell.tag)) for number, cell in enumerate(chosen.cells)]
    exercises = exercises_among(points)
    notes = graded.notes  # they concern the whole notebook, so they are shown once
    result = {}
    for tag, maximum in points.items():
        name = tag.removeprefix(CHECKS)
        if tag in exercises:
            result[tag], notes = _exercise_mark(graded.exercises[exercises[tag]], maximum, notes), ()
        elif tag.startswith(CHECKS) and QUESTION.fullmatch(name):
            result[tag] = _question_mark(name, questions.get(name), cells, maximum)
        else:
            result[tag] = Mark(None, "The autograder does not know this cell: it is marked by hand.", by_hand=True)
        if chosen.problem and not result[tag].score and not result[tag].extra:  # a Python file may have earned points
            result[tag] = Mark(None, f"{name}: {_unreadable(chosen)}", by_hand=True)
    return result


def text_mark(tag: str, chosen: Chosen, empty: bool) -> Mark:
    """The mark for an answer in words: 0 if nothing was written, anywhere, or else it is marked by hand."""
    return Mark(0) if empty and not unread(tag, chosen) else Mark(None, by_hand=True)


def unread(tag: str, chosen: Chosen) -> str:
    """The reason why an answer cell does not hold all that the student may have answered, or ""."""
    if chosen.problem:
        return _unreadable(chosen)
    if tag in chosen.recognised.lost:
        return (
            "The cell of this answer is missing in the notebook that was handed in. If the answer stands somewhere else, "
            "it will be marked by hand."
        )
    if beside := chosen.recognised.beside.get(tag):
        numbers = ", ".join(str(chosen.cells[number].number) for number in beside[:4])
        return f"This cell is empty, but there is text near it (cell {numbers}): it will be marked by hand."
    return ""


def _unreadable(chosen: Chosen) -> str:
    return f"this could not be read, so it will be reviewed by hand: {chosen.problem}."


def _question_mark(name: str, question: Question | None, cells: Sequence[Cell], points: float) -> Mark:
    if question is None or not question.expected:
        text = f"solutions/notebooks/ has no expected answer for {name}: it is marked by hand."
        return Mark(None, text, by_hand=True)
    extra = question.bonus and not points
    maximum, kind = (question.points, " (bonus)") if extra else (points, "")
    answers = answers_of(cells, name, list(question.expected))
    judged = judge(answers, question.expected, question.tolerance)
    score = maximum * sum(answer.status == "passed" for answer in judged) / len(judged)
    lines = [f"{SIGNS.get(answer.status, '✗')} {answer.message}" for answer in judged]
    lines += [f"note: {note}" for note in answers.notes.values()]
    text = "\n".join([f"{name}: {score:g} of {worth(maximum)}{kind}", "", *lines])
    no_cell = all(cell.tag != ANSWER + name for cell in cells)
    missing = no_cell and bool(answers.problems)  # a person may find the answer somewhere else
    return Mark(0, text, missing, extra=score) if extra else Mark(score, text, missing)


def _exercise_mark(result: ExerciseResult, points: float, notes: tuple[str, ...]) -> Mark:
    """The mark for an exercise. If a check could not run, it has to be reviewed by hand, so that nobody loses points."""
    not_run = [check for check in result.checks if check.status in (SKIPPED, "grader_error")]
    total = sum(check.max_score for check in result.checks)
    score = result.score
    extra = result.bonus and not points
    if not extra and abs(total - points) > 1e-9:  # the graders changed after the notebook was built
        score *= points / total if total else 0
        scaled = f"the checks are now worth {worth(total)} and this cell {worth(points)}: the score was scaled"
        notes = (*notes, scaled)
    if not_run:
        checks = "1 check" if len(not_run) == 1 else f"{len(not_run)} checks"
        notes = (*notes, f"{checks} could not run, so this exercise will be reviewed by hand")
    shown = display_result(result, notes)
    return Mark(0 if extra else score, shown.text, bool(not_run), shown.html, score if extra else None)
