"""JupyterLab in Chromium, as a teacher and a student meet it: nbgrader's own pages and buttons, our engine behind them.

One walk for all tests here. Pictures of what was seen go to the folder that AUTOGRADER_SCREENSHOTS names, if it is set.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from autograder.course.catalogue import Project
from autograder.notebooks.build import Notebook
from autograder.notebooks.nbgrader.course_folder import Course, init
from tests.notebooks.conftest import tagged
from tests.notebooks.nbgrader.browser import Lab, chromium, jupyter_lab, open_browser
from tests.notebooks.nbgrader.exchange import ASSIGNMENT, PROJECT

EXERCISE = "softmax_cross_entropy"
SOURCE = f"""# %% [markdown]
# # Practical 1

# %%
import torch

# %% exercise="{EXERCISE}"

# %% [markdown] question="q01" points=2
# What is a softmax for?

# %% [markdown] mark_scheme="q01"
# It makes a distribution of any scores.

# %% [markdown] question="q02" points=1 expected={{"q02_classes": 10}}
# How many digits are there?
"""
WORK = (PROJECT / "solutions" / ASSIGNMENT / f"{EXERCISE}.py").read_text()
RIGHT = "\n".join(line for line in WORK.split("\n") if "### " not in line)
STABLE = "torch.exp(ytilde - ytilde.amax(dim=1, keepdim=True))"
OVERFLOWS = RIGHT.replace(STABLE, "torch.exp(ytilde)")
CLASSMATE = "anna"

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="there is no Chromium here: install Debian's package chromium"
)


@dataclass
class Seen:
    """The texts of the pages, in the order of the visit."""

    listed: str = ""
    generated: str = ""
    released: str = ""
    offered: str = ""
    validated: dict[str, str] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    submission: str = ""
    feedback: str = ""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    root = tmp_path_factory.mktemp("browser")
    shots = Path(os.environ.get("AUTOGRADER_SCREENSHOTS") or root / "screenshots")
    course, home = make_course(root), root / "student"
    home.mkdir()
    found = Seen()
    with (
        jupyter_lab(course, root / "teacher") as teachers,
        jupyter_lab(home, home, config=root / "students") as students,
        open_browser() as browser,
    ):
        teacher = Lab(browser, teachers.address(), shots / "teacher")
        student = Lab(browser, students.address(), shots / "student")
        try:
            hand_out(teacher, found)
            work(student, home / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", found)
            hand_in_for_a_classmate(course)
            grade(teacher, found)
            mark_by_hand(teacher, found)
            give_feedback(teacher)
            read_feedback(student, found)
        except BaseException:
            teacher.shot("stopped")
            student.shot("stopped")
            raise
    return found


def make_course(root: Path) -> Path:
    """A practical of one exercise and two questions; its exchange, and the config of students beside it."""
    project = root / "project"
    solution = project / "solutions" / ASSIGNMENT / f"{EXERCISE}.py"
    source = project / "solutions" / "notebooks" / f"{ASSIGNMENT}.py"
    for path, text in ((solution, WORK), (source, SOURCE)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    for name in ("autograder", "assignments"):
        (project / name).symlink_to(PROJECT / name)
    course = Course(root / "course", "vision", root / "exchange")
    list(init(Project(project), course))
    course.exchange.mkdir(exist_ok=True)
    course.exchange.chmod(0o777)
    shutil.copytree(course.folder / "students", root / "students")
    return course.folder


def assignment_row(teacher: Lab) -> Locator:
    return teacher.formgrader.locator("#main-table tr", has_text=ASSIGNMENT)


def press(teacher: Lab, button: Locator, then: str) -> str:
    """Presses a button of the formgrader and returns its final report."""
    button.locator("a").click()
    report = teacher.formgrader.locator("#success-modal, #error-modal")
    expect(report).to_be_visible()
    teacher.shot(then)
    text = report.inner_text()
    report.get_by_role("button", name="OK").click()
    expect(report).to_be_hidden()
    return text


def hand_out(teacher: Lab, found: Seen) -> None:
    teacher.menu("Formgrader")
    row = assignment_row(teacher)
    expect(row.locator(".assign a")).to_be_visible()
    found.listed = row.inner_text()
    teacher.shot("listed")
    found.generated = press(teacher, row.locator(".assign"), "generated")
    found.released = press(teacher, row.locator(".release"), "released")


def work(student: Lab, notebook: Path, found: Seen) -> None:
    """Fetches the assignment, and validates it right and wrong; the wrong one is handed in."""
    student.menu("Assignment List")
    page = student.page
    offered = page.locator("#released_assignments_list .list_item")
    found.offered = offered.inner_text()
    student.shot("offered")
    offered.get_by_role("button", name="Fetch").click()
    fetched = page.locator("#fetched_assignments_list")
    fetched.get_by_role("button", name=ASSIGNMENT).click()
    empty = json.loads(notebook.read_text())
    for name, solution in (("right", RIGHT), ("wrong", OVERFLOWS)):
        notebook.write_text(json.dumps(filled(empty, solution)))
        fetched.get_by_role("button", name="Validate").click()
        expect(student.dialog).to_be_visible()
        student.shot(f"validated_{name}")
        found.validated[name] = student.dialog.inner_text()
        student.dialog.get_by_role("button", name="OK").click()
    fetched.get_by_role("button", name="Submit").click()
    expect(page.locator("#submitted_assignments_list .list_item").first).to_be_visible()
    student.shot("submitted")


def filled(empty: Notebook, solution: str) -> Notebook:
    """The notebook of a student who counts nine digits."""
    notebook: Notebook = json.loads(json.dumps(empty))
    tagged(notebook, f"answer-{EXERCISE}")["source"] = f"# exercise: {EXERCISE}\n{solution}"
    tagged(notebook, "text-q01")["source"] = "It makes <script>document.title = 'mine'</script> a **distribution**."
    tagged(notebook, "answer-q02")["source"] = "q02_classes = 9"
    return notebook


def hand_in_for_a_classmate(course: Path) -> None:
    """Adds a student whose notebook did not come through the exchange, and whose answers are all right."""
    place = course / "submitted" / CLASSMATE / ASSIGNMENT
    place.mkdir(parents=True)
    released = json.loads((course / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    notebook = filled(released, RIGHT)
    tagged(notebook, "answer-q02")["source"] = "q02_classes = 10"
    (place / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(notebook))


def grade(teacher: Lab, found: Seen) -> None:
    """Collects, and autogrades each student with the button in their row."""
    press(teacher, assignment_row(teacher).locator(".collect"), "collected")
    assignment_row(teacher).locator(".num-submissions a").click()
    for student in (getpass.getuser(), CLASSMATE):
        row = teacher.formgrader.locator("#main-table tr").filter(
            has=teacher.formgrader.locator(".student-id", has_text=re.compile(f"^{student}$"))
        )
        press(teacher, row.locator(".autograde"), f"autograded_{student}")
        expect(row.locator(".score")).not_to_be_empty()
        found.scores[student] = row.locator(".score").inner_text()
        found.statuses[student] = row.locator(".status").inner_text()
    teacher.shot("scores")


def mark_by_hand(teacher: Lab, found: Seen) -> None:
    """Reads the wrong submission, marks its text, and releases the feedback to the class."""
    forms = teacher.formgrader
    forms.get_by_role("link", name="Manual Grading").click()
    forms.get_by_role("link", name=ASSIGNMENT).click()
    forms.locator("#main-table").get_by_role("link", name=ASSIGNMENT).click()
    expect(forms.locator("#main-table tr", has_text="Submission #")).to_have_count(2)
    teacher.shot("submissions")
    forms.locator("#main-table tr", has_text=found.scores[getpass.getuser()]).get_by_role("link").first.click()
    score = forms.locator("input.score#text-q01")
    expect(score).to_be_editable()
    found.submission = forms.locator("body").inner_text()
    forms.get_by_text("softmax of large scores").scroll_into_view_if_needed()
    teacher.shot("submission")
    with teacher.page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.fill("1.5")
        score.press("Tab")
    comment = forms.locator("#text-q01-comment")
    with teacher.page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        comment.fill("And <b>what</b> of its gradient?")
        comment.press("Tab")
    teacher.shot("marked")


def give_feedback(teacher: Lab) -> None:
    forms = teacher.formgrader
    forms.get_by_role("link", name="Manual Grading").click()
    forms.get_by_role("link", name="Manage Assignments").click()
    press(teacher, assignment_row(teacher).locator(".generate-feedback"), "feedback_generated")
    press(teacher, assignment_row(teacher).locator(".release-feedback"), "feedback_released")


def read_feedback(student: Lab, found: Seen) -> None:
    """Fetches the feedback with the button and opens the page in JupyterLab."""
    page = student.page
    submitted = page.locator("#submitted_assignments_list")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text("(view feedback)").click()
    page.locator(".jp-DirListing-item", has_text=f"{ASSIGNMENT}.html").dblclick()
    feedback = page.frame_locator(".jp-HTMLViewer iframe")
    expect(feedback.locator("body")).to_contain_text(EXERCISE)
    found.feedback = feedback.locator("body").inner_text()
    student.shot("feedback")
    feedback.get_by_text("softmax of large scores").scroll_into_view_if_needed()
    student.shot("reason")


# The teacher's.


def test_the_formgrader_lists_the_practical(seen: Seen) -> None:
    assert seen.listed.split()[:3] == [ASSIGNMENT, "None", "draft"]


def test_its_buttons_make_and_release_the_students_notebook(seen: Seen) -> None:
    assert "Successfully created the student version" in seen.generated
    assert "Successfully released" in seen.released


def test_its_autograde_button_gives_the_engines_scores(seen: Seen) -> None:
    assert seen.scores == {getpass.getuser(): "7 / 11", CLASSMATE: "9 / 11"}


def test_text_has_to_be_marked_by_hand(seen: Seen) -> None:
    assert set(seen.statuses.values()) == {"needs manual grading"}


def test_a_submission_shows_the_code_and_why_it_is_wrong(seen: Seen) -> None:
    assert "exponentials = torch.exp(ytilde)\n" in seen.submission
    assert "softmax_cross_entropy: 7 of 8 points, failed" in seen.submission
    assert "softmax of large scores is NaN" in seen.submission
    assert "q02_classes = 9 is not right" in seen.submission


# The student's.


def test_the_assignment_list_offers_it(seen: Seen) -> None:
    assert seen.offered.split() == [ASSIGNMENT, "vision", "Fetch"]


def test_validate_accepts_right_code(seen: Seen) -> None:
    assert "Success! Your notebook passes all the tests." in seen.validated["right"]


def test_validate_rejects_wrong_code_and_says_why(seen: Seen) -> None:
    assert "The following cell failed" in seen.validated["wrong"]
    assert "softmax of large scores is NaN" in seen.validated["wrong"]
    assert "Traceback" not in seen.validated["wrong"]


def test_feedback_has_scores_reasons_and_the_teachers_comment(seen: Seen) -> None:
    assert f"{ASSIGNMENT} (Score: 8.5 / 11.0)" in seen.feedback
    assert "softmax of large scores is NaN" in seen.feedback
    assert "And what of its gradient?" in seen.feedback


def test_a_students_markup_is_displayed_as_text(seen: Seen) -> None:
    for page in (seen.submission, seen.feedback):
        assert "document.title = 'mine'" in page
