"""A course of two exercises and two questions, and notebooks made from strings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.course.catalogue import Exercise, Project
from autograder.notebooks.build import Notebook, Points, instructor_notebook
from autograder.notebooks.sources import NotebookSource, read_source
from autograder.submissions.notebooks.cells import digest

DOUBLE = '''"""Doubling, by hand."""

import torch


def double(x: int) -> int:
    """Twice x."""
    ### BEGIN SOLUTION
    # TODO: twice the number.
    return 2 * x
    ### END SOLUTION
'''
QUAD = '''"""Four times."""

import torch

from .double import double


def quad(x: int) -> int:
    """Four times x."""
    ### BEGIN SOLUTION
    # TODO: double, twice.
    secret_of_quad = double(x)
    return double(secret_of_quad)
    ### END SOLUTION
'''
SOURCE = """# %% [markdown]
# # Numbers
# $x$

# %%
import torch
from autograder.notebooks import check

# %% exercise="double"

# %%
check("double")

# %% [markdown] question="q01" points=2
# Why twice?

# %% [markdown] mark_scheme="q01"
# Because of the model answer.

# %% [markdown] question="q02" points=1 expected={"q02_n": 4711, "q02_shape": [7, 9], "q02_choice": "B"} tolerance=0.5
# How many?

# %% [markdown] mark_scheme="q02"
# Counted in the explanation.

# %% exercise="quad"

# %%
print(quad(3))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    files = {"p1_mlp/double.py": DOUBLE, "p1_mlp/quad.py": QUAD, "notebooks/p1_mlp.py": SOURCE}
    for name, text in files.items():
        path = tmp_path / "solutions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "autograder/graders").mkdir(parents=True)
    return Project(tmp_path)


def points(exercise: Exercise) -> Points:
    return {"double": Points(3.0), "quad": Points(0.5, bonus=True)}[exercise.name]


def rewritten(project: Project, text: str) -> NotebookSource:
    """The notebook source of the project after replacing its text."""
    path = project.root / "solutions/notebooks/p1_mlp.py"
    path.write_text(text)
    return read_source(project, path)


@pytest.fixture
def instructor(project: Project) -> Notebook:
    return instructor_notebook(rewritten(project, SOURCE), points)


def tagged(notebook: Notebook, tag: str) -> dict[str, Any]:
    """The cell with this grade_id."""
    (cell,) = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == tag]
    return cell


def code(source: str, tag: str = "", released: str | None = None) -> dict[str, Any]:
    """A code cell as in a file. `released`: the source with which it was released."""
    metadata: dict[str, Any] = {"nbgrader": {"grade_id": tag}} if tag else {}
    if released is not None:
        metadata["autograder"] = {"released_sha256": digest(released)}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def file_of(cells: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
