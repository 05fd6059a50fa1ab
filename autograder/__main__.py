"""Runs the command line as `python -m autograder`."""

from autograder.commands import app

app()
