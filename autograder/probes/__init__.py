"""Our own code that runs beside the student's, in the worker.

It is no secret, holds no expected value, and what it reports is not trusted: the checks compare it in the grader.
"""
