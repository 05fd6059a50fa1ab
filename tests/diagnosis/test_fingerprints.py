"""Fingerprints: saved and loaded without loss, and free of code."""

import gzip
import json
from pathlib import Path

import pytest

from autograder.course.catalogue import CheckId, ExerciseId, find_project
from autograder.course.mistakes import load_mistakes
from autograder.diagnosis.fingerprints import (
    Fingerprint,
    Fingerprints,
    Symptom,
    load_fingerprints,
    path_of,
    save_fingerprints,
)
from autograder.diagnosis.traces import AnswerDigest, agree

CHECK = CheckId("p1_mlp/demo::value")
ANSWERS = tuple(AnswerDigest(f"{i:012x}", (0.5 * i, -1.0, 2.0), i % 2 == 0, i == 3) for i in range(9))
KNOWN = Fingerprints(
    "0123456789abcdef",
    (
        Fingerprint(
            "wrong_sign",
            "gradient with the wrong sign",
            "Look at the sign.",
            {CHECK: Symptom.of("failed", ANSWERS[:5], "ab12")},
        ),
    ),
    ((("0.weight", (4, 3)), ("0.bias", (4,))),),
)


def test_loading_gives_what_was_saved(tmp_path: Path):
    save_fingerprints(ExerciseId("p1_mlp/demo"), KNOWN, tmp_path)
    assert load_fingerprints(ExerciseId("p1_mlp/demo"), tmp_path) == KNOWN


def test_saving_twice_gives_the_same_bytes(tmp_path: Path):
    for folder in ("a", "b"):
        save_fingerprints(ExerciseId("p1_mlp/demo"), KNOWN, tmp_path / folder)
    first, second = (path_of(ExerciseId("p1_mlp/demo"), tmp_path / folder).read_bytes() for folder in ("a", "b"))
    assert first == second


def test_an_exercise_without_a_file_has_no_fingerprints(tmp_path: Path):
    assert load_fingerprints(ExerciseId("p1_mlp/demo"), tmp_path).mistakes == ()


def test_the_end_of_a_long_trace_is_kept_answer_by_answer():
    assert Symptom.of("failed", ANSWERS, "").trace[1:] == ANSWERS[-5:]


@pytest.mark.parametrize("numbers", [(0.7, -1.0, 2.0), (1.0, -2.0, 4.0), (0.5, -1.1, 2.0)])
def test_the_earlier_answers_of_a_long_trace_are_compared(numbers):
    other = (ANSWERS[0], AnswerDigest(ANSWERS[1].structure, numbers, False), *ANSWERS[2:])
    assert not agree(Symptom.of("failed", ANSWERS, "").trace, Symptom.of("failed", other, "").trace)


def test_a_symptom_says_whether_an_answer_was_random():
    assert Symptom.of("failed", ANSWERS, "").random
    assert not Symptom.of("failed", ANSWERS[:3], "").random


@pytest.mark.parametrize("exercise", find_project(Path(__file__)).exercises(), ids=lambda exercise: exercise.id)
def test_no_line_of_a_mistake_is_in_its_fingerprint(exercise):
    content = json.loads(gzip.decompress(path_of(exercise.id).read_bytes()))
    text = json.dumps([mistake["signs"] for mistake in content["mistakes"].values()])  # a hint may quote wrong code
    lines = {line.strip() for mistake in load_mistakes(exercise) for line in _code(mistake.source) if len(line) > 30}
    assert lines
    assert not [line for line in lines if line in text]


def _code(source: str) -> list[str]:
    """The lines below the hint."""
    return source.split('"""', 2)[2].splitlines()
