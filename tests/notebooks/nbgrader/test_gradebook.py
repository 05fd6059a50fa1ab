"""nbgrader's gradebook: scores of module submissions are imported, and all scores are exported."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.course.catalogue import CourseError
from autograder.notebooks.nbgrader.export import COLUMNS, grades_csv
from autograder.notebooks.nbgrader.gradebook import import_results
from tests.notebooks.nbgrader.exchange import new_gradebook

SCORES = {"p1_mlp/mlp_nn": 2.5, "p1_mlp/svm": 0.0, "p2_cnn/convnet": 0.0}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "course"
    path.mkdir()
    (path / "nbgrader_config.py").touch()
    shutil.copy(new_gradebook(), path / "gradebook.db")
    return path


def book(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course}/gradebook.db")


def result_of(student: str, scores: dict[str, float], status: str = "failed") -> dict[str, Any]:
    """A result with one check of 4 points for each exercise; an exercise without points was not started."""
    exercises = []
    for name, score in scores.items():
        found = status if score else "not_started"
        check = {"id": f"{name}::x", "title": "x", "status": found, "score": score, "max_score": 4.0}
        exercises.append({"id": name, "status": found, "score": score, "max_score": 4.0, "checks": [check]})
    return {
        "schema": 1, "submission": {"id": student, "sha256": ""}, "seed": 1, "tier": "fast", "isolation": "strict",
        "version": "0", "score": sum(scores.values()), "max_score": 12.0, "bonus": 0.0, "exercises": exercises,
    }  # fmt: skip


def bring_in(course: Path, *results: dict[str, Any]) -> list[str]:
    folder = course.parent / "results"
    folder.mkdir(exist_ok=True)
    for result in results:
        (folder / f"{result['submission']['id']}.json").write_text(json.dumps(result))
    return import_results(folder, course)


def scores(course: Path, student: str, practical: str = "p1_mlp") -> dict[str, float | None]:
    with book(course) as found:
        grades = found.find_submission_notebook(practical, practical, student).grades
        return {grade.name: grade.score for grade in grades}


def test_scores_are_imported_into_an_empty_gradebook(course: Path) -> None:
    assert bring_in(course, result_of("anna", SCORES)) == [
        "p1_mlp: scores of 1 student",
        "p2_cnn: scores of 0 students",
    ]
    assert scores(course, "anna") == {"checks-mlp_nn": 2.5, "checks-svm": 0.0}


def test_a_practical_that_was_not_started_is_skipped(course: Path) -> None:
    bring_in(course, result_of("anna", SCORES))
    with book(course) as found, pytest.raises(MissingEntry):
        found.find_submission("p2_cnn", "anna")


def test_a_second_import_replaces_scores_and_keeps_marks_by_hand(course: Path) -> None:
    bring_in(course, result_of("anna", SCORES))
    with book(course) as found:
        found.find_grade("checks-svm", "p1_mlp", "p1_mlp", "anna").manual_score = 3.0
        found.db.commit()
    bring_in(course, result_of("anna", SCORES | {"p1_mlp/mlp_nn": 4.0}))
    assert scores(course, "anna") == {"checks-mlp_nn": 4.0, "checks-svm": 3.0}


def test_a_bonus_is_extra_credit(course: Path) -> None:
    result = result_of("anna", SCORES | {"p1_mlp/svm": 3.0})
    result["exercises"][1]["bonus"] = True
    bring_in(course, result)
    with book(course) as found:
        assert found.find_assignment("p1_mlp").max_score == 4
        assert found.find_submission("p1_mlp", "anna").score == 5.5


def test_scores_of_a_notebooks_questions_are_kept(course: Path) -> None:
    with book(course) as found:
        found.add_assignment("p1_mlp")
        found.add_notebook("p1_mlp", "p1_mlp")
        for tag in ("checks-mlp_nn", "text-q01"):
            found.add_grade_cell(tag, "p1_mlp", "p1_mlp", max_score=4, cell_type="code")
    bring_in(course, result_of("anna", SCORES), result_of("bert", SCORES))
    with book(course) as found:
        found.find_grade("text-q01", "p1_mlp", "p1_mlp", "anna").manual_score = 1.0
        found.db.commit()
    bring_in(course)
    assert scores(course, "anna") == {"checks-mlp_nn": 2.5, "text-q01": 1.0}
    assert scores(course, "bert") == {"checks-mlp_nn": 2.5, "text-q01": 0.0}


def test_a_grader_error_has_to_be_reviewed_by_hand(course: Path) -> None:
    bring_in(course, result_of("anna", {"p1_mlp/mlp_nn": 2.0}, "grader_error"))
    with book(course) as found:
        assert found.find_grade("checks-mlp_nn", "p1_mlp", "p1_mlp", "anna").needs_manual_grade


def test_a_folder_without_results_or_course_is_refused(course: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="holds no result"):
        import_results(tmp_path, course)
    (course / "nbgrader_config.py").unlink()
    with pytest.raises(CourseError, match="is not a course folder"):
        bring_in(course, result_of("anna", SCORES))


def exported(course: Path, *assignments: str) -> list[dict[str, str]]:
    with book(course) as found:
        text = grades_csv(found, set(assignments), set()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_names_with_commas_quotes_and_formulas_are_one_cell_each(course: Path) -> None:
    bring_in(course, result_of("anna", SCORES))
    name = 'Müller, "Anna"'
    with book(course) as found:
        found.update_or_create_student("anna", last_name=name, first_name="=HYPERLINK(1)", email="@x")
    (line,) = exported(course, "p1_mlp")
    assert tuple(line) == COLUMNS
    assert (line["last_name"], line["first_name"], line["email"]) == (name, "'=HYPERLINK(1)", "'@x")
    assert (line["score"], line["max_score"], line["needs_manual_grade"]) == ("2.5", "8.0", "False")


def test_a_student_without_a_submission_has_a_line_with_0(course: Path) -> None:
    bring_in(course, result_of("anna", SCORES))
    with book(course) as found:
        found.add_student("bert")
    assert {line["student_id"]: line["score"] for line in exported(course, "p1_mlp")} == {"anna": "2.5", "bert": "0.0"}
