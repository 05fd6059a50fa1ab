"""The notebook's file, as far as the kernel can find it: what it holds is what would be handed in.

Jupyter and VS Code tell the kernel the file's name. Otherwise, as in nbgrader's Validate, the file is the only notebook
in the working directory that contains the running cell. Whatever cannot be found or read is ignored.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograder.submissions.folders import read_file
from autograder.submissions.members import Unusable, printable
from autograder.submissions.notebooks.answers import Answers, Value, literal_text
from autograder.submissions.notebooks.cells import MAX_BYTES, Cell, NotebookError, read_cells
from autograder.submissions.notebooks.comparison import differences
from autograder.submissions.notebooks.modules import Extracted

MAX_FILES = 100
"""How many files of the working directory are looked at."""


@dataclass(frozen=True)
class SavedNotebook:
    """A notebook's file. `name`: for messages, with the time of the last save; its cells are counted from the top."""

    name: str
    cells: tuple[Cell, ...]


def saved_notebook(history: Sequence[str], named: str = "") -> SavedNotebook | None:
    """The file of the notebook whose cells were executed, or None. `named`: the path that VS Code gives."""
    path = named or os.environ.get("JPY_SESSION_NAME", "")
    if path.endswith(".ipynb"):
        return _read(Path(path), {source.strip() for source in history if source.strip()})
    running = {source.strip() for source in history[-1:]}
    found = [notebook for path in _notebooks_here() if (notebook := _read(path, running)) is not None]
    return found[0] if len(found) == 1 else None


def _notebooks_here() -> Iterable[Path]:
    try:
        with os.scandir(".") as entries:
            here = list(islice(entries, MAX_FILES))
    except OSError:
        return []
    return [
        Path(entry.path) for entry in here if entry.name.endswith(".ipynb") and entry.is_file(follow_symlinks=False)
    ]


def _read(path: Path, executed: set[str]) -> SavedNotebook | None:
    """The notebook in a file, if it contains one of the executed cells."""
    try:
        path = path.resolve(strict=True)
        saved = path.stat().st_mtime
        cells = read_cells(read_file(path, MAX_BYTES))
    except (OSError, RuntimeError, ValueError, Unusable, NotebookError):
        return None
    if not any(cell.kind == "code" and cell.source.strip() in executed for cell in cells):
        return None
    name = f"{printable(path.name)} as saved at {time.strftime('%H:%M', time.localtime(saved))}"
    return SavedNotebook(name, tuple(cells))


def if_handed_in_now(notebook: SavedNotebook, executed: Extracted, saved: Extracted, path: str) -> str:
    """What would count for an exercise instead of the executed code, or "" if it is the same code."""
    start = "handed in now,"
    if path in saved.problems:
        return f"{start} this exercise would earn nothing: {saved.problems[path]}"
    found = differences(executed.files, saved.files, path)
    if found.same:
        return ""
    if path in saved.untouched:
        return (
            f"{start} the answer cell would count as you were given it, since it is unchanged in {notebook.name}: save the "
            "notebook, and if your code stands in another cell, copy it into the answer cell"
        )
    parts = [("is missing", found.only_first), ("is different", found.changed), ("was not run", found.only_second)]
    told = "; ".join(f"{_list(names)} {what}" for what, names in parts if names) or "something is different"
    return (
        f"{start} other code would count than was checked. In {notebook.name}: {told}. Save the notebook, run it from the "
        "top, and check again"
    )


def answers_if_handed_in_now(notebook: SavedNotebook, executed: Answers, saved: Answers) -> str:
    """What would be read as the answers to a question instead of the executed values, or "" if it is the same."""
    told = []
    for name in executed.values.keys() | saved.values.keys() | saved.problems.keys():
        value = saved.values.get(name)
        if name in saved.problems and name in executed.values:
            told.append(saved.problems[name])
        elif _text(value) != _text(executed.values.get(name)) and name not in executed.problems:
            told.append(f"{name} is not answered" if value is None else f"{name} = {literal_text(value)}")
    if not told:
        return ""
    return f"handed in now, other answers would count. In {notebook.name}: {'; '.join(sorted(told))}"


def _text(value: Value | None) -> str:
    return "" if value is None else literal_text(value)


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
