"""The pytest plugin: `pytest autograder` grades `exercises/`. It does nothing in other pytest runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from autograder.checks.grader import Check
    from autograder.grading.session import GradingSession
    from autograder.results import SubmissionResult

PACKAGE = Path(__file__).resolve().parents[1]
GRADERS = PACKAGE / "graders"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "grading of exercises")
    group.addoption(
        "--submission", metavar="DIR", help="the folder to grade, as --submission=DIR (default: exercises/)"
    )
    group.addoption(
        "--seed", type=int, metavar="N", help="the run seed, to repeat a grading (default: 128 random bits)"
    )
    group.addoption("--tier", choices=("fast", "full"), default="fast", help="full: whole datasets")
    group.addoption("--isolation", choices=("strict", "process", "none"), help="default: the strictest that works here")
    group.addoption(
        "--follow-through", action="store_true",
        help="for teachers: grade blocked exercises once more, with the reference in place of what blocks them",
    )  # fmt: skip
    group.addoption("--data-root", metavar="DIR", help="where local datasets lie (default: $AUTOGRADER_DATA)")
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
    """One seed for all of xdist's nodes."""
    node.workerinput["autograder_seed"] = str(node.config.option.seed)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """An exercise stays on one node, whose worker has it loaded."""
    if config.option.dist != "load" or not _asks_for_grading(config):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


def _asks_for_grading(config: pytest.Config) -> bool:
    """Whether pytest was called with the graders, with one of them, or with a folder that holds them."""
    if config.known_args_namespace.pyargs:
        return False  # names of packages; the graders are noticed when they are collected
    paths = [Path(config.invocation_params.dir, str(arg).split("::")[0]).resolve() for arg in config.args]
    return any(GRADERS.is_relative_to(path) or path.is_relative_to(GRADERS) for path in paths)


class CheckItem(pytest.Item):
    """One check of one exercise."""

    def __init__(self, *, check: Check, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.exercise = check.id.split("::")[0]

    def runtest(self) -> None:
        grading = self.config.pluginmanager.get_plugin("autograder-grading")
        assert isinstance(grading, Grading)
        session = grading.session()
        session.engine.call(self.check, session.student(self.exercise))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, self.check.function.__code__.co_firstlineno - 1, self.check.title


class Grading:
    """One pytest run: owns the session that grades, and gathers what came of each check."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session: GradingSession | None = None
        self._results: dict[str, dict[str, Any]] = {}
        self._reports: dict[str, Any] = {}
        """By the check's id."""
        self._hints_shown: set[tuple[str, str]] = set()
        self._isolation = ("", "")
        self._final: SubmissionResult | None = None

    def session(self) -> GradingSession:
        if self._session is None:
            from autograder.sandbox.host.launch import choose_isolation

            isolation = choose_isolation(self._config.option.isolation)
            if isolation.launcher is not None and not getattr(self._config.option, "numprocesses", None):
                isolation.launcher.start()  # it imports torch while we do; xdist's controller grades nothing itself
            from autograder.grading.session import GradingSession

            self._session = GradingSession.from_options(self._config.option, self._config.rootpath, isolation)
        return self._session

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Says what is wrong with the options before anything is collected."""
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
                f"{PACKAGE}. Uninstall one (pip uninstall autograder), then pip install -e . in the folder of the other",
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
            return [] if name.startswith("test_") else None
        from autograder.checks.grader import grader_of

        checks = {check.function.__name__: check for check in grader_of(collector.obj).checks}
        return CheckItem.from_parent(collector, name=name, check=checks[name])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if isinstance(item, CheckItem) and call.when == "teardown":
            report.autograder_mistakes = self.session().take_mistakes(item.exercise)
        if not isinstance(item, CheckItem) or call.when != "call":
            return report
        from autograder.grading.engine import judge, verdict_on
        from autograder.reports.terminal import failure_text
        from autograder.results import SKIPPED

        if call.excinfo is None:
            result = judge(item.check, lambda: None)
        elif isinstance(call.excinfo.value, Exception):
            result = verdict_on(item.check, call.excinfo.value)
        else:
            return report  # Ctrl-C and the like are pytest's
        if result.status == SKIPPED:
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, f"Skipped: {result.message}")
        elif call.excinfo is not None:
            report.outcome, report.longrepr = "failed", failure_text(result)
        self.session().note(item.exercise, result)
        engine = self.session().engine
        report.autograder = {
            "exercise": item.exercise,
            "bonus": item.parent.obj.EXERCISE.bonus if isinstance(item.parent, pytest.Module) else False,
            "check": asdict(result),
            "imports": self._imports(item),
            "isolation": (engine.isolation, engine.isolation_reason),
        }
        return report

    def _imports(self, item: CheckItem) -> list[str]:
        from autograder.checks.grader import load_grader
        from autograder.grading.engine import imported_exercises

        return imported_exercises(self.session().student(item.exercise), load_grader(item.exercise))

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """An exercise's worker ends with its last check."""
        if isinstance(item, CheckItem) and getattr(nextitem, "exercise", None) != item.exercise:
            self.session().finish(item.exercise)

    def pytest_runtest_logreport(self, report: Any) -> None:
        graded = getattr(report, "autograder", None)
        if graded is not None:
            self._results[report.nodeid] = graded
            self._isolation = tuple(graded["isolation"])
            self._reports[graded["check"]["id"]] = report
        for check, (mistake, hint) in getattr(report, "autograder_mistakes", {}).items():
            self._name_mistake(check, mistake, hint)

    def _name_mistake(self, check: str, mistake: str, hint: str) -> None:
        """What an exercise's checks say together is known only when the last has run; the texts are shown later."""
        from autograder.reports.terminal import failure_text
        from autograder.results import CheckResult

        report = self._reports[check]
        result = report.autograder["check"]
        result["mistake"], result["hint"] = mistake, hint
        exercise = report.autograder["exercise"]
        report.longrepr = failure_text(CheckResult(**result), hint_shown=(exercise, mistake) in self._hints_shown)
        self._hints_shown.add((exercise, mistake))

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """What is not written yet is counted by that name, and needs no paragraph of its own."""
        graded = getattr(report, "autograder", None)
        if graded is None or report.when != "call" or report.outcome != "failed":
            return None
        status = graded["check"]["status"]
        if status == "not_started":
            return "not started", "n", "NOT STARTED"
        return "failed", "F", status.upper()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        graded = self._final = self._graded()
        if self._session is not None:
            self._session.close()
        if graded is not None and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = pytest.ExitCode.OK if graded.complete else pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        result = self._final
        if result is None:
            return
        from autograder.reports.terminal import summary

        terminalreporter.write_line("")
        for line in summary(result, color=terminalreporter.hasmarkup):
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
                write(result.to_json(), Path(path))
                yield str(path)

    def _graded(self) -> SubmissionResult | None:
        """The result of the whole run; None on xdist's nodes, and where nothing was graded."""
        if not self._results or hasattr(self._config, "workerinput"):
            return None
        return self.session().result(list(self._results.values()), self._isolation)
