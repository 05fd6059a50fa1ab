"""Makes `nbgrader generate_assignment` release the same stubs as `autograder release`."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import ClearSolutions

from autograder.notebooks.build import stripped
from autograder.submissions.notebooks.cells import ANSWER, OURS, TEXT


class ClearOurSolutions(ClearSolutions):  # type: ignore[misc]
    """Strips generated cells but keeps their TODO lines, which nbgrader would drop. Leaves other cells to nbgrader."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        nb.metadata.get(OURS, {}).pop("seal", None)  # the seal of a generated file is useless to students
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith((ANSWER, TEXT)):
            cell.source = stripped(cell)
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)
