"""The leak scan: an answer is found wherever it is hidden, and other code is not reported."""

import base64
import bz2
import gzip
import importlib.util
import io
import json
import marshal
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.catalogue import Project
from autograder.course.leaks.allowed import AllowedError, Overlap, load_allowed
from autograder.course.leaks.scan import Finding, Scanner
from autograder.course.leaks.secrets import Secrets, secrets_of

SOLUTION = '''"""Scores from distances."""

import torch
from torch import Tensor


def scores(X: Tensor, centres: Tensor, temperature: float = 0.25) -> Tensor:
    """The scores of a batch.

    Args:
        X: (batch, n), inputs.
    """
    ### BEGIN SOLUTION
    # TODO: distances to each centre, (batch, n) and (k, n) -> (batch, k).
    difference = X[:, None, :] - centres[None, :, :]
    distance = difference.pow(2).sum(dim=2).clamp(min=1e-6).sqrt()
    return torch.exp(-distance / temperature) * 3.5  # what is near weighs more than what is far, at any scale
    ### END SOLUTION
'''
VARIANT = '''"""Distances by a library."""

import torch


def scores(X, centres, temperature=0.25):
    near = torch.cdist(X, centres, p=2.0, compute_mode="donot_use_mm_for_euclid_dist")
    far = near.neg().div(temperature)
    weights = far.exp().mul(3.5)
    return weights.where(weights > 1e-4, weights.new_zeros(()))
'''
MISTAKE = '''"""Known mistakes of `scores`."""

from autograder.course.mistakes import instead_of


@instead_of("scores")
def manhattan_distance(X, centres, temperature=0.25):
    """Your distances are sums of absolute differences along the axes, not the lengths of straight lines between points."""
    length = (X.unsqueeze(1) - centres.unsqueeze(0)).abs().sum(dim=-1).clamp_min(1e-6)
    return length.div(-temperature).exp() * 3.5
'''
NOTEBOOK = """# %% [markdown]
# # Distances
#
# %% [markdown] question="q01" points=2
# Why does a small temperature sharpen the scores?
#
# %% [markdown] mark_scheme="q01"
# One mark for saying that every quotient grows in magnitude, and another for concluding that the nearest centre dominates.
#
# %% [markdown] question="q02" points=1 expected={"q02_width": 37, "q02_axes": [2, 3], "q02_best": "B"} tolerance=0
# How wide is the table?
"""
LINE = "distance = difference.pow(2).sum(dim=2).clamp(min=1e-6).sqrt()"
RENAMED = "d = gap.pow(2).sum(dim=2).clamp(min=1e-6).sqrt()"
REFORMATTED = "d = (\n    gap\n    .pow( 2 )\n    .sum(\n        dim = 2,\n    ).clamp(min = 1e-6)\n    .sqrt()\n)\n"
TEXT = f"first this, and then\n    {LINE}\nwhich is the end of it\n"
INNOCENT_LINE = "table = angles.cos(0).std(axis=5).round(decimals=2e-3).tan()"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("course")
    for name, text in {
        "solutions/p1_mlp/scores.py": SOLUTION,
        "solutions/variants/p1_mlp/scores/library.py": VARIANT,
        "solutions/mistakes/p1_mlp/scores.py": MISTAKE,
        "solutions/notebooks/p1_mlp.py": NOTEBOOK,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "autograder/graders").mkdir(parents=True)
    return Project(root)


@pytest.fixture(scope="module")
def secrets(project: Project) -> Secrets:
    return secrets_of(project)


@pytest.fixture
def scan(secrets: Secrets, project: Project) -> Callable[[str, bytes | str], list[Finding]]:
    scanner = Scanner(secrets, own=(project.root,))
    return lambda name, data: scanner.scan(name, data.encode() if isinstance(data, str) else data)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in (*chunks, (b"IEND", b"")):
        parts += [len(data).to_bytes(4, "big"), name, data, zlib.crc32(name + data).to_bytes(4, "big")]
    return b"".join(parts)


def notebook(cell: dict[str, object], **metadata: object) -> str:
    whole = {"cell_type": "code", "source": [], "metadata": {}, "outputs": []} | cell
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# Hello"}, whole], "metadata": metadata})


def compiled(source: str) -> bytes:
    header = importlib.util.MAGIC_NUMBER + bytes(12)
    return header + marshal.dumps(compile(source, "anything.py", "exec"))


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


FUNCTION = SOLUTION.replace("difference", "gap").replace("distance", "far").replace("X", "points")
HIDING: dict[str, tuple[str, Callable[[str], bytes | str]]] = {
    "code of a module": ("a.py", lambda line: f"import torch\n\n\ndef f(difference):\n    {line}\n    return 1\n"),
    "a comment": ("a.py", lambda line: f"x = 1\n# like this: {line}\n"),
    "a comment behind code": ("a.py", lambda line: f"x = 1  # {line}\n"),
    "a docstring": ("a.py", lambda line: f'def f():\n    """Do it.\n\n    {line}\n    """\n'),
    "a string": ("a.py", lambda line: f"HINT = {line!r}\n"),
    "a string with escapes": ("a.py", lambda line: "HINT = '" + "".join(f"\\x{ord(c):02x}" for c in line) + "'\n"),
    "a string in pieces": ("a.py", lambda line: f"HINT = (\n    {line[:20]!r}\n    {line[20:]!r}\n)\n"),
    "bytes in a module": ("a.py", lambda line: f"DATA = {zlib.compress(line.encode())!r}\n"),
    "a text file": ("a.md", lambda line: f"# Help\n\nTry `{line}`, it works.\n"),
    "a page": ("a.html", lambda line: f"<pre>{line.replace('=', '&#61;').replace('.', '&#46;')}</pre>"),
    "UTF-16": ("a.txt", lambda line: line.encode("utf-16")),
    "a notebook's code": ("a.ipynb", lambda line: notebook({"source": ["# here\n", line]})),
    "an output": ("a.ipynb", lambda line: notebook({"outputs": [{"output_type": "stream", "text": [line + "\n"]}]})),
    "an output's data": (
        "a.ipynb",
        lambda line: notebook(
            {"outputs": [{"data": {"image/png": encoded(png((b"tEXt", b"Note\0" + line.encode())))}}]}
        ),
    ),
    "an attachment": ("a.ipynb", lambda line: notebook({"attachments": {"a.txt": {"text/plain": encoded(line * 3)}}})),
    "a cell's metadata": ("a.ipynb", lambda line: notebook({"metadata": {"nbgrader": {"answer": line}}})),
    "a notebook's metadata": ("a.ipynb", lambda line: notebook({}, course={"note": [line]})),
    "a zip": ("a.zip", lambda line: zipped({"b.txt": line.encode()})),
    "a zip in a zip": ("a.zip", lambda line: zipped({"b.zip": zipped({"c/d.py": line.encode()})})),
    "a zip by another name": ("a.png", lambda line: zipped({"b.txt": line.encode()})),
    "a zip behind a picture": ("a.png", lambda line: png() + zipped({"b.txt": line.encode()})),
    "a zip's comment": ("a.zip", lambda line: zip_with_comment(line)),
    "a tar.gz": ("a.tar.gz", lambda line: tarred({"b.py": line.encode()}, "w:gz")),
    "a tar.xz": ("a.tar.xz", lambda line: tarred({"b.py": line.encode()}, "w:xz")),
    "a gz": ("a.json.gz", lambda line: gzip.compress(json.dumps({"hint": line}).encode(), mtime=0)),
    "a bz2": ("a.bz2", lambda line: bz2.compress(line.encode())),
    "a base64 string": ("a.txt", lambda line: f"data: {encoded(line)}\n"),
    "base64 in lines": ("a.txt", lambda line: base64.encodebytes((line * 3).encode()).decode()),
    "base64 of base64": ("a.txt", lambda line: encoded(encoded(line))),
    "a hexadecimal string": ("a.txt", lambda line: f"data: {line.encode().hex()}\n"),
    "a cached result (JSON)": ("a.json", lambda line: json.dumps({"checks": [{"message": f"expected {line}"}]})),
    "a cached result (pickle)": ("a.bin", lambda line: pickle.dumps({"answer": [line], "n": 3})),
    "a packed pickle": ("a.bin", lambda line: gzip.compress(pickle.dumps({"answer": line.encode()}), mtime=0)),
    "a binary file": ("a.bin", lambda line: b"\0\1\2\xff" + line.encode() + b"\0\xfe"),
    "a picture's note": ("a.png", lambda line: png((b"tEXt", b"Comment\0" + line.encode()))),
    "a picture's packed note": ("a.png", lambda line: png((b"zTXt", b"Comment\0\0" + zlib.compress(line.encode())))),
    "a string in bytecode": ("a.pyc", lambda line: compiled(f"def f():\n    return {line!r}\n")),
}


def zip_with_comment(line: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = line.encode()
    return buffer.getvalue()


def overlaps(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if "overlaps with" in finding.problem]


@pytest.mark.parametrize("place", HIDING)
def test_a_line_of_a_solution_is_found_in(place: str, scan: Callable[..., list[Finding]]) -> None:
    name, hide = HIDING[place]
    found = overlaps(scan(name, hide(LINE)))
    assert "a solution, solutions/p1_mlp/scores.py:16" in found[0].problem


@pytest.mark.parametrize("place", HIDING)
def test_an_unrelated_line_is_not_reported_in(place: str, scan: Callable[..., list[Finding]]) -> None:
    name, hide = HIDING[place]
    assert overlaps(scan(name, hide(INNOCENT_LINE))) == []


LEAKS = {
    "renamed variables": ("a.py", RENAMED, "solutions/p1_mlp/scores.py"),
    "reformatted and renamed code": ("a.py", REFORMATTED, "solutions/p1_mlp/scores.py"),
    "renamed variables in a comment": ("a.py", f"x = 1\n# {RENAMED}\n", "solutions/p1_mlp/scores.py"),
    "reformatted code in a docstring": ("a.py", f'"""Do this:\n\n{REFORMATTED}\n"""\n', "solutions/p1_mlp/scores.py"),
    "a type annotation more": ("a.py", RENAMED.replace("d =", "d: Tensor ="), "solutions/p1_mlp/scores.py"),
    "part of a longer expression": ("a.py", f"y = g(1, {RENAMED[4:]})", "solutions/p1_mlp/scores.py"),
    "short statements in a row": (
        "a.py",
        "a = b.neg().div(t)\nc = a.exp().mul(3.5)\ndef f():\n    return c.where(c > 1e-4, c.new_zeros(()))",
        "a variant",
    ),
    "an answer's comment": ("a.md", "What is near weighs more than what\nis far, at any scale.", "a solution"),
    "a variant's code": (
        "a.py", 'm = torch.cdist(P, Q, p=2.0, compute_mode="donot_use_mm_for_euclid_dist")\nn = m.neg().div(t)', "a variant"
    ),
    "a mistake's code": (
        "a.py", "r = (A.unsqueeze(1) - B.unsqueeze(0)).abs().sum(dim=-1).clamp_min(1e-6)", "solutions/mistakes/"
    ),
    "a mark scheme": (
        "a.ipynb",
        notebook({"source": "A mark for saying that every quotient *grows* in magnitude,\nand another for concluding"}),
        "a mark scheme, solutions/notebooks/p1_mlp.py:8",
    ),
    "an expected number": ("a.ipynb", notebook({"source": "q02_width = 37"}), "an expected answer"),
    "an expected shape": ("a.py", "q02_axes = (2,\n    3)", "an expected answer"),
    "an expected choice": ("a.json", '{"q02_best": "B"}', "an expected answer"),
    "expected answers in metadata": ("a.ipynb", notebook({"metadata": {"expected": '{"q02_width": 37}'}}), "expected answer"),
    "a compiled function": ("a.bin", compiled(SOLUTION), "a solution, solutions/p1_mlp/scores.py"),
    "a compiled function, renamed": ("a.bin", compiled(FUNCTION), "a solution, solutions/p1_mlp/scores.py"),
    "a compiled variant": ("a.bin", compiled(VARIANT), "a variant, solutions/variants/p1_mlp/scores/library.py"),
    "a home folder": ("a.md", "see /home/teacher/course/notes", "'/home/teacher'"),
    "a home folder on a Mac": ("a.ipynb", notebook({"outputs": ["File /Users/teacher/a.py"]}), "'/Users/teacher'"),
    "a home folder on Windows": ("a.json", json.dumps({"path": "C:\\Users\\teacher\\a.py"}), "teacher"),
    "a notebook kernel's folder": ("a.ipynb", notebook({"outputs": ["/tmp/ipykernel_123/4.py"]}), "/tmp/ipykernel_123"),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_the_scan_finds(leak: str, scan: Callable[..., list[Finding]]) -> None:
    name, content, problem = LEAKS[leak]
    assert any(problem in finding.problem for finding in scan(name, content))


def test_the_teachers_own_folder_is_found(project: Project, scan: Callable[..., list[Finding]]) -> None:
    assert "a path on somebody's machine" in scan("a.md", f"made in {project.root}/solutions")[0].problem


@pytest.mark.parametrize(
    "name",
    [
        "solutions/p1_mlp/scores.py", "assignments/source/p1_mlp/a.ipynb", "scores_solution.py", "allowed_overlaps.toml",
        "tests/test_a.py", ".git/HEAD", "exercises/a.py~", "exercises/a.py.bak", "exercises/.a.py.swp",
        "p1/.ipynb_checkpoints/a-checkpoint.ipynb", "a/__pycache__/b.cpython-311.pyc", ".pytest_cache/README.md",
        "cached.pickle", "autograder.egg-info/SOURCES.txt", ".DS_Store", "gradebook.db",
    ],
)  # fmt: skip
def test_a_file_of_this_name_is_always_reported(name: str, scan: Callable[..., list[Finding]]) -> None:
    assert scan(name, "nothing")[0].place == name


def test_names_in_an_archive_are_checked_too(scan: Callable[..., list[Finding]]) -> None:
    assert scan("a.zip", zipped({"b/.hg/store": b"x"}))[0].place == "a.zip → b/.hg/store"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("y = x.sum(dim=2)", "a line that everybody writes"),
        ("for start in range(0, len(X), 10):\n    pass", "a loop that everybody writes"),
        ('"""The scores of a batch.\n\nArgs:\n    X: (batch, n), inputs.\n"""', "the stub's own docstring"),
        ("# TODO: distances to each centre, (batch, n) and (k, n) -> (batch, k).", "the stub's own TODO"),
        (
            "def scores(X: Tensor, centres: Tensor, temperature: float = 0.25) -> Tensor:\n    raise NotImplementedError",
            "stub",
        ),
        ("Your distances are sums of absolute differences along the axes, not the lengths of straight lines", "a hint"),
        ("q02_width = None", "a question's answer cell"),
        ("q02_width = 374", "another number"),
        ("Why does a small temperature sharpen the scores?", "a question"),
    ],
)
def test_what_students_may_see_is_not_reported(text: str, why: str, scan: Callable[..., list[Finding]]) -> None:
    assert scan("a.py", text) == [], why


def test_a_finding_names_file_line_and_what_it_overlaps_with(scan: Callable[..., list[Finding]]) -> None:
    assert str(scan("a.md", f"# One\n\n{LINE}\n")[0]) == (
        f"a.md:3: overlaps with a solution, solutions/p1_mlp/scores.py:16: {LINE}"
    )


def test_a_finding_in_a_notebook_names_the_cell(scan: Callable[..., list[Finding]]) -> None:
    assert {finding.place for finding in scan("a.ipynb", notebook({"source": [LINE]}))} >= {"a.ipynb, cell 2, source"}


def test_a_pickle_is_never_loaded(scan: Callable[..., list[Finding]], tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "loaded",)

    scan("a.bin", pickle.dumps(Trap()))
    assert not (tmp_path / "loaded").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zipped({"a.txt": b"hello"}, zipfile.ZIP_STORED).replace(b"hello", b"olleh")),
        ("a.gz", gzip.compress(bytes(range(200)), mtime=0)[:100]),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30)),
        ("a.pyc", b"\x00\x0d\r\n" + bytes(30)),
    ],
    ids=["a damaged zip", "a cut gz", "7z", "bytecode of another version of Python"],
)
def test_unreadable_data_is_a_finding(name: str, data: bytes, scan: Callable[..., list[Finding]]) -> None:
    assert any(word in str(scan(name, data)) for word in ("cannot be", "another version of Python"))


def test_an_archive_nested_too_deeply_is_a_finding(scan: Callable[..., list[Finding]]) -> None:
    data = b"x"
    for _ in range(20):
        data = zipped({"a": data})
    assert "levels deep" in scan("a.zip", data)[0].problem


def test_a_link_is_a_finding(secrets: Secrets, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/hostname")
    assert "it is a link" in Scanner(secrets).scan_path(tmp_path)[0].problem


def test_hidden_folders_are_scanned(secrets: Secrets, tmp_path: Path) -> None:
    (tmp_path / ".notes").mkdir()
    (tmp_path / ".notes/a").write_text(LINE)
    assert [finding.place for finding in Scanner(secrets).scan_path(tmp_path)] == [".notes/a"]


ALLOWED = frozenset({Overlap("autograder/a.py", LINE)})


def test_an_allowed_line_passes(secrets: Secrets) -> None:
    assert Scanner(secrets, ALLOWED).scan("autograder/a.py", f"def f():\n    {LINE}\n".encode()) == []


def test_an_allowed_line_passes_in_the_archive_too(secrets: Secrets) -> None:
    packed = zipped({"course/autograder/a.py": f"{LINE}\n".encode()})
    assert Scanner(secrets, ALLOWED).scan("course.zip", packed) == []


def test_an_allowed_line_is_reported_in_another_file(secrets: Secrets) -> None:
    assert Scanner(secrets, ALLOWED).scan("autograder/b.py", LINE.encode())


def test_another_line_of_the_same_file_is_reported(secrets: Secrets) -> None:
    assert Scanner(secrets, ALLOWED).scan("autograder/a.py", RENAMED.encode())


def test_an_overlap_without_a_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "allowed.toml").write_text('[[overlap]]\nfile = "a.py"\nline = "x"\n')
    with pytest.raises(AllowedError, match="overlap 1 has no 'reason'"):
        load_allowed(tmp_path / "allowed.toml")
