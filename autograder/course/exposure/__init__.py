"""What other users of this machine can read or change: solutions, results, gradebooks, git objects, and the engine itself.

`accounts` knows the users and groups, `access` what each may do with a file, up to the root folder. `places` says which files
of a course are secret. `findings` compares both, and says which commands close what is open.
"""
