"""Files in Moodle's download are assigned to the right students, whatever they handed in."""

from __future__ import annotations

import io
import json
import logging
import tarfile
import zipfile
from datetime import datetime, timezone
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
    """What the collector says about these extracted files, without their times."""
    collector = MoodleCollector(log=logging.getLogger("zip"), **options)
    files = [tmp_path / "extracted" / name for name in paths]
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = [collector.collect(str(path)) for path in files]
    return [each and {key: each[key] for key in ("student_id", "file_id")} for each in found]


def test_a_download_with_folders_is_unpacked(tmp_path: Path) -> None:
    name = f"{FOLDER}/p1_mlp.ipynb"
    assert extract(tmp_path, {"Vision-P1-99.zip": packed({name: NOTEBOOK})}) == {name: NOTEBOOK}


def test_a_students_own_zip_is_opened(tmp_path: Path) -> None:
    inner = packed({"work/p1_mlp.ipynb": NOTEBOOK, "work/helper.py": b"x = 1"})
    found = extract(tmp_path, {"all.zip": packed({f"{FOLDER}/mine.zip": inner})})
    assert set(found) == {f"{FOLDER}/mine/work/p1_mlp.ipynb", f"{FOLDER}/mine/work/helper.py"}


def test_a_zip_inside_a_students_zip_is_not_opened(tmp_path: Path) -> None:
    inner = packed({"deeper.zip": packed({"p1_mlp.ipynb": NOTEBOOK})})
    assert set(extract(tmp_path, {"all.zip": packed({f"{FOLDER}/mine.zip": inner})})) == {f"{FOLDER}/mine/deeper.zip"}


@pytest.mark.parametrize("name", ["../../out.py", "/tmp/out.py", f"{FOLDER}/../../../out.py", "..\\out.py"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    assert extract(tmp_path, {"all.zip": packed({name: b"x = 1"})}) == {}
    assert not (tmp_path / "out.py").exists()


def test_a_zip_bomb_is_replaced_by_a_notebook_that_says_why(tmp_path: Path) -> None:
    found = extract(tmp_path, {"all.zip": packed({f"{FOLDER}/p1_mlp.ipynb": b" " * (65 << 20)})})
    (text,) = [json.loads(data)["cells"][0]["source"] for data in found.values()]
    assert "p1_mlp.ipynb is larger than 64 MiB" in text


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


def test_two_students_of_one_name_are_refused_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = [f"{FOLDER}/p1_mlp.ipynb", f"{FOLDER.replace('12345', '777')}/p1_mlp.ipynb"]
    assert collected(tmp_path, *names) == [None, None]
    assert "Anna Müller_777 is one of 2 students of this name: add both students to roster.csv" in caplog.text


def test_two_students_of_one_name_can_be_mapped_by_their_numbers(tmp_path: Path) -> None:
    names = [f"{FOLDER}/p1_mlp.ipynb", f"{FOLDER.replace('12345', '777')}/p1_mlp.ipynb"]
    mapped = {"Anna Müller_12345": "anna", "Anna Müller_777": "anna-2"}
    assert [each and each["student_id"] for each in collected(tmp_path, *names, students=mapped)] == ["anna", "anna-2"]


def test_several_notebooks_of_a_student_keep_their_names(tmp_path: Path) -> None:
    found = collected(tmp_path, f"{FOLDER}/a.ipynb", f"{FOLDER}/b.ipynb")
    assert [each and each["file_id"] for each in found] == ["a.ipynb", "b.ipynb"]


@pytest.mark.parametrize(
    ("name", "what"),
    [("report.pdf", "is a PDF, and is not graded"), ("work.rar", "is a RAR archive"),
     ("bad.zip", "is an archive that cannot"), ("notes.txt", "is data or text")],
)  # fmt: skip
def test_what_is_not_graded_is_collected_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, what: str
) -> None:
    assert collected(tmp_path, f"{FOLDER}/{name}") == [{"student_id": "Anna Müller", "file_id": name}]
    assert f"Anna Müller_12345: {name} {what}" in caplog.text
    assert "Anna Müller handed in nothing that can be graded" in caplog.text


def test_an_online_text_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    collected(tmp_path, "Anna Müller_12345_assignsubmission_onlinetext_/onlinetext.html")
    assert "onlinetext.html is a text that was typed into the LMS" in caplog.text


def test_a_file_of_nobody_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert collected(tmp_path, "Anna_p1_mlp.ipynb") == [None]
    assert "Anna_p1_mlp.ipynb was skipped: its name does not say whose it is" in caplog.text


def test_a_tar_and_a_notebook_with_another_ending_are_taken(tmp_path: Path) -> None:
    found = extract(
        tmp_path, {"all.zip": packed({f"{FOLDER}/p1_mlp.ipynb.txt": NOTEBOOK, f"{FOLDER}/w.tar.gz": tarred()})}
    )
    assert set(found) == {f"{FOLDER}/p1_mlp.ipynb", f"{FOLDER}/w/p1_mlp/mlp_nn.py"}


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("p1_mlp/mlp_nn.py")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"x = 1"))
    return out.getvalue()


def test_the_time_is_that_of_the_file_in_the_download(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{FOLDER}/p1_mlp.ipynb", (2026, 3, 1, 12, 0, 0)), NOTEBOOK)
        archive.writestr(zipfile.ZipInfo("Bo_1_assignsubmission_file_/p1_mlp.ipynb"), NOTEBOOK)  # of 1980: none
    extract(tmp_path, {"all.zip": out.getvalue()})
    collector = MoodleCollector(log=logging.getLogger("zip"))
    anna, bo = (
        collector.collect(str(tmp_path / "extracted" / folder / "p1_mlp.ipynb"))
        for folder in (FOLDER, "Bo_1_assignsubmission_file_")
    )
    assert anna is not None
    assert bo is not None
    assert anna["timestamp"] == datetime(2026, 3, 1, 12).astimezone(timezone.utc).replace(tzinfo=None)
    assert bo["timestamp"] is None
