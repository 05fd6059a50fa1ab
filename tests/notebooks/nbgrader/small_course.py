"""A course of one exercise and four questions with nbgrader's real commands, quick enough for a class of odd submissions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course.catalogue import Project
from autograder.notebooks.build import Notebook
from autograder.notebooks.nbgrader.course_folder import Course as CourseFolder
from autograder.notebooks.nbgrader.course_folder import init
from tests.notebooks.conftest import tagged
from tests.notebooks.nbgrader.exchange import BIN, PROJECT, SECONDS, teacher

ASSIGNMENT = "p1_mlp"
EXERCISE = "softmax_cross_entropy"
SOURCE = f"""# %% [markdown]
# # Practical 1

# %%
import torch

# %% exercise="{EXERCISE}"

# %% [markdown] question="q01" points=2
# ### Question 1: what is a softmax for?

# %% [markdown] mark_scheme="q01"
# It makes a distribution of any scores.

# %% [markdown]
# Now a few questions about the sizes.

# %% [markdown] question="q02" points=1 expected={{"q02_classes": 10}}
# ### Question 2: how many digits are there?

# %% [markdown] question="q03" points=2
# ### Question 3: why is the loss never negative?

# %% [markdown] mark_scheme="q03"
# A probability is at most one.

# %% [markdown] question="q04" points=1 expected={{"q04_stride": 2, "q04_padding": 1}}
# ### Question 4: which stride and padding?

# %% [markdown]
# That was all of it.
"""
WORK = "\n".join(
    line
    for line in (PROJECT / "solutions" / ASSIGNMENT / f"{EXERCISE}.py").read_text().split("\n")
    if "### " not in line
)
TEXTS = {"text-q01": "It makes probabilities.", "text-q03": "Since the logarithm is negative."}
ANSWERS = {"answer-q02": "q02_classes = 10", "answer-q04": "q04_stride = 2\nq04_padding = 1"}


@dataclass
class SmallCourse:
    folder: Path
    released: Notebook

    def worked(self, **changed: str) -> Notebook:
        """The notebook with everything answered, or with other texts in some cells (`text_q01="..."`)."""
        notebook = json.loads(json.dumps(self.released))
        texts = {f"answer-{EXERCISE}": f"# exercise: {EXERCISE}\n{WORK}"} | ANSWERS | TEXTS
        for tag, text in (texts | {tag.replace("_", "-", 1): text for tag, text in changed.items()}).items():
            tagged(notebook, tag)["source"] = text
        return notebook  # type: ignore[no-any-return]

    def hand_in(self, student: str, **files: bytes | Notebook) -> Path:
        return self.put(student, {name.replace("_ipynb", ".ipynb"): data for name, data in files.items()})

    def put(self, student: str, files: dict[str, Any]) -> Path:
        """Puts files into submitted/ as other collectors do: without a time and a secret."""
        place = self.folder / "submitted" / student / ASSIGNMENT
        place.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return place

    def nbgrader(self, *arguments: str, fails: bool = False) -> str:
        """What a command prints, with its log. It must end within ten minutes, and with exit code 0 unless it `fails`."""
        done = subprocess.run(
            [str(BIN / "nbgrader"), *arguments], cwd=self.folder, env=teacher() | {"PYTHONPATH": str(PROJECT)},
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def book(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")

    def grades(self, student: str) -> dict[str, tuple[float | None, bool]]:
        """The automatic score, and whether a person has to mark it, by tag."""
        with self.book() as book:
            grades = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).grades
            return {grade.name: (grade.auto_score, bool(grade.needs_manual_grade)) for grade in grades}

    def comments(self, student: str) -> dict[str, str | None]:
        with self.book() as book:
            comments = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).comments
            return {comment.name: comment.comment for comment in comments}

    def mark(self, student: str, tag: str, score: float) -> None:
        """Marks an answer as the formgrader does."""
        with self.book() as book:
            grade = book.find_grade(tag, ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = score, False
            book.db.commit()

    def cell(self, student: str, tag: str) -> str:
        """The source of a cell as the teacher sees it."""
        path = self.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        return "".join(tagged(json.loads(path.read_text()), tag)["source"])


def make_course(root: Path) -> SmallCourse:
    """A course whose assignment is generated."""
    files = {"notebooks/p1_mlp.py": SOURCE.encode()}
    files |= {f"{ASSIGNMENT}/{EXERCISE}.py": (PROJECT / "solutions" / ASSIGNMENT / f"{EXERCISE}.py").read_bytes()}
    for name, data in files.items():
        path = root / "project" / "solutions" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    os.symlink(PROJECT / "autograder", root / "project" / "autograder")
    shutil.copytree(
        PROJECT / "assignments", root / "project" / "assignments", ignore=shutil.ignore_patterns("source", "mark_*")
    )
    list(init(Project(root / "project"), CourseFolder(root / "course", "test", root / "exchange")))
    course = SmallCourse(root / "course", {})
    course.nbgrader("generate_assignment", ASSIGNMENT)
    course.released = json.loads((course.folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    return course


def without_metadata(notebook: Notebook) -> Notebook:
    """What Colab and some validators leave of a notebook."""
    return notebook | {"cells": [cell | {"metadata": {}} for cell in notebook["cells"]], "metadata": {}}


def changed(notebook: Notebook, change: Callable[[list[dict[str, Any]]], None]) -> Notebook:
    change(notebook["cells"])
    return notebook
