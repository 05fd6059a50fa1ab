"""The pytest plugin behind `pytest autograder`, which grades `exercises/`. It does nothing in other pytest runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.course.catalogue import GRADER_PREFIX, CheckId, ExerciseId, in_course_order
from autograder.grading.command_line import GRADERS, PACKAGE, chosen_exercises, command_meant_by
from autograder.grading.settings import parse_seed

if TYPE_CHECKING:
    from autograder.checks.grader import Check
    from autograder.grading.session import GradingSession
    from autograder.results import CheckResult, ExerciseResult, SubmissionResult
    from autograder.sandbox.host.launch import Isolation

WAITING = "waiting"
NOT_RUN = "not run: pytest stopped before this check, as requested (-x, --maxfail)"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "grading of exercises")
    group.addoption(
        "--submission", metavar="DIR", help="the folder to grade, as --submission=DIR (default: exercises/)"
    )
    group.addoption(
        "--exercise", action="append", default=[], metavar="NAME",
        help="grade only this exercise or practical, such as vit or p3_vit; repeatable",
    )  # fmt: skip
    group.addoption(
        "--seed", type=parse_seed, metavar="N", help="the run seed, to repeat a grading (default: 128 random bits)"
    )
    group.addoption("--tier", choices=("fast", "full"), default="fast", help="full: whole datasets")
    group.addoption("--isolation", choices=("strict", "process", "none"), help="default: the strictest that works here")
    group.addoption(
        "--follow-through", action="store_true",
        help="for teachers: grade blocked exercises again, with the reference in place of the exercises that block them",
    )  # fmt: skip
    group.addoption(
        "--hints", type=int, choices=(1, 2, 3), default=1, metavar="LEVEL",
        help="1 says what is wrong, 2 also shows where to look, 3 also gives the idea (default: 1)",
    )  # fmt: skip
    group.addoption("--data-root", metavar="DIR", help="the folder of local datasets (default: $AUTOGRADER_DATA)")
    for kind in ("json", "html", "gradescope"):
        group.addoption(f"--report-{kind}", metavar="FILE", help=f"write the result as {kind}")


def pytest_configure(config: pytest.Config) -> None:
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.option.seed = int(worker_input["autograder_seed"])
    elif config.option.seed is None:
        config.option.seed = secrets.randbits(128)
    config.pluginmanager.register(Grading(config), "autograder-grading")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Gives all of xdist's nodes the same seed."""
    node.workerinput["autograder_seed"] = str(node.config.option.seed)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keeps each exercise on one node, so that it is loaded by one worker only."""
    if config.option.dist != "load" or not _asks_for_grading(config):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


def _asks_for_grading(config: pytest.Config) -> bool:
    """Whether pytest was called with the graders, with some of them, or with a folder that contains them."""
    if config.known_args_namespace.pyargs:
        return False  # the arguments are names of packages; the graders are noticed when they are collected
    paths = [Path(config.invocation_params.dir, str(arg).split("::")[0]).resolve() for arg in config.args]
    return any(GRADERS.is_relative_to(path) or path.is_relative_to(GRADERS) for path in paths)


class CheckItem(pytest.Item):
    """One check of one exercise."""

    def __init__(self, *, check: Check, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.exercise = check.id.exercise

    def runtest(self) -> None:
        grading = self.config.pluginmanager.get_plugin("autograder-grading")
        assert isinstance(grading, Grading)
        grading.session().run(self.exercise).call(self.check)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Empty for what a check raised: formatting a traceback is slow, and the student reads our explanation instead."""
        return "" if isinstance(excinfo.value, Exception) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, self.check.function.__code__.co_firstlineno - 1, self.check.title


class Grading:
    """The plugin of one pytest run: owns the grading session and collects the result of each check."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._chosen = chosen_exercises(config.option.exercise)
        self._session: GradingSession | None = None
        self._collected: dict[CheckId, str] = {}
        """All collected checks, each with the reason why it has no result, if that is known."""
        self._results: dict[CheckId, ExerciseResult] = {}
        """The result of each check, as an exercise with this one check."""
        self._reports: dict[CheckId, Any] = {}
        self._failed_elsewhere = False
        """Whether anything failed in this pytest run besides the checks."""
        self._explained: dict[ExerciseId, list[Any]] = {}
        """For an exercise that has just been finished: the results for which a mistake was named, as plain data."""
        self._hints_shown: set[tuple[str, str]] = set()
        self._level: int = config.option.hints
        self._isolation: Isolation | None = None
        self._final: SubmissionResult | None = None

    def session(self) -> GradingSession:
        """The grading session, which is created at the first call."""
        if self._session is None:
            from autograder.sandbox.host.launch import choose_isolation

            isolation = choose_isolation(self._config.option.isolation)
            if isolation.launcher is not None and not getattr(self._config.option, "numprocesses", None):
                isolation.launcher.start()  # imports torch meanwhile; xdist's controller grades nothing
            from autograder.grading.session import GradingSession

            self._session = GradingSession.from_options(self._config.option, self._config.rootpath, isolation)
        return self._session

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leaves out the graders of exercises that `--exercise` does not name, without importing them."""
        practical, name = collection_path.parent, collection_path.stem
        if not self._chosen or practical.parent != GRADERS or not name.startswith(GRADER_PREFIX):
            return None
        return ExerciseId.of(practical.name, name.removeprefix(GRADER_PREFIX)) not in self._chosen or None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Reports wrong options, and paths at which nothing can be graded, before anything is collected."""
        for arg in self._config.args:
            if command := command_meant_by(str(arg), self._config.invocation_params.dir):
                raise pytest.UsageError(command)
        if _asks_for_grading(self._config):
            self._begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> None:
        """Starts the zygote before a grader is imported, so that both import torch at the same time."""
        if module_path.is_relative_to(GRADERS):
            self._begin()
        elif module_path.parent.parent.name == "graders" and module_path.parents[2].name == "autograder":
            pytest.exit(
                f"two copies of autograder: the graders at {module_path.parents[2]}, and the installed package at "
                f"{PACKAGE}. Uninstall one (pip uninstall autograder), then run pip install -e . in the folder of the other",
                returncode=4,
            )

    def _begin(self) -> None:
        from autograder.data.dataset import DataError
        from autograder.sandbox.host.errors import IsolationUnavailable
        from autograder.submissions.submission import SubmissionError

        try:
            self.session()
        except (SubmissionError, IsolationUnavailable, DataError) as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_pycollect_makeitem(self, collector: Any, name: str, obj: object) -> Any:
        from autograder.checks.declare import spec_of

        if not isinstance(collector, pytest.Module) or not collector.path.is_relative_to(GRADERS):
            return None
        if spec_of(obj) is None:
            return [] if name.startswith(GRADER_PREFIX) else None
        from autograder.checks.grader import GraderError, grader_of

        try:
            checks = {check.function.__name__: check for check in grader_of(collector.obj).checks}
        except GraderError as error:
            raise collector.CollectError(str(error)) from None
        return CheckItem.from_parent(collector, name=name, check=checks[name])

    @pytest.hookimpl(tryfirst=True)  # before plugins that shuffle
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Puts the exercises into the order of the course, in place of that of the graders' file names."""
        checks = [item for item in items if isinstance(item, CheckItem)]
        place = {exercise: i for i, exercise in enumerate(in_course_order({item.exercise for item in checks}))}
        ordered = iter(sorted(checks, key=lambda item: place[item.exercise]))
        items[:] = [next(ordered) if isinstance(item, CheckItem) else item for item in items]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._collected |= {item.check.id: "" for item in session.items if isinstance(item, CheckItem)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Records the checks that a node has collected, since xdist's controller collects none itself."""
        self._collected |= {check: "" for nodeid in ids if (check := _check_of(nodeid))}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Waits for the zygote before the first check, because pytest-forked forks each check from this state."""
        if self._collected and not session.config.option.collectonly and self._session is not None:
            self._session.engine.confirm()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if not isinstance(item, CheckItem):
            return report
        if call.when == "teardown":
            report.autograder_explained = self._explained.pop(item.exercise, [])
        elif call.when == "call":
            self._report_result(report, item, call)
        return report

    def _report_result(self, report: Any, item: CheckItem, call: pytest.CallInfo[None]) -> None:
        """Adds the check's result to pytest's report, and replaces its text by our explanation."""
        from autograder.grading.engine import failed_result, judge, without_result
        from autograder.reports.terminal import failure_text
        from autograder.results import SKIPPED, ExerciseResult, to_plain

        if call.excinfo is None:
            result = judge(item.check, lambda: None)
        elif isinstance(call.excinfo.value, Exception):
            result = failed_result(item.check, call.excinfo.value)
        elif isinstance(call.excinfo.value, pytest.fail.Exception):  # as pytest-timeout does
            result = without_result(item.check, f"a plugin of pytest stopped it: {call.excinfo.value}")
        else:
            return  # Ctrl-C and the like are left to pytest
        run = self.session().run(item.exercise)
        if result.status == SKIPPED:
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, f"Skipped: {result.message}")
        elif call.excinfo is not None:
            report.outcome, report.longrepr = "failed", failure_text(run.add(result), level=self._level)
        else:
            run.add(result)
        isolation = self.session().engine.isolation
        part = ExerciseResult(run.result.id, run.result.bonus, [result], run.result.imports)
        report.autograder = to_plain(part) | {"isolation": [isolation.level, isolation.reason]}

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Finishes an exercise after its last check."""
        from autograder.results import to_plain

        if isinstance(item, CheckItem) and getattr(nextitem, "exercise", None) != item.exercise:
            checks = self.session().finish(item.exercise)
            self._explained[item.exercise] = [to_plain(check) for check in checks]

    def pytest_runtest_logreport(self, report: Any) -> None:
        from autograder.results import CheckResult, ExerciseResult, from_plain
        from autograder.sandbox.host.launch import Isolation

        graded = getattr(report, "autograder", None)
        if graded is not None:
            part = from_plain(graded, ExerciseResult)
            self._results[part.checks[0].id] = part
            self._reports[part.checks[0].id] = report
            self._isolation = Isolation(graded["isolation"][0], None, graded["isolation"][1])
        elif report.failed:
            self._failed_elsewhere = True
            if check := _check_of(report.nodeid):
                self._collected[check] = str(report.longrepr).strip().rpartition("\n")[2]
        if hasattr(report, "autograder_explained") and (last := _check_of(report.nodeid)):
            self._explain(last.exercise, [from_plain(check, CheckResult) for check in report.autograder_explained])

    def _explain(self, exercise: ExerciseId, explained: list[CheckResult]) -> None:
        """Adds the mistakes, and the number of checks that wait, to the texts of an exercise's failed checks.

        They are known after its last check; pytest shows the texts at the end of the run.
        """
        from autograder.reports.terminal import failure_text

        for check in explained:
            if check.id in self._results:
                self._recount(self._results[check.id].checks[0], check)
                self._results[check.id].checks = [check]
        checks = [part.checks[0] for part in self._results.values() if part.id == exercise]
        for check in checks:
            waiting = [other for other in checks if other.waits_for == check.id]
            if check.known_mistake or waiting:
                shown = (exercise, check.known_mistake)
                again = bool(check.known_mistake) and shown in self._hints_shown
                self._reports[check.id].longrepr = failure_text(check, again, waiting, self._level)
                self._hints_shown.add(shown)

    def _recount(self, before: CheckResult, now: CheckResult) -> None:
        """Has pytest count a check as failed that waited, or the other way round, if the mistakes have shown that."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        old, new = (WAITING if check.waits_for else "failed" for check in (before, now))
        report = self._reports[now.id]
        if old != new and terminal is not None and report in terminal.stats.get(old, []):
            terminal.stats[old].remove(report)
            terminal.stats.setdefault(new, []).append(report)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Counts checks of unwritten functions, and those that wait for another check, apart: none gets a paragraph."""
        graded = getattr(report, "autograder", None)
        if graded is None or report.when != "call" or report.outcome != "failed":
            return None
        status = graded["checks"][0]["status"]
        if status == "not_started":
            return "not started", "n", "NOT STARTED"
        if graded["checks"][0]["waits_for"]:
            return WAITING, "w", "WAITING"
        return "failed", "F", status.upper()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Sets the exit code: 0 if all points but the bonus were reached and nothing else failed."""
        stopped = bool(session.shouldstop or session.shouldfail)
        graded = self._final = self._graded(stopped)
        if self._session is not None:
            self._session.close()
        if graded is not None and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            complete = graded.complete and not self._failed_elsewhere
            session.exitstatus = pytest.ExitCode.OK if complete else pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        result = self._final
        if result is None:
            return
        from autograder.reports.terminal import remarks, summary

        terminalreporter.write_line("")
        for line in summary(result, color=terminalreporter.hasmarkup, level=self._level):
            terminalreporter.write_line(line)
        for line in remarks(result, all_files=bool(self._config.option.submission)):
            terminalreporter.write_line(line)
        for path in self._write_reports(result):
            terminalreporter.write_line(f"report written to {path}")

    def _write_reports(self, result: SubmissionResult) -> Iterable[str]:
        from autograder.reports import files

        for kind, write in (
            ("json", files.write_json),
            ("html", files.write_html),
            ("gradescope", files.write_gradescope),
        ):
            path = self._config.getoption(f"--report-{kind}")
            if path:
                write(result, Path(path))
                yield str(path)

    def _graded(self, stopped: bool) -> SubmissionResult | None:
        """The result of the run; None on xdist's nodes and if nothing was graded."""
        if hasattr(self._config, "workerinput") or not (self._results or self._collected):
            return None
        if self._config.option.collectonly:
            return None
        parts = [*self._results.values(), *self._without_result(stopped)]
        session = self.session()
        return session.result(parts, self._isolation or session.engine.isolation)

    def _without_result(self, stopped: bool) -> Iterator[ExerciseResult]:
        """Results for the collected checks that have none, so that their points stay in the total."""
        from autograder.checks.grader import load_grader
        from autograder.grading.engine import without_result
        from autograder.results import CheckResult, ExerciseResult

        for name, reason in self._collected.items():
            if name in self._results:
                continue
            grader = load_grader(name.exercise)
            check = next(check for check in grader.checks if check.id == name)
            if stopped and not reason:
                result = CheckResult(name, check.title, "blocked", 0, check.spec.points, NOT_RUN)
            else:
                result = without_result(
                    check, reason or "the process that ran it ended, or a plugin of pytest stopped it"
                )
            yield ExerciseResult(grader.id, grader.spec.bonus, [result])


def _check_of(nodeid: str) -> CheckId | None:
    """The check with pytest's id "…/graders/p1_mlp/test_mlp_nn.py::test_network"; None if the id is not a check's."""
    path, _, function = nodeid.partition("::")
    file = Path(path)
    if file.parent.parent.name != GRADERS.name or not file.stem.startswith(GRADER_PREFIX) or "::" in function:
        return None
    exercise = ExerciseId.of(file.parent.name, file.stem.removeprefix(GRADER_PREFIX))
    return exercise.check(function.removeprefix(GRADER_PREFIX))
