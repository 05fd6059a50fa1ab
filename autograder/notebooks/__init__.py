"""Notebooks: builds them from solutions/notebooks/, grades them, and provides `check` for their cells.

This is the only package that imports jupytext, nbformat and nbgrader, each on demand: importing it imports none of them.
"""

from __future__ import annotations


def check(name: str, hints: int = 1) -> None:
    """Grades an exercise as far as it is written, and displays what fails and why: `check("mlp_by_hand")`.

    Imports, definitions and constants of the executed cells count, as they would if the notebook were handed in. If the
    notebook as saved would count otherwise, for example because a cell was deleted after it ran, the display says how.
    With a question's number, `check("q08")` displays the answers as they will be read. For an unknown name it displays
    the names of the exercises.

    `hints` shows more of what is wrong: with 2 also where to look, with 3 also the idea.
    """
    from autograder.notebooks.checking import check_now

    check_now(name, hints)
