"""Measurements of what isolation costs; see `run`. Not part of the wheel."""
