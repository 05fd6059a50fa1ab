"""`autograder explain`: finds the submission of a result, runs one check again, and says what is not as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from autograder.classroom import appeal
from autograder.classroom.appeal import Request, explain
from autograder.classroom.results_folder import ClassroomError
from autograder.classroom.run import Options, grade_class
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from tests.zoo import PROJECT, SOFTMAX

RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()
WRONG = """
import torch

def softmax(ytilde):
    exponentials = torch.exp(ytilde - ytilde.amax(1, keepdim=True))
    return exponentials / exponentials.sum(1, keepdim=True)

def cross_entropy(ytilde, Y):
    return ytilde.sum()

def cross_entropy_gradient(ytilde, Y):
    return ytilde - Y
"""
CHECK = "gradient_of_one_hot_targets"


@pytest.fixture(autouse=True)
def shared_zygote(engine, monkeypatch):
    """Appeals use the zygote of all tests, which has imported torch."""
    engine.confirm()

    class Shared(Engine):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings, engine.isolation)

        def close(self) -> None:
            """The zygote belongs to the other tests, too."""

    monkeypatch.setattr(appeal, "Engine", Shared)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A class of a folder, a zip and a damaged zip, graded into `results`."""
    root: Path = tmp_path_factory.mktemp("class")
    write(root / "subs" / "klein", RIGHT)
    write(root / "subs" / "durand", WRONG)
    with zipfile.ZipFile(root / "subs" / "zoe.zip", "w") as archive:
        archive.writestr(SOFTMAX.path, WRONG)
    (root / "subs" / "damaged.zip").write_bytes(b"PK")
    with redirect_stdout(StringIO()):
        grade_class(Options(root / "subs", root / "results", jobs=1, seed=3, only=(SOFTMAX,)))
    return root


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the class, whose run record names the copied submissions."""
    shutil.copytree(graded, tmp_path / "class")
    record = tmp_path / "class" / "results" / ".run.json"
    record.write_text(record.read_text().replace(str(graded), str(tmp_path / "class")))
    return tmp_path / "class"


def write(folder: Path, source: str) -> None:
    path = folder / SOFTMAX.path
    path.parent.mkdir(parents=True)
    path.write_text(source)


def edited(result: Path, **changes: object) -> Path:
    result.write_text(json.dumps({**json.loads(result.read_text()), **changes}))
    return result


def refused(request: Request) -> str:
    with pytest.raises(ClassroomError) as caught:
        explain(request)
    assert caught.value.code == 2
    return str(caught.value)


@pytest.mark.parametrize(("student", "status"), [("durand", "failed"), ("zoe", "failed"), ("klein", "passed")])
def test_the_submission_is_found_by_the_run_record(graded, student, status):
    text, code = explain(Request(graded / "results" / f"{student}.json", CHECK))
    assert code == 0
    assert f"The verdict is confirmed: {status}" in text
    assert " ! " not in text


def test_another_place_of_the_submission_can_be_given(course):
    shutil.move(course / "subs" / "zoe.zip", course / "zoe.zip")
    text, code = explain(Request(course / "results" / "zoe.json", CHECK, submission=course / "zoe.zip"))
    assert (code, " ! " in text) == (0, False)


def test_a_changed_submission_is_said(course):
    (course / "subs" / "durand" / SOFTMAX.path).write_text(RIGHT)
    text, code = explain(Request(course / "results" / "durand.json", CHECK))
    assert code == 1
    assert "THE VERDICT DIFFERS: failed" in text
    assert "the submission has changed since it was graded" in text


def test_changed_graders_are_said(course):
    result = edited(course / "results" / "durand.json", graders="0" * 64)
    assert "the graders, or what they rest on, have changed since" in explain(Request(result, CHECK))[0]


def test_an_edited_verdict_is_noticed(course):
    result = course / "results" / "durand.json"
    result.write_text(result.read_text().replace('"status": "failed"', '"status": "passed"'))
    text, code = explain(Request(result, CHECK))
    assert code == 1
    assert "or the result was edited" in " ".join(text.split())


def test_without_a_check_the_failed_ones_are_listed(graded):
    text, code = explain(Request(graded / "results" / "durand.json"))
    assert code == 0
    assert "p1_mlp/softmax_cross_entropy::gradient_of_one_hot_targets  failed: " in text


def test_inputs_are_saved_without_pickles(graded, tmp_path):
    explain(Request(graded / "results" / "durand.json", CHECK, save=tmp_path / "in.npz"))
    with np.load(tmp_path / "in.npz", allow_pickle=False) as inputs:
        assert inputs["call1.argument1"].shape == inputs["call1.argument2"].shape == (7, 4)


def test_a_page_is_written(graded, tmp_path):
    explain(Request(graded / "results" / "durand.json", CHECK, html=tmp_path / "durand.html"))
    assert "Expected and got" in (tmp_path / "durand.html").read_text()


def test_a_folder_is_not_a_result(graded):
    assert "is a folder: give the JSON file of one submission" in refused(Request(graded / "results", CHECK))


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b'{"schema": 1}', b"\xff\xfe"])
def test_a_file_that_is_not_a_result_is_refused(tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    assert "is not a result" in refused(Request(tmp_path / "a.json", CHECK))


def test_a_fifo_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    assert "give the JSON file" in refused(Request(tmp_path / "a.json", CHECK))


@pytest.mark.parametrize("changes", [{"tier": "huge"}, {"seed": -1}, {"schema": 2}], ids=["tier", "seed", "schema"])
def test_a_result_with_settings_that_do_not_exist_is_refused(course, changes):
    result = edited(course / "results" / "durand.json", **changes)
    assert "is not a result that this version can read" in refused(Request(result, CHECK))


def test_a_submission_that_was_removed_is_asked_for(course):
    shutil.rmtree(course / "subs" / "durand")
    message = refused(Request(course / "results" / "durand.json", CHECK))
    assert "has no submission 'durand' any more" in message
    assert "--submission PATH" in message


def test_without_a_record_the_submission_is_asked_for(course):
    (course / "results" / ".run.json").unlink()
    assert "does not say where its submission is" in refused(Request(course / "results" / "durand.json", CHECK))


def test_a_submission_that_could_not_be_read_says_why(graded):
    message = refused(Request(graded / "results" / "damaged.json", CHECK))
    assert "cannot be read, as when it was graded: damaged.zip" in message


def test_a_check_that_the_grader_has_no_more_is_named(course):
    result = course / "results" / "durand.json"
    result.write_text(result.read_text().replace(CHECK, "an_old_check"))
    assert "has no check p1_mlp/softmax_cross_entropy::an_old_check any more" in refused(
        Request(result, "an_old_check")
    )


def test_links_inside_a_submission_are_not_followed(course, tmp_path):
    path = course / "subs" / "durand" / SOFTMAX.path
    path.unlink()
    path.symlink_to(PROJECT / "solutions" / SOFTMAX.path)
    text, code = explain(Request(course / "results" / "durand.json", CHECK))
    assert code == 1
    assert "is a link" in text


def test_a_result_of_pytest_names_its_folder(tmp_path):
    write(tmp_path / "mine", WRONG)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    grading = [sys.executable, "-m", "pytest", PROJECT / "autograder", "--submission=mine", "--report-json", "r.json"]
    run([*grading, "-q", "-k", f"softmax_cross_entropy and {CHECK}", "-p", "no:cacheprovider"], tmp_path, environment)
    assert json.loads((tmp_path / "r.json").read_text())["submission"]["path"] == "mine"
    command = [sys.executable, "-m", "autograder", "explain", "r.json", CHECK]
    confirmed = run(command, tmp_path, environment)
    assert (confirmed.returncode, "The verdict is confirmed: failed" in confirmed.stdout) == (0, True)
    (tmp_path / "mine" / SOFTMAX.path).write_text(RIGHT)
    assert run(command, tmp_path, environment).returncode == 1
    assert run([*command[:-1], "nosuch"], tmp_path, environment).returncode == 2


def run(command: list[object], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
