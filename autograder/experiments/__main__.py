"""The command line: `python -m autograder.experiments NAME`, with `list` for the names."""

from __future__ import annotations

from autograder.experiments.command import app

if __name__ == "__main__":
    app()
