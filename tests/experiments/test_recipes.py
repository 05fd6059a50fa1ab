"""Every recipe runs on a few examples and writes complete files."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch

from autograder.experiments.code import Code
from autograder.experiments.data import Data, Split
from autograder.experiments.palette import style
from autograder.experiments.recipe import Lab, Recipe, Variant
from autograder.experiments.recipes import RECIPES
from autograder.experiments.recipes.inputs import ZCA, ZCA_EPS
from tests.experiments.conftest import ROOT, Invoke

SLOW = {"ZCA"}
"""Variants that are slow on any number of examples, since the covariance is 3,072 × 3,072. They have their own tests."""


def lab(data: Data | None = None) -> Lab:
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    some = Split(images, torch.tensor([0, 1, 2, 9]))
    return Lab(Code(ROOT / "solutions"), data or Data(some, some, "digits", "made here"), 1, torch.device("cpu"))


def variants(recipe: Recipe) -> list[Variant]:
    return [variant for variant in recipe.variants(lab()) if variant.name not in SLOW]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_runs_and_writes_all_its_files(name: str, invoke: Invoke, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    expected = variants(recipe)
    only = [word for variant in expected for word in ("--only", variant.name)]
    subset = {"svm": "200", "timm": "2"}.get(name, "12")
    dataset = next(iter(recipe.datasets))

    result = invoke(
        name, "--from", "solutions", "--subset", subset, "--epochs", "1", "--weights", "random", *only
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    folder = tmp_path / f"{name}-{dataset}"
    with (folder / "curves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["variant"] for row in rows] == [variant.name for variant in expected]
    assert all(0 <= float(row["test_accuracy"]) <= 1 for row in rows)
    page = (folder / "finding.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {recipe.title}\n")
    assert all(f"| {variant.name} |" in page for variant in expected)
    assert all(f"| {effect.reported} | **" in page for effect in recipe.effects)
    drawn = {path.stem for path in folder.glob("*.png")}
    assert (
        drawn
        == {path.stem for path in folder.glob("*.svg")}
        == set(recipe.pictures) | (set() if recipe.one_pass else {"curves"})
    )
    for picture in drawn:
        assert f"({picture}.png)" in page
        assert (folder / f"{picture}.png").read_bytes().startswith(b"\x89PNG")
        assert ElementTree.parse(folder / f"{picture}.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize("name", RECIPES)
def test_the_lines_of_a_figure_differ_in_grey(name: str) -> None:
    if RECIPES[name].one_pass:  # drawn by kernel, not by variant
        looks = [style(kind) for kind in ("linear", "rbf", "sigmoid", "poly 2", "poly 3", "poly 4", "poly 5")]
        panels = [looks]
    else:
        all_of_it = list(RECIPES[name].variants(lab()))
        named = {variant.panel for variant in all_of_it}
        panels = [
            [style(v.style or v.name) for v in all_of_it if v.panel in ("", panel)] for panel in named - {""} or named
        ]
    for looks in panels:
        assert len({look.marker for look in looks}) == len({look.color for look in looks}) == len(looks)


@pytest.mark.parametrize("name", RECIPES)
def test_an_effect_refers_to_existing_variants(name: str) -> None:
    names = {variant.name for variant in RECIPES[name].variants(lab())}
    for effect in RECIPES[name].effects:
        quoted = [part.split("”")[0] for part in effect.rule.split("“")[1:]]
        assert quoted
        assert set(quoted) <= names


def test_zca_is_fitted_on_the_training_set_and_whitens_it() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(500, 1, 3, 2, generator=generator)
    images[:, :, 1] = 0.5 * images[:, :, 0] + 0.5 * images[:, :, 1]
    data = Data(Split(images, torch.arange(500) % 2), Split(images[:5], torch.arange(5) % 2), "digits", "made here")
    whitened = ZCA(lab(data), data)
    before, after = (torch.cov(part.flatten(1).T) for part in (images, whitened.train.x))
    assert after == pytest.approx((before @ torch.linalg.inv(before + ZCA_EPS * torch.eye(6))).numpy(), abs=1e-2)
    assert whitened.test.x == pytest.approx(whitened.train.x[:5].numpy(), abs=1e-5)


def test_lower_layers_frozen_are_the_first_half() -> None:
    from autograder.experiments.recipes.transfer import freeze_lower

    model = torch.nn.Module()
    model.patch_embed, model.head = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    model.blocks = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(4)])
    model.cls_token, model.pos_embed = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    trainable = {name.rsplit(".", 1)[0] for name, p in freeze_lower(lab(), model).named_parameters() if p.requires_grad}
    assert trainable == {"blocks.2", "blocks.3", "head"}
