"""`autograder watch`: which exercises a save grades, what is shown, and that no save ends the command."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine, ExerciseRun
from autograder.results import CheckResult
from autograder.watching.file_changes import FolderChanges, WatchError
from autograder.watching.terminal import WatchTerminal
from autograder.watching.watch import Watch, watch
from tests.zoo import MLP, PROJECT, SOFTMAX, heed_interrupts

POSITIONS = ExerciseId("p3_vit/positional_embedding")
RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text(encoding="utf-8")
STUB = (PROJECT / "exercises" / f"{SOFTMAX}.py").read_text(encoding="utf-8")
WRONG = RIGHT.replace(".sum(dim=1)).mean()", ".sum(dim=1)).sum()")
REASON = "cross_entropy(ytilde, Y) is the right answer times 7, the batch size"

Step = Callable[[], object] | None


class Script:
    """A scripted source of changes: each step runs when the watch waits, and `during` runs after the first check.

    A step returns the paths to report; if it returns None, the folder and everything in it is reported.
    """

    def __init__(self, folder: Path, steps: Sequence[Step], during: Step = None) -> None:
        self._folder = folder
        self._steps = iter(steps)
        self._during = during

    def wait(self) -> set[Path] | str | None:
        for step in self._steps:
            return self._after(step)
        return None

    def now(self) -> set[Path]:
        step, self._during = self._during, None
        reported = self._after(step) if step else set()
        assert not isinstance(reported, str)
        return reported

    def _after(self, step: Step) -> set[Path] | str:
        reported = step() if step else None
        return reported if isinstance(reported, (set, str)) else {self._folder, *self._folder.rglob("*")}


class WatchedFolder:
    """A folder of exercises, and what watching it prints."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine

    def save(self, path: str, text: str | bytes) -> Callable[[], object]:
        """A step that writes a file."""
        return lambda: self.write(path, text)

    def write(self, path: str, text: str | bytes) -> set[Path]:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return {file}

    def watch(
        self, *steps: Step, during: Step = None, only: Sequence[str] = (SOFTMAX, MLP), first: bool = False
    ) -> str:
        out = io.StringIO()
        terminal = WatchTerminal(Console(file=out, width=200))
        Watch(self.folder, only, self._engine, terminal, grade_first=first).run(Script(self.folder, steps, during))
        return out.getvalue()


@pytest.fixture
def watched(tmp_path: Path, engine: Engine) -> WatchedFolder:
    watched = WatchedFolder(tmp_path / "exercises", engine)
    watched.write(f"{SOFTMAX}.py", STUB)
    return watched


PASSES = f"{SOFTMAX} passes: 8 of 8 checks, 8 of 8 points"


def test_at_the_start_nothing_is_graded_and_the_first_todo_is_named(watched: WatchedFolder) -> None:
    output = watched.watch()
    assert "0 of 2 exercises passed · 0 of " in output
    assert f"next: replace the first TODO in {watched.folder / SOFTMAX}.py" in output
    assert "──" not in output


def test_at_the_start_started_exercises_are_counted(watched: WatchedFolder) -> None:
    watched.write(f"{SOFTMAX}.py", RIGHT)
    output = watched.watch()
    assert "1 started, not graded yet" in output
    assert f"next: save {watched.folder / SOFTMAX}.py to have it graded" in output


def test_a_right_save_passes_and_the_next_exercise_is_named(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", RIGHT))
    assert PASSES in output
    assert "1 of 2 exercises passed · 8 of " in output
    assert f"next: replace the first TODO in {watched.folder / MLP}.py" in output


def test_a_wrong_save_shows_the_explanation_before_the_result(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", WRONG))
    assert output.index(REASON) < output.index(f"{SOFTMAX} failed: ")


def test_a_known_mistake_is_named_once(watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExerciseRun, "explain", _mistaken)
    output = watched.watch(watched.save(f"{SOFTMAX}.py", WRONG))
    assert output.count("Sum in place of the mean\n  the check:") == 1


def test_an_unwritten_function_is_reported_once(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", STUB + "# started\n"))
    assert output.count("softmax is not written yet\n") == 1
    assert f"{SOFTMAX} not started: 0 of 8 checks" in output


def test_a_syntax_error_is_explained_once_and_not_for_each_check(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", "def softmax(\n"))
    assert output.count("is not valid Python") == 1
    assert "7 more checks wait for this (7 points)" in output


@pytest.mark.parametrize("half", [b"", b"import torch\n\ndef soft", b"\xff\xfe\x00", b"\x00", RIGHT.encode()[:900]])
def test_a_half_saved_file_is_graded_again_when_it_is_complete(watched: WatchedFolder, half: bytes) -> None:
    path = f"{SOFTMAX}.py"
    assert PASSES in watched.watch(watched.save(path, half), watched.save(path, RIGHT))


def test_a_save_while_checks_run_starts_grading_over(watched: WatchedFolder) -> None:
    path = f"{SOFTMAX}.py"
    output = watched.watch(watched.save(path, WRONG), during=watched.save(path, RIGHT))
    assert "saved again: starting over" in output
    assert f"{SOFTMAX} failed" not in output
    assert output.count(PASSES) == 1


def test_an_exercise_interrupted_by_another_is_graded_after_it(watched: WatchedFolder) -> None:
    saved = watched.save(f"{MLP}.py", "x = 1\n")
    output = watched.watch(watched.save(f"{SOFTMAX}.py", RIGHT), during=saved)
    assert output.index(f"{MLP} failed") < output.index(PASSES)


def test_events_of_the_save_that_is_being_graded_do_not_start_it_over(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", RIGHT), during=lambda: {watched.folder / f"{SOFTMAX}.py"})
    assert "starting over" not in output
    assert output.count(PASSES) == 1


def test_a_file_saved_without_a_change_is_graded_again(watched: WatchedFolder) -> None:
    step = watched.save(f"{SOFTMAX}.py", RIGHT)
    assert watched.watch(step, step).count(PASSES) == 2


@pytest.mark.parametrize("name", ["4913", ".#softmax.py", ".softmax_cross_entropy.py.swp", "softmax_cross_entropy.py~"])
def test_temporary_files_of_editors_are_ignored(watched: WatchedFolder, name: str) -> None:
    before = watched.watch()
    assert watched.watch(watched.save(f"p1_mlp/{name}", "x")) == before


def test_an_atomic_rename_counts_as_a_save(watched: WatchedFolder) -> None:
    def rename() -> set[Path]:
        (new,) = watched.write(f"{SOFTMAX}.py.tmp", RIGHT)
        os.replace(new, new.with_suffix(""))
        return {new, new.with_suffix("")}

    assert PASSES in watched.watch(rename)


def test_a_deleted_exercise_is_reported_and_can_come_back(watched: WatchedFolder) -> None:
    path = f"{SOFTMAX}.py"
    output = watched.watch(
        watched.save(path, RIGHT), lambda: (watched.folder / path).unlink(), watched.save(path, RIGHT)
    )
    assert f"{path} was deleted: save it again to have it graded" in output
    assert output.count(PASSES) == 2


def test_a_restored_stub_is_reported_and_loses_its_points(watched: WatchedFolder) -> None:
    path = f"{SOFTMAX}.py"
    output = watched.watch(watched.save(path, RIGHT), watched.save(path, STUB), watched.save(f"{MLP}.py", "x = 1\n"))
    assert f"{path} is the unchanged stub" in output
    assert "0 of 2 exercises passed" in output.rpartition("──")[2]


def test_a_folder_may_disappear_and_come_back(watched: WatchedFolder) -> None:
    away = watched.folder.with_name("away")

    def back() -> set[Path]:
        away.rename(watched.folder)
        return watched.write(f"{SOFTMAX}.py", RIGHT)

    output = watched.watch(lambda: watched.folder.rename(away), back)
    assert "put it back" in output
    assert PASSES in output


HELPER = "p1_mlp/helpers.py"
WITH_HELPER = RIGHT.replace("import torch\n", "import torch\nfrom p1_mlp import helpers\n", 1)


def test_saving_a_helper_grades_the_exercises_that_import_it(watched: WatchedFolder) -> None:
    watched.write(f"{SOFTMAX}.py", WITH_HELPER)
    assert PASSES in watched.watch(watched.save(HELPER, "x = 1\n"))


def test_a_helper_of_a_helper_counts(watched: WatchedFolder) -> None:
    watched.write(f"{SOFTMAX}.py", WITH_HELPER)
    watched.write(HELPER, "from . import deeper\n")
    assert PASSES in watched.watch(watched.save("p1_mlp/deeper.py", "x = 1\n"))


def test_a_helper_imported_by_name_at_run_time_counts(watched: WatchedFolder) -> None:
    by_name = RIGHT.replace("import torch\n", 'import torch\nimport importlib\nimportlib.import_module("helpers")\n', 1)
    watched.write(HELPER, "x = 1\n")
    output = watched.watch(watched.save(f"{SOFTMAX}.py", by_name), watched.save(HELPER, "x = 2\n"))
    assert output.count(PASSES) == 2


def test_fixing_a_syntax_error_in_a_helper_grades_its_importers(watched: WatchedFolder) -> None:
    watched.write(f"{SOFTMAX}.py", WITH_HELPER)
    output = watched.watch(watched.save(HELPER, "x = (\n"), watched.save(HELPER, "x = 1\n"))
    assert f"{SOFTMAX} error" in output
    assert PASSES in output


def test_a_blocked_exercise_is_graded_again_when_its_import_passes(watched: WatchedFolder) -> None:
    right = (PROJECT / "solutions" / f"{POSITIONS}.py").read_text(encoding="utf-8")
    watched.write(f"{POSITIONS}.py", "SCALE = 2\n")
    scaled = RIGHT.replace("import torch\n", "import torch\nfrom p3_vit.positional_embedding import SCALE\n", 1)
    scaled = scaled.replace("return (log_sum_exp", "return SCALE * (log_sum_exp")
    output = watched.watch(
        watched.save(f"{SOFTMAX}.py", scaled),
        watched.save(f"{POSITIONS}.py", f"{right}\nSCALE = 1\n"),
        only=(SOFTMAX, POSITIONS),
    )
    order = [
        f"{SOFTMAX} failed: ", f"{POSITIONS} failed: ", f"{SOFTMAX} blocked: ", f"next: fix {watched.folder / POSITIONS}.py",
        f"{POSITIONS} passes: ", PASSES, "2 of 2 exercises passed",
    ]  # fmt: skip
    assert [text for text in order if text not in output] == []
    assert order == sorted(order, key=output.index)


def test_only_the_requested_exercises_are_graded(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{MLP}.py", "x = 1\n"), only=[SOFTMAX])
    assert "──" not in output


def test_a_requested_exercise_is_graded_at_once(watched: WatchedFolder) -> None:
    watched.write(f"{SOFTMAX}.py", RIGHT)
    assert PASSES in watched.watch(only=[SOFTMAX], first=True)


def test_it_says_when_nothing_is_left(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", RIGHT), only=[SOFTMAX])
    assert output.endswith("1 of 1 exercise passed · 8 of 8 points\neverything passes: nothing is left to do\n")


def test_a_terminal_without_colours_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    terminal = WatchTerminal(Console(file=out, force_terminal=True, width=60))
    terminal.explain([CheckResult("x::y", "it is so", "failed", 0, 1, "wrong " * 20)])
    assert "\x1b[3" not in out.getvalue()
    assert max(len(line) for line in out.getvalue().splitlines()) <= 60 + len("\x1b[1m\x1b[0m")


def test_a_fourth_explanation_gets_one_line() -> None:
    out = io.StringIO()
    words = ("one", "two", "three", "four")
    WatchTerminal(Console(file=out)).explain([CheckResult(f"x::{w}", w, "failed", 0, 1, f"reason {w}") for w in words])
    assert out.getvalue().endswith("reason four (1 point)\n")
    assert out.getvalue().count("the check: ") == 3


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="no_such"):
        watch(None, tmp_path / "no_such", None, None)


def test_changes_count_from_the_moment_that_the_context_is_entered(tmp_path: Path) -> None:
    with FolderChanges(tmp_path) as changes:
        (tmp_path / "a.py").write_text("x = 1\n")
        assert tmp_path / "a.py" in changes.wait()


def test_a_recreated_folder_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "exercises"
    folder.mkdir()
    with FolderChanges(folder) as changes:
        folder.rename(tmp_path / "away")
        folder.mkdir()
        while folder / "a.py" not in changes.wait():  # the first report is that the folder was deleted or recreated
            (folder / "a.py").write_text("x = 1\n")


@pytest.fixture
def open_watch(watched: WatchedFolder) -> Iterator[subprocess.Popen[str]]:
    """The real command on a folder with one stub."""
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "watch", f"--submission={watched.folder}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"}, start_new_session=True, preexec_fn=heed_interrupts,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def _until(process: subprocess.Popen[str], text: str) -> str:
    """The output up to the first line with this text."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"{text!r} was not printed, but:\n{''.join(lines)}")


def test_the_command_grades_saves_and_leaves_no_process_behind(
    watched: WatchedFolder, open_watch: subprocess.Popen[str]
) -> None:
    _until(open_watch, "ready")
    watched.write(f"{SOFTMAX}.py", WRONG)
    assert REASON in _until(open_watch, f"{SOFTMAX} failed")
    (new,) = watched.write(f"{SOFTMAX}.py.tmp", RIGHT)
    os.replace(new, new.with_suffix(""))
    _until(open_watch, PASSES)
    started = psutil.Process(open_watch.pid).children(recursive=True)
    open_watch.send_signal(signal.SIGINT)
    rest, _ = open_watch.communicate(timeout=60)
    assert (open_watch.returncode, "Traceback" in rest) == (0, False)
    assert started
    assert not psutil.wait_procs(started, timeout=10)[1]


def _mistaken(self: ExerciseRun) -> None:
    for check in self.result.checks:
        if check.status == "failed":
            check.mistake, check.hint, check.where = (
                "sum in place of the mean",
                "Where do you divide?",
                "softmax, x.py:3",
            )


def test_hints_are_not_shown_unasked(watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExerciseRun, "explain", _mistaken)
    assert "Where do you divide?" not in watched.watch(watched.save(f"{SOFTMAX}.py", WRONG))


def test_each_press_of_the_key_shows_the_next_level(watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExerciseRun, "explain", _mistaken)
    output = watched.watch(watched.save(f"{SOFTMAX}.py", WRONG), lambda: "h", lambda: "h", lambda: "h")
    place, idea = output.index("Where to look: softmax, x.py:3"), output.index("Where do you divide?")
    assert place < idea < output.index("there are no more hints")


def test_another_key_does_nothing(watched: WatchedFolder) -> None:
    output = watched.watch(watched.save(f"{SOFTMAX}.py", WRONG), lambda: "x")
    assert "Where to look" not in output
