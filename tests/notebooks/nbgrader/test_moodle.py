"""Files in Moodle's download are assigned to the right students, whatever they handed in."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from pathlib import Path

import pytest

from autograder.notebooks.nbgrader.zip_collect import MoodleCollector, SafeExtractor
from tests.notebooks.conftest import code, file_of

NOTEBOOK = file_of([code("mine", "answer-mlp_nn")])
FOLDER = "Anna Müller_12345_assignsubmission_file_"


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def extract(tmp_path: Path, downloaded: dict[str, bytes]) -> dict[str, bytes]:
    """The files that the extractor writes for these downloaded files: bytes by path."""
    for name, data in downloaded.items():
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    out = tmp_path / "extracted"
    out.mkdir()
    SafeExtractor(log=logging.getLogger("zip")).extract(str(tmp_path / "archive"), str(out))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def collected(tmp_path: Path, *paths: str, data: bytes = NOTEBOOK, **options: object) -> list[dict[str, str] | None]:
    collector = MoodleCollector(log=logging.getLogger("zip"), **options)
    result = []
    for name in paths:
        path = tmp_path / "extracted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        result.append(collector.collect(str(path)))
    return result


def test_a_download_with_folders_is_unpacked(tmp_path: Path) -> None:
    name = f"{FOLDER}/p1_mlp.ipynb"
    assert extract(tmp_path, {"Vision-P1-99.zip": packed({name: NOTEBOOK})}) == {name: NOTEBOOK}


def test_a_students_own_zip_is_opened(tmp_path: Path) -> None:
    inner = packed({"work/p1_mlp.ipynb": NOTEBOOK, "work/helper.py": b"x = 1"})
    found = extract(tmp_path, {"all.zip": packed({f"{FOLDER}/mine.zip": inner})})
    assert set(found) == {f"{FOLDER}/mine/work/p1_mlp.ipynb", f"{FOLDER}/mine/work/helper.py"}


def test_a_zip_inside_a_students_zip_is_not_opened(tmp_path: Path) -> None:
    inner = packed({"deeper.zip": packed({"p1_mlp.ipynb": NOTEBOOK})})
    assert extract(tmp_path, {"all.zip": packed({f"{FOLDER}/mine.zip": inner})}) == {}


@pytest.mark.parametrize("name", ["../../out.py", "/tmp/out.py", f"{FOLDER}/../../../out.py", "..\\out.py"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    assert extract(tmp_path, {"all.zip": packed({name: b"x = 1"})}) == {}
    assert not (tmp_path / "out.py").exists()


def test_a_zip_bomb_is_replaced_by_a_notebook_that_says_why(tmp_path: Path) -> None:
    found = extract(tmp_path, {"all.zip": packed({f"{FOLDER}/p1_mlp.ipynb": b" " * (40 << 20)})})
    (text,) = [json.loads(data)["cells"][0]["source"] for data in found.values()]
    assert "p1_mlp.ipynb is larger than 16 MiB" in text


def test_a_damaged_download_does_not_stop_the_others(tmp_path: Path) -> None:
    name = f"{FOLDER}/p1_mlp.ipynb"
    assert set(extract(tmp_path, {"a.zip": b"PK\x03\x04", "b.zip": packed({name: NOTEBOOK})})) == {name}


@pytest.mark.parametrize(
    "name",
    [
        "Anna Müller_12345_assignsubmission_file_/p1_mlp.ipynb",
        "Anna Müller_12345_assignsubmission_file/p1_mlp.ipynb",
        "Anna Müller_12345_assignsubmission_file_p1_mlp.ipynb",
        "Anna Müller_12345_assignsubmission_file_/my homework (2).ipynb",
        "Anna Müller_12345_assignsubmission_file_/mine/work/P1.ipynb",
    ],
)
def test_the_student_and_the_notebook_are_identified(tmp_path: Path, name: str) -> None:
    assert collected(tmp_path, name) == [{"student_id": "Anna Müller", "file_id": "p1_mlp.ipynb"}]


def test_a_broken_notebook_is_identified_by_its_name(tmp_path: Path) -> None:
    assert collected(tmp_path, f"{FOLDER}/p1_mlp-1.ipynb", data=b"{") == [
        {"student_id": "Anna Müller", "file_id": "p1_mlp.ipynb"}
    ]


def test_python_files_keep_their_places(tmp_path: Path) -> None:
    assert collected(tmp_path, f"{FOLDER}/p1_mlp/mlp_nn.py") == [
        {"student_id": "Anna Müller", "file_id": "p1_mlp/mlp_nn.py"}
    ]


@pytest.mark.parametrize("known", ["Anna Müller", "Anna Müller_12345"])
def test_names_can_be_mapped(tmp_path: Path, known: str) -> None:
    (found,) = collected(tmp_path, f"{FOLDER}/p1_mlp.ipynb", students={known: "amueller"})
    assert found == {"student_id": "amueller", "file_id": "p1_mlp.ipynb"}


def test_two_students_with_the_same_name_are_distinguished(tmp_path: Path) -> None:
    found = collected(tmp_path, f"{FOLDER}/p1_mlp.ipynb", f"{FOLDER.replace('12345', '777')}/p1_mlp.ipynb")
    assert [each and each["student_id"] for each in found] == ["Anna Müller", "Anna Müller_777"]


def test_a_second_notebook_of_a_student_is_skipped_and_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = collected(tmp_path, f"{FOLDER}/a.ipynb", f"{FOLDER}/b.ipynb")
    assert first is not None
    assert second is None
    assert "has handed in another p1_mlp.ipynb" in caplog.text


@pytest.mark.parametrize("name", ["notes.txt", "Anna_p1_mlp.ipynb", f"{FOLDER}/report.pdf"])
def test_other_files_are_skipped(tmp_path: Path, name: str) -> None:
    assert collected(tmp_path, name) == [None]
