"""The scanner: compares everything in a file with all secrets of a course."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.leaks import bytecode, text
from autograder.course.leaks.allowed import Overlap
from autograder.course.leaks.code import Fragment, fragments, statements_in
from autograder.course.leaks.names import forbidden, local_paths
from autograder.course.leaks.places import ArchivedFile, Compiled, Text, Unreadable, pieces
from autograder.course.leaks.repository import is_git_folder
from autograder.course.leaks.secrets import Secrets, squeezed


@dataclass(frozen=True)
class Finding:
    """Something that must not be handed out."""

    place: str
    """The file, and the place inside it if it is an archive or notebook."""
    line: int
    """The line, from 1; 0 if it is about the whole file."""
    problem: str
    excerpt: str = ""
    """The text of the line."""

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        shown = self.excerpt if len(self.excerpt) <= 120 else self.excerpt[:117] + "..."
        return f"{where}: {self.problem}" + (f": {shown}" if shown else "")


class Scanner:
    """Scans files for the secrets of a course.

    A file whose content was scanned before without findings is skipped, so it costs little to scan an archive as well.

    Args:
        secrets: the secrets of the course.
        allowed: overlaps that are not reported.
        own: folders of this machine whose paths must not be handed out.
        only_secrets: whether names of files and paths of machines do not count, since a repository may hold them.
    """

    def __init__(
        self,
        secrets: Secrets,
        allowed: frozenset[Overlap] = frozenset(),
        own: tuple[Path, ...] = (),
        *,
        only_secrets: bool = False,
    ) -> None:
        self._secrets, self._allowed, self._own, self._only_secrets = secrets, allowed, own, only_secrets
        self._seen: set[bytes] = set()
        self._clean_texts: set[bytes] = set()
        self._used: set[Overlap] = set()

    @property
    def used(self) -> frozenset[Overlap]:
        """The allowed overlaps that occurred."""
        return frozenset(self._used)

    def for_history(self) -> Scanner:
        """A scanner for the same secrets in the versions of a repository."""
        return Scanner(self._secrets, self._allowed, only_secrets=True)

    def scan(self, name: str, data: bytes) -> list[Finding]:
        """The findings in a file, in order. `name`: its path in the release, with forward slashes."""
        return _first_of_each(self._scan(name, name, data, 0))

    def scan_content(self, place: str, data: bytes) -> list[Finding]:
        """The findings in a file, whatever its name. `place`: where it is, for the report."""
        return _first_of_each(self._scan(place, "", data, 0))

    def scan_path(self, path: Path, *, with_history: bool = False) -> list[Finding]:
        """The findings in a file, or in all files of a folder including hidden ones. OSError if one cannot be read.

        A git folder is one finding, or none if `with_history`: then the caller scans what is in it.
        """
        if not path.is_dir():
            return self.scan(path.name, path.read_bytes())
        found: list[Finding] = []
        for folder, folders, files in os.walk(path):
            folders.sort()
            if is_git_folder(Path(folder)):
                if not with_history:
                    place = Path(folder).relative_to(path).as_posix()
                    found.append(
                        Finding(place, 0, "it is a git repository, which contains every version of every file")
                    )
                folders.clear()
                continue
            for entry in sorted(files + [name for name in folders if Path(folder, name).is_symlink()]):
                file = Path(folder, entry)
                name = file.relative_to(path).as_posix()
                if file.is_symlink():
                    found.append(Finding(name, 0, f"it is a link to {os.readlink(file)}"))
                else:
                    found += self.scan(name, file.read_bytes())
        return found

    def _scan(self, place: str, name: str, data: bytes, depth: int) -> Iterator[Finding]:
        if not self._only_secrets and (problem := forbidden(name)):
            yield Finding(place, 0, problem)
        digest = hashlib.sha256(data).digest()
        if digest in self._seen:
            return
        clean = True
        for finding in self._scan_content(place, data, depth):
            clean = False
            yield finding
        if clean:
            self._seen.add(digest)

    def _scan_content(self, place: str, data: bytes, depth: int) -> Iterator[Finding]:
        for piece in pieces(place, data, depth):
            match piece:
                case ArchivedFile():
                    yield from self._scan(piece.place, piece.name, piece.data, depth + 1)
                case Unreadable():
                    yield Finding(piece.place, 0, piece.problem)
                case Compiled():
                    for function in bytecode.functions(piece.code):
                        if source := self._secrets.compiled.get(function.key):
                            yield Finding(piece.place, function.line, f"overlaps with {source}")
                case Text():
                    yield from self._scan_text(piece)

    def _scan_text(self, piece: Text) -> Iterator[Finding]:
        # Versions of a file share most of their comments and strings.
        digest = hashlib.sha256(piece.text.encode("utf-8", "surrogatepass")).digest()
        if digest in self._clean_texts:
            return
        overlaps = list(self._overlaps(piece))
        if not overlaps:
            self._clean_texts.add(digest)
        lines = piece.text.split("\n")
        for problem, line in overlaps:
            number = line - piece.line
            excerpt = lines[number].strip() if 0 <= number < len(lines) else ""
            if not self._is_allowed(piece.place, excerpt):
                yield Finding(piece.place, line, problem, excerpt)

    def _overlaps(self, piece: Text) -> Iterator[Fragment]:
        """What is wrong with a text: the problem, as `key`, and its line."""
        if piece.module is not None:
            code = [Fragment(key, line + piece.line - 1) for key, line in fragments(piece.module.body)]
        else:
            code = list(fragments(statements_in(piece.text, piece.line)))
        for known, shared in ((self._secrets.code, code), (self._secrets.words, text.runs(piece.text, piece.line))):
            for key, line in shared:
                if source := known.get(key):
                    yield Fragment(f"overlaps with {source}", line)
        plain, numbers = squeezed(piece.text)
        for pattern, source in self._secrets.answers:
            for match in pattern.finditer(plain):
                yield Fragment(f"gives {source}", piece.line + numbers[match.start()])
        for path, line in () if self._only_secrets else local_paths(piece.text, self._own):
            yield Fragment(f"contains {path!r}, a path on somebody's machine", piece.line + line - 1)

    def _is_allowed(self, place: str, excerpt: str) -> bool:
        file = place.rsplit(" → ", 1)[-1].split(", ", 1)[0]
        for overlap in self._allowed:
            if overlap.line == excerpt and (file == overlap.file or file.endswith(f"/{overlap.file}")):
                self._used.add(overlap)
                return True
        return False


def _first_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that say the same about the same line."""
    first: dict[tuple[str, int | str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.place, finding.line or finding.problem), finding)
    return list(first.values())
