"""The command line `autograder`: one module per group of commands, and the app that has them all."""

from __future__ import annotations

from autograder.commands import classes, content, exercises, release
from autograder.commands.shared import app

__all__ = ["app", "classes", "content", "exercises", "release"]
