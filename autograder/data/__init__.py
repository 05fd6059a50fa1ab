"""The datasets that graders judge accuracy on, as tensors.

Import the module you need, for example ``from autograder.data.circles import load_circles``: this file imports nothing.
"""
