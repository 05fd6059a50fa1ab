"""Several files for one exercise: which counts, and that the others are named."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from autograder.course.build import stub_source
from autograder.course.catalogue import Project
from autograder.submissions.arrange import Arrangement, arrange
from autograder.submissions.members import Listing, Member
from tests.submissions.making import GOOD, MLP, OTHER, SOFTMAX, fill, read
from tests.zoo import MLP as MLP_ID
from tests.zoo import PROJECT
from tests.zoo import SOFTMAX as SOFTMAX_ID

STUB = stub_source(Project(PROJECT).exercise(MLP_ID)).encode()


@pytest.mark.parametrize(
    "name",
    ["mlp_nn (1).py", "mlp_nn-1.py", "mlp_nn copy.py", "mlp_nn - Copy.py", "mlp_nn - Kopie.py", "mlp_nn.py.txt",
     "p1_mlp/mlp_nn (1).py", "p1_mlp (1)/mlp_nn.py", "p1_mlp - Copy/mlp_nn.py", "MLP-NN.py"],
)  # fmt: skip
def test_a_renamed_file_counts_and_a_note_says_so(durand: Path, name: str) -> None:
    result = read(fill(durand, {name: GOOD, "p2_cnn/convnet.py": OTHER}))
    assert result.files == {MLP: GOOD, "p2_cnn/convnet.py": OTHER}
    assert result.notes == (f"{name} was taken as {MLP}",)


@pytest.mark.parametrize("copy", ["mlp_nn (1).py", "mlp_nn - Copy.py", "p1_mlp/mlp_nn-1.py", "p1_mlp (2)/mlp_nn.py"])
def test_the_exact_name_wins_over_a_copy_and_both_are_named(durand: Path, copy: str) -> None:
    result = read(fill(durand, {MLP: GOOD, copy: OTHER}))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert result.notes == (f"{copy} was ignored for {MLP}: {MLP} has the exact name and counts",)


def test_of_two_copies_that_differ_none_counts(durand: Path) -> None:
    result = read(fill(durand, {"mlp_nn (1).py": GOOD, "mlp_nn (2).py": OTHER, SOFTMAX: GOOD}))
    assert result.files == {SOFTMAX: GOOD}
    assert result.problems == {MLP: f"mlp_nn (1).py and mlp_nn (2).py could both be {MLP} and differ: keep only one"}


def test_all_copies_that_differ_are_named(durand: Path) -> None:
    result = read(fill(durand, {f"mlp_nn ({number}).py": b"%d" % number for number in range(1, 4)}))
    assert result.problems[MLP].startswith("mlp_nn (1).py, mlp_nn (2).py and mlp_nn (3).py could all be")


def test_copies_that_are_the_same_are_one(durand: Path) -> None:
    result = read(fill(durand, {"mlp_nn (1).py": GOOD, "mlp_nn (2).py": GOOD}))
    assert result.files == {MLP: GOOD}
    assert f"mlp_nn (2).py was ignored for {MLP}: it is the same as mlp_nn (1).py" in result.notes


@pytest.mark.parametrize("worked", ["mlp_nn (1).py", "week 3/p1_mlp/mlp_nn.py"])
def test_an_unedited_stub_gives_way_to_work_under_another_name_or_deeper_down(durand: Path, worked: str) -> None:
    result = read(fill(durand, {MLP: STUB, worked: GOOD}))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert f"{MLP} was ignored for {MLP}: it is unedited, and {worked} counts" in result.notes


def test_without_work_the_stub_counts(durand: Path) -> None:
    assert read(fill(durand, {MLP: STUB, "mlp_nn (1).py": STUB})).files == {MLP: STUB}


def test_an_exercise_whose_name_ends_like_a_copy_is_not_taken_for_one() -> None:
    files = {"p1_mlp/conv_1.py": GOOD, "p1_mlp/conv.py": OTHER}
    assert arranged(files, "p1_mlp/conv", "p1_mlp/conv_1").files == files


def test_helpers_are_imported_by_name_so_an_importable_name_is_kept(durand: Path) -> None:
    helpers = {"layers_1.py": OTHER, "layers.py": GOOD, "p1_mlp/tools_copy.py": GOOD}
    result = read(fill(durand, {MLP: GOOD, **helpers}))
    assert result.files == {MLP: GOOD, **helpers}
    assert result.notes == ()


def test_a_renamed_helper_gets_its_name_back_if_it_is_free(durand: Path) -> None:
    result = read(fill(durand, {MLP: GOOD, "p1_mlp/utils (1).py": GOOD, "tools-1.py": GOOD, "tools.py": OTHER}))
    assert result.files == {MLP: GOOD, "p1_mlp/utils.py": GOOD, "tools-1.py": GOOD, "tools.py": OTHER}
    assert result.notes == ("p1_mlp/utils (1).py was taken as p1_mlp/utils.py",)


def test_two_renamed_helpers_do_not_become_one(durand: Path) -> None:
    files = {MLP: GOOD, "task 1.py": GOOD, "task 2.py": OTHER}
    assert read(fill(durand, files)).files == files


def test_an_exercise_in_a_folder_of_another_name_counts(durand: Path) -> None:
    files = {"week 1/mlp_nn.py": GOOD, "week 1/helper.py": GOOD, "week 2/softmax_cross_entropy.py": OTHER}
    result = read(fill(durand, files))
    assert result.files == {MLP: GOOD, SOFTMAX: OTHER, "p1_mlp/helper.py": GOOD}
    assert f"week 1/mlp_nn.py was taken as {MLP}" in result.notes


def test_a_file_in_its_practicals_folder_is_preferred_to_such_a_one(durand: Path) -> None:
    result = read(fill(durand, {MLP: GOOD, "week 1/mlp_nn.py": OTHER}))
    assert result.files == {MLP: GOOD, "week 1/mlp_nn.py": OTHER}


@pytest.mark.parametrize("name", ["mlp_nn_final.py", "durand_mlp_nn.py", "p1_mlp/mlp_nn_1.py"])
def test_a_helper_whose_name_resembles_a_missing_exercise_is_pointed_out(durand: Path, name: str) -> None:
    [note] = read(fill(durand, {SOFTMAX: GOOD, name: GOOD})).notes
    assert note == f"{name} counts as a helper: if it is your {MLP}, rename it"
    assert read(fill(durand, {MLP: GOOD})).notes == ()


def test_the_order_of_the_directory_does_not_matter() -> None:
    names = ["mlp_nn (1).py", "p1_mlp/mlp_nn copy.py", "a/mlp_nn.py", "utils (1).py", "p1_mlp/utils.py"]
    found = [arranged({name: name.encode() for name in order}) for order in permutations(names)]
    assert all(result == found[0] for result in found)


def arranged(files: dict[str, bytes], *exercises: str) -> Arrangement:
    """Arranges files in memory for a course with these exercises."""
    listing = Listing()
    for name, data in files.items():
        listing.add(Member(name, tuple(name.split("/")), lambda limit, data=data: data))
    ids = [type(MLP_ID)(exercise) for exercise in exercises] or [MLP_ID, SOFTMAX_ID]
    return arrange(listing, ids)
