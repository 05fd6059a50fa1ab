"""nbgrader with autograder's engine. `autograder course init DIR` copies this file and fills in the course's values."""

import warnings
from pathlib import Path

from autograder.notebooks.nbgrader.autograde import install

COURSE_ID = "vision"
EXCHANGE = "/usr/local/share/nbgrader/exchange"
PROJECT = ""  # the folder with solutions/; empty: the folder that autograder is installed from
SEED = ""  # the seed of the class, so that everybody gets the same inputs, also when graded again; empty: random

c = get_config()  # noqa: F821 - nbgrader defines it

# nbgrader causes three of these warnings for each student with SQLAlchemy 2.
warnings.filterwarnings("ignore", "Object of type <Submitted")

c.CourseDirectory.course_id = COURSE_ID
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.Exchange.root = EXCHANGE

# Students' notebooks keep the TODO lines of the stubs.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "autograder.notebooks.nbgrader.release.ClearOurSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Students can write to the exchange: follow no links, trust only the kernel's times, and check the owner.
c.ExchangeFactory.collect = "autograder.notebooks.nbgrader.collect.SafeCollect"
c.ExchangeFactory.submit = "autograder.notebooks.nbgrader.submit.SafeSubmit"  # where students use this config, too
# Students of an LMS cannot fetch feedback from the exchange; nbgrader would stop at the first of them.
c.ExchangeFactory.release_feedback = "autograder.notebooks.nbgrader.feedback_secrets.SafeReleaseFeedback"

# Every folder in submitted/ is graded, whatever is in it, and no link in it is followed.
install()

# No code of a submission runs in the teacher's kernel, and no score is taken from a cell's output.
c.Autograde.exporter_class = "autograder.notebooks.nbgrader.grade.HandedInNotebooks"
c.Autograde.sanitize_preprocessors = [
    "autograder.notebooks.nbgrader.grade.RestoreCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.notebooks.nbgrader.grade.EngineGrade",
    "autograder.notebooks.nbgrader.grade.SaveEngineGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.EngineGrade.project = PROJECT
c.EngineGrade.seed = SEED

# For Moodle: run `nbgrader zip_collect p1_mlp` with the download in downloaded/p1_mlp/archive/.
c.ZipCollectApp.extractor_plugin = "autograder.notebooks.nbgrader.zip_collect.SafeExtractor"
c.ZipCollectApp.collector_plugin = "autograder.notebooks.nbgrader.zip_collect.MoodleCollector"
# c.MoodleCollector.students = {"Anna Müller": "amueller"}

c.ExportApp.plugin_class = "autograder.notebooks.nbgrader.export.Export"
