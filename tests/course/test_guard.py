"""The pre-push hook: real pushes to repositories on disk. What holds a secret reaches private remotes only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.catalogue import Project
from autograder.course.leaks.guard import GuardError, install
from autograder.course.leaks.pushing import bare_url
from tests.course.repositories import ANSWER, ENVIRONMENT, Repository, course, new_repository


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return course(tmp_path / "clone")


@pytest.fixture
def clone(project: Project) -> Repository:
    """The teacher's clone, with the hook and a remote that is not declared private."""
    new_repository(project.root.parent / "public.git", "--bare")
    clone = Repository(project.root)
    clone.git("init", "--quiet", "--initial-branch=main", "--template=")
    clone.git("remote", "add", "public", str(project.root.parent / "public.git"))
    install(project, project.root)
    return clone


@pytest.fixture
def release(clone: Repository, project: Project, tmp_path: Path) -> Repository:
    """A repository of what students get, with the hook; its first commit is on the remote."""
    release = new_repository(tmp_path / "release")
    release.git("remote", "add", "public", str(tmp_path / "public.git"))
    install(project, release.path)
    release.commit({"README.md": "Exercises\n", ".gitignore": "*.pyc\n", "exercises/p1_mlp/scores.py": "TODO = 1\n"})
    release.git("push", "--quiet", "public", "main")
    return release


def refs(clone: Repository) -> str:
    return Repository(clone.path.parent / "public.git").git("for-each-ref", "--format=%(refname)")


def test_the_solutions_are_not_pushed_to_a_public_remote(clone: Repository) -> None:
    commit = clone.commit({})
    output = clone.git("push", "public", "main", code=1)
    assert f"commit {commit[:12]} → solutions: 'solutions' is a teacher's folder" in output
    assert "git config --add autograder.privateRemote" in output
    assert refs(clone) == ""


@pytest.mark.parametrize("by", ["name", "url"])
def test_the_solutions_are_pushed_to_a_remote_that_is_declared_private(clone: Repository, by: str) -> None:
    clone.commit({})
    url = str(clone.path.parent / "public.git")
    clone.git("config", "--add", "autograder.privateRemote", "public" if by == "name" else url)
    clone.git("push", "public", "main")
    assert refs(clone) == "refs/heads/main\n"


def test_a_private_name_is_not_the_name_of_another_remote(clone: Repository) -> None:
    clone.commit({})
    clone.git("config", "--add", "autograder.privateRemote", "private")
    clone.git("push", "public", "main", code=1)


def test_what_holds_no_secret_is_pushed(release: Repository) -> None:
    assert refs(release) == "refs/heads/main\n"


def test_an_answer_under_another_name_is_not_pushed_and_its_line_is_shown(release: Repository) -> None:
    release.commit({"notes.md": f"Hints\n\n    {ANSWER}"})
    output = release.git("push", "public", "main", code=1)
    assert "notes.md:3: overlaps with a solution, solutions/p1_mlp/scores.py:8" in output


def test_a_secret_that_a_later_commit_deletes_is_not_pushed(release: Repository) -> None:
    release.commit({"solutions/a.py": "a = 1\n"})
    shutil.rmtree(release.path / "solutions")
    release.commit({})
    release.git("push", "public", "main", code=1)


@pytest.mark.parametrize("what", ["branch", "annotated tag", "tag of a file", "all", "force", "second of two"])
def test_no_way_to_push_leads_past_the_hook(release: Repository, what: str) -> None:
    release.git("checkout", "--quiet", "-b", "other")
    release.commit({"solutions/a.py": "a = 1\n", "a.py": ANSWER})
    release.git("tag", "file", release.git("rev-parse", "HEAD:a.py").strip())
    release.git("tag", "-m", "all of it", "annotated")
    release.git("checkout", "--quiet", "main")
    release.commit({"clean.md": "clean\n"})
    arguments = {
        "branch": ["other"], "annotated tag": ["annotated"], "tag of a file": ["file"], "all": ["--all"],
        "force": ["--force", "other:main"], "second of two": ["main", "other"],
    }[what]  # fmt: skip
    assert "push refused" in release.git("push", "public", *arguments, code=1)
    assert refs(release) == "refs/heads/main\n"


def test_a_branch_can_be_deleted(release: Repository) -> None:
    release.git("push", "--quiet", "public", "main:old")
    release.git("push", "public", ":old")
    assert refs(release) == "refs/heads/main\n"


def test_what_the_remote_already_has_does_not_count(release: Repository) -> None:
    release.commit({"solutions/a.py": "a = 1\n"})
    release.git("push", "--no-verify", "public", "main")
    shutil.rmtree(release.path / "solutions")
    release.commit({"more.md": "more\n"})
    release.git("push", "public", "main")


def test_a_shallow_clone_is_checked_as_far_as_it_goes(release: Repository, project: Project, tmp_path: Path) -> None:
    url = f"file://{tmp_path / 'public.git'}"
    release.commit({"second.md": "second\n"})
    release.git("push", "public", "main")
    release.git("clone", "--quiet", "--depth=1", "--template=", url, str(tmp_path / "shallow"))
    shallow = Repository(tmp_path / "shallow")
    install(project, shallow.path)
    shallow.commit({"third.md": "third\n"})
    shallow.git("push", "origin", "main")
    shallow.commit({"solutions/a.py": "a = 1\n"})
    shallow.git("push", "origin", "main", code=1)


def test_a_push_is_refused_if_the_clone_with_the_secrets_is_gone(release: Repository, project: Project) -> None:
    project.root.rename(project.root.with_name("moved"))
    release.commit({"more.md": "more\n"})
    assert "the clone or the Python that checks it was moved" in release.git("push", "public", "main", code=1)


def test_another_hook_is_kept_and_the_lines_that_run_both_work(release: Repository, project: Project) -> None:
    hook = release.path / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(GuardError, match="To run both, add these lines") as refused:
        install(project, release.path)
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"
    lines = [line.strip() for line in str(refused.value).splitlines() if line.startswith("  ")]
    hook.write_text("\n".join(["#!/bin/sh", *lines, "exit 0", ""]))
    release.commit({"solutions/a.py": "a = 1\n"})
    release.git("push", "public", "main", code=1)


def test_a_second_install_replaces_our_own_hook(release: Repository, project: Project) -> None:
    assert install(project, release.path) == release.path / ".git" / "hooks" / "pre-push"


def test_the_hook_runs_beside_that_of_pre_commit(release: Repository, project: Project) -> None:
    (release.path / ".pre-commit-config.yaml").write_text("repos: []\n")
    (release.path / ".git" / "hooks" / "pre-push").unlink()
    command = [sys.executable, "-m", "pre_commit", "install", "-t", "pre-push"]
    subprocess.run(command, cwd=release.path, env=ENVIRONMENT, check=True, capture_output=True)
    assert install(project, release.path).name == "pre-push.legacy"
    release.commit({"solutions/a.py": "a = 1\n"})
    release.git("push", "public", "main", code=1)


def test_the_folder_of_hooks_that_a_repository_is_set_to_is_used(release: Repository, project: Project) -> None:
    release.git("config", "core.hooksPath", ".githooks")
    assert install(project, release.path) == release.path / ".githooks" / "pre-push"
    release.commit({"solutions/a.py": "a = 1\n"})
    release.git("push", "public", "main", code=1)


def test_hooks_of_all_repositories_are_left_alone(
    release: Repository, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(f"[core]\n\thooksPath = {tmp_path / 'everywhere'}\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(GuardError, match="To run both"):
        install(project, release.path)
    assert not (tmp_path / "everywhere").exists()


def test_the_hook_of_a_linked_working_tree_is_that_of_its_repository(release: Repository, project: Project) -> None:
    release.git("worktree", "add", "--quiet", str(release.path.parent / "linked"))
    linked = Repository(release.path.parent / "linked")
    assert install(project, linked.path) == release.path / ".git" / "hooks" / "pre-push"
    linked.commit({"solutions/a.py": "a = 1\n"})
    linked.git("push", "public", "linked", code=1)


def test_a_folder_without_a_repository_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(GuardError, match="is not in a git repository"):
        install(project, tmp_path / "none")


def test_a_password_in_a_url_is_not_shown() -> None:
    assert bare_url("https://teacher:token@example.org/course.git/") == "https://example.org/course"
