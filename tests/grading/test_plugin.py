"""`pytest autograder`, run as a user runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.catalogue import exercise_ids

ROOT = Path(__file__).resolve().parents[2]


def run(*options, stdin=""):
    command = [sys.executable, "-m", "pytest", "autograder", *map(str, options)]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def stubs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    files = {kind: folder / f"result.{kind}" for kind in ("json", "html", "gradescope")}
    done = run("--seed", 5, *(f"--report-{kind}={path}" for kind, path in files.items()))
    return done, files


def test_stubs_are_not_started_and_exit_with_1(stubs):
    done, files = stubs
    result = json.loads(files["json"].read_text())
    assert done.returncode == 1
    assert {exercise["status"] for exercise in result["exercises"]} == {"not_started"}
    assert result["score"] == 0


def test_one_exercise_is_chosen_by_its_name_alone():
    listed = run("--exercise", "vit", "--collect-only", "-q").stdout.splitlines()
    assert {line.partition("::")[0] for line in listed if "::" in line} == {"autograder/graders/p3_vit/test_vit.py"}


def test_a_misspelt_exercise_gets_the_closest_name():
    done = run("--exercise", "vti")
    assert done.returncode == 4
    assert "there is no exercise or practical 'vti': did you mean vit?" in done.stderr


def test_the_exercises_come_in_the_order_of_the_course(stubs):
    exercises = [exercise["id"] for exercise in json.loads(stubs[1]["json"].read_text())["exercises"]]
    assert exercises == exercise_ids()


def test_the_output_says_what_to_do_next(stubs):
    assert re.search(r"replace the first TODO in\s+exercises/p1_mlp/mlp_nn.py", stubs[0].stdout)


def test_the_seed_is_printed_and_recorded(stubs):
    assert "seed: 5 " in stubs[0].stdout
    assert json.loads(stubs[1]["json"].read_text())["seed"] == 5


def test_the_json_has_all_fields_of_the_contract(stubs):
    result = json.loads(stubs[1]["json"].read_text())
    assert result["schema"] == 1
    assert {"submission", "seed", "tier", "isolation", "version", "score", "max_score", "bonus"} <= result.keys()
    exercise = result["exercises"][0]
    assert {"id", "status", "score", "max_score", "mistake", "hint", "checks"} <= exercise.keys()
    assert {"id", "title", "status", "score", "max_score", "message", "mistake", "hint"} <= exercise["checks"][0].keys()


def test_the_gradescope_report_sums_to_the_points(stubs):
    report = json.loads(stubs[1]["gradescope"].read_text())
    assert report["score"] == 0
    points = json.loads(stubs[1]["json"].read_text())["max_score"]
    assert sum(test["max_score"] for test in report["tests"]) == points > 0


def test_the_html_names_every_exercise(stubs):
    page = stubs[1]["html"].read_text()
    assert "p1_mlp/mlp_nn" in page
    assert "p1_mlp/softmax_cross_entropy" in page


def test_solutions_get_all_points_on_two_nodes(tmp_path):
    report = tmp_path / "r.json"
    names = "softmax_cross_entropy or svm"  # the quick ones; `autograder check` grades all solutions
    done = run("--submission=solutions", "-n", "2", "-p", "xdist", "-k", names, f"--report-json={report}")
    assert done.returncode == 0, done.stdout
    result = json.loads(report.read_text())
    assert (result["score"], result["bonus"]) == (8, 6)


def test_pdb_stops_in_the_students_line(tmp_path):
    folder = tmp_path / "work" / "p1_mlp"
    folder.mkdir(parents=True)
    (folder / "softmax_cross_entropy.py").write_text("def softmax(ytilde):\n    return ytilde / nothing\n")
    done = run(
        f"--submission={folder.parent}",
        "--isolation=none",
        "--pdb",
        "-x",
        "-k",
        "softmax_is_right",
        stdin="p ytilde\nq\n",
    )
    assert "tensor([[" in done.stdout, done.stdout


def test_a_missing_folder_is_named(tmp_path):
    done = run(f"--submission={tmp_path / 'nowhere'}")
    assert done.returncode == 4
    assert "nowhere" in done.stdout + done.stderr
