"""`build`: stubs are kept up to date with their solutions, and edits are never lost."""

from pathlib import Path

import pytest

from autograder.course import build as building
from autograder.course.build import BuildError, build, stale
from autograder.course.catalogue import Project
from autograder.course.markers import MarkerError

SOLUTION = '''"""Doubling, by hand."""


def double(x: int) -> int:
    """Twice x."""
    ### BEGIN SOLUTION
    # TODO: twice the number.
    return 2 * x
    ### END SOLUTION
'''


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("p1_mlp/double.py", "p2_cnn/twice.py"):
        path = tmp_path / "solutions" / name
        path.parent.mkdir(parents=True)
        path.write_text(SOLUTION)
    (tmp_path / "autograder/graders").mkdir(parents=True)
    return Project(tmp_path)


@pytest.fixture
def stub(project: Project) -> Path:
    """The stub of p1_mlp/double, built."""
    build(project)
    return project.exercise("p1_mlp/double").stub


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def statuses(report: building.BuildReport) -> dict[str, str]:
    return {file.path.name: file.status for file in report.files}


def test_every_stub_the_readme_and_the_order_are_written(project: Project) -> None:
    files = ("double.py", "twice.py", "README.md", "course_order.txt")
    assert statuses(build(project)) == dict.fromkeys(files, "written")


def test_building_twice_changes_nothing(project: Project, stub: Path) -> None:
    before = contents(stub.parents[1])
    assert set(statuses(build(project)).values()) == {"unchanged"}
    assert contents(stub.parents[1]) == before


def test_the_stub_says_that_it_is_generated_from_what_and_what_to_run(stub: Path) -> None:
    head = stub.read_text().split('"""')[0]
    assert "GENERATED from solutions/p1_mlp/double.py by `autograder build`" in head
    assert "pytest autograder --exercise double" in head


def test_the_header_leaves_the_docstring_a_docstring(stub: Path) -> None:
    assert compile(stub.read_text(), "stub", "exec").co_consts[0] == "Doubling, by hand."


def test_the_stub_holds_no_answer(stub: Path) -> None:
    assert "return 2 * x" not in stub.read_text()


def test_the_readme_names_each_exercise_and_how_to_see_it(project: Project, stub: Path) -> None:
    text = (stub.parents[1] / "README.md").read_text()
    assert "| [`p1_mlp/double`](p1_mlp/double.py) | Doubling, by hand | `pytest autograder --exercise double` |" in text
    assert "p2_cnn/twice" in text


def test_an_untouched_stub_follows_its_solution(project: Project, stub: Path) -> None:
    solution = project.exercise("p1_mlp/double").solution
    solution.write_text(SOLUTION.replace("Twice x.", "Two times x."))
    assert statuses(build(project))["double.py"] == "written"
    assert "Two times x." in stub.read_text()


def test_work_is_not_overwritten(project: Project, stub: Path) -> None:
    stub.write_text("my work")
    report = build(project)
    assert statuses(report)["double.py"] == "refused"
    assert not report.ok
    assert stub.read_text() == "my work"


def test_the_refusal_names_the_file_and_the_remedy(project: Project, stub: Path) -> None:
    stub.write_text(stub.read_text().replace("raise", "return 2 * x  # raise"))
    (refused,) = build(project).of("refused")
    assert refused.message.startswith("exercises/p1_mlp/double.py has been edited")
    assert "autograder build --force" in refused.message


def test_an_edited_file_that_is_not_text_is_not_overwritten(project: Project, stub: Path) -> None:
    stub.write_bytes(b"\xff\xfe")
    assert statuses(build(project))["double.py"] == "refused"


def test_one_refusal_does_not_stop_the_others(project: Project, stub: Path) -> None:
    stub.write_text("my work")
    project.exercise("p2_cnn/twice").stub.unlink()
    assert statuses(build(project))["twice.py"] == "written"


def test_force_overwrites_edited_files_and_keeps_a_copy_of_each(project: Project, stub: Path) -> None:
    for work in ("my work", "my other work"):
        stub.write_text(work)
        assert statuses(build(project, force=True))["double.py"] == "written"
    assert stub.with_name("double.py.bak").read_text() == "my work"
    assert stub.with_name("double.py.bak2").read_text() == "my other work"


def test_force_keeps_no_copy_of_a_file_that_was_not_edited(project: Project, stub: Path) -> None:
    project.exercise("p1_mlp/double").solution.write_text(SOLUTION.replace("Twice", "Two times"))
    build(project, force=True)
    assert not list(stub.parent.glob("*.bak"))


def test_windows_line_ends_do_not_count_as_an_edit(project: Project, stub: Path) -> None:
    stub.write_bytes(stub.read_bytes().replace(b"\n", b"\r\n"))
    assert statuses(build(project))["double.py"] == "unchanged"


def test_check_only_writes_nothing(project: Project) -> None:
    report = build(project, check_only=True)
    assert set(statuses(report).values()) == {"stale"}
    assert not report.ok
    assert not (project.root / "exercises").exists()


def test_nothing_is_stale_after_a_build(project: Project, stub: Path) -> None:
    assert stale(project) == []


def test_stale_lists_missing_outdated_edited_and_orphaned_files(project: Project, stub: Path) -> None:
    orphan = stub.with_name("gone.py")
    orphan.write_bytes(stub.read_bytes())
    stub.write_text("edited")
    project.exercise("p2_cnn/twice").stub.unlink()
    assert [line.split(".")[0].removeprefix("exercises/") for line in stale(project)] == [
        "p1_mlp/double", "p2_cnn/twice", "p1_mlp/gone",
    ]  # fmt: skip


def test_a_wrong_solution_changes_no_file(project: Project, stub: Path) -> None:
    before = contents(stub.parents[1])
    project.exercise("p1_mlp/double").solution.write_text(SOLUTION.replace("Twice", "Two times"))
    project.exercise("p2_cnn/twice").solution.write_text("x = 1\n")
    with pytest.raises(MarkerError, match=r"solutions/p2_cnn/twice\.py:1: "):
        build(project)
    assert contents(stub.parents[1]) == before


def test_a_failed_write_leaves_the_old_file_and_no_temporary_file(
    project: Project, stub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stub.read_text()
    project.exercise("p1_mlp/double").solution.write_text(SOLUTION.replace("Twice", "Two times"))

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        build(project)
    assert [path.name for path in stub.parent.iterdir()] == ["double.py"]
    assert stub.read_text() == before


def test_a_release_has_nothing_to_build(project: Project) -> None:
    (project.root / "solutions").rename(project.root / "hidden")
    with pytest.raises(BuildError, match="teacher's repository"):
        build(project)
