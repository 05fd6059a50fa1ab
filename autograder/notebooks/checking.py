"""`check(...)` in a student's notebook: turns the executed cells into a submission and grades it.

The engine stays alive between checks, and with it the process that has already imported torch.
"""

from __future__ import annotations

import ast
import atexit
import functools
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.grading.threads import one_thread
from autograder.notebooks.display import Display, display_answers, display_message, display_result, wrapped
from autograder.results import ExerciseResult
from autograder.submissions.notebook_files import name_cells
from autograder.submissions.notebooks.answers import read_answers
from autograder.submissions.notebooks.cells import ANSWER, QUESTION, Cell
from autograder.submissions.notebooks.modules import extract
from autograder.submissions.notebooks.statements import CellSyntaxError, read_code
from autograder.submissions.submission import Submission

NAME = "your notebook"
WIDTH = 100
"""Characters per line in the window in which nbgrader shows the results of Validate, which does not wrap lines."""


class CheckNotPassed(Exception):
    """The text of a failed check, raised while nbgrader validates, since it only reports cells that raise."""

    def _render_traceback_(self) -> list[str]:
        """Called by IPython. Students get the reason in short lines, and no traceback through our code."""
        return wrapped(str(self), WIDTH).split("\n")


def check_now(name: str) -> None:
    """Grades an exercise from the cells executed so far, or reads the answers to a question, and displays the outcome.

    Raises CheckNotPassed if nbgrader is validating the notebook and something is wrong or missing.
    """
    display = display_check(name, executed_cells())
    if not display.done and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise CheckNotPassed(display.text)
    _show(display)


def display_check(name: str, history: Sequence[str] | None) -> Display:
    """The display of `check(name)`. `history`: the executed cells, oldest first, or None outside a notebook."""
    known = {exercise.name: exercise for exercise in exercise_ids()}
    name = str(name).split("/")[-1]
    if name not in known and not QUESTION.fullmatch(name):
        return display_message(f"there is no exercise {name!r}; the exercises are: {', '.join(known)}")
    if history is None:
        remedy = f"; in a terminal, run pytest autograder -k {name}" if name in known else ""
        return display_message(f"check() works only in a notebook{remedy}")
    if name not in known:
        return _answers(name, history)
    practical = known[name].practical
    ids = [exercise for exercise in known.values() if exercise.practical == practical]
    cells = answer_cells(history, ids, known[name])
    if not any(cell.exercise == name for cell in cells):
        return display_message(f"no cell of {name} has been executed yet: run its answer cell first, then check again")
    extracted = extract(cells, NAME, ids)
    path = known[name].path
    problems = {p: text for p, text in extracted.problems.items() if p not in extracted.missing}
    submission = Submission("notebook", extracted.files, problems, tuple(extracted.notes), extracted.places)
    result, unchanged = _graded(submission, known[name])
    notes = tuple(note for note in extracted.notes if f"cell {cells[-1].number}" in note)
    assert path in submission.files or path in submission.problems
    return display_result(result, notes, "as before, since your code has not changed" if unchanged else "")


def answer_cells(history: Sequence[str], exercises: Sequence[ExerciseId], checked: ExerciseId) -> list[Cell]:
    """The executed cells as those of a notebook, with Jupyter's numbers and only the last answer cell of each exercise.

    The answer cell of the `checked` exercise comes last, so that it sees what was executed after it, as in the kernel.
    """
    names = {exercise.name: exercise for exercise in exercises}
    plain = [Cell(number, "code", source) for number, source in enumerate(history) if source.strip()]
    last: dict[str, Cell] = {}
    for cell in plain:
        if cell.marked in names:
            last[cell.marked] = replace(cell, tag=ANSWER + cell.marked)
    for name, exercise in names.items():
        if name not in last and (unmarked := _defining_cell(plain, exercise)) is not None:
            last[name] = replace(unmarked, tag=ANSWER + name)
    answers = {cell.number: cell for cell in last.values()}
    cells = [answers.get(cell.number, cell) for cell in plain if cell.number in answers or cell.marked not in names]
    final = last.get(checked.name)
    if final is not None:
        cells = [cell for cell in cells if cell.number != final.number] + [final]
    return cells


def _defining_cell(cells: Sequence[Cell], exercise: ExerciseId) -> Cell | None:
    """The last cell without an `# exercise:` line that defines all public names of an exercise."""
    public = set(load_grader(exercise).spec.public)
    for cell in reversed(cells):
        if not cell.marked:
            try:
                code = read_code(cell.source)
            except CellSyntaxError:
                continue
            if public <= {name for s in code.statements if not s.is_import for name in s.binds}:
                return cell
    return None


def _answers(question: str, history: Sequence[str]) -> Display:
    """The answers in the last executed cell that assigns a name of the question."""
    for source in reversed(history):
        try:
            code = read_code(source)
        except CellSyntaxError:
            continue
        names = [
            name
            for s in code.statements
            if isinstance(s.node, (ast.Assign, ast.AnnAssign))
            for name in sorted(s.binds)
            if name.startswith(f"{question}_")
        ]
        if names:
            return display_answers(question, read_answers(source, list(dict.fromkeys(names))))
    return display_message(
        f"no answer to {question} has been executed yet: run its answer cell first, then check again"
    )


_last_results: dict[ExerciseId, tuple[str, ExerciseResult]] = {}
"""Digest of the submission and result of the last check of each exercise."""


def _graded(submission: Submission, exercise: ExerciseId) -> tuple[ExerciseResult, bool]:
    """The result, and whether it is the previous one, because the code is unchanged. A timeout is always graded again."""
    previous = _last_results.get(exercise)
    if previous is not None and previous[0] == submission.sha256 and previous[1].status != "timeout":
        return previous[1], True
    engine = _engine()
    try:
        with one_thread():  # leaves the cores to the worker while it grades
            engine.use_seed(secrets.randbits(128))
            result = engine.grade_exercise(submission, load_grader(exercise))
    except BaseException:  # Ctrl-C too: the worker's reply to an interrupted request would be taken for the next one's
        _discard_engine()
        raise
    if result.status == "grader_error":
        _discard_engine()
    else:
        _last_results[exercise] = submission.sha256, result
    name_cells([result], submission.places)
    return result, False


def _discard_engine() -> None:
    """Closes the engine, so that the next check starts a new one."""
    _engine().close()
    _engine.cache_clear()


@functools.cache
def _engine() -> Engine:
    with one_thread():
        engine = Engine(Settings())
    atexit.register(engine.close)
    return engine


def executed_cells() -> list[str] | None:
    """IPython's history of typed cells, including the running one, or None outside IPython."""
    shell = _shell()
    return None if shell is None else list(shell.history_manager.input_hist_raw)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _show(display: Display) -> None:
    if _shell() is None:
        print(display.text)
        return
    from IPython.display import display as show

    show(display)  # type: ignore[no-untyped-call]  # IPython has no types here
