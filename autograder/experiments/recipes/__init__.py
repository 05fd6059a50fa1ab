"""The recipes, in the order of the course."""

from __future__ import annotations

from autograder.experiments.recipe import Recipe
from autograder.experiments.recipes import inputs, perceptrons, regularization, steps, svms, transfer, transformers

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for module in (perceptrons, svms, steps, inputs, regularization, transformers, transfer)
    for recipe in module.RECIPES
}
"""All recipes by name."""
