"""Notebooks: built from solutions/notebooks/, read when they are handed in, and what a cell in one can ask for.

The only room that imports jupytext, nbformat and nbgrader, each where it is needed. Importing it imports none of them.
"""

from __future__ import annotations


def check(name: str) -> None:
    """Grade what is written so far for an exercise, in a worker, and show the reasons: `check("mlp_by_hand")`.

    What counts is what the notebook would hand in: imports, definitions and constants of the cells that were executed.
    With the number of a question, `check("q08")` shows the answers as they will be read. A name that is neither is an
    answer too: the message lists the exercises there are. Returns nothing; it displays.
    """
    from autograder.notebooks.checking import check_now

    check_now(name)
