"""What others can read or change on a shared machine. Where we are root, another user tries it."""

from __future__ import annotations

import os
import shlex
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.catalogue import Project
from autograder.course.exposure import accounts, findings
from autograder.course.exposure.access import READ, SEARCH, WRITE, Entry
from autograder.course.exposure.accounts import EVERYBODY, Subject
from autograder.course.exposure.findings import Exposure, Trusted, commands, exposures
from autograder.course.exposure.places import places_of_clone, places_of_folder
from tests.course.repositories import Repository, course

AS_ROOT = os.geteuid() == 0
STRANGER, FRIEND = 65534, 54321  # accounts are not needed: the kernel knows numbers only
STAFF = 54322 if AS_ROOT else os.getgid()  # only root can give a file to a group that they are not in
_ANY = 0xFFFFFFFF


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def top() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="autograder-exposure-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


@pytest.fixture
def project(top: Path) -> Project:
    project = course(top / "clone")
    (project.root / "autograder" / "engine.py").write_text("engine = 1\n")
    return project


def all_in(project: Project) -> list[Exposure]:
    return exposures(places_of_clone(project), Trusted.of(project.root))


def found_in(project: Project) -> list[Exposure]:
    """What everybody can do. Groups are tested below: whoever runs these tests may be in one with others."""
    return [exposure for exposure in all_in(project) if exposure.everybody]


def found_in_folder(folder: Path) -> list[Exposure]:
    return [one for one in exposures(places_of_folder(folder), Trusted.of(folder)) if one.everybody]


def by_name(found: list[Exposure]) -> dict[str, str]:
    return {exposure.path.name: exposure.can for exposure in found}


def can_read(path: Path, uid: int = STRANGER, groups: tuple[int, ...] = ()) -> bool:
    """Whether a user of the machine can read a file: tried by that user, or computed where we are not root."""
    if not AS_ROOT:
        folders = [os.stat(folder).st_mode & 0o001 for folder in path.parents]
        return all(folders) and bool(os.stat(path).st_mode & 0o004)
    done = subprocess.run(
        ["cat", str(path)], user=uid, group=uid, extra_groups=list(groups), capture_output=True, check=False
    )
    return done.returncode == 0


def run(command: str) -> None:
    subprocess.run(shlex.split(command), check=True)


def with_list(path: Path, *further: tuple[int, int, int]) -> None:
    """Gives a file or folder an access control list: these entries (tag, rights, id) besides 7 for us and 0 for others."""
    entries = [(1, 7, _ANY), *further, (4, 0, _ANY), (16, 7, _ANY), (32, 0, _ANY)]
    data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries))
    try:
        os.setxattr(path, "system.posix_acl_access", data)
    except OSError as error:
        pytest.skip(f"this file system has no access control lists: {error}")


def test_with_the_usual_umask_everybody_reads_the_solutions_until_the_command_is_run(project: Project) -> None:
    secret = project.root / "solutions" / "p1_mlp" / "scores.py"
    (found,) = found_in(project)
    assert (found.path, found.can, found.everybody, found.files) == (project.root / "solutions", "read", True, 1)
    assert found.command == f"chmod o-rwx {project.root / 'solutions'}"
    assert can_read(secret)
    run(found.command)
    assert not can_read(secret)
    assert found_in(project) == []


@pytest.mark.parametrize("closed", ["clone", "."])
def test_a_closed_folder_above_is_enough(project: Project, top: Path, closed: str) -> None:
    (top / closed).chmod(0o700)
    assert found_in(project) == []
    assert not can_read(project.root / "solutions" / "p1_mlp" / "scores.py")


def test_a_folder_that_can_be_entered_but_not_listed_is_open(project: Project) -> None:
    (project.root / "solutions").chmod(0o711)  # students know the names of the exercises
    assert can_read(project.root / "solutions" / "p1_mlp" / "scores.py")
    assert by_name(found_in(project)) == {"solutions": "read"}


def test_files_that_are_closed_themselves_are_no_findings(project: Project) -> None:
    (project.root / "solutions" / "p1_mlp" / "scores.py").chmod(0o600)
    assert found_in(project) == []


def test_the_objects_of_git_are_found(project: Project) -> None:
    repository = Repository(project.root)
    repository.git("init", "--quiet", "--template=")
    repository.commit({})
    (project.root / "solutions").chmod(0o700)
    (found,) = found_in(project)
    assert (found.path.name, found.can) == (".git", "read")
    one = next(path for path in found.path.rglob("*") if len(path.name) == 38)
    assert can_read(one)
    run(found.command)
    assert not can_read(one)


def test_the_objects_of_a_linked_working_tree_are_found_where_they_are(project: Project, top: Path) -> None:
    repository = Repository(project.root)
    repository.git("init", "--quiet", "--template=")
    repository.commit({})
    repository.git("worktree", "add", "--quiet", str(top / "linked"))
    found = found_in(Project(top / "linked"))
    assert {exposure.path for exposure in found} == {project.root / ".git", top / "linked" / "solutions"}


@pytest.mark.parametrize(
    "name",
    [
        "results/.run.json", "roster.csv", "copy.zip", "assignments/source/p1_mlp/p1_mlp.ipynb", "tests/test_a.py",
        "assignments/gradebook.db", "dist/autograder.tar.gz", "exercises/p1_mlp/scores.py.bak", "autograder/.engine.py.swp",
    ],
)  # fmt: skip
def test_a_secret_elsewhere_in_the_clone_is_found(project: Project, name: str) -> None:
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("secret")
    (project.root / "solutions").chmod(0o700)
    (found,) = found_in(project)
    assert can_read(path)
    run(found.command)
    assert not can_read(path)


@pytest.mark.parametrize("name", ["exercises/p1_mlp/scores.py", "README.md", "release/RELEASE.json"])
def test_what_students_get_may_be_read(project: Project, name: str) -> None:
    (project.root / name).parent.mkdir(parents=True, exist_ok=True)
    (project.root / name).write_text("public")
    (project.root / "solutions").chmod(0o700)
    assert found_in(project) == []


@pytest.mark.parametrize("folder", ["course", "results"])
def test_a_course_and_results_are_closed_as_a_whole(top: Path, folder: str) -> None:
    inside = top / folder / "feedback" / "anna.html"
    inside.parent.mkdir(parents=True)
    inside.write_text("9 of 10 points")
    (found,) = found_in_folder(top / folder)
    assert found.command == f"chmod o-rwx {top / folder}"
    run(found.command)
    assert not can_read(inside)


def test_an_empty_folder_that_others_can_enter_is_reported(top: Path) -> None:
    (top / "course").mkdir()
    (found,) = found_in_folder(top / "course")
    assert (found.can, found.command) == ("enter", f"chmod o-rwx {top / 'course'}")


def test_one_command_closes_a_clone_with_several_open_places(project: Project) -> None:
    (project.root / "roster.csv").write_text("anna")
    assert commands(found_in(project), project.root) == [f"chmod o-rwx {project.root}"]
    run(commands(found_in(project), project.root)[0])
    assert found_in(project) == []


def test_a_clone_with_a_release_in_it_stays_open(project: Project) -> None:
    (project.root / "roster.csv").write_text("anna")
    (project.root / "release").mkdir()
    (project.root / "release" / "RELEASE.json").write_text("{}")
    assert commands(found_in(project), project.root) == [
        f"chmod o-rwx {project.root / 'roster.csv'}", f"chmod o-rwx {project.root / 'solutions'}",
    ]  # fmt: skip


def test_a_path_with_spaces_is_quoted(top: Path) -> None:
    folder = top / "my results; rm"
    folder.mkdir()
    (folder / "anna.json").write_text("{}")
    (found,) = found_in_folder(folder)
    run(found.command)
    assert folder.stat().st_mode & 0o007 == 0


def can_write(path: Path) -> bool:
    if not AS_ROOT:
        return bool(path.stat().st_mode & 0o002)
    command = ["sh", "-c", 'test -w "$1"', "sh", str(path)]
    return subprocess.run(command, user=STRANGER, group=STRANGER, extra_groups=[], check=False).returncode == 0


@pytest.mark.parametrize("both", [False, True])
def test_a_grader_that_others_can_change_is_found(project: Project, both: bool) -> None:
    (project.root / "solutions").chmod(0o700)
    changed = [project.root / "autograder" / "engine.py"] + [project.root / "autograder" / "graders"] * both
    for path in changed:
        path.chmod(path.stat().st_mode | 0o002)
    (found,) = found_in(project)
    assert (found.can, found.files) == ("change", len(changed))
    assert all(map(can_write, changed))
    run(found.command)
    assert not any(map(can_write, changed))
    assert (project.root / "autograder" / "engine.py").stat().st_mode & 0o444 == 0o444


def test_a_folder_above_in_which_others_can_replace_the_clone_is_found(project: Project, top: Path) -> None:
    (project.root / "solutions").chmod(0o700)
    top.chmod(0o777)
    found = found_in(project)
    assert {(exposure.path, exposure.can, exposure.command) for exposure in found} == {
        (top, "replace", f"chmod o-w {top}")
    }
    run(found[0].command)
    assert found_in(project) == []


def test_a_sticky_folder_above_protects_what_is_in_it(project: Project, top: Path) -> None:
    (project.root / "solutions").chmod(0o700)
    top.chmod(0o1777)
    assert found_in(project) == []


def test_a_link_in_the_clone_is_not_followed(project: Project, top: Path) -> None:
    (top / "elsewhere").mkdir()
    (top / "elsewhere" / "file").write_text("public")
    (project.root / "solutions").chmod(0o700)
    (project.root / "link").symlink_to(top / "elsewhere")
    assert found_in(project) == []


def test_a_link_to_a_folder_of_results_is_checked_where_it_leads(top: Path) -> None:
    (top / "real").mkdir()
    (top / "real" / "anna.json").write_text("{}")
    (top / "results").symlink_to(top / "real")
    (found,) = found_in_folder(top / "results")
    assert found.path == top / "real"


# Groups and access control lists.


@pytest.fixture
def staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group with a member besides its owner, as the system would list it."""
    known = accounts.members
    for module in (accounts, findings):
        monkeypatch.setattr(module, "members", lambda gid: {FRIEND} if gid == STAFF else known(gid))


def test_members_of_a_group_are_reported_as_a_group(project: Project, staff: None) -> None:
    secret = project.root / "solutions" / "p1_mlp" / "scores.py"
    for path in (project.root / "solutions", secret.parent, secret):
        os.chown(path, -1, STAFF)
    (project.root / "solutions").chmod(0o750)
    (found,) = all_in(project)
    assert not found.everybody
    assert f"the group {accounts.group_name(STAFF)} (uid {FRIEND})" in str(found)
    assert not can_read(secret)
    if AS_ROOT:
        assert can_read(secret, FRIEND, (STAFF,))
    run(found.command)
    assert not can_read(secret, FRIEND, (STAFF,))
    assert all_in(project) == []


def test_assistants_may_read_everything(project: Project, staff: None) -> None:
    os.chown(project.root / "solutions", -1, STAFF)
    (project.root / "solutions").chmod(0o750)
    assert exposures(places_of_clone(project), Trusted.of(project.root, [STAFF])) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a file to another user")
def test_files_of_an_assistant_are_not_open_to_others(project: Project, staff: None) -> None:
    (project.root / "solutions").chmod(0o700)
    os.chown(project.root / "autograder" / "engine.py", FRIEND, STAFF)
    assert exposures(places_of_clone(project), Trusted.of(project.root, [STAFF])) == []
    (found,) = all_in(project)
    assert f"the user uid {FRIEND} can change it" in str(found)


def test_who_can_replace_the_clone_is_not_reported_for_each_file_in_it(project: Project, staff: None) -> None:
    for path in (project.root, *project.root.rglob("*")):
        os.chown(path, -1, STAFF)
        path.chmod(0o770)
    assert by_name(all_in(project)) == {"clone": "replace", "solutions": "read and change"}


def test_a_user_in_an_access_control_list_is_found_and_shut_out(project: Project) -> None:
    folder = project.root / "solutions"
    with_list(folder, (2, 5, FRIEND))
    (found,) = all_in(project)
    assert f"the user uid {FRIEND} can read" in str(found)
    if AS_ROOT:
        assert can_read(folder / "p1_mlp" / "scores.py", FRIEND)
        assert not can_read(folder / "p1_mlp" / "scores.py")
    run(found.command)
    assert all_in(project) == []
    if AS_ROOT:
        assert not can_read(folder / "p1_mlp" / "scores.py", FRIEND)


def test_a_list_that_shuts_a_user_out_is_respected(project: Project) -> None:
    with_list(project.root / "solutions", (2, 0, FRIEND))
    assert all_in(project) == []


@pytest.mark.parametrize(
    ("entry", "subject", "rights"),
    [
        (Entry(Path("a"), 1, 2, 0o704), EVERYBODY, READ),
        (Entry(Path("a"), 1, 2, 0o704), Subject("member", None, frozenset({2})), 0),
        (Entry(Path("a"), 1, 2, 0o000), Subject("owner", 1), READ | WRITE | SEARCH),
        (Entry(Path("a"), 1, 2, 0o740, users=((3, 7),), owning_group=7), Subject("named", 3), READ),
        (Entry(Path("a"), 1, 2, 0o777, users=((3, 0),), owning_group=7), Subject("named", 3), 0),
        (Entry(Path("a"), 1, 2, 0o770, groups=((4, 5),), owning_group=0), Subject("member", 9, frozenset({2, 4})), 5),
        (Entry(Path("a"), 1, 2, 0o770, owning_group=4), Subject("member", None, frozenset({2})), READ),
    ],
)
def test_rights_are_those_of_the_kernel(entry: Entry, subject: Subject, rights: int) -> None:
    assert entry.rights(subject) == rights
