"""Grading a class: the same results in any order, and whichever process dies."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.progress import Task, TaskID

from autograder.checks.grader import GraderError
from autograder.classroom import report as class_report
from autograder.classroom import run, worker_pool
from autograder.classroom.gradings import read_gradings
from autograder.classroom.results_folder import ClassroomError
from autograder.classroom.run import report_class
from autograder.classroom.terminal import _TimeLeft
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings, parse_seed
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult, to_json
from autograder.sandbox.host.launch import Zygote
from autograder.submissions.entries import Entry, find_submissions, read_entry
from tests.classroom.class_runs import FILE, RIGHT, ClassRun, grade, hand_in, result
from tests.zoo import PROJECT, SOFTMAX, heed_interrupts

HALF = """
import torch


def softmax(ytilde):
    exponentials = torch.exp(ytilde - ytilde.amax(dim=1, keepdim=True))
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def cross_entropy(ytilde, Y):
    raise NotImplementedError


def cross_entropy_gradient(ytilde, Y):
    raise NotImplementedError
"""
WRONG = """
def softmax(ytilde):
    return ytilde.half() * 0 + 3


def cross_entropy(ytilde, Y):
    return softmax(ytilde)


def cross_entropy_gradient(ytilde, Y):
    return softmax(ytilde)
"""
SOURCES = {
    "=cmd|x": HALF,
    "alice": RIGHT,
    "bob <b>": WRONG,
    "exit": "import os\nos._exit(0)\n",
    "loop": "while True:\n    pass\n",
    "syntax": "def softmax(\n",
}
EMPTY, UNREADABLE = "empty", "unreadable"
FORMULA = "%3Dcmd%7Cx"  # the id that "=cmd|x" gets
EXPECTED = {
    FORMULA: ("failed", 2),
    "alice": ("passed", 8),
    "bob %3Cb%3E": ("failed", 0),
    EMPTY: ("error", 0),
    "exit": ("error", 0),
    "loop": ("timeout", 0),
    "syntax": ("error", 0),
    UNREADABLE: ("error", 0),
}
SECONDS = 60.0  # a generous timeout for what takes a few seconds, since the machine may be busy


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "submissions"
    for name, source in SOURCES.items():
        hand_in(folder, name, source)
    (folder / EMPTY).mkdir()
    (folder / f"{UNREADABLE}.zip").write_bytes(b"no zip")
    return folder


@pytest.fixture(scope="module")
def finished(submissions: Path, tmp_path_factory: pytest.TempPathFactory, warm: Zygote) -> ClassRun:
    results = tmp_path_factory.mktemp("class") / "results"
    return ClassRun(submissions, results, *grade(submissions, results, jobs=2, seed=1))


@pytest.fixture
def copied(finished: ClassRun, tmp_path: Path) -> ClassRun:
    """A copy of the finished run that a test may change."""
    shutil.copytree(finished.submissions, tmp_path / "submissions")
    shutil.copytree(finished.results, tmp_path / "results")
    return ClassRun(tmp_path / "submissions", tmp_path / "results", 0, "")


def contents(results: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in results.glob("[!.]*.json")}


def verdicts(results: Path) -> dict[str, dict[str, Any]]:
    """The results without the numbers of their gradings."""
    return {name: json.loads(data) | {"grading": 0} for name, data in contents(results).items()}


def rewritten(results: Path, work: Callable[[], object]) -> set[str]:
    """The results that `work` replaced or added."""
    before = {path.stem: path.stat().st_ino for path in results.glob("[!.]*.json")}
    keep = [path.open("rb") for path in results.glob("[!.]*.json")]  # so that no inode is reused
    work()
    for file in keep:
        file.close()
    return {path.stem for path in results.glob("[!.]*.json") if before.get(path.stem) != path.stat().st_ino}


# The results of a run.


@pytest.mark.parametrize("name", EXPECTED)
def test_each_submission_has_its_status_and_score(finished: ClassRun, name: str) -> None:
    found = result(finished.results, name)
    assert (found["exercises"][0]["status"], found["score"]) == EXPECTED[name]


def test_each_submission_has_a_result_and_nothing_else_does(finished: ClassRun) -> None:
    assert set(contents(finished.results)) == set(EXPECTED)


def test_the_exit_code_is_0_without_grader_errors(finished: ClassRun) -> None:
    assert finished.code == 0


def test_an_unreadable_submission_says_why_in_every_check(finished: ClassRun) -> None:
    found = result(finished.results, UNREADABLE)
    assert "is not a zip archive" in found["problem"]
    assert {check["message"] for check in found["exercises"][0]["checks"]} == {found["problem"]}


def test_one_job_gives_the_same_results_as_two(finished: ClassRun, tmp_path: Path) -> None:
    grade(finished.submissions, tmp_path, seed=1)
    assert contents(tmp_path) == contents(finished.results)


@pytest.mark.usefixtures("hurried")
def test_a_class_run_gives_the_same_results_as_single_gradings(finished: ClassRun) -> None:
    engine = Engine(Settings(seed=1, own_inputs=True))
    for entry in find_submissions(finished.submissions):
        if entry.id not in (UNREADABLE, EMPTY):
            one = to_json(engine.grade(read_entry(entry), [SOFTMAX]))
            found = result(finished.results, entry.id)
            added = ("graders", "digests", "hand_in")
            added_by_the_class = {"round": 0, "grading": 1, **{name: found[name] for name in added}}
            assert found == one | added_by_the_class
    engine.close()


def test_a_line_for_each_submission_without_escape_codes(finished: ClassRun) -> None:
    assert all(f" {name} " in finished.printed for name in EXPECTED)
    assert "\x1b" not in finished.printed


def test_the_summary_says_how_many_were_unreadable_or_timed_out(finished: ClassRun) -> None:
    assert "2 could not be read, 1 to be looked at, 1 with a timeout, 0 with a grader error" in finished.printed
    assert "mean 1.25, median 0 of 8 points" in finished.printed


# Reruns.


def test_a_rerun_grades_nothing(copied: ClassRun) -> None:
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results)) == set()


def test_only_a_changed_submission_is_graded_again(copied: ClassRun) -> None:
    (copied.submissions / "syntax" / FILE).write_text(RIGHT)
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results)) == {"syntax"}
    assert result(copied.results, "syntax")["score"] == 8


def test_only_a_damaged_result_is_graded_again(copied: ClassRun) -> None:
    whole, path = verdicts(copied.results), copied.results / "alice.json"
    path.write_bytes(path.read_bytes()[:-20])
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results)) == {"alice"}
    assert verdicts(copied.results) == whole


def test_a_result_without_a_submission_is_kept_and_named(copied: ClassRun) -> None:
    shutil.rmtree(copied.submissions / "alice")
    _, printed = grade(copied.submissions, copied.results)
    assert "submission removed, result kept: alice" in printed
    assert result(copied.results, "alice")["score"] == 8
    row = next(row for row in table(copied.results) if row["id"] == "alice")
    assert row["problem"] == class_report.NO_SUBMISSION


@pytest.mark.parametrize(
    ("name", "value"),
    [("graders", "0" * 64), ("version", "0.0.0"), ("tier", "full"), ("isolation", "process"), ("seed", 2)],
)
def test_a_result_from_other_conditions_is_graded_again(copied: ClassRun, name: str, value: object) -> None:
    changed = result(copied.results, "alice") | {name: value}
    (copied.results / "alice.json").write_text(json.dumps(changed))
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results)) == {"alice"}


def test_a_submission_with_a_grader_error_is_graded_again(copied: ClassRun) -> None:
    changed = result(copied.results, "alice")
    changed["exercises"][0]["checks"][0]["status"] = "grader_error"
    (copied.results / "alice.json").write_text(json.dumps(changed))
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results)) == {"alice"}


def test_a_grader_that_cannot_be_used_is_named_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(exercise: ExerciseId) -> None:
        raise GraderError(
            "autograder/graders/p1_mlp/test_svm.py", 30, "'studnet' is not a fixture", "Did you mean 'student'?"
        )

    monkeypatch.setattr(run, "load_grader", refused)
    with pytest.raises(
        ClassroomError, match=r"p1_mlp/svm cannot be used\. .*test_svm\.py:30: 'studnet' is not a fixture"
    ):
        run._load(ExerciseId("p1_mlp/svm"))


def test_another_seed_is_refused_and_the_message_says_what_to_do(copied: ClassRun) -> None:
    with pytest.raises(ClassroomError, match=r"was graded with --seed 1, not 2: .*--regrade"):
        grade(copied.submissions, copied.results, seed=2)


def test_a_drawn_seed_is_kept_for_the_class(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    hand_in(lone.submissions, "bob", HALF)
    grade(lone.submissions, lone.results)
    first, second = (result(lone.results, name)["seed"] for name in ("alice", "bob"))
    assert first == second
    assert first.bit_length() > 64


def test_regrade_grades_everything_again_with_the_same_seed(copied: ClassRun) -> None:
    assert rewritten(copied.results, lambda: grade(copied.submissions, copied.results, regrade=True)) == set(EXPECTED)
    assert {result(copied.results, name)["seed"] for name in EXPECTED} == {1}


def test_a_stopped_regrade_is_finished_by_grade(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(lone.submissions, lone.results)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_grade", stop)
        assert grade(lone.submissions, lone.results, regrade=True)[0] == 130
    assert rewritten(lone.results, lambda: grade(lone.submissions, lone.results)) == {"alice"}


# Processes that die.


def _dying(patch: pytest.MonkeyPatch, victim: str, act: Callable[[], object]) -> None:
    """Makes the process that reads the victim's submission call `act` first. Forked processes inherit the patch."""
    read = worker_pool.read_entry

    def act_then_read(entry: Entry) -> Any:
        if entry.id == victim:
            act()
        return read(entry)

    patch.setattr(worker_pool, "read_entry", act_then_read)


def _once(marker: Path, act: Callable[[], object]) -> Callable[[], None]:
    def guarded() -> None:
        if not marker.exists():
            marker.touch()
            act()

    return guarded


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_job_killed_once_changes_nothing(lone: ClassRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dying(monkeypatch, "alice", _once(tmp_path / "killed", _die))
    assert grade(lone.submissions, lone.results)[0] == 0
    assert (tmp_path / "killed").exists()
    assert result(lone.results, "alice")["score"] == 8


def test_a_job_killed_twice_is_a_grader_error_and_the_others_go_on(
    lone: ClassRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(lone.submissions, "bob", RIGHT)
    _dying(monkeypatch, "alice", _die)
    code, _ = grade(lone.submissions, lone.results)
    assert code == 1
    checks = result(lone.results, "alice")["exercises"][0]["checks"]
    assert {check["status"] for check in checks} == {"grader_error"}
    assert "died 2 times (killed by SIGKILL)" in checks[0]["message"]
    assert result(lone.results, "bob")["score"] == 8


def test_a_killed_zygote_is_replaced(
    lone: ClassRun, warm: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warm._process is not None
    killed = warm._process.pid
    _dying(monkeypatch, "alice", _once(tmp_path / "killed", lambda: os.kill(killed, signal.SIGKILL)))
    assert grade(lone.submissions, lone.results)[0] == 0
    assert warm._process is not None
    assert warm._process.pid != killed
    assert result(lone.results, "alice")["score"] == 8


def _command(submissions: Path, results: Path) -> subprocess.Popen[str]:
    arguments = ["grade", str(submissions), "--to", str(results), "--only", SOFTMAX, "--jobs", "2", "--seed", "1"]
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", *arguments], cwd=PROJECT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=heed_interrupts,
    )  # fmt: skip


def _until_one_is_done(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Waits until a run has finished its first submission, and returns all its processes."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("1/"):
            break
    main = psutil.Process(process.pid)
    return [main, *main.children(recursive=True)]


@dataclass(frozen=True)
class KilledRun:
    """A run that was killed with SIGKILL after its first result."""

    results: Path
    left: list[psutil.Process]
    processes: int
    threads: int


@pytest.fixture(scope="module")
def killed(submissions: Path, tmp_path_factory: pytest.TempPathFactory) -> KilledRun:
    results = tmp_path_factory.mktemp("killed") / "results"
    with _command(submissions, results) as process:
        everyone = _until_one_is_done(process)
        threads = everyone[0].num_threads()
        process.kill()
        _, left = psutil.wait_procs(everyone, timeout=SECONDS)
    return KilledRun(results, left, len(everyone), threads)


def test_no_process_outlives_a_run_that_is_killed(killed: KilledRun) -> None:
    assert killed.processes >= 4  # the command, its zygote, two jobs
    assert not killed.left


def test_the_process_that_forks_has_one_thread(killed: KilledRun) -> None:
    assert killed.threads == 1


def test_a_killed_run_has_its_line(killed: KilledRun) -> None:
    (grading,) = read_gradings(killed.results)
    assert (grading.number, grading.end, grading.finished, grading.graded) == (1, "", False, None)


def test_a_rerun_after_a_kill_gives_the_results_of_an_undisturbed_run(killed: KilledRun, finished: ClassRun) -> None:
    done = len(contents(killed.results))
    assert 0 < done < len(EXPECTED)
    (killed.results / ".123.part").write_text("half a res")
    grade(finished.submissions, killed.results)
    assert verdicts(killed.results) == verdicts(finished.results)
    assert not list(killed.results.glob(".*.part"))
    gradings = read_gradings(killed.results)
    assert [(grading.graded, grading.finished) for grading in gradings] == [(done, False), (len(EXPECTED) - done, True)]


def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(submissions: Path, tmp_path: Path) -> None:
    with _command(submissions, tmp_path) as process:
        everyone = _until_one_is_done(process)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        _, left = psutil.wait_procs(everyone, timeout=SECONDS)
    assert not left
    assert process.returncode == 130
    done = len(contents(tmp_path))
    lines = [
        line for line in errors.splitlines() if not line.startswith("warning: ")
    ]  # of others' access to this clone
    assert lines == [f"stopped: {done} of 8 submissions are graded; run the same command to continue"]


def test_a_full_disk_ends_the_run_and_keeps_what_is_finished(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(lone.submissions, "bob", RIGHT)
    sync, room = os.fsync, iter([True] * 4)  # for the seed, the class list, the line of the grading, and for alice

    def fsync(descriptor: int) -> None:
        if not next(room, False):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ClassroomError, match=r"bob\.json cannot be written \(No space left on device\)") as caught:
        grade(lone.submissions, lone.results)
    assert caught.value.code == 1
    assert set(contents(lone.results)) == {"alice"}
    assert not list(lone.results.glob(".*.part"))


# Options and folders that are refused before anything starts.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"jobs": 0}, "--jobs is 0: give 1 or more"),
        ({"only": ("p1_mlp/nothing",)}, "there is no exercise or practical 'p1_mlp/nothing'"),
        ({"data_root": Path("/no/such/folder")}, "/no/such/folder"),
    ],
)
def test_options_that_make_no_sense_are_refused(lone: ClassRun, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ClassroomError, match=words):
        grade(lone.submissions, lone.results, **options)
    assert not lone.results.exists()


@pytest.mark.parametrize(
    ("submissions", "results", "words"),
    [
        ("submissions", "submissions/results", "contains the other"),
        ("submissions", ".", "contains the other"),
        ("nowhere", "results", "there is no folder"),
        ("nothing", "results", "no submission"),
        ("submissions", "file", "is a file"),
        ("submissions", "file/results", "cannot be written to"),
    ],
)
def test_unusable_folders_are_refused(lone: ClassRun, submissions: str, results: str, words: str) -> None:
    root = lone.submissions.parent
    (root / "nothing").mkdir()
    (root / "file").touch()
    with pytest.raises(ClassroomError, match=words):
        grade(root / submissions, root / results)


def test_a_second_run_into_the_same_folder_is_refused(copied: ClassRun) -> None:
    hold = "import fcntl, sys; f = open(sys.argv[1], 'ab'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    command = [sys.executable, "-c", hold, str(copied.results / ".lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ClassroomError, match="another run is grading into"):
            grade(copied.submissions, copied.results)
        other.kill()


def test_a_damaged_record_of_the_seed_is_reported(copied: ClassRun) -> None:
    (copied.results / ".run.json").write_text("{")
    with pytest.raises(ClassroomError, match="holds the seed of this class, is damaged"):
        grade(copied.submissions, copied.results)


def test_without_strict_isolation_the_message_says_what_to_do(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.engine.confirm_strict", lambda channel: "no Landlock")
    with pytest.raises(ClassroomError, match="strict cannot be had here: no Landlock; use --isolation process"):
        grade(lone.submissions, lone.results)


def test_no_isolation_at_all_cannot_be_asked_for(lone: ClassRun) -> None:
    from typer.testing import CliRunner

    from autograder.commands import app

    done = CliRunner().invoke(app, ["grade", str(lone.submissions), "--to", str(lone.results), "--isolation", "none"])
    assert done.exit_code == 2
    assert not lone.results.exists()


# Reports.


def table(results: Path) -> list[dict[str, str]]:
    text = (results / "summary.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_a_line_for_each_submission(finished: ClassRun) -> None:
    found = {row["id"]: (row[f"{SOFTMAX} status"], float(row["score"])) for row in table(finished.results)}
    assert found == EXPECTED


@pytest.mark.parametrize("cell", ["=cmd|x", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1+1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert class_report.harmless(cell).startswith("'")


def test_the_page_escapes_what_students_had_a_hand_in(finished: ClassRun) -> None:
    hostile, _ = class_report.read_results(finished.results)
    hostile[0].submission = SubmissionName("<script>alert(1)</script>", "")
    hostile[0].exercises[0].checks[0].message = "<img src=x onerror=alert(1)>"
    hostile[0].exercises[0].checks[0].status = "failed"
    page = class_report.class_page(hostile)
    assert "&lt;img src=x" in page
    assert "<script" not in page
    assert "<img" not in page


def test_reports_are_made_again_from_the_results_alone(copied: ClassRun, finished: ClassRun) -> None:
    for name in ("summary.csv", "class.html"):
        (copied.results / name).unlink()
    report_class(copied.results)
    for name in ("summary.csv", "class.html"):
        assert (copied.results / name).read_bytes() == (finished.results / name).read_bytes()


def _results(scores: list[list[float]]) -> list[SubmissionResult]:
    """One exercise, a check a column; 1 passes."""
    exercise = ExerciseId("p1_x/y")
    return [
        SubmissionResult(
            submission=SubmissionName(str(number), ""), seed=1, tier="fast", isolation="strict",
            exercises=[ExerciseResult(exercise, False, [
                CheckResult(exercise.check(str(column)), f"claim {column}", "passed" if score else "failed", score, 1)
                for column, score in enumerate(row)
            ])],
        )
        for number, row in enumerate(scores)
    ]  # fmt: skip


def test_a_check_is_measured_against_all_the_others() -> None:
    first, second, third = class_report.difficulties(_results([[1, 1, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]]))
    assert (first.passed, first.judged, third.passed) == (2, 4, 0)
    assert first.discrimination == pytest.approx(1)
    assert second.discrimination == pytest.approx(1)
    assert third.discrimination is None


def test_the_histogram_counts_full_marks_in_the_last_bin() -> None:
    assert class_report.histogram(_results([[1, 1], [1, 0], [0, 0]])) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_the_seed_of_the_table_is_text_that_a_command_takes(finished: ClassRun) -> None:
    seeds = {row["seed"] for row in table(finished.results)}
    assert seeds == {"0x1"}
    assert {parse_seed(seed) for seed in seeds} == {1}


@pytest.mark.parametrize(
    ("done", "elapsed", "shown"),
    [(0, 5.0, "-:--:--"), (1, 240.0, "0:12:00"), (3, 2700.0, "0:15:00"), (4, 9.0, "0:00:00")],
)
def test_the_time_left_is_that_of_submissions_so_far(done: int, elapsed: float, shown: str) -> None:
    clock = iter([0.0, elapsed, elapsed])
    task = Task(TaskID(1), "grading", 4, done, _get_time=lambda: next(clock), _lock=threading.RLock())
    task.start_time = next(clock)
    assert str(_TimeLeft().render(task)) == shown
