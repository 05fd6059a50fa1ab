"""`release`: contains only listed files and no answers, is written completely or not at all, and is reproducible."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course import release as releasing
from autograder.course.catalogue import CourseError, Project, find_project
from autograder.course.leaks.allowed import AllowedError
from autograder.course.outgoing import course_of, outgoing
from autograder.course.release import LeakError, ReleaseError, release

SOLUTION = '''"""Scores from distances."""


def scores(X, centres):
    """The scores of a batch."""
    ### BEGIN SOLUTION
    # TODO: distances to each centre.
    distance = (X[:, None] - centres).pow(2).sum(dim=2).clamp(min=1e-6).sqrt()
    return distance.neg().exp()
    ### END SOLUTION
'''
ANSWER = "distance = (X[:, None] - centres).pow(2).sum(dim=2).clamp(min=1e-6).sqrt()"
GRADER = '"""Scores."""\n\nfrom autograder.checks.closeness import close\n'
PYPROJECT = """
[project]
version = "1.2"
requires-python = ">=3.10"
dependencies = ["torch>=2.4", "numpy"]
[tool.setuptools.package-data]
"autograder.reports" = ["templates/*.html"]
"""
STAYS = {
    "autograder/checks/notes.txt": "n",
    "autograder/checks/__pycache__/closeness.cpython-311.pyc": "n",
    "autograder/checks/closeness.py.bak": "n",
    "autograder/graders/p1_mlp/.ipynb_checkpoints/a.py": "n",
    "autograder/new_room/a.py": "n = 1",
    "assignments/source/p1_mlp/a.ipynb": "{}",
    "tests/test_a.py": "n = 1",
    ".git/config": "n",
    "exercises/p1_mlp/my_own.py": "n = 1",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "course"
    files = {
        "LICENSE": "MIT",
        "pyproject.toml": PYPROJECT,
        "autograder/__init__.py": "",
        "autograder/checks/closeness.py": "def close(): ...\n",
        "autograder/graders/__init__.py": "",
        **{f"autograder/graders/{p}/__init__.py": "" for p in ("p1_mlp", "p2_cnn")},
        **{f"autograder/graders/{p}/test_scores.py": GRADER for p in ("p1_mlp", "p2_cnn")},
        **{f"autograder/diagnosis/fingerprints/{p}/scores.json.gz": "" for p in ("p1_mlp", "p2_cnn")},
        **{f"solutions/{p}/scores.py": SOLUTION for p in ("p1_mlp", "p2_cnn")},
    } | STAYS
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Project(root)


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "out" / "practicals"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def leak(project: Project) -> None:
    (project.root / "autograder/checks/closeness.py").write_text(f"def close(X, centres):\n    {ANSWER}\n")


def test_a_folder_of_graders_goes_out_as_a_package(project: Project, to: Path) -> None:
    (project.root / "autograder/graders/p1_mlp/__init__.py").unlink()
    with pytest.raises(CourseError, match=r"autograder/graders/p1_mlp/__init__\.py is missing: make an empty one"):
        release(project, to)


def test_stubs_graders_fingerprints_and_the_readme_are_released(project: Project, to: Path) -> None:
    release(project, to, ("p1_mlp",))
    assert names(to) == {
        "LICENSE", "README.md", "Makefile", "pyproject.toml", "RELEASE.json",
        "exercises/README.md", "exercises/p1_mlp/scores.py",
        "autograder/__init__.py", "autograder/checks/closeness.py", "autograder/graders/__init__.py",
        "autograder/graders/p1_mlp/__init__.py", "autograder/graders/p1_mlp/test_scores.py",
        "autograder/diagnosis/fingerprints/p1_mlp/scores.json.gz",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*STAYS, "solutions/p1_mlp/scores.py"])
def test_a_file_that_is_not_listed_is_not_released(name: str, project: Project) -> None:
    assert name not in outgoing(course_of(project))


def test_all_practicals_are_released_if_none_is_named(project: Project, to: Path) -> None:
    assert release(project, to).practicals == ("p1_mlp", "p2_cnn")


def test_the_stub_is_made_from_the_solution_and_not_from_the_teachers_copy(project: Project, to: Path) -> None:
    (project.root / "exercises/p1_mlp/scores.py").write_text(SOLUTION)
    release(project, to)
    assert "raise NotImplementedError" in (to / "exercises/p1_mlp/scores.py").read_text()


def test_the_zip_holds_the_folder(project: Project, to: Path) -> None:
    made = release(project, to)
    with zipfile.ZipFile(made.archive) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {f"practicals/{name}": (to / name).read_bytes() for name in names(to)}


def test_the_zip_has_the_same_bytes_each_time(project: Project, to: Path) -> None:
    first = release(project, to).archive.read_bytes()
    os.utime(project.root / "LICENSE", (1, 1))
    assert release(project, to).archive.read_bytes() == first


def test_the_teachers_dependencies_go_into_the_students_pyproject(project: Project, to: Path) -> None:
    release(project, to)
    assert '    "torch>=2.4",\n    "numpy",\n' in (to / "pyproject.toml").read_text()


def test_nothing_is_written_if_the_release_would_contain_an_answer(project: Project, to: Path) -> None:
    leak(project)
    with pytest.raises(LeakError, match=r"autograder/checks/closeness\.py:2: overlaps with a solution"):
        release(project, to)
    assert not to.parent.exists()


def test_an_answer_of_a_practical_that_is_not_released_is_secret_too(project: Project, to: Path) -> None:
    (project.root / "solutions/p2_cnn/scores.py").write_text(
        SOLUTION.replace("neg().exp()", "where(X > 3, 7.5).log2()")
    )
    text = "def f(v):\n    return v.where(v > 3, 7.5).log2()\n" + ANSWER
    (project.root / "autograder/checks/closeness.py").write_text(text)
    with pytest.raises(LeakError):
        release(project, to, ("p1_mlp",))


def test_an_earlier_release_is_unchanged_if_the_new_one_leaks(project: Project, to: Path) -> None:
    release(project, to)
    before = {name: (to / name).read_bytes() for name in names(to)}
    leak(project)
    with pytest.raises(LeakError):
        release(project, to)
    assert {name: (to / name).read_bytes() for name in names(to)} == before


def test_an_allowed_overlap_is_released(project: Project, to: Path) -> None:
    leak(project)
    allow(project, ANSWER)
    assert release(project, to).allowed == 1


def test_an_allowed_overlap_that_does_not_occur_is_an_error(project: Project, to: Path) -> None:
    allow(project, ANSWER)
    with pytest.raises(AllowedError, match="Delete the entry"):
        release(project, to)


def allow(project: Project, line: str) -> None:
    entry = f"[[overlap]]\nfile = 'autograder/checks/closeness.py'\nline = '{line}'\nreason = 'an idiom'\n"
    (project.root / "solutions/allowed_overlaps.toml").write_text(entry)


def test_an_earlier_release_is_replaced(project: Project, to: Path) -> None:
    release(project, to)
    release(project, to, ("p1_mlp",))
    assert not (to / "exercises/p2_cnn").exists()


def test_a_folder_with_something_else_in_it_is_refused(project: Project, to: Path) -> None:
    to.mkdir(parents=True)
    (to / "thesis.tex").write_text("")
    with pytest.raises(ReleaseError, match="is not an earlier release"):
        release(project, to, force=True)


def test_an_empty_folder_is_used(project: Project, to: Path) -> None:
    to.mkdir(parents=True)
    release(project, to)
    assert (to / "README.md").exists()


def test_an_earlier_release_with_edits_is_not_replaced(project: Project, to: Path) -> None:
    release(project, to)
    (to / "exercises/p1_mlp/scores.py").write_text("my work")
    with pytest.raises(ReleaseError, match=r"exercises/p1_mlp/scores\.py in it was edited"):
        release(project, to)


def test_force_replaces_an_earlier_release_with_edits(project: Project, to: Path) -> None:
    release(project, to)
    (to / "exercises/p1_mlp/scores.py").write_text("my work")
    release(project, to, force=True)
    assert "my work" not in (to / "exercises/p1_mlp/scores.py").read_text()


def test_caches_in_an_earlier_release_do_not_count_as_edits(project: Project, to: Path) -> None:
    release(project, to)
    (to / ".pytest_cache").mkdir()
    (to / ".pytest_cache/README.md").write_text("cached")
    release(project, to)
    assert not (to / ".pytest_cache").exists()


def test_somebody_elses_zip_is_refused(project: Project, to: Path) -> None:
    to.parent.mkdir()
    to.with_name("practicals.zip").write_bytes(b"mine")
    with pytest.raises(ReleaseError, match="give another folder"):
        release(project, to)


def test_the_repository_itself_is_refused(project: Project) -> None:
    with pytest.raises(ReleaseError, match="is in exercises/"):
        release(project, project.root / "exercises" / "out")


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_failed_release_leaves_the_earlier_one(
    step: int, project: Project, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(project, to, ("p1_mlp",))
    before = {name: (to / name).read_bytes() for name in names(to)}, to.with_name("practicals.zip").read_bytes()
    moves = 0

    def failing(path: Path, target: Path) -> None:
        nonlocal moves
        moves += 1
        if moves == step:
            raise OSError("disk full")
        os.replace(path, target)

    monkeypatch.setattr(releasing, "_move", failing)
    with pytest.raises(ReleaseError, match="was not changed: disk full"):
        release(project, to)
    assert (
        {name: (to / name).read_bytes() for name in names(to)},
        to.with_name("practicals.zip").read_bytes(),
    ) == before


def test_a_failed_release_leaves_no_temporary_files(
    project: Project, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(releasing, "_move", failing)
    with pytest.raises(ReleaseError):
        release(project, to)
    assert list(to.parent.iterdir()) == []


def test_the_error_for_an_unknown_practical_lists_the_known_ones(project: Project, to: Path) -> None:
    with pytest.raises(CourseError, match=r"no practical 'p9_x'.*there are: p1_mlp, p2_cnn"):
        release(project, to, ("p9_x",))


def test_a_release_cannot_be_released_again(project: Project, to: Path) -> None:
    release(project, to)
    with pytest.raises(CourseError, match="run this command in the teacher's repository"):
        release(Project(to), to.with_name("again"))


def test_an_imported_module_that_is_not_released_is_named(project: Project, to: Path) -> None:
    (project.root / "autograder/checks/closeness.py").write_text("from autograder.new_room import a\n")
    with pytest.raises(
        CourseError, match=r"imports autograder\.new_room\.a, which is not released: add autograder/new_room"
    ):
        release(project, to)


def test_a_link_is_refused(project: Project, to: Path) -> None:
    (project.root / "autograder/checks/linked.py").symlink_to(project.root / "solutions/p1_mlp/scores.py")
    with pytest.raises(CourseError, match=r"linked\.py is a link"):
        release(project, to)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository, released: the leak scan passes on what students really get."""
    folder = tmp_path_factory.mktemp("released") / "practicals"
    release(find_project(Path(__file__)), folder)
    return folder


def test_the_real_release_passes_the_leak_scan(real: Path) -> None:
    assert json.loads((real / "RELEASE.json").read_text())["practicals"] == ["p1_mlp", "p2_cnn", "p3_vit"]


def test_the_real_release_imports_without_the_repository(real: Path) -> None:
    code = "import autograder.commands, autograder.grading.plugin, autograder; print(autograder.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(real)!r}); {code}"],
        capture_output=True, text=True, cwd=real, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(real / "autograder/__init__.py")


def test_the_real_release_has_a_stub_and_a_grader_for_each_exercise(real: Path) -> None:
    exercises = Project(real).exercises()
    assert exercises
    assert all(exercise.stub.is_file() and exercise.grader.is_file() for exercise in exercises)


def test_a_new_release_keeps_the_repository_that_it_is_published_with(project: Project, to: Path) -> None:
    release(project, to)
    (to / ".git").mkdir()
    (to / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    made = release(project, to)
    assert (to / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"
    with zipfile.ZipFile(made.archive) as archive:
        assert not any(".git" in name for name in archive.namelist())


def test_a_failed_release_keeps_the_repository_too(project: Project, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(project, to)
    (to / ".git").mkdir()
    (to / ".git" / "HEAD").write_text("ref: refs/heads/main\n")

    def fails_for_the_zip(source: Path, target: Path) -> None:
        if target.suffix == ".zip":
            raise OSError("the disk is full")
        os.replace(source, target)

    monkeypatch.setattr(releasing, "_move", fails_for_the_zip)
    with pytest.raises(ReleaseError, match="the disk is full"):
        release(project, to)
    assert (to / ".git" / "HEAD").is_file()
