"""The command line: one file for each group of commands; here, what brings them together."""

from __future__ import annotations

from autograder.commands import classes, content, exercises, release
from autograder.commands.shared import app

__all__ = ["app", "classes", "content", "exercises", "release"]
