"""`new` creates all files of an exercise, or none."""

import doctest
import importlib.util
import shutil
from pathlib import Path

import pytest

from autograder.course.catalogue import Exercise, Project
from autograder.notebooks.source_edits import with_cells, without_exercise
from autograder.proof import new_exercise as making
from autograder.proof.new_exercise import NewExerciseError, new_exercise


def tree(root: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its content, and every folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }


def test_the_first_exercise_creates_the_files_of_its_practical(new_course: Project) -> None:
    assert {name for name, content in tree(new_course.root).items() if content is not None} == {
        "autograder/graders/__init__.py",
        "autograder/graders/p4_gan/__init__.py",
        "autograder/graders/p4_gan/test_thing.py",
        "solutions/p4_gan/thing.py",
        "solutions/mistakes/p4_gan/thing.py",
        "solutions/variants/p4_gan/thing/row_by_row.py",
        "solutions/notebooks/p4_gan.py",
    }


def test_the_next_exercise_is_added_to_the_notebook(new_course: Project) -> None:
    notebook = new_course.root / "solutions/notebooks/p4_gan.py"
    before = notebook.read_text()
    written = new_exercise(new_course, "p4_gan/ring")
    assert notebook in written
    assert notebook.read_text().startswith(before.rstrip())
    assert notebook.read_text().endswith('\n\n# %% exercise="ring"\n\n# %%\ncheck("ring")\n')


def test_a_practical_without_a_notebook_gets_none(new_course: Project) -> None:
    shutil.rmtree(new_course.root / "solutions/notebooks")
    new_exercise(new_course, "p4_gan/ring")
    assert not (new_course.root / "solutions/notebooks").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("p4_gan/thing", "p4_gan/thing already exists"),
        ("p5_rnn/thing", "p5_rnn/thing would have the same name as p4_gan/thing"),
        ("thing2", "'thing2' is not a valid name: write <practical>/<exercise>, such as p2_cnn/pooling"),
        ("gan/ring", "'gan/ring' is not a valid name"),
        ("p4_gan/Ring", "'p4_gan/Ring' is not a valid name"),
        ("p4_gan/2nd", "'p4_gan/2nd' is not a valid name"),
        ("p4_gan/ring/x", "is not a valid name"),
        ("p4_gan/../ring", "is not a valid name"),
        ("p4_gan/lambda", "'p4_gan/lambda' is not a valid name"),
        ("p4_gan/my_solution", "p4_gan/my_solution would never be released: 'my_solution.py' is a teacher's file"),
    ],
)
def test_an_invalid_name_is_refused_and_nothing_is_written(new_course: Project, name: str, why: str) -> None:
    before = tree(new_course.root)
    with pytest.raises(NewExerciseError, match=why):
        new_exercise(new_course, name)
    assert tree(new_course.root) == before


def test_a_leftover_file_is_not_overwritten(new_course: Project) -> None:
    left = new_course.root / "solutions/mutants/p4_gan/ring.json"
    left.parent.mkdir(parents=True)
    left.write_text("[]")
    with pytest.raises(NewExerciseError, match=r"ring\.json exists, although there is no exercise p4_gan/ring"):
        new_exercise(new_course, "p4_gan/ring")


def test_a_release_has_no_solutions_to_add_to(new_course: Project) -> None:
    shutil.rmtree(new_course.root / "solutions")
    with pytest.raises(NewExerciseError, match="only be created in the teacher's repository"):
        new_exercise(new_course, "p4_gan/ring")


def test_all_files_are_written_or_none(new_course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write = tree(new_course.root), making.write_atomically

    def full_disk(path: Path, data: bytes) -> None:
        write(path, data)
        if path.name == "p4_gan.py" and b"ring" in data:
            raise OSError("no space left on device")

    monkeypatch.setattr(making, "write_atomically", full_disk)
    with pytest.raises(OSError, match="no space"):
        new_exercise(new_course, "p4_gan/ring")
    assert tree(new_course.root) == before


def test_added_cells_can_be_removed_again() -> None:
    text = "# %%\nx = 1\n"
    cells = '# %% [markdown]\n# ### Exercise: `ring` \n\n# %% exercise="ring"\n\n# %%\ncheck("ring")\n'
    assert without_exercise(with_cells(text, cells), "ring") == text


def test_other_cells_are_not_removed() -> None:
    text = (
        '# %% [markdown]\n# The story.\n\n# %% exercise="ring"\n\n# %%\nring(3)\n\n'
        '# %% [markdown]\n# ### Exercise: `rings`\n\n# %% exercise="rings"\n'
    )
    assert without_exercise(text, "ring") == text.replace('# %% exercise="ring"\n\n', "")


def test_the_example_in_its_docstring_is_right(thing: Exercise) -> None:
    spec = importlib.util.spec_from_file_location("thing", thing.solution)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tried = doctest.testmod(module)
    assert (tried.attempted, tried.failed) == (1, 0)
