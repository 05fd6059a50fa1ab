"""`autograder watch`: the engine stays warm, and an exercise is graded a moment after its file was saved.

What watchfiles reports only says when to look. What was saved is found by comparing the submission with what it was, so
that temporary files, atomic renames and half a dozen events for one save come to what they are. A save while checks run
is noticed between two of them, and grading starts over.
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
from autograder.submissions.notebook_files import name_cells
from autograder.submissions.submission import Submission, SubmissionError, read_submission
from autograder.watching.file_changes import FileChanges, FolderChanges, WatchError
from autograder.watching.terminal import Progress, WatchTerminal

if TYPE_CHECKING:
    from autograder.checks.grader import Check
    from autograder.grading.engine import Engine, ExerciseRun


def watch(name: str | None, submission: Path | None, data_root: Path | None, isolation: str | None) -> None:
    """Grades what is saved until Ctrl-C. `name`: an exercise or a practical; None: all.

    Raises WatchError, and KeyboardInterrupt once everything that was started here has ended.
    """
    terminal = WatchTerminal()
    try:
        exercises, folder = select([name] if name else ()), submission or _default_folder()
        data_roots(data_root)  # a folder that does not exist is said at once
        read_submission(folder)
        terminal.say(f"watching {_near(folder)}: edit a file, save it, and look here; Ctrl-C ends")
        with ExitStack() as stack:
            granted = choose_isolation(isolation)
            if granted.launcher is not None:
                stack.enter_context(closing(granted.launcher))
                granted.launcher.start()  # it imports torch while we do
            with _leaving_at_once(terminal, granted.launcher):
                from autograder.grading.engine import Engine
                from autograder.grading.settings import Settings

            # Of the libraries that we grade with: there is nothing for a student to do about them.
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            saves = stack.enter_context(FolderChanges(folder))
            engine = Engine(Settings(isolation=isolation, data_root=data_root), granted)
            with terminal.busy("PyTorch is being imported"):
                engine.confirm()
            Watch(folder, exercises, engine, terminal, grade_first=name is not None).run(saves)
    except (CatalogueError, SubmissionError, DataError, IsolationUnavailable, SandboxError) as error:
        raise WatchError(str(error)) from None
    except KeyboardInterrupt:
        terminal.end()
        raise


@contextmanager
def _leaving_at_once(terminal: WatchTerminal, launcher: Launcher | None) -> Iterator[None]:
    """For the import of torch: an exception out of its midst would be quiet neither there nor in what its end prints."""

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
    """`exercises/` of the project around, else here."""
    try:
        return find_project(Path.cwd()).root / "exercises"
    except CatalogueError:
        return Path("exercises")


def _near(path: Path) -> str:
    """A path as one would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


class Watch:
    """What was saved, what has to be graded for it, and what came of it so far.

    grade_first: whether to begin with those exercises that the student has begun, before anything is saved.
    """

    def __init__(
        self,
        folder: Path,
        exercises: Sequence[ExerciseId],
        engine: Engine,
        terminal: WatchTerminal,
        *,
        grade_first: bool = False,
    ) -> None:
        self._folder = folder
        self._exercises = list(exercises)
        self._engine = engine
        self._terminal = terminal
        self._grade_first = grade_first
        self._submission = Submission("watch", {})
        self._results: dict[ExerciseId, ExerciseResult] = {}
        self._imported: dict[ExerciseId, set[str]] = {}
        """Of each exercise that was graded, the paths of the files that it imported."""

    def run(self, changes: FileChanges) -> None:
        """Until there are no more changes."""
        self._submission = read_submission(self._folder)
        begun = [exercise for exercise in self._exercises if self._begun(exercise)]
        due = begun if self._grade_first else []
        self._terminal.standing(self._progress(), "" if due else self._next())
        isolation = self._engine.isolation
        reason = f" ({isolation.reason})" if isolation.reason else ""
        self._terminal.say(f"ready · isolation: {isolation.level}{reason}", "dim")
        while True:
            while due:
                exercise, was_right = due[0], self._right(due[0])
                if saved := self._grade(exercise, changes):
                    self._terminal.say("saved again: starting over", "dim")
                    due = _once([*saved, *due])
                else:
                    due = _once([*self._follow_ups(exercise, was_right), *due[1:]])
                    if not due:
                        self._terminal.standing(self._progress(), self._next(exercise))
            paths = changes.wait()
            if paths is None:
                return
            due = self._due(paths, again=True)

    def _due(self, paths: set[Path], *, again: bool = False) -> list[ExerciseId]:
        """The exercises to grade, now that something happened to these paths.

        again: whether what was saved just as it was counts too.
        """
        if not paths:
            return []
        try:
            new = read_submission(self._folder)
        except SubmissionError as error:
            self._terminal.say(f"{error}; put it back, and saves are seen again", "red")
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
        if again and not changed:
            changed = {path for path in new.files if any(_ends_with(saved, path) for saved in paths)}
        return _once(exercise for path in sorted(changed) for exercise in self._concerned(path))

    def _concerned(self, path: str) -> list[ExerciseId]:
        """The exercises to grade when this file of the submission has changed; says why where there are none."""
        there = path in self._submission.files or path in self._submission.problems
        exercise = ExerciseId(path.removesuffix(".py"))
        if exercise not in exercise_ids():
            found = [one for one in self._exercises if self._imports(one, path)]
            if not found and there and len(self._exercises) == len(exercise_ids()):
                self._terminal.say(f"{path}: no exercise imports it", "dim")
            return found
        if exercise not in self._exercises:
            return [one for one in self._exercises if self._imports(one, path)]
        if self._begun(exercise):
            return [exercise]
        self._results.pop(exercise, None)
        why = "is as it was handed out: nothing to grade" if there else "is gone: save it there again to have it graded"
        self._terminal.say(f"{path} {why}", "yellow")
        return []

    def _begun(self, exercise: ExerciseId) -> bool:
        """Whether somebody has worked on it: it is there, and is not the stub."""
        path = exercise.path
        data = self._submission.files.get(path)
        return path in self._submission.problems or (
            data is not None and not as_generated(data.decode("utf-8", errors="replace"))
        )

    def _imports(self, exercise: ExerciseId, helper: str) -> bool:
        """Whether an exercise was seen to import a helper, or its file, or another helper of its, says so."""
        seen = self._imported.get(exercise, ())
        return helper in seen or helper in _reachable(exercise.path, self._submission.files)

    def _grade(self, exercise: ExerciseId, changes: FileChanges) -> list[ExerciseId]:
        """Grades one exercise to its end, or up to a save that asks for exercises, which are returned."""
        with closing(self._steps(exercise)) as steps:
            for _ in steps:
                if saved := self._due(changes.now()):
                    return saved
        return []

    def _steps(self, exercise: ExerciseId) -> Generator[None, None, None]:
        """Runs the checks, the quick ones first, and shows what comes of them; stops after each to be asked to go on."""
        start, grader = time.monotonic(), load_grader(exercise)
        quick = [check for check in grader.checks if not check.spec.trains]
        slow = [check for check in grader.checks if check.spec.trains]
        slow.sort(key=lambda check: check.spec.threshold is not None)
        terminal = self._terminal
        terminal.begin(exercise)
        with closing(self._engine.run(self._submission, grader)) as run, terminal.busy(exercise) as now:

            def announce(check: Check) -> None:
                if check.spec.trains:
                    now(f"training: {check.title}")
                    terminal.training(check.title)
                else:
                    now(f"check {len(run.result.checks) + 1} of {len(grader.checks)}: {check.title}")

            for _ in run.results(quick, announce):
                yield
            self._explain(run, run.result.checks)
            for result in run.results(slow, announce):
                self._explain(run, [result])
                yield
        if run.result.status == "grader_error":
            self._engine.close()  # the next worker comes from a fresh zygote
        self._results[exercise] = run.result
        terminal.verdict(run.result, time.monotonic() - start)

    def _explain(self, run: ExerciseRun, new: list[CheckResult]) -> None:
        """Shows why the new checks of a run did not pass, where they did not."""
        result = run.result
        self._imported[result.id] = set(run.student.imported)
        if all(check.status == "passed" for check in new):
            return
        mark_blocked([*(other for other in self._results.values() if other.id != result.id), result])
        run.explain()
        name_cells([ExerciseResult(result.id, result.bonus, new)], self._submission.places)
        self._terminal.reasons(new)

    def _right(self, exercise: ExerciseId) -> bool:
        """Whether it passed the last time; what was never graded counts as right."""
        result = self._results.get(exercise)
        return result is None or result.status in ("passed", SKIPPED)

    def _follow_ups(self, exercise: ExerciseId, was_right: bool) -> list[ExerciseId]:
        """What to grade next for the sake of this one: what it may be blocked by, or those that it blocked or blocks now."""
        result = self._results[exercise]
        importers = [other.id for other in self._results.values() if exercise in other.imports]
        blocked = importers if self._right(exercise) != was_right else []
        unknown = [name for name in result.imports if name not in self._results and self._begun(name)]
        return blocked if self._right(exercise) else [*blocked, *unknown]

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
            sum(self._begun(exercise) and exercise not in self._results for exercise in self._exercises),
        )

    def _next(self, exercise: ExerciseId | None = None) -> str:
        """What to do after this exercise: the first from there that is begun and not finished, else not begun."""
        place = self._exercises.index(exercise) if exercise and exercise in self._exercises else 0
        order = self._exercises[place:] + self._exercises[:place]
        left = [name for name in order if name not in self._results or not self._right(name)]
        begun = [name for name in left if self._begun(name)]
        begun.sort(key=lambda name: name in self._results and self._results[name].status == "blocked")
        if begun and begun[0] in self._results:
            return f"fix {self._display_path(begun[0])}"
        if begun:
            return f"save {self._display_path(begun[0])} to have it graded"
        return f"replace the first TODO in {self._display_path(left[0])}" if left else ""

    def _display_path(self, exercise: ExerciseId) -> str:
        return _near(self._folder / exercise.path)


def _ends_with(saved: Path, path: str) -> bool:
    parts = PurePosixPath(path).parts
    return saved.parts[-len(parts) :] == parts


def _once(names: Iterable[ExerciseId]) -> list[ExerciseId]:
    """In the order of their first appearance."""
    return list(dict.fromkeys(names))


def _reachable(path: str, files: Mapping[str, bytes]) -> set[str]:
    """The files of the submission that this one may import, directly or not: their names stand in import statements."""
    practical = path.split("/")[0]
    near = [one for one in files if "/" not in one or one.split("/")[0] == practical]
    found, left = {path}, [path]
    while left:
        named = _names_imported(files.get(left.pop(), b""))
        new = [one for one in near if one not in found and _module_name(one) in named]
        found.update(new)
        left += new
    return found - {path}


def _module_name(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _names_imported(source: bytes) -> set[str]:
    """Each part of each name in import statements; none where the file is not valid Python."""
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
