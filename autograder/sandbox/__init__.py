"""Where student code runs: in a worker process that holds no question's answer.

`wire/` is spoken by both sides, `worker/` runs beside the student, `host/` runs in the grader.
"""
