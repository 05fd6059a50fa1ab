"""`autograder release --to DIR`: creates a folder and a zip for students, from the list in `outgoing`, after a leak scan.

An interruption never leaves half a release: everything is collected and scanned in memory, written to a temporary folder
beside the target, and renamed. The same course always gives the same bytes, including those of the zip.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder import __version__
from autograder.course.catalogue import CourseError, Project
from autograder.course.leaks.allowed import AllowedError, Overlap, load_allowed
from autograder.course.leaks.names import forbidden
from autograder.course.leaks.scan import Finding, Scanner
from autograder.course.leaks.secrets import secrets_of
from autograder.course.outgoing import Course, Producer, course_of, outgoing

MANIFEST = "RELEASE.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can store
_SHOWN = 25


class ReleaseError(CourseError):
    """Nothing was released; the message says why."""


class LeakError(ReleaseError):
    """The release would contain something secret."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        more = f"\n... and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
        super().__init__(
            "nothing was released, because it would contain:\n"
            + "\n".join(map(str, findings[:_SHOWN]))
            + more
            + "\nRemove it. If an overlap gives no answer away, allow it in solutions/allowed_overlaps.toml and say why."
        )


@dataclass(frozen=True)
class Release:
    """What was released, with the numbers of exercises, files, and allowed overlaps with secrets."""

    folder: Path
    archive: Path
    practicals: tuple[str, ...]
    exercises: int
    files: int
    allowed: int


def release(
    project: Project,
    to: Path,
    practicals: tuple[str, ...] = (),
    *,
    force: bool = False,
    also: tuple[Producer, ...] = (),
) -> Release:
    """Writes the folder `to`, and `<to>.zip` beside it.

    Args:
        project: the teacher's repository.
        to: the folder to create. It may exist if it is empty or an earlier release.
        practicals: the practicals to release; empty for all.
        force: whether to replace an earlier release in which files were edited.
        also: producers of further files, such as notebooks, from packages that this one cannot import.

    Raises LeakError if something secret would be released, and ReleaseError if `to` cannot be used.
    """
    to = Path(os.path.abspath(to))
    archive = to.with_name(f"{to.name}.zip")
    course = course_of(project, practicals)
    _refuse_place(project, to)
    _refuse_folder(to, force)
    _refuse_archive(archive)
    files = outgoing(course, also)
    files[MANIFEST] = _manifest(course, files)
    files = dict(sorted(files.items()))
    packed = pack(files, to.name)
    allowed = _scan(project, files, archive.name, packed)
    try:
        _publish(files, packed, to, archive)
    except OSError as error:
        raise ReleaseError(f"{to} cannot be written and was not changed: {error}") from error
    return Release(to, archive, course.practicals, len(course.exercises()), len(files), len(allowed))


def scanner_of(project: Project) -> Scanner:
    """A scanner for the secrets of this course."""
    allowed = load_allowed(project.root / "solutions" / "allowed_overlaps.toml")
    return Scanner(secrets_of(project), allowed, own=(project.root,))


def pack(files: dict[str, bytes], folder: str) -> bytes:
    """A zip of all files in one folder. Files are sorted and have no times or owners, so equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{path}", _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def _manifest(course: Course, files: dict[str, bytes]) -> bytes:
    content = {
        "schema": 1,
        "version": __version__,
        "practicals": course.practicals,
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
    }
    return json.dumps(content, indent=1).encode() + b"\n"


def _scan(project: Project, files: dict[str, bytes], archive: str, packed: bytes) -> frozenset[Overlap]:
    """The allowed overlaps that occur. LeakError for other findings, AllowedError if an allowed overlap does not occur."""
    scanner = scanner_of(project)
    findings = [finding for path, data in files.items() for finding in scanner.scan(path, data)]
    findings = findings or scanner.scan(archive, packed)
    if findings:
        raise LeakError(findings)
    for overlap in load_allowed(project.root / "solutions" / "allowed_overlaps.toml") - scanner.used:
        if overlap.file in files:
            raise AllowedError(
                f"solutions/allowed_overlaps.toml allows a line of {overlap.file} that does not overlap with a secret any "
                f"more: {overlap.line!r}. Delete the entry."
            )
    return scanner.used


def _refuse_place(project: Project, to: Path) -> None:
    for name in ("autograder", "exercises", "solutions", "tests"):
        if to.is_relative_to(project.root / name):
            raise ReleaseError(f"{to} is in {name}/ of the repository itself: release to a folder outside of it")


def _refuse_folder(to: Path, force: bool) -> None:
    if not os.path.lexists(to) or (to.is_dir() and not to.is_symlink() and not any(to.iterdir())):
        return
    recorded = _recorded(to)
    if recorded is None:
        raise ReleaseError(f"{to} exists and is not an earlier release: give a new folder")
    if not force and (edited := next(_edited(to, recorded), None)):
        raise ReleaseError(
            f"{to} is an earlier release, but {edited} in it was edited: give a new folder, or discard the edits with "
            "autograder release --force"
        )


def _recorded(to: Path) -> dict[str, str] | None:
    """The hashes of the files of an earlier release; None if the folder is not one."""
    try:
        files = json.loads((to / MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if isinstance(files, dict) and not to.is_symlink() else None


def _edited(to: Path, recorded: dict[str, str]) -> Iterator[str]:
    """The files of a release that were changed or added, without those that tools create, such as caches."""
    for path in sorted(to.rglob("*")):
        name = path.relative_to(to).as_posix()
        if not path.is_file() or name == MANIFEST or forbidden(name):
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() != recorded.get(name):
            yield name


def _refuse_archive(archive: Path) -> None:
    if not os.path.lexists(archive):
        return
    try:
        with zipfile.ZipFile(archive) as existing:
            ours = f"{archive.stem}/{MANIFEST}" in existing.namelist()
    except (OSError, zipfile.BadZipFile):
        ours = False
    if not ours:
        raise ReleaseError(f"{archive} exists and is not an earlier release: give another folder")


def _publish(files: dict[str, bytes], packed: bytes, to: Path, archive: Path) -> None:
    """Puts the folder and the zip in their places, or leaves both as they were."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with _beside(to, "new") as new, _beside(to, "old") as old:
        for path, data in files.items():
            target = new / "folder" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        (new / "zip").write_bytes(packed)
        try:
            if to.exists():
                _move(to, old / "folder")
            _move(new / "folder", to)
            if (old / "folder" / ".git").exists():  # the teacher publishes releases with it
                _move(old / "folder" / ".git", to / ".git")
            _move(new / "zip", archive)
        except BaseException:
            if (to / ".git").exists() and (old / "folder").exists():
                os.replace(to / ".git", old / "folder" / ".git")
            if to.exists() and not (new / "folder").exists():
                os.replace(to, new / "folder")
            if (old / "folder").exists():
                os.replace(old / "folder", to)
            raise


_move = os.replace


@contextmanager
def _beside(to: Path, what: str) -> Iterator[Path]:
    """A temporary folder beside the target and so on the same disk, from which files can be renamed."""
    folder = to.with_name(f".{to.name}.{what}-{os.getpid()}")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
