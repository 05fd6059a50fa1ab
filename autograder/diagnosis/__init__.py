"""Why an answer is wrong: which known mistake gives the same answers."""
