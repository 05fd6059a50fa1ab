"""Diagnosis: which known mistake gives the same wrong answers as a submission."""
