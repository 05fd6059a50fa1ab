"""Auto-graded deep-learning exercises, and the engine that grades them."""

__version__ = "0.1.0"
