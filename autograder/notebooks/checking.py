"""`check(...)` in a student's notebook: turns the executed cells into a submission and grades it.

The engine stays alive between checks, and with it the process that has already imported torch.
"""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.grading.threads import one_thread
from autograder.notebooks.display import Display, display_answers, display_message, display_result, wrapped
from autograder.notebooks.history import answer_cells, left_behind, rewritten_elsewhere
from autograder.notebooks.saved import SavedNotebook, answers_if_handed_in_now, if_handed_in_now, saved_notebook
from autograder.results import ExerciseResult
from autograder.submissions.notebooks.answers import answers_of, assigned_names, read_answers
from autograder.submissions.notebooks.cells import ANSWER, QUESTION
from autograder.submissions.notebooks.modules import extract
from autograder.submissions.submission import Submission

NAME = "your notebook"
WIDTH = 100
"""Characters per line in the window in which nbgrader shows the results of Validate, which does not wrap lines."""


class CheckNotPassed(Exception):
    """The text of a failed check, raised while nbgrader validates, since it only reports cells that raise."""

    def _render_traceback_(self) -> list[str]:
        """Called by IPython. Students get the reason in short lines, and no traceback through our code."""
        return wrapped(str(self), WIDTH).split("\n")


def check_now(name: str, hints: int = 1) -> None:
    """Grades an exercise from the cells executed so far, or reads the answers to a question, and displays the outcome.

    Raises CheckNotPassed if nbgrader is validating the notebook and something is wrong or missing.
    """
    history = executed_cells()
    saved = saved_notebook(history, _named_by_vs_code()) if history else None
    display = display_check(name, history, saved, hints)
    if not display.done and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise CheckNotPassed(display.text)
    _show(display)


def display_check(
    name: str, history: Sequence[str] | None, saved: SavedNotebook | None = None, hints: int = 1
) -> Display:
    """The display of `check(name)`.

    Args:
        name: an exercise or a question.
        history: the executed cells, oldest first, or None outside a notebook.
        saved: the notebook's file, if known. It is compared with what was executed.
        hints: the highest level of hints to show.
    """
    known = {exercise.name: exercise for exercise in exercise_ids()}
    name = str(name).split("/")[-1]
    if name not in known and not QUESTION.fullmatch(name):
        return display_message(f"there is no exercise {name!r}; the exercises are: {', '.join(known)}")
    if history is None:
        remedy = f"; in a terminal, run pytest autograder --exercise {name}" if name in known else ""
        return display_message(f"check() works only in a notebook{remedy}")
    if name not in known:
        return _answers(name, history, saved)
    practical = known[name].practical
    ids = [exercise for exercise in known.values() if exercise.practical == practical]
    cells = answer_cells(history, ids, known[name], saved.cells if saved else ())
    if not any(cell.exercise == name for cell in cells):
        return display_message(f"no cell of {name} has been executed yet: run its answer cell first, then check again")
    extracted = extract(cells, NAME, ids)
    path = known[name].path
    problems = {p: text for p, text in extracted.problems.items() if p not in extracted.missing}
    submission = Submission("notebook", extracted.files, problems, tuple(extracted.notes), extracted.places)
    result, unchanged = _graded(submission, known[name])
    notes = [
        *extracted.notes_on.get(path, []),
        *(f"{NAME}, {text}" for text in rewritten_elsewhere(cells, known[name])),
        *(f"{NAME}, {text}" for text in left_behind(history, cells, known[name])),
    ]
    warning = if_handed_in_now(saved, extracted, extract(saved.cells, saved.name, ids), path) if saved else ""
    assert path in submission.files or path in submission.problems
    remark = "as before, since your code has not changed" if unchanged else ""
    return display_result(result, tuple(dict.fromkeys(notes)), remark, warning, hints)


def _answers(question: str, history: Sequence[str], saved: SavedNotebook | None) -> Display:
    """The answers in the last executed cell that assigns a name of the question, and in the cells of the saved notebook."""
    last = next((source for source in reversed(history) if assigned_names(source, question)), None)
    if last is None:
        message = f"no answer to {question} has been executed yet: run its answer cell first, then check again"
        return display_message(message)
    names = assigned_names(last, question)
    answers = read_answers(last, names)
    if saved is None:
        return display_answers(question, answers)
    copies = [cell.source for cell in saved.cells if cell.tag == ANSWER + question and cell.kind == "code"]
    for source in copies if len(copies) > 1 else ():
        more = [name for name in assigned_names(source, question) if name not in names]
        if more and any(source.strip() == executed.strip() for executed in history):
            names += more
            answers.add(read_answers(source, more))
    expected = list(dict.fromkeys([*names, *(name for source in copies for name in assigned_names(source, question))]))
    warning = answers_if_handed_in_now(saved, answers, answers_of(saved.cells, question, expected))
    return display_answers(question, answers, warning)


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


def _named_by_vs_code() -> str:
    """The path of the notebook, which VS Code puts into the kernel's variables."""
    shell = _shell()
    return "" if shell is None else str(shell.user_ns.get("__vsc_ipynb_file__", ""))


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _show(display: Display) -> None:
    if _shell() is None:
        print(display.text)
        return
    from IPython.display import display as show

    show(display)  # type: ignore[no-untyped-call]  # IPython has no types here
