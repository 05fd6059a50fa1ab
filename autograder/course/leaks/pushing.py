"""Refuses a push that would publish a secret. A remote counts as public unless the teacher has said that it is private.

git config --add autograder.privateRemote URL
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from autograder.course.leaks.history import History
from autograder.course.leaks.repository import GitError, Objects, opened
from autograder.course.leaks.scan import Finding, Scanner

PRIVATE = "autograder.privateRemote"
SHOWN = 20


@dataclass(frozen=True)
class Update:
    """A line that git gives to the hook: what is pushed, and what the remote has there now; zeros stand for nothing."""

    local: str
    remote: str

    @classmethod
    def of(cls, line: str) -> Update:
        """The update in a line `<local ref> <local id> <remote ref> <remote id>`. GitError if it has another form."""
        fields = line.rsplit(maxsplit=3)  # a local ref such as HEAD@{1 day ago} contains spaces
        if len(fields) != 4:
            raise GitError(f"git gave the hook a line that it cannot read: {line!r}")
        return cls(fields[1], fields[3])


def git(repository: Path, *arguments: str, stdin: str | None = None) -> str:
    """The output of a git command in the teacher's own repository. GitError if it fails.

    `repository`: a folder in it, or its git folder.
    """
    where = [f"--git-dir={repository}"] if (repository / "HEAD").is_file() else ["-C", str(repository)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *where, *arguments], env=environment, input=stdin, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise GitError("git is not installed") from error
    if done.returncode:
        raise GitError(f"git {arguments[0]} failed in {repository}: {done.stderr.strip()}")
    return done.stdout


def is_private(repository: Path, name: str, url: str) -> bool:
    """Whether the teacher has declared a remote private, by its URL or by its name."""
    try:
        listed = git(repository, "config", "--get-all", PRIVATE).splitlines()
    except GitError:  # nothing is listed
        return False
    return name in listed or bare_url(url) in {bare_url(one) for one in listed}


def bare_url(url: str) -> str:
    """A URL without a password or token, and without what does not change where it leads."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return url.rstrip("/").removesuffix(".git")


def secrets_in_push(
    repository: Path, updates: Iterable[Update], scanner: Scanner, clean: set[str] | None = None
) -> list[Finding]:
    """The first findings in everything that the remote does not have yet. GitError if that cannot be found out.

    Names are looked at first, in all commits: they are quick to check, and `solutions` is what must never be pushed.
    """
    updates = [update for update in updates if set(update.local) != {"0"}]  # a branch that is deleted publishes nothing
    common = Path(git(repository, "rev-parse", "--path-format=absolute", "--git-common-dir").strip())
    with opened(common) as objects:
        pushed = _Pushed(repository, objects, updates)
        for history in (History(objects, None), History(objects, scanner, clean=clean)):
            if found := list(islice(pushed.findings(history), SHOWN)):
                return found
            if history.missing:
                raise GitError(f"{repository} lacks {history.missing} of the objects that are pushed: fetch them first")
    return []


class _Pushed:
    """What a push publishes: commits, and the tags, trees and files that are pushed without a commit."""

    def __init__(self, repository: Path, objects: Objects, updates: list[Update]) -> None:
        self._objects = objects
        self._tags: list[str] = []
        self._trees: list[str] = []
        self._blobs: list[str] = []
        starts = [commit for update in updates if (commit := self._peeled(update.local))]
        known = [update.remote for update in updates if set(update.remote) != {"0"}]
        known = [id for id in known if (found := objects.read(id)) is not None and found[0] in ("commit", "tag")]
        wanted = "\n".join([*starts, *(f"^{id}" for id in known)]) + "\n"
        self._commits = git(repository, "rev-list", "--stdin", stdin=wanted).split() if starts else []

    def findings(self, history: History) -> Iterator[Finding]:
        """The findings in all of it."""
        for tag in self._tags:
            yield from history.tag(tag)
        yield from history.commits(self._commits)
        for tree in self._trees:
            yield from history.tree(f"tree {tree[:12]}", tree)
        for blob in self._blobs:
            yield from history.blob("no commit", f"blob {blob[:12]}", blob)

    def _peeled(self, id: str) -> str | None:
        """The commit that a pushed object is or names; None if it leads to a tree or to a file, which is noted."""
        found = self._objects.read(id)
        while found is not None and found[0] == "tag":
            self._tags.append(id)
            id = found[1].partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
            found = self._objects.read(id)
        if found is None:
            raise GitError(f"the object {id} is to be pushed, but cannot be read")
        if found[0] == "commit":
            return id
        (self._trees if found[0] == "tree" else self._blobs).append(id)
        return None
