"""Probes: functions of this package that run in the worker, beside the student's code.

They are public and hold no expected values. The grader does not trust what they report, and the checks compare it there.
"""
