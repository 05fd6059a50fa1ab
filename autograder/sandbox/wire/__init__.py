"""The protocol between the grader and a worker: frames of plain data, never code, never pickles."""
