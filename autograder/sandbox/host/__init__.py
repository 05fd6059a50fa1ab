"""The grader's side of the sandbox: starts workers, enforces their limits, and talks to them through proxies."""
