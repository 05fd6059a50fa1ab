"""The sandbox: student code runs in a worker process that holds no expected answers.

`wire/` is the protocol that both sides speak, `worker/` runs beside the student's code, `host/` runs in the grader.
"""
