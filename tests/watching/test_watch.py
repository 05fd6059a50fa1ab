"""`autograder watch`: what is graded after which save, what is shown, and that nothing a student saves ends it."""

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
    """FileChanges one after the other: each step is done when the watch waits, or, with `during`, between its first checks.

    A step gives the paths that are reported, or none: then it is the folder with all that lies in it.
    """

    def __init__(self, folder: Path, steps: Sequence[Step], during: Step = None) -> None:
        self._folder = folder
        self._steps = iter(steps)
        self._during = during

    def wait(self) -> set[Path] | None:
        for step in self._steps:
            return self._after(step)
        return None

    def now(self) -> set[Path]:
        step, self._during = self._during, None
        return self._after(step) if step else set()

    def _after(self, step: Step) -> set[Path]:
        reported = step() if step else None
        return reported if isinstance(reported, set) else {self._folder, *self._folder.rglob("*")}


class Room:
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
def room(tmp_path: Path, engine: Engine) -> Room:
    room = Room(tmp_path / "exercises", engine)
    room.write(f"{SOFTMAX}.py", STUB)
    return room


PASSES = f"{SOFTMAX} passes: 8 of 8 checks, 8 of 8 points"


def test_at_start_nothing_is_graded_and_the_first_todo_is_named(room: Room) -> None:
    said = room.watch()
    assert "0 of 2 exercises passed · 0 of " in said
    assert f"next: replace the first TODO in {room.folder / SOFTMAX}.py" in said
    assert "──" not in said


def test_at_start_what_is_begun_is_counted(room: Room) -> None:
    room.write(f"{SOFTMAX}.py", RIGHT)
    said = room.watch()
    assert "1 begun, not graded yet" in said
    assert f"next: save {room.folder / SOFTMAX}.py to have it graded" in said


def test_a_right_save_passes_and_the_next_is_named(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", RIGHT))
    assert PASSES in said
    assert "1 of 2 exercises passed · 8 of " in said
    assert f"next: replace the first TODO in {room.folder / MLP}.py" in said


def test_a_wrong_save_shows_the_reason_before_the_verdict(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", WRONG))
    assert said.index(REASON) < said.index(f"{SOFTMAX} failed: ")


def test_a_known_mistake_is_named_with_its_hint_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(self: ExerciseRun) -> None:
        for check in self.result.checks:
            if check.status == "failed":
                check.mistake, check.hint = "sum in place of the mean", "Where do you divide?"

    monkeypatch.setattr(ExerciseRun, "explain", explain)
    said = room.watch(room.save(f"{SOFTMAX}.py", WRONG))
    assert said.count("Sum in place of the mean\n  Where do you divide?") == 1
    assert said.count("  also: ") == 2


def test_what_is_not_written_yet_is_said_once(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", STUB + "# begun\n"))
    assert said.count("softmax is not written yet\n") == 1
    assert f"{SOFTMAX} not started: 0 of 8 checks" in said


def test_a_syntax_error_is_one_reason_and_not_one_for_each_check(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", "def softmax(\n"))
    assert said.count("is not valid Python") == 1
    assert "and 5 more checks, for the same reason" in said


@pytest.mark.parametrize("half", [b"", b"import torch\n\ndef soft", b"\xff\xfe\x00", b"\x00", RIGHT.encode()[:900]])
def test_a_half_saved_file_is_graded_again_when_it_is_whole(room: Room, half: bytes) -> None:
    path = f"{SOFTMAX}.py"
    assert PASSES in room.watch(room.save(path, half), room.save(path, RIGHT))


def test_a_save_while_checks_run_starts_over(room: Room) -> None:
    path = f"{SOFTMAX}.py"
    said = room.watch(room.save(path, WRONG), during=room.save(path, RIGHT))
    assert "saved again: starting over" in said
    assert f"{SOFTMAX} failed" not in said
    assert said.count(PASSES) == 1


def test_what_was_interrupted_by_another_exercise_comes_after_it(room: Room) -> None:
    saved = room.save(f"{MLP}.py", "x = 1\n")
    said = room.watch(room.save(f"{SOFTMAX}.py", RIGHT), during=saved)
    assert said.index(f"{MLP} failed") < said.index(PASSES)


def test_events_of_the_save_that_is_being_graded_do_not_start_it_over(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", RIGHT), during=lambda: {room.folder / f"{SOFTMAX}.py"})
    assert "starting over" not in said
    assert said.count(PASSES) == 1


def test_saved_as_it_was_is_graded_again(room: Room) -> None:
    step = room.save(f"{SOFTMAX}.py", RIGHT)
    assert room.watch(step, step).count(PASSES) == 2


@pytest.mark.parametrize("name", ["4913", ".#softmax.py", ".softmax_cross_entropy.py.swp", "softmax_cross_entropy.py~"])
def test_temporary_files_of_editors_are_nothing(room: Room, name: str) -> None:
    before = room.watch()
    assert room.watch(room.save(f"p1_mlp/{name}", "x")) == before


def test_an_atomic_rename_is_a_save(room: Room) -> None:
    def rename() -> set[Path]:
        (new,) = room.write(f"{SOFTMAX}.py.tmp", RIGHT)
        os.replace(new, new.with_suffix(""))
        return {new, new.with_suffix("")}

    assert PASSES in room.watch(rename)


def test_a_deleted_exercise_is_said_and_comes_back(room: Room) -> None:
    path = f"{SOFTMAX}.py"
    said = room.watch(room.save(path, RIGHT), lambda: (room.folder / path).unlink(), room.save(path, RIGHT))
    assert f"{path} is gone: save it there again to have it graded" in said
    assert said.count(PASSES) == 2


def test_the_stub_put_back_is_said_and_its_points_are_gone(room: Room) -> None:
    path = f"{SOFTMAX}.py"
    said = room.watch(room.save(path, RIGHT), room.save(path, STUB), room.save(f"{MLP}.py", "x = 1\n"))
    assert f"{path} is as it was handed out" in said
    assert "0 of 2 exercises passed" in said.rpartition("──")[2]


def test_a_folder_that_goes_and_comes_back(room: Room) -> None:
    away = room.folder.with_name("away")

    def back() -> set[Path]:
        away.rename(room.folder)
        return room.write(f"{SOFTMAX}.py", RIGHT)

    said = room.watch(lambda: room.folder.rename(away), back)
    assert "put it back" in said
    assert PASSES in said


HELPER = "p1_mlp/helpers.py"
WITH_HELPER = RIGHT.replace("import torch\n", "import torch\nfrom p1_mlp import helpers\n", 1)


def test_a_saved_helper_grades_the_exercises_that_import_it(room: Room) -> None:
    room.write(f"{SOFTMAX}.py", WITH_HELPER)
    assert PASSES in room.watch(room.save(HELPER, "x = 1\n"))


def test_a_helper_of_a_helper_counts(room: Room) -> None:
    room.write(f"{SOFTMAX}.py", WITH_HELPER)
    room.write(HELPER, "from . import deeper\n")
    assert PASSES in room.watch(room.save("p1_mlp/deeper.py", "x = 1\n"))


def test_a_helper_that_was_imported_by_name_at_run_time_counts(room: Room) -> None:
    by_name = RIGHT.replace("import torch\n", 'import torch\nimport importlib\nimportlib.import_module("helpers")\n', 1)
    room.write(HELPER, "x = 1\n")
    said = room.watch(room.save(f"{SOFTMAX}.py", by_name), room.save(HELPER, "x = 2\n"))
    assert said.count(PASSES) == 2


def test_a_helper_with_a_syntax_error_is_seen_when_it_is_mended(room: Room) -> None:
    room.write(f"{SOFTMAX}.py", WITH_HELPER)
    said = room.watch(room.save(HELPER, "x = (\n"), room.save(HELPER, "x = 1\n"))
    assert f"{SOFTMAX} error" in said
    assert PASSES in said


def test_what_was_blocked_is_graded_again_when_its_import_passes(room: Room) -> None:
    right = (PROJECT / "solutions" / f"{POSITIONS}.py").read_text(encoding="utf-8")
    room.write(f"{POSITIONS}.py", "SCALE = 2\n")
    scaled = RIGHT.replace("import torch\n", "import torch\nfrom p3_vit.positional_embedding import SCALE\n", 1)
    scaled = scaled.replace("return (log_sum_exp", "return SCALE * (log_sum_exp")
    said = room.watch(
        room.save(f"{SOFTMAX}.py", scaled),
        room.save(f"{POSITIONS}.py", f"{right}\nSCALE = 1\n"),
        only=(SOFTMAX, POSITIONS),
    )
    order = [
        f"{SOFTMAX} failed: ", f"{POSITIONS} failed: ", f"{SOFTMAX} blocked: ", f"next: fix {room.folder / POSITIONS}.py",
        f"{POSITIONS} passes: ", PASSES, "2 of 2 exercises passed",
    ]  # fmt: skip
    assert [text for text in order if text not in said] == []
    assert order == sorted(order, key=said.index)


def test_only_what_was_asked_for_is_graded(room: Room) -> None:
    said = room.watch(room.save(f"{MLP}.py", "x = 1\n"), only=[SOFTMAX])
    assert "──" not in said


def test_an_exercise_that_was_asked_for_is_graded_at_once(room: Room) -> None:
    room.write(f"{SOFTMAX}.py", RIGHT)
    assert PASSES in room.watch(only=[SOFTMAX], first=True)


def test_when_nothing_is_left_it_is_said(room: Room) -> None:
    said = room.watch(room.save(f"{SOFTMAX}.py", RIGHT), only=[SOFTMAX])
    assert said.endswith("1 of 1 exercise passed · 8 of 8 points\neverything passes: nothing is left to do here\n")


def test_a_terminal_without_colours_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    terminal = WatchTerminal(Console(file=out, force_terminal=True, width=60))
    terminal.reasons([CheckResult("x::y", "it is so", "failed", 0, 1, "wrong " * 20)])
    assert "\x1b[3" not in out.getvalue()
    assert max(len(line) for line in out.getvalue().splitlines()) <= 60 + len("\x1b[1m\x1b[0m")


def test_a_fourth_reason_gets_a_line() -> None:
    out = io.StringIO()
    words = ("one", "two", "three", "four")
    WatchTerminal(Console(file=out)).reasons([CheckResult(f"x::{w}", w, "failed", 0, 1, f"reason {w}") for w in words])
    assert out.getvalue().endswith("reason four (1 point)\n")
    assert out.getvalue().count("the check: ") == 3


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="no_such"):
        watch(None, tmp_path / "no_such", None, None)


def test_a_folder_is_watched_from_the_moment_that_it_is_entered(tmp_path: Path) -> None:
    with FolderChanges(tmp_path) as changes:
        (tmp_path / "a.py").write_text("x = 1\n")
        assert tmp_path / "a.py" in changes.wait()


def test_a_folder_that_was_made_again_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "exercises"
    folder.mkdir()
    with FolderChanges(folder) as changes:
        folder.rename(tmp_path / "away")
        folder.mkdir()
        while folder / "a.py" not in changes.wait():  # the first to be reported is that the folder is gone, or back
            (folder / "a.py").write_text("x = 1\n")


@pytest.fixture
def open_watch(room: Room) -> Iterator[subprocess.Popen[str]]:
    """The real command on a folder with one stub."""
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "watch", f"--submission={room.folder}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"}, start_new_session=True, preexec_fn=heed_interrupts,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def _until(process: subprocess.Popen[str], text: str) -> str:
    """What is said up to the first line with this text."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"{text!r} was not said, but:\n{''.join(lines)}")


def test_the_command_sees_saves_and_ends_with_all_it_started(room: Room, open_watch: subprocess.Popen[str]) -> None:
    _until(open_watch, "ready")
    room.write(f"{SOFTMAX}.py", WRONG)
    assert REASON in _until(open_watch, f"{SOFTMAX} failed")
    (new,) = room.write(f"{SOFTMAX}.py.tmp", RIGHT)
    os.replace(new, new.with_suffix(""))
    _until(open_watch, PASSES)
    started = psutil.Process(open_watch.pid).children(recursive=True)
    open_watch.send_signal(signal.SIGINT)
    rest, _ = open_watch.communicate(timeout=60)
    assert (open_watch.returncode, "Traceback" in rest) == (0, False)
    assert started
    assert not psutil.wait_procs(started, timeout=10)[1]
