"""The grader's side of the sandbox: starts workers, watches their limits, and speaks with them through proxies."""
