"""Random submissions of everything that students hand in: none vanishes, and reading them raises nothing unexpected."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.submissions.file_names import ARCHIVE, NOTEBOOK, SCRIPT, kind_of
from autograder.submissions.members import Listing, Member, printable
from autograder.submissions.submission import Submission, SubmissionError, submission_in_listing
from tests.submissions.making import GOOD, MLP, OTHER, fill, read, tarred, zipped
from tests.submissions.test_copies import STUB
from tests.submissions.test_notebook_copies import OLDER, WORKED, notebook

FOLDERS = ["", "", "p1_mlp/", "p2_cnn/", "exercises/p1_mlp/", "p1_mlp (1)/", "week 2/", "a/b/c/", "old/p1_mlp/", "Müller/",
           "autograder/checks/"]  # fmt: skip
STEMS = ["mlp_nn", "softmax_cross_entropy", "convnet", "svm", "p1_mlp", "p2_cnn", "utils", "helper_1", "main", "report"]
MARKS = ["", "", "", " (1)", "-1", " copy", " - Kopie", "-Copy1", "_1", "_final"]
ENDINGS = {
    ".py": (GOOD, OTHER, STUB, b"\xff\xfe", b""),
    ".PY": (GOOD,),
    ".py.txt": (GOOD, OTHER),
    ".ipynb": (WORKED, OLDER, notebook(), WORKED[:-9], b"", b"[]"),
    ".ipynb.json": (WORKED,),
    ".zip": (zipped({MLP: GOOD}), zipped({"x.pdf": b""}), zipped({}), b"PK", b"Rar!\x1a\x07\x00", b""),
    ".tar.gz": (tarred((MLP, OTHER), compression="gz"), b"\x1f\x8b", tarred(("work.zip", zipped({MLP: GOOD})))),
    ".rar": (b"Rar!",), ".7z": (b"",), ".pdf": (b"%PDF",), ".docx": (b"PK",), ".html": (b"",), ".png": (b"",),
    ".csv": (b"1",), ".pyc": (b"",), ".dat": (b"",), ".txt": (b"",), "\x1b[2J.py": (GOOD,),
}  # fmt: skip


def drawn(rng: random.Random) -> dict[str, bytes]:
    """A random folder, in random order."""
    files = {}
    for _ in range(rng.choice([1, 1, 2, 3, 5, 12, 40])):
        ending = rng.choice(list(ENDINGS))
        name = f"{rng.choice(FOLDERS)}{rng.choice(STEMS)}{rng.choice(MARKS)}{ending}"
        files[name] = rng.choice(ENDINGS[ending])
    return files


def attempt(folder: Path) -> Submission | str:
    """The submission in a folder, or why it cannot be read."""
    try:
        return read(folder)
    except SubmissionError as error:
        return str(error)


def unnamed(files: Mapping[str, bytes], result: Submission) -> list[str]:
    """The files that count for nothing and are named nowhere, if they are more than the lines count ("and 3 more").

    An archive that was opened is not named.
    """
    archives = [name for name in files if kind_of(name) == ARCHIVE]
    opened = archives if len(archives) == 1 and not {SCRIPT, NOTEBOOK} & {kind_of(name) for name in files} else []
    texts = [*result.problems.values(), *result.notes, *result.left_aside, *result.unreadable]
    said = "\n".join(texts)
    counted = sum(map(int, re.findall(r"and (\d+) more", said)))
    lost = []
    for name in files:
        used = name.removeprefix("exercises/") in result.files or name in result.files
        placed = any(path.rpartition("/")[2] == name.rpartition("/")[2] for path in result.files)
        notebook = any(places.notebook == name.rpartition("/")[2] for places in result.places.values())
        if name not in opened and not (
            used or placed or notebook or printable(name) in said or printable(name, 80) in said
        ):
            lost.append(name)
    return lost if len(lost) > counted else []


@pytest.mark.parametrize("seed", range(8))
def test_every_file_is_used_or_named_and_nothing_else_is_raised(seed: int) -> None:
    rng = random.Random(seed)
    graded = refused = 0
    for _ in range(25):
        files = drawn(rng)
        with tempfile.TemporaryDirectory() as temporary:
            result = attempt(fill(Path(temporary) / "durand", files))
        if isinstance(result, str):
            refused += 1
            assert result.startswith("durand")
            assert result.isprintable()
            assert ": " in result
            continue
        graded += 1
        assert result.files or result.problems
        assert unnamed(files, result) == []
        texts = [*result.notes, *result.left_aside, *result.unreadable]
        assert all(text.isprintable() and len(text) < 1000 for text in texts)
        assert len(texts) <= 3 * 21
    assert graded
    assert refused


@pytest.mark.parametrize("seed", range(4))
def test_the_result_does_not_depend_on_the_order_of_the_directory(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        files = {name: data for name, data in drawn(rng).items() if not name.endswith((".zip", ".tar.gz"))}
        orders = [rng.sample(sorted(files), len(files)) for _ in range(3)]
        found = []
        for order in orders:
            listing = Listing()
            for name in order:
                listing.add(Member(name, tuple(name.split("/")), lambda limit, data=files[name]: data))
            try:
                submission = submission_in_listing(listing, "durand", "durand")
                found.append((submission, submission.sha256))
            except SubmissionError as error:
                found.append((str(error), ""))
        assert found[1:] == found[:1] * 2


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(*files.items(), compression="gz")])
def test_a_folder_and_its_archive_are_read_alike(pack: type) -> None:
    rng = random.Random(7)
    for _ in range(40):
        files = {n: d for n, d in drawn(rng).items() if not n.endswith((".zip", ".tar.gz")) and n.isprintable()}
        with tempfile.TemporaryDirectory() as temporary:
            alone = outcome(fill(Path(temporary) / "a", files))
            packed = outcome(fill(Path(temporary) / "b", {"work.zip": pack(files)}))
        assert alone == packed


def outcome(folder: Path) -> object:
    result = attempt(folder)
    if isinstance(result, str):
        return "refused"
    return result.files, result.problems.keys(), result.places, len(result.notes), len(result.left_aside)
