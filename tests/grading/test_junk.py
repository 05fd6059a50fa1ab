"""Functions that return junk: it earns no points and never causes a grader error."""

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import exercise_ids
from autograder.grading.engine import Engine
from tests.zoo import as_submission

# What every public name gives, however it is called.
ANSWERS = {
    "none": "None",
    "a_number": "0",
    "not_a_number": "float('nan')",
    "text": "'wrong'",
    "an_empty_list": "[]",
    "pairs": "((), {})",
    "numbers": "{'Wh': 1.0, 'bh': None, 'Wy': 'x', 'by': []}",
    "an_array": "numpy.full((2, 3), numpy.nan)",
    "a_tensor": "torch.zeros(2, 3)",
    "complex_numbers": "torch.zeros(3, dtype=torch.complex64)",
    "an_object": "object()",
    "a_module": "torch.nn.Identity()",
    "modules": "(torch.nn.Linear(1, 1), print, torch.nn.Flatten())",
    "itself": "(answer, answer)",
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("exercise", exercise_ids())
def test_junk_earns_nothing_and_causes_no_grader_error(engine: Engine, exercise: str, name: str):
    public = "".join(f"{function} = answer\n" for function in load_grader(exercise).spec.public)
    source = f"import numpy\nimport torch\n\n\ndef answer(*args, **kwargs):\n    return {ANSWERS[name]}\n\n\n{public}"
    result = engine.grade(as_submission(source, exercise), [exercise]).exercises[0]
    assert [check.message for check in result.checks if check.status == "grader_error"] == []
    assert [check.id for check in result.checks if check.score] == []
