"""The command line `autograder`: the app, and one module of commands for each kind of user."""

from __future__ import annotations

from autograder.commands import author, student, teacher
from autograder.commands.shared import app

__all__ = ["app", "author", "student", "teacher"]
