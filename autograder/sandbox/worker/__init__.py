"""The student's side of the sandbox: a zygote that forks workers, and the code that runs in them.

Nothing here knows an expected answer, and the host trusts nothing that it reports.
It imports the wire and the probes, and nothing else from this package.
"""
