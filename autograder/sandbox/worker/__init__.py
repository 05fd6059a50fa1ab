"""The student's side of the sandbox: a zygote that forks workers, and what runs in them.

Nothing here holds an answer, and nothing that it reports is trusted by the host.
It imports the wire and the probes, and nothing else of this package.
"""
