"""Adds an exercise to a notebook's source, and removes one, without changing the rest."""

from __future__ import annotations

import re

_CELL = re.compile(r"^# %%.*$", re.MULTILINE)


def with_cells(text: str, cells: str) -> str:
    """The source with these cells at its end."""
    return f"{text.rstrip()}\n\n{cells.strip()}\n"


def without_exercise(text: str, name: str) -> str:
    """The source without the exercise's cell, its check, and the cell above with the exercise's heading.

    >>> text = '# %%\\nx = 1\\n\\n# %% exercise="relu"\\n\\n# %%\\ncheck("relu")\\n\\n# %%\\ny = 2\\n'
    >>> without_exercise(text, "relu")
    '# %%\\nx = 1\\n\\n# %%\\ny = 2\\n'
    """
    heads = [match.start() for match in _CELL.finditer(text)]
    parts = [text[start:end] for start, end in zip([0, *heads], [*heads, len(text)])]
    dropped: set[int] = set()
    for number, part in enumerate(parts):
        if re.match(rf'# %%.*\bexercise="{name}"', part):
            dropped.add(number)
            if number and parts[number - 1].startswith(f"# %% [markdown]\n# ### Exercise: `{name}`"):
                dropped.add(number - 1)
            if number + 1 < len(parts) and _body(parts[number + 1]) == f'check("{name}")':
                dropped.add(number + 1)
    kept = "".join(part for number, part in enumerate(parts) if number not in dropped)
    return kept.rstrip("\n") + "\n"


def _body(cell: str) -> str:
    return cell.partition("\n")[2].strip()
