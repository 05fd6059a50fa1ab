"""What `autograder leaks` prints, and why a push is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from autograder.course.catalogue import CourseError, Project
from autograder.course.leaks.clean import clean_blobs
from autograder.course.leaks.history import scan_history
from autograder.course.leaks.pushing import PRIVATE, Update, bare_url, is_private, secrets_in_push
from autograder.course.leaks.repository import git_folders
from autograder.course.leaks.scan import Finding
from autograder.course.release import scanner_of


class Line(NamedTuple):
    """A line of the output: a finding, or a note."""

    text: str
    is_finding: bool


def scan_everything(project: Project, path: Path, history: bool) -> Iterator[Line]:
    """The findings in a file or folder, and in all versions that the git repositories at or below it contain."""
    scanner = scanner_of(project)
    for finding in scanner.scan_path(path, with_history=history):
        yield Line(_printable(finding), True)
    folders = list(git_folders(path)) if history else []
    for folder in folders:
        with clean_blobs(project) as clean:
            found = scan_history(folder, scanner.for_history(), clean)
        for finding in found.findings:
            yield Line(_printable(finding), True)
        missing = f"; {found.missing} are missing, as in a shallow clone" if found.missing else ""
        yield Line(f"history of {folder}: {found.commits} commits, {found.files} versions of files{missing}", False)
    if history and not folders and (above := _repository_above(path)):
        yield Line(f"only the files were scanned; for the history: autograder leaks {above}", False)


def push_refusal(project: Project, repository: Path, remote: str, url: str, updates: str) -> str | None:
    """Why a push is refused; None if it is not. `updates`: the lines that git gives to the hook."""
    if is_private(repository, remote, url):
        return None
    try:
        with clean_blobs(project) as clean:
            found = secrets_in_push(
                repository, map(Update.of, updates.splitlines()), scanner_of(project).for_history(), clean
            )
    except CourseError as error:
        return f"push refused, since it could not be checked: {error}"
    if not found:
        return None
    where = remote if remote == url else f"{remote} ({bare_url(url)})"
    return (
        f"push refused: {where} is not declared private, and would get:\n"
        + "\n".join(f"  {_printable(finding)}" for finding in found)
        + f"\nIf students cannot read it: git config --add {PRIVATE} {bare_url(url)}\n"
        "Otherwise push a release, which contains no answers: autograder release --to DIR"
    )


def _repository_above(path: Path) -> Path | None:
    return next((folder for folder in path.resolve().parents if os.path.lexists(folder / ".git")), None)


def _printable(finding: Finding) -> str:
    """A finding for a terminal: names and lines in a repository may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(finding))
