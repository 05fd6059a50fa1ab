"""`nbgrader generate_assignment` hands out the stubs that `autograder release` hands out."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import ClearSolutions

from autograder.notebooks.build import stripped
from autograder.submissions.notebooks.cells import ANSWER, OURS, TEXT


class ClearOurSolutions(ClearSolutions):  # type: ignore[misc]
    """Our cells keep their TODO lines, which nbgrader would drop; cells of others are nbgrader's."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        nb.metadata.get(OURS, {}).pop("seal", None)  # the sign of a generated file is of no use to students
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith((ANSWER, TEXT)):
            cell.source = stripped(cell)
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)
