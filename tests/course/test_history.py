"""`autograder leaks` on git repositories: a secret is found in every version, and no program of a repository is run."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.catalogue import Project
from autograder.course.leaks import history
from autograder.course.leaks.clean import clean_blobs
from autograder.course.leaks.command import scan_everything
from autograder.course.leaks.history import Scanned, scan_history
from autograder.course.leaks.repository import git_folders
from autograder.course.leaks.scan import Scanner
from autograder.course.release import scanner_of
from tests.course.repositories import ANSWER, SOLUTION, Repository, course, new_repository

PLACE = "overlaps with a solution, solutions/p1_mlp/scores.py:8"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return course(tmp_path / "course")


@pytest.fixture
def scanner(project: Project) -> Scanner:
    return scanner_of(project).for_history()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = new_repository(tmp_path / "theirs")
    repository.commit({"README.md": "An innocent text.\n"})
    return repository


def texts(scanned: Scanned) -> str:
    return "\n".join(map(str, scanned.findings))


def as_file(repository: Repository) -> None:
    repository.commit({"a.py": ANSWER})


def as_deleted_file(repository: Repository) -> None:
    as_file(repository)
    (repository.path / "a.py").unlink()
    repository.commit({})


def as_other_branch(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    as_file(repository)
    repository.git("checkout", "--quiet", "main")


def as_deleted_branch(repository: Repository) -> None:
    as_other_branch(repository)
    repository.git("branch", "-D", "other")


def as_stash(repository: Repository) -> None:
    (repository.path / "README.md").write_text(ANSWER)
    repository.git("stash")


def as_staged_file(repository: Repository) -> None:
    (repository.path / "a.py").write_text(ANSWER)
    repository.git("add", "a.py")
    repository.git("rm", "--quiet", "--force", "a.py")


def as_message(repository: Repository) -> None:
    repository.commit({}, message=f"How it is done\n\n{ANSWER}")


def as_tag_message(repository: Repository) -> None:
    repository.git("tag", "-m", f"See\n\n{ANSWER}", "v1")


def as_pack(repository: Repository) -> None:
    as_deleted_file(repository)
    repository.git("gc", "--quiet", "--aggressive", "--prune=now")


def as_note(repository: Repository) -> None:
    repository.git("notes", "add", "-m", ANSWER)


def as_zip(repository: Repository) -> None:
    with zipfile.ZipFile(repository.path / "a.zip", "w") as archive:
        archive.writestr("a.py", ANSWER)
    repository.commit({})


@pytest.mark.parametrize(
    "hide",
    [
        as_file, as_deleted_file, as_other_branch, as_deleted_branch, as_stash, as_staged_file, as_message, as_tag_message,
        as_pack, as_note, as_zip,
    ],
)  # fmt: skip
def test_an_answer_is_found(repository: Repository, scanner: Scanner, hide: Callable[[Repository], None]) -> None:
    assert scan_history(repository.path / ".git", scanner).findings == ()
    hide(repository)
    assert PLACE in texts(scan_history(repository.path / ".git", scanner))


def test_a_finding_names_the_oldest_commit_the_path_and_the_line(repository: Repository, scanner: Scanner) -> None:
    first = repository.commit({"src/a.py": f"\n\n{ANSWER}"})
    repository.commit({"src/a.py": f"\n\n{ANSWER}more = 1\n"})
    (found,) = scan_history(repository.path / ".git", scanner).findings
    assert (found.place, found.line) == (f"commit {first[:12]} → src/a.py", 3)


def test_a_secret_folder_is_one_finding(repository: Repository, scanner: Scanner) -> None:
    first = repository.commit({f"old/solutions/{name}.py": ANSWER for name in "abc"})
    repository.commit({"old/solutions/d.py": "d = 1\n"})
    assert texts(scan_history(repository.path / ".git", scanner)) == (
        f"commit {first[:12]} → old/solutions: 'solutions' is a teacher's folder"
    )


def test_a_copy_of_a_secret_folder_is_found_too(repository: Repository, scanner: Scanner) -> None:
    repository.commit({"solutions/a.py": ANSWER, "copy/a.py": ANSWER})
    assert "copy/a.py:1: overlaps" in texts(scan_history(repository.path / ".git", scanner))


def test_files_that_every_repository_has_are_no_findings(repository: Repository, scanner: Scanner) -> None:
    repository.commit({".gitignore": "*.pyc\n", "tests/test_a.py": "# See /home/anna/notes\n"})
    assert scan_history(repository.path / ".git", scanner).findings == ()


def test_a_repository_with_long_ids_is_read(tmp_path: Path, scanner: Scanner) -> None:
    repository = new_repository(tmp_path / "sha256", "--object-format=sha256")
    as_deleted_file(repository)
    assert PLACE in texts(scan_history(repository.path / ".git", scanner))


def test_a_path_with_quotes_and_accents_is_read(tmp_path: Path, scanner: Scanner) -> None:
    repository = new_repository(tmp_path / 'été "26" \\ #1')
    as_deleted_file(repository)
    assert PLACE in texts(scan_history(repository.path / ".git", scanner))


def test_a_shallow_clone_is_read_as_far_as_it_goes(repository: Repository, tmp_path: Path, scanner: Scanner) -> None:
    as_file(repository)
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(tmp_path / "shallow"))
    assert PLACE in texts(scan_history(tmp_path / "shallow" / ".git", scanner))


def test_objects_that_are_shared_with_another_clone_are_read(
    repository: Repository, tmp_path: Path, scanner: Scanner
) -> None:
    as_deleted_file(repository)
    repository.git("clone", "--quiet", "--shared", str(repository.path), str(tmp_path / "second"))
    assert PLACE in texts(scan_history(tmp_path / "second" / ".git", scanner))


def test_bare_repositories_submodules_and_linked_trees_are_found(repository: Repository, tmp_path: Path) -> None:
    top = tmp_path / "top"
    repository.git("clone", "--quiet", "--bare", str(repository.path), str(top / "bare.git"))
    new_repository(top / "outer").git("submodule", "--quiet", "add", str(repository.path), "inner")
    repository.git("worktree", "add", "--quiet", str(top / "linked"))
    assert {str(folder.relative_to(tmp_path)) for folder in git_folders(top)} == {
        "top/bare.git", "top/outer/.git", "top/outer/.git/modules/inner", "theirs/.git",
    }  # fmt: skip


def test_no_program_that_a_repository_names_is_run(repository: Repository, scanner: Scanner, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    names = (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "gpg.program", "diff.external", "alias.cat-file",
        "remote.origin.uploadpack", "core.alternateRefsCommand", "alias.init", "filter.x.smudge",
    )  # fmt: skip
    as_file(repository)
    lost = repository.git("rev-parse", "HEAD:README.md").strip()
    (repository.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()  # a promised object would be fetched
    for name in names:
        repository.git("config", name, str(program))
    for name, value in {
        "log.showSignature": "true", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
        "remote.origin.url": str(tmp_path / "nowhere"), "core.repositoryFormatVersion": "1",
    }.items():  # fmt: skip
        repository.git("config", name, value)
    hooks = repository.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    shutil.copy(program, hooks / "post-checkout")
    found = scan_history(repository.path / ".git", scanner)
    assert PLACE in texts(found)
    assert found.missing == 1
    assert not ran.exists()


def test_a_damaged_repository_is_a_finding(repository: Repository, scanner: Scanner) -> None:
    id = repository.git("rev-parse", "HEAD").strip()
    broken = repository.path / ".git" / "objects" / id[:2] / id[2:]
    broken.chmod(0o644)
    broken.write_bytes(b"broken")
    assert "damaged" in texts(scan_history(repository.path / ".git", scanner))


def test_a_large_file_is_a_finding_and_is_not_read(
    repository: Repository, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_BYTES", 1 << 20)
    repository.commit({"big.txt": "x" * (2 << 20)})
    assert "it is larger than 1 MB and was not read" in texts(scan_history(repository.path / ".git", scanner))


def test_a_tree_that_contains_itself_many_times_is_read_once(repository: Repository, scanner: Scanner) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}").strip()
    for level in range(40):  # 4 ** 40 paths
        lines = "".join(f"040000 tree {tree}\t{level}-{copy}\n" for copy in range(4))
        (repository.path / "lines").write_text(lines)
        command = ["sh", "-c", "git mktree < lines"]
        tree = repository.git("-c", f"alias.make=!{command[2]}", "make").strip()
    commit = repository.git("commit-tree", "-m", "many", tree).strip()
    repository.git("branch", "many", commit)
    assert scan_history(repository.path / ".git", scanner).findings == ()


def test_what_was_clean_is_not_read_again_until_a_secret_changes(
    repository: Repository, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scanned() -> int:
        with clean_blobs(project) as clean:
            return scan_history(repository.path / ".git", scanner_of(project).for_history(), clean).files

    assert (scanned(), scanned()) == (1, 0)
    as_file(repository)
    assert (scanned(), scanned()) == (1, 1)
    (project.root / "solutions" / "p1_mlp" / "other.py").write_text(SOLUTION)
    assert scanned() == 2


def test_leaks_on_a_working_tree_scans_the_files_and_the_history(repository: Repository, project: Project) -> None:
    as_deleted_file(repository)
    (repository.path / "b.py").write_text(ANSWER)
    in_file, in_history, note = scan_everything(project, repository.path, history=True)
    assert (in_file.text.startswith("b.py:1: "), PLACE in in_history.text) == (True, True)
    assert ("3 commits" in note.text, note.is_finding) == (True, False)


def test_a_repository_without_secrets_has_no_findings(repository: Repository, project: Project) -> None:
    for path in (repository.path, repository.path / ".git"):
        assert not any(line.is_finding for line in scan_everything(project, path, history=True))


def test_a_repository_is_a_finding_if_its_history_is_not_scanned(repository: Repository, project: Project) -> None:
    (found,) = scan_everything(project, repository.path, history=False)
    assert found == (".git: it is a git repository, which contains every version of every file", True)


def test_leaks_on_a_folder_inside_a_repository_says_how_to_scan_the_history(
    repository: Repository, project: Project
) -> None:
    (repository.path / "part").mkdir()
    (note,) = scan_everything(project, repository.path / "part", history=True)
    assert note == (f"only the files were scanned; for the history: autograder leaks {repository.path}", False)


def test_leaks_prints_no_control_characters_of_a_repository(repository: Repository, project: Project) -> None:
    repository.commit({"\x1b[31mred.py": ANSWER})
    assert not any("\x1b" in line.text for line in scan_everything(project, repository.path, history=True))


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_repository_in_an_archive_is_one_finding(repository: Repository, project: Project, form: str) -> None:
    as_pack(repository)
    packed = Path(shutil.make_archive(str(repository.path.parent / "packed"), form, repository.path.parent, "theirs"))
    findings = scanner_of(project).scan(packed.name, packed.read_bytes())
    assert [str(finding) for finding in findings if "git repository" in str(finding)] == [
        f"{packed.name} → theirs/.git: it is a git repository: unpack the archive and scan it"
    ]


def test_a_bundle_is_a_finding(repository: Repository, project: Project) -> None:
    repository.git("bundle", "create", "all.bundle", "main")
    data = (repository.path / "all.bundle").read_bytes()
    assert "holds the objects of a git repository" in str(scanner_of(project).scan("all.bundle", data)[0])
