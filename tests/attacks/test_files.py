"""Nothing that is handed in harms its reader: it is graded, or refused with a reason, and the next one is graded right."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from autograder.grading.engine import Engine
from autograder.submissions.entries import Entry, read_entry
from autograder.submissions.submission import SubmissionError
from tests.attacks.files import FILES, SECRET
from tests.ordinary_user import USER
from tests.zoo import SOFTMAX, as_submission, messages

SECONDS = 10
MEMORY = 256 << 10  # KiB


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    if os.geteuid() == 0:
        os.chown(folder / "secret", USER, USER)
    return folder


@pytest.fixture
def eve(tmp_path: Path) -> Path:
    folder = tmp_path / "class" / "eve"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_a_naive_reader_is_harmed(name: str, eve: Path, outside: Path) -> None:
    FILES[name].hand_in(eve, outside)
    assert FILES[name].naive(eve, outside)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", FILES)
def test_our_reader_is_not(name: str, eve: Path, outside: Path, engine: Engine, right: dict[str, bytes]) -> None:
    if name == "a second name of another user's file" and os.geteuid() != 0:
        pytest.skip("only root can make a file of another user")
    FILES[name].hand_in(eve, outside)
    before, started = sorted(os.listdir(outside)), time.process_time()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        result = engine.grade(read_entry(Entry("eve", eve)), [SOFTMAX])
        said = " ".join([messages(result.exercises[0]), *result.notes, *result.unreadable, *result.left_aside])
        assert result.score == 0
        assert not result.has("grader_error"), said
    except SubmissionError as error:
        said = str(error)
    assert SECRET not in said
    assert len(said) < 8 * 4000
    assert sorted(os.listdir(outside)) == before
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < MEMORY
    after = engine.grade(as_submission(right[f"{SOFTMAX}.py"]), [SOFTMAX]).exercises[0]
    assert (after.status, after.score) == ("passed", after.max_score), messages(after)
