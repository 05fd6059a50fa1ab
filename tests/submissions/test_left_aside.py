"""What is not graded is named with the reason; a submission of nothing else is refused with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.submissions.submission import SubmissionError
from tests.submissions.making import GOOD, MLP, OTHER, SOFTMAX, fill, read, tarred, zipped

ITSELF = "hand in the notebook (.ipynb) or the Python files (.py) themselves"
PACK = "pack the folder as .zip and hand it in again"
KINDS = [
    ("work.rar", "a RAR archive, which is not opened", PACK),
    ("work.7z", "a 7-Zip archive, which is not opened", PACK),
    ("work.tar.zst", "an archive, which is not opened", PACK),
    ("mlp_nn.py.gz", "a compressed file, which is not opened", PACK),
    ("report.pdf", "a PDF", ITSELF),
    ("report.DOCX", "an office document", ITSELF),
    ("p1_mlp.html", "a web page", ITSELF),
    ("screen.png", "a picture", ITSELF),
    ("mlp_nn.pyc", "compiled code", "hand in the Python file (.py) that it was made from"),
    ("p1_mlp.gdoc", "a shortcut", "hand in the file that it points to"),
    ("work.zip.crdownload", "an unfinished download", "hand in the finished file"),
    ("mlp_nn.py.bak", "a backup of a file", "hand in the file itself"),
]


@pytest.mark.parametrize(("name", "what", "remedy"), KINDS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_submission_of_one_such_file_is_refused(
    durand: Path, name: str, what: str, remedy: str, packed: bool
) -> None:
    fill(durand, {"work.zip": zipped({f"a/{name}": b"x"})} if packed else {name: b"x"})
    with pytest.raises(SubmissionError) as caught:
        read(durand)
    path = f"work.zip/a/{name}" if packed else name
    assert str(caught.value) == f"durand holds only {path} ({what}): {remedy}"


@pytest.mark.parametrize(
    ("name", "what"), [kind[:2] for kind in KINDS if kind[0] not in ("screen.png", "mlp_nn.py.bak")]
)
def test_beside_work_such_a_file_is_named_with_the_reason(durand: Path, name: str, what: str) -> None:
    result = read(fill(durand, {MLP: GOOD, name: b"x"}))
    assert (result.files, result.notes) == ({MLP: GOOD}, ())
    assert result.left_aside == (f"{name} was left aside: it is {what}",)


def test_data_pictures_and_texts_beside_work_are_one_line(durand: Path) -> None:
    names = [*(f"data/{number:02}.csv" for number in range(20)), "plot.png", "README.md", "requirements.txt", "x.npz"]
    [line] = read(fill(durand, {MLP: GOOD} | dict.fromkeys(names, b"x"))).left_aside
    assert line == (
        "README.md, data/00.csv, data/01.csv and 21 more were left aside: only notebooks and Python files are graded"
    )


def test_several_kinds_are_named_and_the_first_says_what_to_do(durand: Path) -> None:
    files = dict.fromkeys(("a.txt", "report.pdf", "slides.pdf", "work.rar"), b"x")
    with pytest.raises(SubmissionError) as caught:
        read(fill(durand, files))
    assert str(caught.value) == (
        "durand holds only work.rar (a RAR archive, which is not opened), report.pdf and slides.pdf (a PDF), a.txt: "
        + PACK
    )


def test_only_files_that_are_no_exercises(durand: Path) -> None:
    with pytest.raises(SubmissionError) as caught:
        read(fill(durand, {"main.py": GOOD, "homework/test.py": GOOD, "report.pdf": b""}))
    assert str(caught.value).startswith(
        "durand holds no exercise, only homework/test.py and main.py, report.pdf (a PDF): "
    )
    assert "name each file after its exercise, as p1_mlp/softmax_cross_entropy.py" in str(caught.value)


@pytest.mark.parametrize("folders", [[], ["p1_mlp", "exercises/p2_cnn"], ["__pycache__"]])
def test_empty_folders_are_refused(durand: Path, folders: list[str]) -> None:
    for folder in folders:
        (durand / folder).mkdir(parents=True)
    with pytest.raises(
        SubmissionError, match=r"^durand is empty: hand in your notebook \(\.ipynb\) or your Python files"
    ):
        read(durand)


def test_tools_files_do_not_count(durand: Path) -> None:
    hidden = dict.fromkeys((".DS_Store", "Thumbs.db", "desktop.ini", "~$report.docx", "__pycache__/mlp_nn.pyc"), b"x")
    assert read(fill(durand, {MLP: GOOD} | hidden)).left_aside == ()


def test_a_virtual_environment_in_an_archive_is_skipped_as_in_a_folder(durand: Path) -> None:
    files = {MLP: GOOD, "env/pyvenv.cfg": b"", "env/bin/activate.py": b"1", "env/x.txt": b"1"}
    for data in (zipped(files), tarred(*files.items(), compression="gz")):
        result = read(fill(durand, {"work.zip": data}))
        assert (result.files, result.left_aside) == ({MLP: GOOD}, ())


# Archives.


def test_harmless_files_beside_an_archive_do_not_prevent_that_it_is_opened(durand: Path) -> None:
    result = read(
        fill(durand, {"work.zip": zipped({MLP: GOOD}), "report.pdf": b"x", "readme.txt": b"x", ".DS_Store": b""})
    )
    assert result.files == {MLP: GOOD}
    assert result.left_aside == (
        "report.pdf was left aside: it is a PDF",
        "readme.txt was left aside: only notebooks and Python files are graded",
    )


def test_one_archive_in_an_archive_is_opened_and_no_more(durand: Path) -> None:
    once = zipped({"work.zip": zipped({MLP: GOOD}), "readme.txt": b"x"})
    assert read(fill(durand, {"upload.zip": once})).files == {MLP: GOOD}
    with pytest.raises(SubmissionError, match=r"holds upload\.zip/again\.zip/work\.zip: hand in"):
        read(fill(durand, {"upload.zip": zipped({"again.zip": once})}))


def test_an_archive_in_an_archive_beside_work_is_left_aside(durand: Path) -> None:
    result = read(fill(durand, {"upload.zip": zipped({SOFTMAX: OTHER, "old.zip": zipped({MLP: GOOD})})}))
    assert result.files == {SOFTMAX: OTHER}
    assert result.left_aside[0].startswith("upload.zip/old.zip was left aside: there are Python files or notebooks")


def test_an_archive_that_is_none_is_named_with_what_it_is(durand: Path) -> None:
    with pytest.raises(
        SubmissionError, match=r"^durand/work\.zip is a RAR archive, which is not opened: pack the folder as"
    ):
        read(fill(durand, {"work.zip": b"Rar!\x1a\x07\x01\x00"}))


def test_names_in_messages_are_printable_and_short(durand: Path) -> None:
    with pytest.raises(SubmissionError) as caught:
        read(fill(durand, {"a\x1b[2J" + "b" * 200 + ".pdf": b"x"}))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250
