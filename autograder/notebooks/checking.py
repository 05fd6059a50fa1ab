"""`check(...)` in a student's notebook: the cells that were executed become a submission, and the engine grades it.

The engine stays alive from one check to the next, and with it the process that has imported torch already.
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
from autograder.notebooks.display import Shown, show_answers, show_message, show_result, wrapped
from autograder.results import ExerciseResult
from autograder.submissions.notebook_files import name_cells
from autograder.submissions.notebooks.answers import read_answers
from autograder.submissions.notebooks.cells import ANSWER, QUESTION, Cell
from autograder.submissions.notebooks.modules import extract
from autograder.submissions.notebooks.statements import CellSyntaxError, read_code
from autograder.submissions.submission import Submission

NAME = "your notebook"
WIDTH = 100
"""Characters that fit into a line of the window with nbgrader's findings, which wraps none."""


class NotDone(Exception):
    """What a check displays elsewhere, for nbgrader's Validate: to that, a cell without an error is right."""

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this: students get the reason, in lines that fit, and no traceback through our code."""
        return wrapped(str(self), WIDTH).split("\n")


def check_now(name: str) -> None:
    """Grades one exercise from the cells executed so far, or reads the answers to one question, and displays it.

    NotDone where nbgrader validates the notebook and something is wrong or missing.
    """
    shown = answer_to(name, executed())
    if not shown.done and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise NotDone(shown.text)
    _display(shown)


def answer_to(name: str, history: Sequence[str] | None) -> Shown:
    """What `check(name)` displays. `history`: the executed cells, oldest first; None where there is no notebook."""
    known = {exercise.name: exercise for exercise in exercise_ids()}
    name = str(name).split("/")[-1]
    if name not in known and not QUESTION.fullmatch(name):
        return show_message(f"there is no exercise {name!r}; there are: {', '.join(known)}")
    if history is None:
        where = f": in a terminal run pytest autograder -k {name}" if name in known else ""
        return show_message(f"check() reads the cells of a notebook, and this is none{where}")
    if name not in known:
        return _answers(name, history)
    practical = known[name].practical
    ids = [exercise for exercise in known.values() if exercise.practical == practical]
    cells = answer_cells(history, ids, known[name])
    if not any(cell.exercise == name for cell in cells):
        return show_message(f"no cell of {name} has been executed yet: run its answer cell first, then check again")
    extracted = extract(cells, NAME, ids)
    path = known[name].path
    others = {p: text for p, text in extracted.problems.items() if p not in extracted.missing}
    submission = Submission("notebook", extracted.files, others, tuple(extracted.notes), extracted.places)
    result, again = _graded(submission, known[name])
    notes = tuple(note for note in extracted.notes if f"cell {cells[-1].number}" in note)
    assert path in submission.files or path in submission.problems
    return show_result(result, notes, "as before, since your code has not changed" if again else "")


def answer_cells(history: Sequence[str], exercises: Sequence[ExerciseId], wanted: ExerciseId) -> list[Cell]:
    """The executed cells as a notebook's, numbered as Jupyter numbers them: of each exercise the last answer cell alone.

    The one of the exercise that is `wanted` comes last, so that it finds what was executed after it, as in the kernel.
    """
    names = {exercise.name: exercise for exercise in exercises}
    plain = [Cell(number, "code", source) for number, source in enumerate(history) if source.strip()]
    last: dict[str, Cell] = {}
    for cell in plain:
        if cell.marked in names:
            last[cell.marked] = replace(cell, tag=ANSWER + cell.marked)
    for name, exercise in names.items():
        if name not in last and (found := _defining(plain, exercise)) is not None:
            last[name] = replace(found, tag=ANSWER + name)
    answers = {cell.number: cell for cell in last.values()}
    cells = [answers.get(cell.number, cell) for cell in plain if cell.number in answers or cell.marked not in names]
    final = last.get(wanted.name)
    if final is not None:
        cells = [cell for cell in cells if cell.number != final.number] + [final]
    return cells


def _defining(cells: Sequence[Cell], exercise: ExerciseId) -> Cell | None:
    """The last cell without a first line of ours that defines all public names of an exercise."""
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


def _answers(question: str, history: Sequence[str]) -> Shown:
    """From the last executed cell that assigns a name of the question's."""
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
            return show_answers(question, read_answers(source, list(dict.fromkeys(names))))
    return show_message(f"no answer to {question} has been executed yet: run its answer cell first, then check again")


_graded_before: dict[ExerciseId, tuple[str, ExerciseResult]] = {}


def _graded(submission: Submission, exercise: ExerciseId) -> tuple[ExerciseResult, bool]:
    """The result, and whether it is the last one's, since the code is the same. A timeout is tried again."""
    before = _graded_before.get(exercise)
    if before is not None and before[0] == submission.sha256 and before[1].status != "timeout":
        return before[1], True
    engine = _engine()
    try:
        with one_thread():  # the cores are the worker's now, and the notebook's own again afterwards
            engine.use_seed(secrets.randbits(128))
            result = engine.grade_exercise(submission, load_grader(exercise))
    except BaseException:  # Ctrl-C too: a question may be open that nobody waits for the answer of
        _start_afresh()
        raise
    if result.status == "grader_error":
        _start_afresh()
    else:
        _graded_before[exercise] = submission.sha256, result
    name_cells([result], submission.places)
    return result, False


def _start_afresh() -> None:
    """The next check gets an engine of its own."""
    _engine().close()
    _engine.cache_clear()


@functools.cache
def _engine() -> Engine:
    with one_thread():
        engine = Engine(Settings())
    atexit.register(engine.close)
    return engine


def executed() -> list[str] | None:
    """IPython's history as it was typed, the running cell included; None outside of IPython."""
    shell = _shell()
    return None if shell is None else list(shell.history_manager.input_hist_raw)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _display(result: Shown) -> None:
    if _shell() is None:
        print(result.text)
        return
    from IPython.display import display

    display(result)  # type: ignore[no-untyped-call]  # IPython has no types here
