"""Names that browsers, file managers and Jupyter give to files mean what the student meant."""

from __future__ import annotations

from itertools import product

import pytest

from autograder.submissions.file_names import ARCHIVE, NOTEBOOK, OTHER, SCRIPT, kind_of, plain_name, plain_stem

MARKS = [
    " (1)", "(2)", " (12)", " - Copy", " - Copy (2)", " - Kopie", " - Kopie (3)", " - copie", " copy", " copy 2",
    " Kopie", " Kopie 2", "-Copy1", "-Copy12", "-1", "-2", " 2", " (copy)", " (3rd copy)", " (another copy)", " (Kopie)",
    "\uff081\uff09", " \u2013 Kopie", " - Copia", " - 副本", " コピー",
]  # fmt: skip


@pytest.mark.parametrize(("mark", "ending"), list(product(MARKS, [".py", ".ipynb", ".py.txt", ".ipynb.json"])))
def test_the_mark_of_a_copy_is_no_part_of_a_name(mark: str, ending: str) -> None:
    assert plain_name(f"mlp_nn{mark}{ending}") == f"mlp_nn{ending.removesuffix('.txt').removesuffix('.json')}"


@pytest.mark.parametrize(
    ("name", "plain"),
    [("p1_mlp.ipynb.txt", "p1_mlp.ipynb"), ("p1_mlp.ipynb (1).json", "p1_mlp.ipynb"), ("x.PY.TXT", "x.PY"),
     ("mlp_nn.py (1)", "mlp_nn.py"), ("mlp_nn.py.py", "mlp_nn.py"), ("Copy of p1_mlp.ipynb", "p1_mlp.ipynb"),
     ("Kopie von p1_mlp.ipynb", "p1_mlp.ipynb"), ("mlp_nn .py", "mlp_nn.py"), ("mlp_nn.py ", "mlp_nn.py"),
     ("Copie de p1_mlp (2).ipynb", "p1_mlp.ipynb")],
)  # fmt: skip
def test_names_in_disguise(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    "name",
    ["layers_1.py", "conv2.py", "mlp_nn_copy.py", "copy.py", "mlp_nn_final.py", "notes (1).txt", "data-1.csv", "-1.py",
     "(1).py", "x.py.bak", "p1_mlp.ipynb.html", "config.json", "requirements.txt", "README", "a" * 300 + " (1).py"],
)  # fmt: skip
def test_other_names_stay_as_they_are(name: str) -> None:
    assert plain_name(name) == name


def test_a_name_that_other_files_may_import_is_never_changed() -> None:
    for stem in ("layers_1", "copy", "copy_2", "Kopie", "_1"):
        assert plain_stem(stem) == stem


@pytest.mark.parametrize(
    ("name", "kind"),
    [("mlp_nn (1).PY", SCRIPT), ("p1_mlp.ipynb.txt", NOTEBOOK), ("work.ZIP", ARCHIVE), ("work.tar.gz", ARCHIVE),
     ("work (1).tgz", ARCHIVE), ("work.tar.xz", ARCHIVE), ("work.rar", OTHER), ("train-images.gz", OTHER),
     ("notes.py.md", OTHER), ("report.pdf", OTHER)],
)  # fmt: skip
def test_the_kind_of_a_file(name: str, kind: str) -> None:
    assert kind_of(name) == kind
