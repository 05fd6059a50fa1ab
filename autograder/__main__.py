"""`python -m autograder` is `autograder`."""

from autograder.commands import app

app()
