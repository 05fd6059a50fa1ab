"""The datasets for accuracy checks, as tensors.

Import the module you need, for example ``from autograder.data.circles import load_circles``. This file imports nothing.
"""
