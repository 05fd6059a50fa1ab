"""`autograder watch`: grades an exercise a moment after its file was saved, with an engine that stays warm.

The events from watchfiles only say when to look. What was saved is found by comparing the submission with its last state;
so temporary files, atomic renames and several events for one save do no harm. A save while checks run is noticed after
the current check, and grading starts over.
"""

from __future__ import annotations

import ast
import os
import signal
import time
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from autograder.checks.grader import load_grader
from autograder.course.build import as_generated
from autograder.course.catalogue import CatalogueError, ExerciseId, exercise_ids, find_project, select
from autograder.data.dataset import DataError
from autograder.data.roots import data_roots
from autograder.grading.prerequisites import mark_blocked
from autograder.results import SKIPPED, CheckResult, ExerciseResult
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.host.launch import Launcher, choose_isolation
from autograder.submissions.submission import Submission, SubmissionError, read_submission
from autograder.watching.file_changes import FileChanges, FolderChanges, WatchError
from autograder.watching.keys import reported_keys
from autograder.watching.terminal import Progress, WatchTerminal

if TYPE_CHECKING:
    from autograder.checks.grader import Check
    from autograder.grading.engine import Engine, ExerciseRun


HINTS_KEY = "h"


def watch(
    name: str | None, submission: Path | None, data_root: Path | None, isolation: str | None, hints: int = 1
) -> None:
    """Grades what is saved until Ctrl-C, then raises KeyboardInterrupt. All processes started here have ended by then.

    Args:
        name: an exercise or a practical; None for all.
        submission: the folder to watch; None for `exercises/`.
        data_root: the folder of local datasets; None for the default places.
        isolation: "strict", "process" or "none"; None for the strictest that works here.
        hints: the level of hints that are shown without a request.

    Raises WatchError if the folder, the name or an option cannot be used.
    """
    terminal = WatchTerminal()
    try:
        exercises, folder = select([name] if name else ()), submission or _default_folder()
        data_roots(data_root)  # raises now if the folder does not exist
        read_submission(folder, may_be_empty=True)
        terminal.say(f"watching {_relative(folder)}: edit a file, save it, and look here; Ctrl-C stops")
        with ExitStack() as stack:
            granted = choose_isolation(isolation)
            if granted.launcher is not None:
                stack.enter_context(closing(granted.launcher))
                granted.launcher.start()  # it imports torch at the same time as this process
            with _exit_on_interrupt(terminal, granted.launcher):
                from autograder.grading.engine import Engine
                from autograder.grading.settings import Settings

            # Students cannot do anything about warnings from the grader's libraries.
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            changes = stack.enter_context(FolderChanges(folder))
            engine = Engine(Settings(isolation=isolation, data_root=data_root), granted)
            with terminal.busy("PyTorch is being imported"):
                engine.confirm()
            terminal.has_keys = stack.enter_context(reported_keys(changes.press))
            Watch(folder, exercises, engine, terminal, grade_first=name is not None, level=hints).run(changes)
    except (CatalogueError, SubmissionError, DataError, IsolationUnavailable, SandboxError) as error:
        raise WatchError(str(error)) from None
    except KeyboardInterrupt:
        terminal.end()
        raise


@contextmanager
def _exit_on_interrupt(terminal: WatchTerminal, launcher: Launcher | None) -> Iterator[None]:
    """Makes Ctrl-C end the process at once, for the import of torch: KeyboardInterrupt in there prints tracebacks."""

    def leave(number: int, frame: object) -> None:
        if launcher is not None:
            launcher.close()
        terminal.end()
        os._exit(0)

    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _default_folder() -> Path:
    """`exercises/` of the project that contains the working directory, else of the working directory."""
    try:
        return find_project(Path.cwd()).root / "exercises"
    except CatalogueError:
        return Path("exercises")


def _relative(path: Path) -> str:
    """The path relative to the working directory if it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


class Watch:
    """Grades a folder's exercises as they are saved.

    Args:
        folder: the folder to watch.
        exercises: the exercises to grade.
        engine: runs the checks.
        terminal: shows the results.
        grade_first: whether to grade the exercises that the student has started before anything is saved.
        level: the level of the hints that are shown without a request.
    """

    def __init__(
        self,
        folder: Path,
        exercises: Sequence[ExerciseId],
        engine: Engine,
        terminal: WatchTerminal,
        *,
        grade_first: bool = False,
        level: int = 1,
    ) -> None:
        self._folder = folder
        self._exercises = list(exercises)
        self._engine = engine
        self._terminal = terminal
        self._grade_first = grade_first
        self._submission = Submission("watch", {})
        self._results: dict[ExerciseId, ExerciseResult] = {}
        self._imported: dict[ExerciseId, set[str]] = {}
        """The paths of the files that each exercise imported when it was graded last."""
        self._level = level
        self._shown: tuple[ExerciseId, int] | None = None
        """The exercise that was graded last, and the level of the hints that were shown for it."""

    def run(self, changes: FileChanges) -> None:
        """Grades until there are no more changes."""
        self._submission = read_submission(self._folder, may_be_empty=True)
        waiting = [exercise for exercise in self._exercises if self._is_started(exercise)] if self._grade_first else []
        self._terminal.show_progress(self._progress(), "" if waiting else self._next_step())
        isolation = self._engine.isolation
        reason = f" ({isolation.reason})" if isolation.reason else ""
        self._terminal.say(f"ready · isolation: {isolation.level}{reason}", "dim")
        while True:
            while waiting:
                exercise, was_fine = waiting[0], self._is_fine(waiting[0])
                if saved := self._grade(exercise, changes):
                    self._terminal.say("saved again: starting over", "dim")
                    waiting = _unique([*saved, *waiting])
                else:
                    waiting = _unique([*self._follow_ups(exercise, was_fine), *waiting[1:]])
                    if not waiting:
                        self._terminal.show_progress(self._progress(), self._next_step(exercise))
            happened = changes.wait()
            if happened is None:
                return
            if isinstance(happened, str):
                self._press(happened)
            else:
                waiting = self._exercises_to_grade(happened, unchanged_too=True)

    def _press(self, key: str) -> None:
        """Shows the next level of hints for the exercise that was graded last, if it is the key for that."""
        if key.casefold() != HINTS_KEY or self._shown is None:
            return
        exercise, level = self._shown
        self._shown = exercise, self._terminal.show_hints(self._results[exercise].checks, level + 1)

    def _exercises_to_grade(self, paths: set[Path], *, unchanged_too: bool = False) -> list[ExerciseId]:
        """The exercises to grade after events on these paths.

        unchanged_too: whether a file that was saved without a change counts.
        """
        if not paths:
            return []
        try:
            new = read_submission(self._folder, may_be_empty=True)
        except SubmissionError as error:
            self._terminal.say(f"{error}; put it back to go on", "red")
            return []
        old, self._submission = self._submission, new
        changed = {
            path
            for path in {*old.files, *old.problems, *new.files, *new.problems}
            if (old.files.get(path), old.problems.get(path)) != (new.files.get(path), new.problems.get(path))
        }
        for note in new.notes:
            if note not in old.notes:
                self._terminal.say(note, "yellow")
        if unchanged_too and not changed:
            changed = {path for path in new.files if any(_ends_with(saved, path) for saved in paths)}
        return _unique(exercise for path in sorted(changed) for exercise in self._affected_by(path))

    def _affected_by(self, path: str) -> list[ExerciseId]:
        """The exercises to grade after a change of this file; if there are none, tells the student why."""
        exists = path in self._submission.files or path in self._submission.problems
        exercise = ExerciseId(path.removesuffix(".py"))
        if exercise not in exercise_ids():
            found = [one for one in self._exercises if self._imports(one, path)]
            if not found and exists and len(self._exercises) == len(exercise_ids()):
                self._terminal.say(f"{path}: no exercise imports it", "dim")
            return found
        if exercise not in self._exercises:
            return [one for one in self._exercises if self._imports(one, path)]
        if self._is_started(exercise):
            return [exercise]
        self._results.pop(exercise, None)
        why = "is the unchanged stub: nothing to grade" if exists else "was deleted: save it again to have it graded"
        self._terminal.say(f"{path} {why}", "yellow")
        return []

    def _is_started(self, exercise: ExerciseId) -> bool:
        """Whether the student has worked on the exercise: its file exists and is not the stub."""
        path = exercise.path
        data = self._submission.files.get(path)
        return path in self._submission.problems or (
            data is not None and not as_generated(data.decode("utf-8", errors="replace"))
        )

    def _imports(self, exercise: ExerciseId, helper: str) -> bool:
        """Whether an exercise imports a helper: it did when it ran, or its source or another helper's says so."""
        seen = self._imported.get(exercise, ())
        return helper in seen or helper in _reachable(exercise.path, self._submission.files)

    def _grade(self, exercise: ExerciseId, changes: FileChanges) -> list[ExerciseId]:
        """Grades one exercise. If a save interrupts that, returns the exercises to grade for it, else nothing."""
        with closing(self._steps(exercise)) as steps:
            for _ in steps:
                if saved := self._exercises_to_grade(changes.now()):
                    return saved
        return []

    def _steps(self, exercise: ExerciseId) -> Generator[None, None, None]:
        """Runs the checks, quick ones first, and shows their results; yields after each, so that it can be interrupted."""
        start, grader = time.monotonic(), load_grader(exercise)
        quick = [check for check in grader.checks if not check.spec.trains]
        slow = [check for check in grader.checks if check.spec.trains]
        slow.sort(key=lambda check: check.spec.threshold is not None)
        terminal = self._terminal
        terminal.heading(exercise)
        with closing(self._engine.run(self._submission, grader)) as run, terminal.busy(exercise) as set_text:

            def announce(check: Check) -> None:
                if check.spec.trains:
                    set_text(f"training: {check.title}")
                    terminal.announce_training(check.title)
                else:
                    set_text(f"check {len(run.result.checks) + 1} of {len(grader.checks)}: {check.title}")

            for _ in run.results(quick, announce):
                yield
            self._explain(run, run.result.checks)
            for result in run.results(slow, announce):
                self._explain(run, [result])
                yield
        if run.result.status == "grader_error":
            self._engine.close()  # so that the next worker comes from a fresh zygote
        self._results[exercise] = run.result
        self._shown = exercise, self._level
        terminal.show_result(run.result, time.monotonic() - start)

    def _explain(self, run: ExerciseRun, new: list[CheckResult]) -> None:
        """Shows explanations of the new checks that did not pass."""
        result = run.result
        self._imported[result.id] = set(run.student.imported)
        if all(check.status == "passed" for check in new):
            return
        mark_blocked([*(other for other in self._results.values() if other.id != result.id), result])
        run.explain()
        self._terminal.explain(new, self._level)

    def _is_fine(self, exercise: ExerciseId) -> bool:
        """Whether the exercise passed when it was graded last, or was not graded yet."""
        result = self._results.get(exercise)
        return result is None or result.status in ("passed", SKIPPED)

    def _follow_ups(self, exercise: ExerciseId, was_fine: bool) -> list[ExerciseId]:
        """The exercises to grade next because of this one: those that import it, and those that may block it.

        was_fine: whether it was fine before it was graded now.
        """
        result = self._results[exercise]
        importers = [other.id for other in self._results.values() if exercise in other.imports]
        affected = importers if self._is_fine(exercise) != was_fine else []
        ungraded = [name for name in result.imports if name not in self._results and self._is_started(name)]
        return affected if self._is_fine(exercise) else [*affected, *ungraded]

    def _progress(self) -> Progress:
        graders = [load_grader(exercise) for exercise in self._exercises]
        results = [self._results[exercise] for exercise in self._exercises if exercise in self._results]
        skipped = sum(check.max_score for r in results if not r.bonus for check in r.checks if check.status == SKIPPED)
        return Progress(
            sum(result.status == "passed" for result in results),
            len(self._exercises),
            sum(result.score for result in results if not result.bonus),
            sum(check.spec.points for g in graders if not g.spec.bonus for check in g.checks) - skipped,
            sum(result.score for result in results if result.bonus),
            sum(self._is_started(exercise) and exercise not in self._results for exercise in self._exercises),
        )

    def _next_step(self, exercise: ExerciseId | None = None) -> str:
        """What the student should do after this exercise; empty if nothing is left.

        Exercises that are started come first, and the order starts at this exercise.
        """
        position = self._exercises.index(exercise) if exercise and exercise in self._exercises else 0
        order = self._exercises[position:] + self._exercises[:position]
        left = [name for name in order if name not in self._results or not self._is_fine(name)]
        started = [name for name in left if self._is_started(name)]
        started.sort(key=lambda name: name in self._results and self._results[name].status == "blocked")
        if started and started[0] in self._results:
            return f"fix {self._display_path(started[0])}"
        if started:
            return f"save {self._display_path(started[0])} to have it graded"
        return f"replace the first TODO in {self._display_path(left[0])}" if left else ""

    def _display_path(self, exercise: ExerciseId) -> str:
        return _relative(self._folder / exercise.path)


def _ends_with(saved: Path, path: str) -> bool:
    """Whether an absolute path is that of this file of the submission."""
    parts = PurePosixPath(path).parts
    return saved.parts[-len(parts) :] == parts


def _unique(names: Iterable[ExerciseId]) -> list[ExerciseId]:
    """The names without duplicates, in the order in which they first appear."""
    return list(dict.fromkeys(names))


def _reachable(path: str, files: Mapping[str, bytes]) -> set[str]:
    """The files of the submission that this one may import, directly or indirectly, by its import statements."""
    practical = path.split("/")[0]
    importable = [one for one in files if "/" not in one or one.split("/")[0] == practical]
    found, left = {path}, [path]
    while left:
        named = _names_imported(files.get(left.pop(), b""))
        new = [one for one in importable if one not in found and _module_name(one) in named]
        found.update(new)
        left += new
    return found - {path}


def _module_name(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _names_imported(source: bytes) -> set[str]:
    """Each part of each name in the import statements of a source; empty if it is not valid Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(part for alias in node.names for part in alias.name.split("."))
        if isinstance(node, ast.ImportFrom):
            names.update((node.module or "").split("."))
    return names
