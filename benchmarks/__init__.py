"""Benchmarks of speed, scale and accuracy; start with `run`. Not part of the wheel."""
