"""nbgrader on autograder's engine. `autograder course init DIR` copies this file, with the values of a course."""

import warnings
from pathlib import Path

COURSE_ID = "vision"
EXCHANGE = "/usr/local/share/nbgrader/exchange"
PROJECT = ""  # the folder with solutions/; empty: where autograder was installed from
SEED = ""  # of the class: everybody is graded on the same inputs, and again on them when graded again; empty: drawn

c = get_config()  # noqa: F821 - nbgrader gives it

warnings.filterwarnings("ignore", "Object of type <Submitted")  # nbgrader's own, on SQLAlchemy 2: three for each student

c.CourseDirectory.course_id = COURSE_ID
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.Exchange.root = EXCHANGE

# What students get keeps the TODO lines of the stubs.
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

# The exchange belongs to students too: no links, no time but the kernel's, nobody in another's name.
c.ExchangeFactory.collect = "autograder.notebooks.nbgrader.collect.SafeCollect"

# Nothing of a submission runs in a kernel of ours, and no score comes from what a cell displays.
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

# What Moodle packs: `nbgrader zip_collect p1_mlp`, with the download in downloaded/p1_mlp/archive/.
c.ZipCollectApp.extractor_plugin = "autograder.notebooks.nbgrader.zip_collect.SafeExtractor"
c.ZipCollectApp.collector_plugin = "autograder.notebooks.nbgrader.zip_collect.MoodleCollector"
# c.MoodleCollector.students = {"Anna Müller": "amueller"}

c.ExportApp.plugin_class = "autograder.notebooks.nbgrader.export.Export"
