"""Scans the history of a git repository: every version of every file, and the messages of commits and tags.

A version that occurs in many commits is scanned once, and named with the oldest of these commits. A folder such as
`solutions` is one finding, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import NamedTuple

from autograder.course.leaks.names import secret_name
from autograder.course.leaks.repository import DAMAGED, GitError, Object, Objects, opened
from autograder.course.leaks.scan import Finding, Scanner

MAX_BYTES = 64 << 20
"""A larger file is not read, but reported."""
_SHORT = 12
_FOLDER, _SUBMODULE = b"40000", b"160000"


class Commit(NamedTuple):
    """A commit: its time, its id, those of its tree and parents, and its message."""

    time: int
    id: str
    tree: str
    parents: tuple[str, ...]
    message: bytes


@dataclass(frozen=True)
class _Entry:
    """A file or folder in a tree."""

    mode: bytes
    name: str
    id: str


class History:
    """The scan of one repository's objects. Each finding is given once, with the first place where it was met."""

    def __init__(
        self,
        objects: Objects,
        scanner: Scanner | None,
        sizes: dict[str, int] | None = None,
        clean: set[str] | None = None,
    ) -> None:
        """`scanner`: None if only names are looked at. `sizes`: those of all blobs, if they are known, so that a large one
        is not read. `clean`: the ids of blobs that are known to hold no secret, to which more are added.
        """
        self._objects, self._scanner, self._sizes = objects, scanner, sizes or {}
        self._clean: set[str] = set() if clean is None else clean
        self._visited: set[tuple[str, bool]] = set()
        self._met: set[str] = set()
        self._scanned: set[str] = set()
        self._reported: set[tuple[str, str, str]] = set()
        self.missing = 0
        """The number of objects that the repository refers to but does not have, as in a shallow or partial clone."""

    @property
    def files(self) -> int:
        """The number of versions of files that were scanned."""
        return len(self._scanned)

    def commits(self, ids: Iterable[str]) -> Iterator[Finding]:
        """The findings in these commits, the oldest first."""
        for commit in _oldest_first(filter(None, map(self._commit, ids))):
            where = f"commit {commit.id[:_SHORT]}"
            yield from self._message(where, commit.message)
            yield from self.tree(where, commit.tree)

    def tag(self, id: str) -> Iterator[Finding]:
        """The findings in the message of an annotated tag."""
        found = self._read(id)
        if found is not None:
            yield from self._message(f"tag {id[:_SHORT]}", found[1].partition(b"\n\n")[2])

    def tree(self, where: str, id: str) -> Iterator[Finding]:
        """The findings in a tree and all trees in it."""
        waiting = [(id, "", False)]
        while waiting:
            tree, folder, secret = waiting.pop()
            if (tree, secret) in self._visited:  # whatever its path: names alone decide
                continue
            self._visited.add((tree, secret))
            self._met.add(tree)
            for entry in self._entries(tree):
                self._met.add(entry.id)
                path = f"{folder}{entry.name}"
                problem = None if secret else secret_name(entry.name)
                if problem:
                    yield from self._new(path, Finding(f"{where} → {path}", 0, problem))
                if entry.mode == _FOLDER:
                    waiting.append((entry.id, f"{path}/", secret or bool(problem)))
                elif entry.mode != _SUBMODULE and not (secret or problem):
                    yield from self.blob(where, path, entry.id)

    def blob(self, where: str, path: str, id: str) -> Iterator[Finding]:
        """The findings in a version of a file."""
        if id in self._scanned or id in self._clean or self._scanner is None:
            return
        self._scanned.add(id)
        if self._sizes.get(id, 0) > MAX_BYTES:
            problem = f"it is larger than {MAX_BYTES >> 20} MB and was not read: look at it with git cat-file blob {id}"
            yield Finding(f"{where} → {path}", 0, problem)
        elif (found := self._read(id)) is not None:
            findings = self._scanner.scan_content(f"{where} → {path}", found[1])
            if not findings:
                self._clean.add(id)
            yield from (one for finding in findings for one in self._new(path, finding))

    def lost(self, objects: Iterable[Object]) -> Iterator[Finding]:
        """The findings in the trees and blobs that belong to none of the commits, such as a file that was only staged."""
        left = [one for one in objects if one.id not in self._met]
        trees = {one.id: self._entries(one.id) for one in left if one.kind == "tree"}
        inner = {entry.id for entries in trees.values() for entry in entries}
        for tree in trees:
            if tree not in inner:
                yield from self.tree(f"tree {tree[:_SHORT]}, which is in no commit", tree)
        for one in left:
            if one.kind == "blob" and one.id not in self._met:
                yield from self.blob("no commit", f"blob {one.id[:_SHORT]}", one.id)

    def _message(self, where: str, message: bytes) -> Iterator[Finding]:
        if self._scanner is not None:
            for finding in self._scanner.scan_content(f"{where} → its message", message):
                yield from self._new("its message", finding)

    def _new(self, path: str, finding: Finding) -> Iterator[Finding]:
        key = (path, finding.problem, finding.excerpt)
        if key not in self._reported:
            self._reported.add(key)
            yield finding

    def _read(self, id: str) -> tuple[str, bytes] | None:
        found = self._objects.read(id)
        self.missing += found is None
        return found

    def _commit(self, id: str) -> Commit | None:
        found = self._read(id)
        if found is None:
            return None
        head, _, message = found[1].partition(b"\n\n")
        fields: dict[bytes, list[bytes]] = {}
        for line in head.split(b"\n"):
            name, _, value = line.partition(b" ")
            fields.setdefault(name, []).append(value)
        words = fields.get(b"committer", [b""])[0].split()
        time = int(words[-2]) if len(words) > 1 and words[-2].isdigit() else 0
        tree, *_ = (value.decode("ascii", "replace") for value in fields.get(b"tree", [b""]))
        parents = tuple(value.decode("ascii", "replace") for value in fields.get(b"parent", []))
        return Commit(time, id, tree, parents, message)

    def _entries(self, tree: str) -> list[_Entry]:
        found = self._read(tree)
        data = found[1] if found is not None and found[0] == "tree" else b""
        length, position, entries = len(tree) // 2, 0, []
        while (end := data.find(b"\0", position)) > 0:
            mode, _, name = data[position:end].partition(b" ")
            position = end + 1 + length
            entries.append(_Entry(mode, name.decode("utf-8", "backslashreplace"), data[end + 1 : position].hex()))
        return entries


def _oldest_first(commits: Iterable[Commit]) -> Iterator[Commit]:
    """The commits by time, but each after its parents: a rebase gives the same second to many."""
    by_id = {commit.id: commit for commit in commits}
    children: dict[str, list[Commit]] = {}
    waits_for = {}
    for commit in by_id.values():
        known = {parent for parent in commit.parents if parent in by_id}
        waits_for[commit.id] = len(known)
        for parent in known:
            children.setdefault(parent, []).append(commit)
    ready = [commit for commit in by_id.values() if not waits_for[commit.id]]
    heapify(ready)
    while ready:
        commit = heappop(ready)
        yield commit
        for child in children.get(commit.id, ()):
            waits_for[child.id] -= 1
            if not waits_for[child.id]:
                heappush(ready, child)


@dataclass(frozen=True)
class Scanned:
    """The outcome of a scan of a repository: the findings, and how much was scanned."""

    findings: tuple[Finding, ...]
    commits: int
    files: int
    missing: int


def scan_history(git_folder: Path, scanner: Scanner, clean: set[str] | None = None) -> Scanned:
    """Scans all objects of a repository, whatever refers to them: branches, tags, stashes, reflogs, or nothing any more."""
    try:
        with opened(git_folder) as objects:
            known = list(objects.all())
            history = History(objects, scanner, {one.id: one.size for one in known if one.kind == "blob"}, clean)
            commits = [one.id for one in known if one.kind == "commit"]
            findings = list(history.commits(commits))
            for one in known:
                if one.kind == "tag":
                    findings += history.tag(one.id)
                elif one.kind == DAMAGED:
                    findings.append(Finding(f"object {one.id}", 0, "it is damaged and cannot be scanned"))
            findings += history.lost(known)
            return Scanned(tuple(findings), len(commits), history.files, history.missing)
    except GitError as error:
        return Scanned((Finding(str(git_folder), 0, str(error)),), 0, 0, 0)
