"""Small real git repositories with a secret, and the course whose secret it is."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import Project
from tests.zoo import PROJECT

SOLUTION = '''"""Scores from distances."""


def scores(X, centres):
    """The scores of a batch."""
    ### BEGIN SOLUTION
    # TODO: distances to each centre.
    distance = (X[:, None] - centres).pow(2).sum(dim=2).clamp(min=1e-6).sqrt()
    return distance.neg().exp()
    ### END SOLUTION
'''
ANSWER = "distance = (X[:, None] - centres).pow(2).sum(dim=2).clamp(min=1e-6).sqrt()\n"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
    **{f"GIT_{who}_{what}": "teacher" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}  # fmt: skip


@dataclass(frozen=True)
class Repository:
    """A working tree with its git folder."""

    path: Path

    def git(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """The output of a git command, which must end with this code."""
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments], cwd=self.path, env=ENVIRONMENT | environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def commit(self, files: dict[str, str], message: str = "work") -> str:
        """Adds and commits these files, and returns the id of the commit."""
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()


def new_repository(path: Path, *options: str) -> Repository:
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch=main", "--template=", *options)
    return repository


def course(root: Path) -> Project:
    """A clone with one solution, which is in no repository yet."""
    (root / "autograder" / "graders").mkdir(parents=True)
    (root / "solutions" / "p1_mlp").mkdir(parents=True)
    (root / "solutions" / "p1_mlp" / "scores.py").write_text(SOLUTION)
    return Project(root)
